//! `metrics.csv`, kept up to date while a run is trained.

use crate::directory::{RunDirectory, RunFolder};
use crate::files::METRICS;
use crate::history::{EpochFigures, to_csv};
use crate::observer::{Event, Observer, Started};

/// Writes `metrics.csv` when a run starts and after every epoch.
#[derive(Debug)]
pub struct MetricsFile {
    folder: RunFolder,
}

impl MetricsFile {
    /// The file of the run in `directory`.
    #[must_use]
    pub fn new(directory: &RunDirectory) -> Self {
        Self { folder: directory.folder() }
    }

    fn write(&self, history: &[EpochFigures]) -> anyhow::Result<()> {
        Ok(self.folder.write(METRICS, to_csv(history).as_bytes())?)
    }
}

impl Observer for MetricsFile {
    fn observe(&mut self, event: &Event) -> anyhow::Result<()> {
        match event {
            Event::Started(Started { history, .. }) | Event::EpochFinished { history, .. } => {
                self.write(history)
            }
            _ => Ok(()),
        }
    }
}
