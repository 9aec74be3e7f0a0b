//! Labels and probabilities: what a model is judged by.

/// How far the probabilities of an image may add up to something else than 1.
const TOLERANCE: f64 = 1e-3;

/// What a model makes of labelled images. Each image has a probability for every class, and they add
/// up to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    class_names: Vec<String>,
    labels: Vec<usize>,
    /// `[image][class]`.
    probabilities: Vec<f64>,
    /// The most probable class of each image; the first of equals.
    predicted: Vec<usize>,
}

/// Why labels and probabilities make no [`Predictions`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PredictionsError {
    /// There is no class to predict.
    #[error("there are no classes")]
    NoClasses,
    /// Not one probability for every image and class.
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
    /// A label that no class has.
    #[error("image {index} has label {label}, but there are {classes} classes")]
    Label {
        /// Index of the image.
        index: usize,
        /// Its label.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A number that is no probability.
    #[error("image {index}: {value} is no probability of class {class}")]
    Probability {
        /// Index of the image.
        index: usize,
        /// Index of the class.
        class: usize,
        /// The number.
        value: f64,
    },
    /// Probabilities that do not add up to 1.
    #[error("image {index}: its probabilities add up to {sum}, not to 1")]
    Sum {
        /// Index of the image.
        index: usize,
        /// What they add up to.
        sum: f64,
    },
}

impl Predictions {
    /// From the `labels` of images and their `probabilities`, `[image][class]`.
    ///
    /// # Errors
    /// When the lengths do not fit, a label has no class, or an image's probabilities are not
    /// numbers from 0 to 1 that add up to 1 (within 0.001).
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

    /// The most probable class of every image; the first of equals.
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
    pub fn is_right(&self, index: usize) -> bool {
        self.predicted[index] == self.labels[index]
    }
}

/// Index of the largest value; the first of equals.
fn first_largest(values: &[f64]) -> usize {
    let mut largest = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[largest] {
            largest = index;
        }
    }
    largest
}
