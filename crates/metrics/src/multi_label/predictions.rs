//! Sets of labels and predicted probabilities, from which all multi-label figures are computed.

use crate::curves::BinaryCurves;
use crate::predictions::PredictionsError;

/// A model's predictions for images with any number of classes each: for each image a probability for
/// every class, independent of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiLabelPredictions {
    class_names: Vec<String>,
    /// `[image][class]`, whether the image has the class.
    labels: Vec<bool>,
    /// `[image][class]`, 0 to 1.
    probabilities: Vec<f64>,
}

impl MultiLabelPredictions {
    /// From the classes that each image has, and `probabilities`, `[image][class]`.
    ///
    /// # Errors
    /// [`PredictionsError`] if the lengths do not match, a label is not the index of a class, or a
    /// probability is not a number from 0 to 1.
    pub fn new(
        class_names: Vec<String>,
        labels: &[Vec<usize>],
        probabilities: Vec<f64>,
    ) -> Result<Self, PredictionsError> {
        let (images, classes) = (labels.len(), class_names.len());
        if classes == 0 {
            return Err(PredictionsError::NoClasses);
        }
        if probabilities.len() != images * classes {
            let found = probabilities.len();
            return Err(PredictionsError::Length { images, classes, found });
        }
        let mut has = vec![false; images * classes];
        for (index, (row, labels)) in has.chunks_exact_mut(classes).zip(labels).enumerate() {
            for &label in labels {
                *row.get_mut(label).ok_or(PredictionsError::Label { index, label, classes })? =
                    true;
            }
        }
        let is_wrong = |value: &f64| !(0.0..=1.0).contains(value);
        if let Some(place) = probabilities.iter().position(is_wrong) {
            let (index, class, value) = (place / classes, place % classes, probabilities[place]);
            return Err(PredictionsError::Probability { index, class, value });
        }
        Ok(Self { class_names, labels: has, probabilities })
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len() / self.classes()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of classes, at least 1.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.class_names.len()
    }

    /// Names of the classes.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Whether an image has each class: `[classes]`.
    #[must_use]
    pub fn labels(&self, index: usize) -> &[bool] {
        &self.labels[index * self.classes()..][..self.classes()]
    }

    /// The probabilities of all classes for an image: `[classes]`.
    #[must_use]
    pub fn probabilities(&self, index: usize) -> &[f64] {
        &self.probabilities[index * self.classes()..][..self.classes()]
    }

    /// Whether each class of an image is predicted: its probability is at least its threshold.
    #[must_use]
    pub fn predicted(&self, index: usize, thresholds: &[f64]) -> Vec<bool> {
        let pairs = self.probabilities(index).iter().zip(thresholds);
        pairs.map(|(probability, threshold)| probability >= threshold).collect()
    }

    /// The probability of a class, and whether it is a label, of every image.
    pub(super) fn scores(&self, class: usize) -> impl Iterator<Item = (f64, bool)> + '_ {
        let step = self.classes();
        let column = move |at: usize| (self.probabilities[at], self.labels[at]);
        (class..self.labels.len()).step_by(step).map(column)
    }

    /// Precision–recall and ROC curves of each class; `None` if no image or every image has it.
    #[must_use]
    pub fn class_curves(&self) -> Vec<Option<BinaryCurves>> {
        (0..self.classes()).map(|class| BinaryCurves::of(self.scores(class))).collect()
    }

    /// Curves over all classes as one list (micro average); `None` without images, and if all labels or
    /// none are set.
    #[must_use]
    pub fn micro_curves(&self) -> Option<BinaryCurves> {
        BinaryCurves::of(self.probabilities.iter().copied().zip(self.labels.iter().copied()))
    }

    /// Mean over images and classes of the binary cross-entropy, in nats; `None` without images. A
    /// probability counts as at least 2⁻⁵² away from 0 and 1, as in scikit-learn's `log_loss`.
    #[must_use]
    pub fn binary_cross_entropy(&self) -> Option<f64> {
        let pairs = self.probabilities.iter().zip(&self.labels);
        crate::mean::mean(pairs.map(|(&probability, &label)| {
            let probability = probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            -(if label { probability } else { 1.0 - probability }).ln()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(labels: &[Vec<usize>], probabilities: &[f64]) -> Result<MultiLabelPredictions, String> {
        let names = ["cat", "dog"].map(str::to_owned).to_vec();
        MultiLabelPredictions::new(names, labels, probabilities.to_vec())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn each_class_is_predicted_by_its_own_threshold() {
        let predictions = new(&[vec![0, 1], vec![]], &[0.4, 0.6, 0.3, 0.6]).unwrap();
        assert_eq!((predictions.len(), predictions.labels(0)), (2, &[true, true][..]));
        assert_eq!(predictions.predicted(0, &[0.4, 0.7]), [true, false]);
        assert_eq!(predictions.predicted(1, &[0.4, 0.6]), [false, true]);
    }

    #[test]
    fn what_is_no_prediction_is_refused() {
        assert!(new(&[vec![2]], &[0.0, 1.0]).unwrap_err().contains("label 2"));
        assert!(new(&[vec![0]], &[0.0]).unwrap_err().contains("need 2 probabilities"));
        for wrong in [f64::NAN, -0.1, 1.1] {
            assert!(new(&[vec![0]], &[0.0, wrong]).unwrap_err().contains("is not a probability"));
        }
    }
}
