//! `glyph compare`: runs side by side.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

mod significance;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use charts::{RunCurves, run_comparison};
use clap::Args;
use data::printable_path;
use metrics::numbers::{grouped, percent};
use runs::{ReadError, Score, Status, StoredReport, StoredRun, write_file};
use serde::Serialize;
use terminal::{Console, Format, Verbosity, duration, text_or_json, text_table};
use trainer::task::learning_curves;

use crate::read_from::ReadFrom;

use self::significance::{NoTest, Significance};

/// The picture in the output folder.
const LEARNING_CURVES: &str = "learning_curves.png";

/// Stands where a run has no figure.
const NOTHING: &str = "–";

/// Options of `glyph compare`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph compare artifacts/runs/cnn artifacts/runs/cnn-2
  glyph compare artifacts/runs/* -o comparison")]
pub struct Options {
    /// Folders of the runs, two or more
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,
    /// Folder to write learning_curves.png to
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Form of the results: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = text_or_json)]
    format: Format,
}

/// The comparison, as JSON.
#[derive(Serialize)]
struct Comparison<'a> {
    runs: Vec<ComparedRun<'a>>,
    /// McNemar's test of the two runs with the best accuracy.
    mcnemar: Option<Significance<'a>>,
    /// Why there is no test.
    no_mcnemar: Option<String>,
    learning_curves: Option<&'a Path>,
}

/// A run, under the same keys as in its `report.json`.
#[derive(Serialize)]
struct ComparedRun<'a> {
    name: &'a str,
    path: &'a Path,
    #[serde(flatten)]
    report: &'a StoredReport,
    /// Number of test images classified wrongly.
    wrong: Option<u64>,
}

/// Fewer than two different runs.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("{0}: a comparison needs two runs: name another one")]
    OneRun(PathBuf),
    #[error("{second}: the same run as {first}: name each run once")]
    SameRun { first: PathBuf, second: PathBuf },
}

/// Compares runs by the files in their folders.
pub fn run(options: &Options, verbosity: Verbosity) -> anyhow::Result<ExitCode> {
    let console = Console::new(options.format, verbosity);
    let runs = read_runs(&options.runs)?;
    if let Some(folder) = &options.output {
        ReadFrom::paths(options.runs.iter().map(PathBuf::as_path))
            .spare(&folder.join(LEARNING_CURVES))?;
    }
    let significance = Significance::of_best(&runs);
    let learning_curves = match &options.output {
        Some(folder) => Some(draw(&runs, folder)?),
        None => None,
    };
    let text = describe(&runs, &significance, learning_curves.as_deref());
    let no_mcnemar = significance.as_ref().err().map(ToString::to_string);
    let comparison = Comparison {
        runs: runs.iter().map(ComparedRun::new).collect(),
        mcnemar: significance.ok(),
        no_mcnemar,
        learning_curves: learning_curves.as_deref(),
    };
    console.result(&text, &comparison);
    Ok(ExitCode::SUCCESS)
}

/// Reads two runs or more, no run twice, and gives them names that tell them apart.
fn read_runs(paths: &[PathBuf]) -> anyhow::Result<Vec<StoredRun>> {
    if let [path] = paths {
        bail!(CompareError::OneRun(path.clone()));
    }
    let mut runs: Vec<StoredRun> =
        paths.iter().map(|path| StoredRun::read(path)).collect::<Result<_, ReadError>>()?;
    refuse_repetition(paths)?;
    let names: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
    for run in &mut runs {
        if names.iter().filter(|name| **name == run.name).count() > 1 {
            run.name = printable_path(&run.path);
        }
    }
    Ok(runs)
}

/// Refuses a run that is named twice, in whatever way.
fn refuse_repetition(paths: &[PathBuf]) -> anyhow::Result<()> {
    let mut seen: Vec<(PathBuf, &PathBuf)> = Vec::new();
    for path in paths {
        let whole = fs::canonicalize(path).with_context(|| printable_path(path))?;
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == whole) {
            bail!(CompareError::SameRun { first: (*first).clone(), second: path.clone() });
        }
        seen.push((whole, path));
    }
    Ok(())
}

/// Writes the learning curves of all runs that have any, and returns the picture's path.
fn draw(runs: &[StoredRun], folder: &Path) -> anyhow::Result<PathBuf> {
    let epochs: Vec<_> = runs.iter().map(|run| learning_curves(&run.history)).collect();
    let drawn: Vec<_> = runs
        .iter()
        .zip(&epochs)
        .filter(|(_, epochs)| !epochs.is_empty())
        .map(|(run, epochs)| RunCurves { name: &run.name, epochs })
        .collect();
    if drawn.is_empty() {
        bail!("{LEARNING_CURVES}: no run has a complete epoch to draw: leave --output out");
    }
    let png = run_comparison(&drawn)?.png()?;
    fs::create_dir_all(folder).with_context(|| printable_path(folder))?;
    let path = folder.join(LEARNING_CURVES);
    write_file(&path, &png)?;
    Ok(path)
}

/// The table, the test, and where the picture is.
fn describe(
    runs: &[StoredRun],
    significance: &Result<Significance, NoTest>,
    learning_curves: Option<&Path>,
) -> String {
    let headings = [
        "run",
        "parameters",
        "multiply-adds",
        "best epoch",
        "training time",
        "test accuracy",
        "95 % interval",
        "loss",
        "calibration error",
        "images wrong",
    ];
    let table = text_table(&headings, &runs.iter().map(row).collect::<Vec<_>>());
    let verdict = match significance {
        Ok(significance) => format!("McNemar's test: {significance}"),
        Err(reason) => format!("no McNemar's test: {reason}"),
    };
    let picture = learning_curves
        .map_or_else(String::new, |path| format!("\nlearning curves: {}", printable_path(path)));
    format!("{table}{verdict}{picture}")
}

fn row(run: &StoredRun) -> Vec<String> {
    let StoredRun { name, report, .. } = run;
    let status = format!("{:?}", report.status).to_lowercase();
    let test = report.tested();
    let metrics = report.metrics.as_ref().filter(|_| test.is_some());
    let interval = metrics.and_then(|metrics| metrics.accuracy_interval);
    let calibration_error = metrics.and_then(|metrics| metrics.expected_calibration_error);
    vec![
        if report.status == Status::Complete { name.clone() } else { format!("{name} ({status})") },
        grouped(report.parameters),
        grouped(report.multiply_adds),
        or_nothing(report.best_epoch, |best| format!("{best} of {}", report.epochs)),
        duration(report.training_time()),
        or_nothing(test, |test| percent(test.accuracy, 2)),
        or_nothing(interval, |interval| {
            format!("{:.2} to {}", 100.0 * interval.low, percent(interval.high, 2))
        }),
        or_nothing(test, |test| format!("{:.4}", test.loss)),
        or_nothing(calibration_error, |error| percent(error, 2)),
        or_nothing(test, |test| {
            format!("{} of {}", grouped(test.wrong()), grouped(test.images as u64))
        }),
    ]
}

fn or_nothing<T>(figure: Option<T>, text: impl FnOnce(T) -> String) -> String {
    figure.map_or_else(|| NOTHING.to_owned(), text)
}

impl<'a> ComparedRun<'a> {
    fn new(run: &'a StoredRun) -> Self {
        let StoredRun { name, path, report, .. } = run;
        Self { name, path, report, wrong: report.tested().map(Score::wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::significance::tests::run;
    use super::*;

    const ANSWERS: [(&str, &str); 2] = [("cat", "cat"), ("cat", "dog")];

    #[test]
    fn every_run_has_a_row_and_unfinished_ones_have_dashes() {
        let mut runs = [run("a", 0.5, &ANSWERS), run("b", 0.5, &ANSWERS)];
        runs[1].report.status = Status::Interrupted;
        let text = describe(&runs, &Significance::of_best(&runs), Some(Path::new("c.png")));
        let lines: Vec<_> = text.lines().collect();
        let cells = |line: usize| {
            let cells = lines[line].split("  ").map(str::trim);
            cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
        };
        let known = ["12", "34", "1 of 1", "2.5 s"];
        let tested = ["50.00 %", "10.00 to 90.00 %", "0.7500", "25.00 %", "1 of 2"];
        assert_eq!(cells(1), [&["a"], &known[..], &tested].concat());
        assert_eq!(cells(2), [&["b (interrupted)"], &known[..], &[NOTHING; 5]].concat());
        assert_eq!(
            lines[3..],
            [
                "no McNemar's test: it takes two complete runs, and there is one",
                "learning curves: c.png"
            ]
        );
    }

    #[test]
    fn json_has_the_keys_of_the_report() {
        let run = run("a", 0.5, &ANSWERS);
        let json = serde_json::to_value(ComparedRun::new(&run)).unwrap();
        assert_eq!(json["test"]["accuracy"], 0.5);
        assert_eq!(json["metrics"]["expected_calibration_error"], 0.25);
        assert_eq!((&json["status"], &json["wrong"]), (&"complete".into(), &1.into()));
    }

    #[test]
    fn runs_without_epochs_are_not_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let mut runs = [run("a", 0.5, &ANSWERS), run("b", 0.5, &ANSWERS)];
        runs[0].history.clear();
        let path = draw(&runs, &folder.path().join("new/folder")).unwrap();
        assert!(fs::read(path).unwrap().starts_with(b"\x89PNG"));
        runs[1].history.clear();
        let error = draw(&runs, &folder.path().join("other")).unwrap_err().to_string();
        assert!(error.contains("no run has a complete epoch"), "{error}");
        assert!(!folder.path().join("other").exists());
    }
}
