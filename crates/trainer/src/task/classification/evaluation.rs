//! A model's predictions for the images of a split.

use anyhow::Context;
use data::ImageSet;
use metrics::Predictions;
use model::{Classifier, Prediction};
use runs::Score;

use crate::task::classify_images::classify_images;

/// A model's predictions, image by image.
pub struct Evaluation {
    class_names: Vec<String>,
    /// Indices of the images in their set.
    indices: Vec<usize>,
    /// Indices of the images in the whole split.
    places: Vec<usize>,
    labels: Vec<u16>,
    /// Files of the images; none if images are not files.
    files: Vec<String>,
    predictions: Vec<Prediction>,
}

impl Evaluation {
    /// Classifies the images of `set` at `indices`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn new(
        classifier: &Classifier,
        set: &ImageSet,
        indices: Vec<usize>,
    ) -> anyhow::Result<Self> {
        let predictions = classify_images(classifier, set, &indices)?;
        Ok(Self::of(classifier.class_names().to_vec(), set, indices, predictions))
    }

    /// Takes given predictions for the images of `set` at `indices`.
    #[must_use]
    pub fn of(
        class_names: Vec<String>,
        set: &ImageSet,
        indices: Vec<usize>,
        predictions: Vec<Prediction>,
    ) -> Self {
        let labels = indices.iter().map(|&index| set.labels()[index]).collect();
        let places = indices.iter().map(|&index| set.place(index)).collect();
        let file = |&index: &usize| set.file(index).map(str::to_owned);
        let files = indices.iter().filter_map(file).collect();
        Self { class_names, indices, places, labels, files, predictions }
    }

    /// Indices of the images in the whole split.
    #[must_use]
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Indices of the images in their set.
    #[must_use]
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// Files of the images; empty if images are not files.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Accuracy and mean cross-entropy.
    #[must_use]
    pub fn score(&self) -> Score {
        let images = self.labels.len();
        let (mut correct, mut loss) = (0_usize, 0.0);
        for (&label, prediction) in self.labels.iter().zip(&self.predictions) {
            correct += usize::from(prediction.class == usize::from(label));
            loss -= prediction.log_probabilities[usize::from(label)];
        }
        let count = images.max(1) as f64;
        Score { accuracy: correct as f64 / count, loss: loss / count, images }
    }

    /// The predictions as [`metrics`] takes them.
    ///
    /// # Errors
    /// When they are no probabilities, for example not finite.
    pub fn predictions(&self) -> anyhow::Result<Predictions> {
        let labels = self.labels.iter().map(|&label| usize::from(label)).collect();
        let probabilities = self.predictions.iter().flat_map(Prediction::probabilities).collect();
        Predictions::new(self.class_names.clone(), labels, probabilities)
            .context("the model's outputs are no probabilities")
    }

    /// The contents of `predictions.csv`: a row per image, with its file if images are files, classes
    /// by name, probabilities p.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv(&self) -> anyhow::Result<Vec<u8>> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let has_files = !self.files.is_empty();
        let file = has_files.then_some("file");
        let header = ["index"].into_iter().chain(file).chain(["label", "prediction", "confidence"]);
        let header = header.map(str::to_owned);
        let classes = (0..self.class_names.len()).map(|class| format!("p_{class}"));
        table.write_record(header.chain(classes))?;
        let rows = self.places.iter().zip(&self.labels).zip(&self.predictions);
        for (row, ((index, &label), prediction)) in rows.enumerate() {
            let (label, class) = (usize::from(label), prediction.class);
            table.write_field(index.to_string())?;
            if has_files {
                table.write_field(&self.files[row])?;
            }
            table.write_field(&self.class_names[label])?;
            table.write_field(&self.class_names[class])?;
            table.write_field(format!("{:.6}", prediction.confidence()))?;
            let probabilities = prediction.probabilities();
            table.write_record(probabilities.iter().map(|value| format!("{value:.6}")))?;
        }
        Ok(table.into_inner()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(class: usize, probabilities: &[f64]) -> Prediction {
        let mut prediction = Prediction::of(probabilities.iter().map(|p| p.ln()).collect());
        prediction.class = class;
        prediction
    }

    fn evaluation() -> Evaluation {
        Evaluation {
            class_names: vec!["a,b".to_owned(), "c".to_owned()],
            indices: vec![0, 1],
            places: vec![7, 9],
            labels: vec![0, 1],
            files: Vec::new(),
            predictions: vec![prediction(0, &[0.75, 0.25]), prediction(0, &[0.5, 0.5])],
        }
    }

    #[test]
    fn a_score_counts_right_answers_and_averages_cross_entropy() {
        let score = evaluation().score();
        let loss = -(0.75_f64.ln() + 0.5_f64.ln()) / 2.0;
        assert_eq!((score.accuracy, score.images), (0.5, 2));
        assert!((score.loss - loss).abs() < 1e-12);
    }

    #[test]
    fn predictions_name_classes_and_quote_what_needs_it() {
        let csv = String::from_utf8(evaluation().csv().unwrap()).unwrap();
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines[0], "index,label,prediction,confidence,p_0,p_1");
        assert_eq!(lines[2], "9,c,\"a,b\",0.500000,0.500000,0.500000");
    }

    #[test]
    fn predictions_name_the_files_of_pictures() {
        let files = vec!["a/1.png".to_owned(), "b/2.png".to_owned()];
        let csv = Evaluation { files, ..evaluation() }.csv().unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines[0], "index,file,label,prediction,confidence,p_0,p_1");
        assert_eq!(lines[2], "9,b/2.png,c,\"a,b\",0.500000,0.500000,0.500000");
    }

    #[test]
    fn answers_that_are_not_numbers_are_refused() {
        let mut evaluation = evaluation();
        evaluation.predictions[1].log_probabilities[0] = f64::NAN;
        assert!(evaluation.predictions().is_err());
    }
}
