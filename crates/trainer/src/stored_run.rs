//! What a training has left in its folder, read back.
//!
//! Only what others show is read, and columns go by their names: a run of a later version, which
//! writes more, can be read too. A file that does not say what it should is refused by name.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use csv::StringRecord;
use metrics::Interval;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::metrics::{EpochFigures, SplitFigures};
use crate::report_files::PREDICTIONS;
use crate::run_directory::{METRICS, REPORT};
use crate::run_report::{Score, Status};

/// A run, complete or not.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// Of its folder.
    pub name: String,
    pub path: PathBuf,
    pub report: StoredReport,
    /// Its complete epochs from the first on.
    pub history: Vec<EpochFigures>,
    /// On the test split; nothing if there is no such file.
    pub answers: Option<Vec<StoredAnswer>>,
}

/// What `report.json` tells of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredReport {
    pub status: Status,
    pub parameters: u64,
    /// For one image.
    pub multiply_adds: u64,
    /// Complete epochs.
    pub epochs: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Figures on the test split.
    pub test: Option<Score>,
    /// More of them; runs of early versions have none.
    pub metrics: Option<StoredMetrics>,
    /// Spent on training and validation.
    pub seconds: f64,
}

/// A part of the report's `metrics`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct StoredMetrics {
    /// Of 95 %.
    pub accuracy_interval: Option<Interval>,
    pub expected_calibration_error: Option<f64>,
}

/// A row of `predictions.csv`: classes by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StoredAnswer {
    pub index: usize,
    pub label: String,
    pub prediction: String,
}

/// A row of `metrics.csv`.
#[derive(Deserialize)]
struct MetricsRow {
    epoch: usize,
    split: String,
    loss: f64,
    accuracy: f64,
    learning_rate: f64,
    seconds: f64,
    images_per_second: f64,
}

/// Why a run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoredRunError {
    #[error("{0}: not a run ({REPORT} is missing): name a folder that `trainer train` has written")]
    NotARun(PathBuf),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: {problem}: not what `trainer train` writes; restore it, or train again")]
    Garbled { path: PathBuf, problem: String },
}

impl StoredRunError {
    /// Whether a different command line would have avoided it.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotARun(_))
    }
}

impl StoredRun {
    /// Reads the run in the folder `path`.
    pub fn read(path: &Path) -> Result<Self, StoredRunError> {
        let report = read_report(path)?;
        let predictions = path.join(PREDICTIONS);
        let answers =
            read_file(&predictions)?.map(|text| table(&predictions, &text)).transpose()?;
        Ok(Self {
            name: folder_name(path)?,
            path: path.to_owned(),
            report,
            history: read_history(path)?,
            answers,
        })
    }
}

impl StoredReport {
    /// The figures on the test split, if the run is complete.
    pub fn tested(&self) -> Option<&Score> {
        self.test.as_ref().filter(|_| self.status == Status::Complete)
    }

    /// What [`read_report`] has checked to be a duration.
    pub fn training_time(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds).unwrap_or_default()
    }

    /// What is wrong with a value, if any is.
    fn problem(&self) -> Option<String> {
        let accuracy = self.test.map_or(0.0, |test| test.accuracy);
        if !is_share(accuracy) {
            return Some(format!("test.accuracy is {accuracy}, outside 0 to 1"));
        }
        let error = Duration::try_from_secs_f64(self.seconds).err()?;
        Some(format!("seconds is {}: {error}", self.seconds))
    }
}

/// The epochs of the model in `folder`; none if there is no `metrics.csv`.
pub fn read_history(folder: &Path) -> Result<Vec<EpochFigures>, StoredRunError> {
    let path = folder.join(METRICS);
    let Some(text) = read_file(&path)? else { return Ok(Vec::new()) };
    let rows: Vec<MetricsRow> = table(&path, &text)?;
    let epochs = rows.chunks(2).zip(1..).map(|(rows, epoch)| epoch_figures(rows, epoch));
    epochs.collect::<Result<_, _>>().map_err(|problem| garbled(&path, problem))
}

/// The figures of `epoch`, or what is wrong with its rows.
fn epoch_figures(rows: &[MetricsRow], epoch: usize) -> Result<EpochFigures, String> {
    let figures = |split: &str, row: Option<&MetricsRow>| {
        let row = row.ok_or_else(|| format!("epoch {epoch} has no row `{split}`"))?;
        let MetricsRow { loss, accuracy, seconds, images_per_second, .. } = *row;
        if (row.epoch, row.split.as_str()) != (epoch, split) {
            let found = format!("`{},{}`", row.epoch, row.split);
            return Err(format!("the row of `{epoch},{split}` is one of {found}"));
        }
        if !is_share(accuracy) {
            return Err(format!("{split} accuracy of epoch {epoch} is {accuracy}, outside 0 to 1"));
        }
        Ok(SplitFigures { loss, accuracy, seconds, images_per_second })
    };
    Ok(EpochFigures {
        epoch,
        train: figures("train", rows.first())?,
        validation: figures("validation", rows.get(1))?,
        learning_rate: rows[0].learning_rate,
    })
}

