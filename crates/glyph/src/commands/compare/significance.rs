//! Whether the difference between two runs is significant.
#![allow(clippy::doc_markdown)] // McNemar is a person, too.

use std::fmt;
use std::path::PathBuf;

use metrics::numbers::grouped;
use metrics::{McNemar, McNemarError};
use runs::files::PREDICTIONS;
use runs::{StoredPrediction, StoredRun};
use serde::Serialize;

/// A difference is called unlikely to be chance if models equally good show one as large in fewer
/// cases than this: one in twenty, as is usual.
const SIGNIFICANCE_LEVEL: f64 = 0.05;

/// McNemar's test of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Significance<'a> {
    first: &'a str,
    second: &'a str,
    /// Number of images that only the first run got right.
    only_first: usize,
    /// Number of images that only the second run got right.
    only_second: usize,
    p_value: f64,
    #[serde(rename = "significance_level")]
    level: f64,
}

/// Why there is no test.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTest {
    #[error("it takes two complete runs, and there is {}", if *.0 == 0 { "none" } else { "one" })]
    Complete(usize),
    #[error("{0} is missing: copy it from the output of `glyph evaluate`")]
    Missing(PathBuf),
    #[error("{first} was tested on {first_images} images, {second} on {second_images}")]
    Number { first: String, first_images: usize, second: String, second_images: usize },
    #[error(
        "{first} and {second} were not tested on the same images: in row {row}, one has \
         {first_image}, the other {second_image}"
    )]
    Images { first: String, first_image: String, second: String, second_image: String, row: usize },
}

impl<'a> Significance<'a> {
    /// Tests the two complete runs of the best test accuracy (of equals the earlier ones), in the
    /// order of `runs`.
    pub fn of_best(runs: &'a [StoredRun]) -> Result<Self, NoTest> {
        let [first, second] = best_two(runs)?;
        let (ours, theirs) = (predictions(first)?, predictions(second)?);
        let names = || (first.name.clone(), second.name.clone());
        let differs = |(one, other): (&StoredPrediction, &StoredPrediction)| {
            (one.index, &one.label) != (other.index, &other.label)
        };
        if let Some(row) = ours.iter().zip(theirs).position(differs) {
            let (first, second) = names();
            let [first_image, second_image] = [&ours[row], &theirs[row]].map(describe);
            return Err(NoTest::Images { first, first_image, second, second_image, row: row + 1 });
        }
        let test = McNemar::test(&right(ours), &right(theirs)).map_err(|error| {
            let McNemarError::Images { first: first_images, second: second_images } = error;
            let (first, second) = names();
            NoTest::Number { first, first_images, second, second_images }
        })?;
        Ok(Self {
            first: &first.name,
            second: &second.name,
            only_first: test.only_first,
            only_second: test.only_second,
            p_value: test.p_value,
            level: SIGNIFICANCE_LEVEL,
        })
    }
}

impl fmt::Display for Significance<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self { first, second, only_first, only_second, p_value, level } = self;
        let differ = only_first + only_second;
        let images = if differ == 1 { "image" } else { "images" };
        let [differ, only_first, only_second] =
            [differ, *only_first, *only_second].map(|count| grouped(count as u64));
        let p_value_text =
            if *p_value < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p_value:.3}") };
        let verdict = if p_value < level { "unlikely to be chance" } else { "may be chance" };
        write!(
            formatter,
            "{first} and {second} differ on {differ} {images}: {only_second} only {second} got right, \
             {only_first} only {first}; {p_value_text}: {verdict} (significance level {level})"
        )
    }
}

fn best_two(runs: &[StoredRun]) -> Result<[&StoredRun; 2], NoTest> {
    let tested = runs.iter().enumerate();
    let mut tested: Vec<_> = tested
        .filter_map(|(place, run)| Some((place, run, run.report.tested()?.accuracy)))
        .collect();
    tested.sort_by(|(.., one), (.., other)| other.total_cmp(one));
    match tested[..] {
        [one, other, ..] if one.0 < other.0 => Ok([one.1, other.1]),
        [one, other, ..] => Ok([other.1, one.1]),
        _ => Err(NoTest::Complete(tested.len())),
    }
}

fn predictions(run: &StoredRun) -> Result<&[StoredPrediction], NoTest> {
    run.predictions.as_deref().ok_or_else(|| NoTest::Missing(run.path.join(PREDICTIONS)))
}

fn right(predictions: &[StoredPrediction]) -> Vec<bool> {
    predictions.iter().map(|row| row.label == row.prediction).collect()
}

