//! A run read back from its folder.
//!
//! Unknown keys and columns are ignored, so that runs of a later version, which may write more, can
//! be read as well.

use std::path::{Path, PathBuf};
use std::time::Duration;

use metrics::Interval;
use serde::{Deserialize, Serialize};

use crate::files::{PREDICTIONS, REPORT};
use crate::history::{EpochFigures, read_history};
use crate::read::{ReadError, folder_name, invalid, is_share, read_file, read_table};
use crate::report::{Score, Status};

/// A run, complete or not.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// Name of the folder.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// The contents of `report.json`.
    pub report: StoredReport,
    /// The complete epochs, first to last.
    pub history: Vec<EpochFigures>,
    /// The predictions for the test split; `None` if the file does not exist.
    pub predictions: Option<Vec<StoredPrediction>>,
}

/// The part of `report.json` that comparing runs needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredReport {
    /// How far the run is.
    pub status: Status,
    /// Trained numbers of the network.
    pub parameters: u64,
    /// Multiplications with an addition, for one image.
    pub multiply_adds: u64,
    /// Number of complete epochs.
    pub epochs: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Figures on the test split.
    pub test: Option<Score>,
    /// More figures; runs of early versions have none.
    pub metrics: Option<StoredMetrics>,
    /// Time spent on training and validation.
    pub seconds: f64,
}

/// A part of the report's `metrics`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct StoredMetrics {
    /// The 95 % interval of the accuracy.
    pub accuracy_interval: Option<Interval>,
    /// Expected calibration error, 0 to 1.
    pub expected_calibration_error: Option<f64>,
}

/// A row of `predictions.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StoredPrediction {
    /// Index of the image in the test split.
    pub index: usize,
    /// Name of its class; those of several classes, separated by `;`.
    #[serde(alias = "labels")]
    pub label: String,
    /// Name of the predicted class; those of several classes, separated by `;`.
    #[serde(alias = "predicted_labels")]
    pub prediction: String,
}

impl StoredRun {
    /// Reads the run in the folder `path`.
    ///
    /// # Errors
    /// When the folder has no report, or a file cannot be read or has wrong contents.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let report = read_report(path)?;
        let table = path.join(PREDICTIONS);
        let predictions = read_file(&table)?.map(|text| read_table(&table, &text)).transpose()?;
        Ok(Self {
            name: folder_name(path)?,
            path: path.to_owned(),
            report,
            history: read_history(path)?,
            predictions,
        })
    }
}

impl StoredReport {
    /// The figures on the test split, if the run is complete.
    #[must_use]
    pub fn tested(&self) -> Option<&Score> {
        self.test.as_ref().filter(|_| self.status == Status::Complete)
    }

    /// Time spent on training and validation.
    #[must_use]
    pub fn training_time(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds).unwrap_or_default()
    }

    /// The first value that is out of range.
    fn problem(&self) -> Option<String> {
        let accuracy = self.test.map_or(0.0, |test| test.accuracy);
        if !is_share(accuracy) {
            return Some(format!("test.accuracy is {accuracy}, outside 0 to 1"));
        }
        let error = Duration::try_from_secs_f64(self.seconds).err()?;
        Some(format!("seconds is {}: {error}", self.seconds))
    }
}

