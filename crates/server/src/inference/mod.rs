//! From pictures to answers: the queue, the threads that prepare pictures, and each model's thread.

pub mod batch;
pub mod confusion_matrix;
pub mod fair_queue;
pub mod job;
pub mod model_card;
pub mod model_loader;
pub mod model_name;
pub mod model_slot;
pub mod picture;
pub mod picture_preparer;
pub mod picture_size;
pub mod preparation_pool;
pub mod published_file;
pub mod queue;
pub mod served_model;
pub mod thread_priority;
pub mod worker;
pub mod worker_loop;
