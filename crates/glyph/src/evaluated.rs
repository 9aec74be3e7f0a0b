//! The folder for the files of an evaluation.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use metrics::{Metrics, Predictions};
use model::CARD_FILE;
use runs::files::REPORT;
use runs::{Status, complete_report, run_status};
use serde::Serialize;
use trainer::task::classification::{
    Evaluation, Subject, write_file, write_predictions, write_report,
};

/// A folder for the report of an evaluation.
pub struct EvaluationFolder {
    path: PathBuf,
    /// Whether this is the folder of a run that ended before its report was complete.
    is_unfinished_run: bool,
}

impl EvaluationFolder {
    /// Makes the folder; before the work, so that none is lost. A complete run keeps the report of
    /// its training, which says more; one that ended before its report was drawn gets it now, if
    /// `own_run` is its folder.
    pub fn open(path: &Path, own_run: Option<&Path>) -> anyhow::Result<Self> {
        let has_model = path.join(CARD_FILE).exists();
        let same = |run: &Path| fs::canonicalize(run).ok() == fs::canonicalize(path).ok();
        let is_unfinished_run = has_model
            && own_run.is_some_and(same)
            && run_status(path).is_some_and(|status| status != Status::Complete);
        if has_model && !is_unfinished_run {
            bail!(
                "{}: the folder holds a model, which has a report already: name another folder",
                path.display()
            );
        }
        fs::create_dir_all(path).with_context(|| path.display().to_string())?;
        Ok(Self { path: path.to_owned(), is_unfinished_run })
    }

    /// Writes predictions, report and pictures, and `results` as `report.json`.
    pub fn write(
        &self,
        evaluation: &Evaluation,
        predictions: &Predictions,
        metrics: &Metrics,
        subject: &Subject,
        results: &impl Serialize,
    ) -> anyhow::Result<()> {
        write_predictions(&self.path, evaluation)?;
        write_report(&self.path, evaluation, predictions, metrics, subject)?;
        if self.is_unfinished_run {
            return complete_report(&self.path, &evaluation.score(), metrics);
        }
        let json = serde_json::to_string_pretty(results)? + "\n";
        write_file(&self.path.join(REPORT), json.as_bytes())
    }
}
