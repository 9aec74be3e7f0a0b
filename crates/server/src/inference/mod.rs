//! From pictures to answers: the queue, the threads that prepare pictures, and each model's thread.

pub mod batch;
pub mod fair_queue;
pub mod job;
pub mod model_card;
pub mod model_name;
pub mod picture;
pub mod picture_preparer;
pub mod picture_size;
pub mod preparation_pool;
pub mod queue;
pub mod served_model;
pub mod worker;
pub mod worker_loop;