fn read_report(folder: &Path) -> Result<StoredReport, ReadError> {
    let path = folder.join(REPORT);
    let text = read_file(&path)?.ok_or_else(|| ReadError::NotARun(folder.to_owned()))?;
    let report: StoredReport =
        serde_json::from_slice(&text).map_err(|error| invalid(&path, error.to_string()))?;
    match report.problem() {
        Some(problem) => Err(invalid(&path, problem)),
        None => Ok(report),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::files::METRICS;
    use crate::history::{SplitFigures, to_csv};

    const COMPLETE: &str = r#"{
        "status": "complete", "error": null, "program": "glyph 0.1.0", "parameters": 12,
        "multiply_adds": 34, "epochs": 1, "best_epoch": 1, "seconds": 2.5,
        "test": {"accuracy": 0.5, "loss": 0.75, "images": 2},
        "metrics": {"images": 2, "accuracy_interval": {"low": 0.1, "high": 0.9},
                    "expected_calibration_error": 0.25}
    }"#;

    fn epoch(epoch: usize) -> EpochFigures {
        let train =
            SplitFigures { loss: 0.5, accuracy: 0.25, seconds: 2.0, images_per_second: 10.0 };
        let validation = SplitFigures { loss: 0.75, ..train };
        EpochFigures { epoch, train, validation, learning_rate: 1e-3 }
    }

    /// A folder with these files.
    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, contents) in files {
            fs::write(folder.path().join(name), contents).unwrap();
        }
        folder
    }

    fn message(files: &[(&str, &[u8])]) -> String {
        StoredRun::read(folder(files).path()).unwrap_err().to_string()
    }

    #[test]
    fn what_a_training_wrote_is_read_back() {
        let history = [epoch(1), epoch(2)];
        let predictions = "index,label,prediction,confidence,p_0,p_1\n\
                           0,\"a,b\",\"a,b\",0.75,0.75,0.25\n4,\"say \"\"c\"\"\",\"a,b\",1,1,0\n";
        let run = folder(&[
            (REPORT, COMPLETE.as_bytes()),
            (METRICS, to_csv(&history).as_bytes()),
            (PREDICTIONS, predictions.as_bytes()),
        ]);
        let read = StoredRun::read(run.path()).unwrap();
        assert_eq!(read.history, history);
        assert_eq!(read.report.tested().map(|test| test.loss), Some(0.75));
        assert_eq!(read.report.training_time(), Duration::from_millis(2500));
        assert_eq!(read.report.metrics.unwrap().expected_calibration_error, Some(0.25));
        let predictions = read.predictions.unwrap();
        assert_eq!((predictions[0].index, predictions[0].label.as_str()), (0, "a,b"));
        assert_eq!((predictions[1].index, predictions[1].label.as_str()), (4, "say \"c\""));
        assert_eq!(predictions[1].prediction, "a,b");
    }

    #[test]
    fn a_run_without_tables_has_no_epochs_and_no_predictions() {
        let read = StoredRun::read(folder(&[(REPORT, COMPLETE.as_bytes())]).path()).unwrap();
        assert!(read.history.is_empty() && read.predictions.is_none());
        assert!(read_history(Path::new("absent")).unwrap().is_empty());
    }

    #[test]
    fn figures_of_runs_that_are_not_complete_do_not_count() {
        let report = COMPLETE.replace("\"complete\"", "\"running\"");
        let read = StoredRun::read(folder(&[(REPORT, report.as_bytes())]).path()).unwrap();
        assert!(read.report.tested().is_none());
    }

    #[test]
    fn reports_of_early_versions_have_no_metrics() {
        let (early, _) = COMPLETE.split_once(",\n        \"metrics\"").unwrap();
        let read = StoredRun::read(folder(&[(REPORT, (early.to_owned() + "}").as_bytes())]).path());
        assert!(read.unwrap().report.metrics.is_none());
    }

    #[test]
    fn a_folder_without_a_report_and_a_file_are_no_runs() {
        let folder = folder(&[("notes.txt", b"mine")]);
        for path in ["", "absent", "notes.txt"].map(|name| folder.path().join(name)) {
            let error = StoredRun::read(&path).unwrap_err();
            let message = error.to_string();
            assert!(error.is_usage() && message.contains("report.json is missing"), "{message}");
        }
    }

    #[test]
    fn garbled_reports_are_refused_by_name_and_value() {
        for (from, to, part) in [
            ("2.5", "2,5", "line 3 column"),
            ("\"complete\"", "\"done\"", "unknown variant `done`"),
            ("\"seconds\"", "\"minutes\"", "missing field `seconds`"),
            ("0.5", "5", "test.accuracy is 5, outside 0 to 1"),
            ("2.5", "-2.5", "seconds is -2.5"),
            ("2.5", "1e300", "seconds is 1000"),
            ("34", "-34", "`-34`"),
        ] {
            let message = message(&[(REPORT, COMPLETE.replacen(from, to, 1).as_bytes())]);
            assert!(message.contains("report.json: ") && message.contains(part), "{message}");
        }
    }

    #[test]
    fn garbled_metrics_are_refused_by_line_and_value() {
        let whole = to_csv(&[epoch(1), epoch(2)]);
        for (from, to, part) in [
            ("0.75", "x", "line 3: loss is `x0000`: invalid float literal"),
            ("0.25", "7", "train accuracy of epoch 1 is 7"),
            ("1,train", "7,train", "the row of `1,train` is one of `7,train`"),
            ("2,train", "2,validation", "the row of `2,train` is one of `2,validation`"),
            ("1,train", "-1,train", "line 2: epoch is `-1`"),
            (",10.0", "", "(line: 2, byte: 66)"),
            ("loss", "lost", "missing field `loss`"),
        ] {
            let text = whole.replacen(from, to, 1);
            let message = message(&[(REPORT, COMPLETE.as_bytes()), (METRICS, text.as_bytes())]);
            assert!(message.contains("metrics.csv: ") && message.contains(part), "{message}");
        }
        let odd: Vec<_> = whole.lines().take(4).collect();
        let message =
            message(&[(REPORT, COMPLETE.as_bytes()), (METRICS, odd.join("\n").as_bytes())]);
        assert!(message.contains("epoch 2 has no row `validation`"), "{message}");
    }

    #[test]
    fn garbled_predictions_are_refused_by_line_and_value() {
        for (text, part) in [
            (&b"index,label\n0,a\n"[..], "missing field `prediction`"),
            (b"index,label,prediction\nx,a,a\n", "line 2: index is `x`"),
            (b"index,label,prediction\n0,a\n", "2 fields"),
            (b"index,label,prediction\n0,\xff,a\n", "UTF-8"),
        ] {
            let message = message(&[(REPORT, COMPLETE.as_bytes()), (PREDICTIONS, text)]);
            assert!(message.contains("predictions.csv: ") && message.contains(part), "{message}");
        }
    }
}
