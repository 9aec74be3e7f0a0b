//! The folder for the files of an evaluation.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use data::printable_path;
use model::CARD_FILE;
use runs::files::{PLOT_FILES, PLOTS, PREDICTIONS, REPORT, REPORT_PAGE};
use runs::{EpochFigures, RunDirectory, Status, complete_report, run_status, write_file};
use serde::Serialize;
use trainer::task::TestResults;

use crate::read_from::ReadFrom;

/// A folder for the report of an evaluation.
pub struct EvaluationFolder {
    path: PathBuf,
    /// The locked folder of a run that was killed while it was tested, if this is one.
    untested_run: Option<RunDirectory>,
}

impl EvaluationFolder {
    /// Makes the folder; before the work, so that none is lost. A run keeps the report of its training,
    /// which says more; one that was killed while it was tested gets it now, if `own_run` is its
    /// folder. Nothing that the evaluation reads is written over.
    pub fn open(path: &Path, own_run: Option<&Path>, read: &ReadFrom) -> anyhow::Result<Self> {
        let has_model = path.join(CARD_FILE).exists();
        let same = |run: &Path| fs::canonicalize(run).ok() == fs::canonicalize(path).ok();
        let is_untested = own_run.is_some_and(same) && run_status(path) == Some(Status::Testing);
        if has_model && !is_untested {
            bail!(
                "{}: the folder holds a model, which has a report already: name another folder",
                printable_path(path)
            );
        }
        if !is_untested {
            let plots = path.join(PLOTS);
            let pictures = PLOT_FILES.map(|file| plots.join(file));
            let files = [REPORT, REPORT_PAGE, PREDICTIONS].map(|file| path.join(file));
            files.iter().chain(&pictures).try_for_each(|file| read.spare(file))?;
        }
        fs::create_dir_all(path).with_context(|| printable_path(path))?;
        let untested_run = is_untested.then(|| RunDirectory::resume(path)).transpose()?;
        Ok(Self { path: path.to_owned(), untested_run })
    }

    /// Writes predictions, report and pictures below this title and subtitle, and `json` as
    /// `report.json`.
    pub fn write(
        &self,
        results: &dyn TestResults,
        [title, subtitle]: [&str; 2],
        history: &[EpochFigures],
        json: &impl Serialize,
    ) -> anyhow::Result<()> {
        results.write_predictions(&self.path)?;
        results.write_report(&self.path, title, subtitle, history)?;
        if self.untested_run.is_some() {
            return complete_report(&self.path, &results.score(), &results.metrics());
        }
        let json = serde_json::to_string_pretty(json)? + "\n";
        write_file(&self.path.join(REPORT), json.as_bytes())
    }
}