fn read_report(folder: &Path) -> Result<StoredReport, StoredRunError> {
    let path = folder.join(REPORT);
    let text = read_file(&path)?.ok_or_else(|| StoredRunError::NotARun(folder.to_owned()))?;
    let report: StoredReport =
        serde_json::from_slice(&text).map_err(|error| garbled(&path, error.to_string()))?;
    match report.problem() {
        Some(problem) => Err(garbled(&path, problem)),
        None => Ok(report),
    }
}

/// What is in a file; nothing if there is none.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>, StoredRunError> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(source) => Err(StoredRunError::File { path: path.to_owned(), source }),
    }
}

/// The rows of a CSV file.
fn table<T: DeserializeOwned>(path: &Path, text: &[u8]) -> Result<Vec<T>, StoredRunError> {
    let mut reader = csv::Reader::from_reader(text);
    let unreadable = |error: csv::Error| garbled(path, error.to_string());
    let headings = reader.headers().map_err(unreadable)?.clone();
    let records = reader.records().map(|record| {
        let record = record.map_err(unreadable)?;
        let refuse = |error| garbled(path, row_problem(&record, &headings, &error));
        record.deserialize(Some(&headings)).map_err(refuse)
    });
    records.collect()
}

/// Which line of a table is wrong, and in which value.
fn row_problem(record: &StringRecord, headings: &StringRecord, error: &csv::Error) -> String {
    let csv::ErrorKind::Deserialize { err: error, .. } = error.kind() else {
        return error.to_string();
    };
    let line = record.position().map_or(0, csv::Position::line);
    let column = error.field().map(|field| field as usize);
    let named = column.and_then(|column| headings.get(column).zip(record.get(column)));
    match named {
        Some((heading, value)) => format!("line {line}: {heading} is `{value}`: {}", error.kind()),
        None => format!("line {line}: {}", error.kind()),
    }
}

/// The last part of a path, whatever it is called on the command line.
pub fn folder_name(path: &Path) -> Result<String, StoredRunError> {
    let file_error = |source| StoredRunError::File { path: path.to_owned(), source };
    // `.` and `..` have a name of their own.
    let whole = if path.file_name().is_some() {
        path.to_owned()
    } else {
        fs::canonicalize(path).map_err(file_error)?
    };
    Ok(whole.file_name().unwrap_or(whole.as_os_str()).display().to_string())
}

fn is_share(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

fn garbled(path: &Path, problem: String) -> StoredRunError {
    StoredRunError::Garbled { path: path.to_owned(), problem }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::metrics::csv;

    const COMPLETE: &str = r#"{
        "status": "complete", "error": null, "program": "glyph 0.1.0", "parameters": 12,
        "multiply_adds": 34, "epochs": 1, "best_epoch": 1, "seconds": 2.5,
        "test": {"accuracy": 0.5, "loss": 0.75, "images": 2},
        "metrics": {"images": 2, "accuracy_interval": {"low": 0.1, "high": 0.9},
                    "expected_calibration_error": 0.25}
    }"#;

    /// A complete run with this accuracy and these answers: label and prediction.
    pub fn run(name: &str, accuracy: f64, answers: &[(&str, &str)]) -> StoredRun {
        let mut report: StoredReport = serde_json::from_str(COMPLETE).unwrap();
        report.test = Some(Score { accuracy, loss: 0.75, images: answers.len() });
        let answer = |(index, (label, prediction)): (usize, &(&str, &str))| StoredAnswer {
            index,
            label: (*label).to_owned(),
            prediction: (*prediction).to_owned(),
        };
        StoredRun {
            name: name.to_owned(),
            path: PathBuf::from("runs").join(name),
            report,
            history: vec![epoch(1)],
            answers: Some(answers.iter().enumerate().map(answer).collect()),
        }
    }

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
            (METRICS, csv(&history).as_bytes()),
            (PREDICTIONS, predictions.as_bytes()),
        ]);
        let read = StoredRun::read(run.path()).unwrap();
        assert_eq!(read.history, history);
        assert_eq!(read.report.tested().map(|test| test.loss), Some(0.75));
        assert_eq!(read.report.training_time(), Duration::from_millis(2500));
        assert_eq!(read.report.metrics.unwrap().expected_calibration_error, Some(0.25));
        let answers = read.answers.unwrap();
        assert_eq!((answers[0].index, answers[0].label.as_str()), (0, "a,b"));
        assert_eq!((answers[1].index, answers[1].label.as_str()), (4, "say \"c\""));
        assert_eq!(answers[1].prediction, "a,b");
    }

    #[test]
    fn a_run_without_tables_has_no_epochs_and_no_answers() {
        let read = StoredRun::read(folder(&[(REPORT, COMPLETE.as_bytes())]).path()).unwrap();
        assert!(read.history.is_empty() && read.answers.is_none());
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
        let whole = csv(&[epoch(1), epoch(2)]);
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

    #[test]
    fn a_run_is_named_for_its_folder_however_it_is_written() {
        assert_eq!(folder_name(Path::new("runs/cnn/")).unwrap(), "cnn");
        assert_eq!(folder_name(Path::new("runs/cnn/.")).unwrap(), "cnn");
        let here = std::env::current_dir().unwrap();
        let name = here.file_name().unwrap().display().to_string();
        assert_eq!(folder_name(Path::new(".")).unwrap(), name);
    }
}
