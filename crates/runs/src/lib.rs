//! What lies in a run's folder: names of files, the folder and its lock, checkpoints, the figures of
//! the epochs, the report, and a run read back.
//!
//! Training code writes through this crate and other programs read through it. It prints nothing and
//! knows neither Burn's Learner nor how networks are trained; [`Observer`] is how a training reports
//! what happens.

mod checkpoint;
mod directory;
mod event_files;
pub mod files;
mod history;
mod metrics_file;
mod observer;
mod read;
mod report;
mod state;
mod stored_run;
mod tally;
mod write;

pub use checkpoint::{Checkpoint, RECORDS, write_checkpoint};
pub use directory::{DirectoryError, RunDirectory};
pub use event_files::{EventFileError, EventFiles};
pub use history::{EpochFigures, SplitFigures, parse_history, read_history};
pub use metrics_file::MetricsFile;
pub use observer::{Event, Observer, Observers, Started};
pub use read::{ReadError, folder_name};
pub use report::{
    PROGRAM, RunReport, Score, Status, TestMetrics, complete_report, run_status, stored_backend,
};
pub use state::{RunLength, RunState};
pub use stored_run::{StoredMetrics, StoredPrediction, StoredReport, StoredRun};
pub use tally::Tally;
pub use write::{make_folder, write_file};