fn describe(prediction: &StoredPrediction) -> String {
    format!("image {} of `{}`", prediction.index, prediction.label)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::path::PathBuf;

    use runs::{EpochFigures, Score, SplitFigures, Status, StoredReport};

    /// A complete run with this accuracy and these predictions: label and predicted class.
    pub fn run(name: &str, accuracy: f64, rows: &[(&str, &str)]) -> StoredRun {
        let report: StoredReport = serde_json::from_str(
            r#"{"status": "complete", "parameters": 12, "multiply_adds": 34, "epochs": 1,
                "best_epoch": 1, "seconds": 2.5, "test": null,
                "metrics": {"accuracy_interval": {"low": 0.1, "high": 0.9},
                            "expected_calibration_error": 0.25}}"#,
        )
        .unwrap();
        let test = Score { accuracy, loss: 0.75, images: rows.len() };
        let figures =
            SplitFigures { loss: 0.5, accuracy: 0.25, seconds: 2.0, images_per_second: 10.0 };
        let epoch =
            EpochFigures { epoch: 1, train: figures, validation: figures, learning_rate: 1e-3 };
        let row = |(index, (label, prediction)): (usize, &(&str, &str))| StoredPrediction {
            index,
            label: (*label).to_owned(),
            prediction: (*prediction).to_owned(),
        };
        StoredRun {
            name: name.to_owned(),
            path: PathBuf::from("runs").join(name),
            report: StoredReport { test: Some(test), ..report },
            history: vec![epoch],
            predictions: Some(rows.iter().enumerate().map(row).collect()),
        }
    }

    const RIGHT: (&str, &str) = ("cat", "cat");
    const WRONG: (&str, &str) = ("cat", "dog");

    fn sentence(runs: &[StoredRun]) -> String {
        Significance::of_best(runs).unwrap().to_string()
    }

    fn refusal(runs: &[StoredRun]) -> String {
        Significance::of_best(runs).unwrap_err().to_string()
    }

    #[test]
    fn two_runs_are_tested_in_their_order() {
        let runs = [
            run("a", 0.5, &[RIGHT, RIGHT, WRONG, WRONG, WRONG]),
            run("b", 0.75, &[RIGHT, WRONG, RIGHT, RIGHT, RIGHT]),
        ];
        // Four tosses, three of them alike: 2 (1 + 4) / 16.
        assert_eq!(
            sentence(&runs),
            "a and b differ on 4 images: 3 only b got right, 1 only a; p = 0.625: may be chance \
             (significance level 0.05)"
        );
    }

    #[test]
    fn differences_beyond_the_level_are_unlikely_to_be_chance() {
        let with = |errors: usize| {
            let answers = [vec![WRONG; errors], vec![RIGHT; 20 - errors]].concat();
            sentence(&[run("a", 0.5, &answers), run("b", 1.0, &[RIGHT; 20])])
        };
        // 2 / 2⁵ and 2 / 2⁶ lie on both sides of the level.
        assert!(with(5).contains("p = 0.062: may be chance"), "{}", with(5));
        assert!(with(6).contains("p = 0.031: unlikely to be chance"), "{}", with(6));
        assert!(with(20).contains("p < 0.001: unlikely to be chance"), "{}", with(20));
        assert!(with(0).contains("differ on 0 images"), "{}", with(0));
        assert!(with(1).contains("differ on 1 image:"), "{}", with(1));
    }

    #[test]
    fn the_two_best_complete_runs_are_tested() {
        let mut runs = [0.9, 0.99, 0.5, 0.9, 1.0]
            .map(|accuracy| run(&format!("{accuracy}"), accuracy, &[RIGHT]));
        runs[4].report.status = Status::Interrupted;
        let best = Significance::of_best(&runs).unwrap();
        assert_eq!((best.first, best.second), ("0.9", "0.99"));
        let names = best_two(&runs[2..]).unwrap().map(|run| run.name.as_str());
        assert_eq!(names, ["0.5", "0.9"]);
        assert_eq!(best_two(&runs).unwrap()[0].path, runs[0].path);
    }

    #[test]
    fn one_complete_run_is_not_enough() {
        let mut runs = [run("a", 1.0, &[RIGHT]), run("b", 1.0, &[RIGHT])];
        runs[0].report.status = Status::Running;
        assert_eq!(refusal(&runs), "it takes two complete runs, and there is one");
        runs[1].report.status = Status::Failed;
        assert_eq!(refusal(&runs), "it takes two complete runs, and there is none");
    }

    #[test]
    fn answers_to_other_images_are_no_match() {
        let ours = run("a", 1.0, &[RIGHT, RIGHT]);
        assert_eq!(
            refusal(&[ours.clone(), run("b", 1.0, &[RIGHT])]),
            "a was tested on 2 images, b on 1"
        );
        assert_eq!(
            refusal(&[ours.clone(), run("b", 1.0, &[RIGHT, ("dog", "dog")])]),
            "a and b were not tested on the same images: in row 2, one has image 1 of `cat`, the \
             other image 1 of `dog`"
        );
        let mut elsewhere = ours.clone();
        elsewhere.predictions.iter_mut().flatten().for_each(|row| row.index += 10);
        let message = refusal(&[ours.clone(), elsewhere]);
        assert!(message.contains("in row 1, one has image 0 of `cat`, the other image 10"));
        let silent = StoredRun { predictions: None, ..run("b", 1.0, &[]) };
        let message = refusal(&[ours, silent]);
        assert!(message.starts_with("runs/b/predictions.csv is missing"), "{message}");
    }
}
