//! From pictures to answers: the queue, the threads that prepare pictures, and the thread of each model.

pub mod batch;
pub mod model_card;
pub mod model_name;
pub mod picture;
pub mod preparers;
pub mod queue;
pub mod served_model;
pub mod worker;
