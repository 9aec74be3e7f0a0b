//! Labels and predicted probabilities, from which all figures are computed.

/// How far the sum of an image's probabilities may be from 1.
const TOLERANCE: f64 = 1e-3;

/// A model's predictions for labelled images: for each image a probability for every class, with a sum
/// of 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    class_names: Vec<String>,
    labels: Vec<usize>,
    /// `[image][class]`.
    probabilities: Vec<f64>,
    /// The most probable class of each image; ties go to the lower index.
    predicted: Vec<usize>,
}

/// Why labels and probabilities are not valid [`Predictions`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PredictionsError {
    /// There are no classes.
    #[error("there are no classes")]
    NoClasses,
    /// The number of probabilities is not images times classes.
    #[error(
        "{images} images of {classes} classes need {} probabilities, but there are {found}",
        images * classes
    )]
    Length {
        /// Number of labels.
        images: usize,
        /// Number of class names.
        classes: usize,
        /// Number of probabilities.
        found: usize,
    },
    /// A label that is not the index of a class.
    #[error("image {index} has label {label}, but there are {classes} classes")]
    Label {
        /// Index of the image.
        index: usize,
        /// Its label.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A value outside 0 to 1.
    #[error("image {index}: {value} is not a probability (class {class})")]
    Probability {
        /// Index of the image.
        index: usize,
        /// Index of the class.
        class: usize,
        /// The value.
        value: f64,
    },
    /// Probabilities whose sum is not 1.
    #[error("image {index}: the probabilities add up to {sum}, expected 1")]
    Sum {
        /// Index of the image.
        index: usize,
        /// Their sum.
        sum: f64,
    },
}

impl Predictions {
    /// From the `labels` of images and their `probabilities`, `[image][class]`.
    ///
    /// # Errors
    /// [`PredictionsError`] if the lengths do not match, a label is not the index of a class, or an
    /// image's probabilities are not numbers from 0 to 1 with a sum of 1 (within 0.001).
    pub fn new(
        class_names: Vec<String>,
        labels: Vec<usize>,
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
        if let Some(index) = labels.iter().position(|label| *label >= classes) {
            return Err(PredictionsError::Label { index, label: labels[index], classes });
        }
        let mut predicted = Vec::with_capacity(images);
        for (index, row) in probabilities.chunks_exact(classes).enumerate() {
            if let Some(class) =
                row.iter().position(|value| !(0.0..=1.0 + TOLERANCE).contains(value))
            {
                return Err(PredictionsError::Probability { index, class, value: row[class] });
            }
            let sum: f64 = row.iter().sum();
            if (sum - 1.0).abs() > TOLERANCE {
                return Err(PredictionsError::Sum { index, sum });
            }
            predicted.push(first_largest(row));
        }
        Ok(Self { class_names, labels, probabilities, predicted })
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
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

    /// Labels of the images.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The most probable class of every image; ties go to the lower index.
    #[must_use]
    pub fn predicted(&self) -> &[usize] {
        &self.predicted
    }

    /// The probabilities of all classes for an image.
    #[must_use]
    pub fn probabilities(&self, index: usize) -> &[f64] {
        &self.probabilities[index * self.classes()..][..self.classes()]
    }

    /// The probability of the predicted class of an image.
    #[must_use]
    pub fn confidence(&self, index: usize) -> f64 {
        self.probabilities(index)[self.predicted[index]]
    }

    /// Whether the predicted class of an image is its label.
    #[must_use]
    pub fn is_correct(&self, index: usize) -> bool {
        self.predicted[index] == self.labels[index]
    }
}

/// Index of the largest value; the first of equal values.
fn first_largest(values: &[f64]) -> usize {
    let mut largest = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[largest] {
            largest = index;
        }
    }
    largest
}

/// Predictions of classes named `class 0`, `class 1` and so on.
#[cfg(test)]
pub(crate) fn of_rows<const CLASSES: usize>(
    labels: &[usize],
    rows: &[[f64; CLASSES]],
) -> Predictions {
    let names = (0..CLASSES).map(|class| format!("class {class}")).collect();
    Predictions::new(names, labels.to_vec(), rows.concat()).unwrap()
}

