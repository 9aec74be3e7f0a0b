//! A multi-label model's predictions for the images of a split.

use anyhow::Context;
use data::ImageSet;
use metrics::MultiLabelPredictions;
use model::{Classifier, Prediction};

use crate::task::classify_images::classify_images;

/// Separates the names of an image's classes.
const SEPARATOR: &str = ";";

/// A model's predictions, image by image.
pub struct LabelEvaluation {
    class_names: Vec<String>,
    /// Indices of the images in their set.
    indices: Vec<usize>,
    /// Indices of the images in the whole split.
    places: Vec<usize>,
    /// The classes that each image has.
    labels: Vec<Vec<usize>>,
    /// Files of the images; none if images are not files.
    files: Vec<String>,
    predictions: Vec<Prediction>,
}

impl LabelEvaluation {
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
        let classes =
            |&index: &usize| set.classes(index).iter().copied().map(usize::from).collect();
        Ok(Self {
            class_names: classifier.class_names().to_vec(),
            labels: indices.iter().map(classes).collect(),
            places: indices.iter().map(|&index| set.place(index)).collect(),
            files: indices.iter().filter_map(|&at| set.file(at).map(str::to_owned)).collect(),
            indices,
            predictions,
        })
    }

    /// Indices of the images in their set.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// The file of an image, or its number in the split.
    pub fn name(&self, position: usize) -> String {
        let number = || format!("#{}", self.places[position]);
        self.files.get(position).cloned().unwrap_or_else(number)
    }

    /// The predictions as [`metrics`] takes them.
    ///
    /// # Errors
    /// When they are no probabilities, for example not finite.
    pub fn predictions(&self) -> anyhow::Result<MultiLabelPredictions> {
        let invalid = self.predictions.iter().position(|prediction| !prediction.is_valid());
        anyhow::ensure!(
            invalid.is_none(),
            "the model's outputs for {} are not numbers",
            self.name(invalid.unwrap_or_default())
        );
        let probabilities = self.predictions.iter().flat_map(Prediction::probabilities).collect();
        MultiLabelPredictions::new(self.class_names.clone(), &self.labels, probabilities)
            .context("the model's outputs are no probabilities")
    }

    /// The contents of `predictions.csv`: a row per image, with its file if images are files, its
    /// classes and those predicted by `thresholds`, by name and separated by `;`, and probabilities p.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv(
        &self,
        predictions: &MultiLabelPredictions,
        thresholds: &[f64],
    ) -> anyhow::Result<Vec<u8>> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let has_files = !self.files.is_empty();
        let file = has_files.then_some("file");
        let header = ["index"].into_iter().chain(file).chain(["labels", "predicted_labels"]);
        let classes = (0..self.class_names.len()).map(|class| format!("p_{class}"));
        table.write_record(header.map(str::to_owned).chain(classes))?;
        for (row, place) in self.places.iter().enumerate() {
            table.write_field(place.to_string())?;
            if has_files {
                table.write_field(&self.files[row])?;
            }
            table.write_field(self.names(predictions.labels(row)))?;
            table.write_field(self.names(&predictions.predicted(row, thresholds)))?;
            let probabilities = predictions.probabilities(row);
            table.write_record(probabilities.iter().map(|value| format!("{value:.6}")))?;
        }
        Ok(table.into_inner()?)
    }

    /// The names of the classes that are set, separated by `;`.
    pub fn names(&self, classes: &[bool]) -> String {
        let pairs = self.class_names.iter().zip(classes);
        let names = pairs.filter_map(|(name, is_set)| is_set.then_some(name.as_str()));
        names.collect::<Vec<_>>().join(SEPARATOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation() -> LabelEvaluation {
        let prediction = |row: [f64; 2]| Prediction::of(row.map(f64::ln).to_vec());
        LabelEvaluation {
            class_names: vec!["a,b".to_owned(), "c".to_owned()],
            indices: vec![0, 1],
            places: vec![7, 9],
            labels: vec![vec![0, 1], vec![]],
            files: vec!["x.png".to_owned(), "y.png".to_owned()],
            predictions: vec![prediction([0.75, 0.25]), prediction([0.5, 0.125])],
        }
    }

    #[test]
    fn predictions_name_files_and_sets_of_classes() {
        let evaluation = evaluation();
        let predictions = evaluation.predictions().unwrap();
        let csv = evaluation.csv(&predictions, &[0.6, 0.2]).unwrap();
        let lines = String::from_utf8(csv).unwrap();
        let expected = "index,file,labels,predicted_labels,p_0,p_1\n\
                        7,x.png,\"a,b;c\",\"a,b;c\",0.750000,0.250000\n\
                        9,y.png,,,0.500000,0.125000\n";
        assert_eq!(lines, expected);
    }

    #[test]
    fn answers_that_are_not_numbers_are_refused_by_file() {
        let mut evaluation = evaluation();
        evaluation.predictions[1].log_probabilities[0] = f64::NAN;
        let message = evaluation.predictions().unwrap_err().to_string();
        assert_eq!(message, "the model's outputs for y.png are not numbers");
    }
}
