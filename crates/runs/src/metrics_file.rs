//! `metrics.csv`, kept up to date while a run is trained.

use std::path::{Path, PathBuf};

use crate::files::METRICS;
use crate::history::{EpochFigures, to_csv};
use crate::observer::{Event, Observer, Started};
use crate::write::write_file;

/// Writes `metrics.csv` when a run starts and after every epoch.
#[derive(Debug)]
pub struct MetricsFile {
    path: PathBuf,
}

impl MetricsFile {
    /// The file in the run's folder `folder`.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join(METRICS) }
    }

    fn write(&self, history: &[EpochFigures]) -> anyhow::Result<()> {
        write_file(&self.path, to_csv(history).as_bytes())
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