/// Predictions that give the classes `predicted` a probability of 1.
#[cfg(test)]
pub(crate) fn certain(classes: usize, labels: &[usize], predicted: &[usize]) -> Predictions {
    let names = (0..classes).map(|class| format!("class {class}")).collect();
    let mut probabilities = vec![0.0; labels.len() * classes];
    for (row, class) in probabilities.chunks_exact_mut(classes).zip(predicted) {
        row[*class] = 1.0;
    }
    Predictions::new(names, labels.to_vec(), probabilities).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(labels: &[usize], probabilities: &[f64]) -> Result<Predictions, PredictionsError> {
        let names = vec!["cat".to_owned(), "dog".to_owned()];
        Predictions::new(names, labels.to_vec(), probabilities.to_vec())
    }

    fn message(labels: &[usize], probabilities: &[f64]) -> String {
        new(labels, probabilities).unwrap_err().to_string()
    }

    #[test]
    fn image_is_predicted_as_its_most_probable_class() {
        let predictions = new(&[0, 0], &[0.25, 0.75, 0.625, 0.375]).unwrap();
        assert_eq!((predictions.len(), predictions.classes()), (2, 2));
        assert_eq!(predictions.class_names(), ["cat", "dog"]);
        assert_eq!(predictions.predicted(), [1, 0]);
        assert_eq!(predictions.probabilities(1), [0.625, 0.375]);
        assert!((predictions.confidence(0) - 0.75).abs() < 1e-12);
        assert!(!predictions.is_correct(0) && predictions.is_correct(1));
    }

    #[test]
    fn first_of_equally_probable_classes_is_predicted() {
        assert_eq!(of_rows(&[0, 0], &[[0.2, 0.4, 0.4], [0.4, 0.2, 0.4]]).predicted(), [1, 0]);
    }

    #[test]
    fn no_images_are_predictions_too() {
        let predictions = new(&[], &[]).unwrap();
        assert!(predictions.is_empty() && predictions.classes() == 2);
    }

    #[test]
    fn no_classes_are_refused() {
        let error = Predictions::new(Vec::new(), Vec::new(), Vec::new()).unwrap_err();
        assert_eq!(error, PredictionsError::NoClasses);
    }

    #[test]
    fn missing_and_surplus_probabilities_are_refused() {
        assert_eq!(
            message(&[0, 1], &[1.0, 0.0, 1.0]),
            "2 images of 2 classes need 4 probabilities, but there are 3"
        );
        assert_eq!(
            message(&[], &[1.0]),
            "0 images of 2 classes need 0 probabilities, but there are 1"
        );
    }

    #[test]
    fn label_that_is_not_a_class_is_refused() {
        let message = message(&[1, 2], &[1.0, 0.0, 1.0, 0.0]);
        assert_eq!(message, "image 1 has label 2, but there are 2 classes");
    }

    #[test]
    fn values_that_are_not_probabilities_are_refused() {
        assert_eq!(message(&[0], &[1.1, -0.1]), "image 0: 1.1 is not a probability (class 0)");
        assert_eq!(message(&[0], &[1.0, -0.1]), "image 0: -0.1 is not a probability (class 1)");
        assert_eq!(message(&[0], &[1.0, f64::NAN]), "image 0: NaN is not a probability (class 1)");
        assert!(message(&[0], &[f64::INFINITY, 0.0]).contains("inf is not a probability"));
    }

    #[test]
    fn probabilities_that_do_not_add_up_to_one_are_refused_beyond_rounding() {
        assert_eq!(
            message(&[0, 0], &[1.0, 0.0, 0.5, 0.25]),
            "image 1: the probabilities add up to 0.75, expected 1"
        );
        assert!(new(&[0], &[1.0005, 0.0]).is_ok());
        assert!(new(&[0], &[0.4995, 0.5]).is_ok());
    }
}
