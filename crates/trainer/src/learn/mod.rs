//! Training: from a config through Burn's Learner to a run.

mod burn_loader;
mod checkpointing;
mod delayed_reader;
mod epoch_loop;
mod null_renderer;
mod optimizer_record;
mod run_log;
mod signals;
mod train;

pub use signals::Signal;
pub use train::{Ending, RunSource, check_config, train};
pub(crate) use train::{FoldRun, train_fold};
