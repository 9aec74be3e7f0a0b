//! An image with its label and its prediction.

use crate::canvas::ImageView;
use crate::error::PictureError;

/// An image and a classifier's prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedImage<'a> {
    /// The image.
    pub image: ImageView<'a>,
    /// Its index in the data set.
    pub index: usize,
    /// Its file, if images are files.
    pub file: Option<&'a str>,
    /// Its class according to the data set.
    pub label: usize,
    /// The most probable class.
    pub predicted: usize,
    /// The probability of that class, 0 to 1.
    pub confidence: f64,
    /// Whether the label is known to be wrong.
    pub mislabelled: bool,
}

impl PredictedImage<'_> {
    pub(crate) fn is_correct(&self) -> bool {
        self.label == self.predicted
    }
}

/// An error for the first image whose label or prediction is not below `classes`.
pub(crate) fn require_classes(
    images: &[PredictedImage],
    classes: usize,
) -> Result<(), PictureError> {
    for PredictedImage { index, label, predicted, .. } in images {
        if let Some(class) = [*label, *predicted].into_iter().find(|class| *class >= classes) {
            return Err(PictureError::Class { what: "image", index: *index, class, classes });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn predicted(image: ImageView, label: usize, predicted: usize) -> PredictedImage {
        let (file, mislabelled) = (None, false);
        PredictedImage { image, index: 7, file, label, predicted, confidence: 0.75, mislabelled }
    }

    #[test]
    fn class_without_a_name_is_refused() {
        let image = ImageView::new(1, 1, 1, &[0]).unwrap();
        assert!(require_classes(&[predicted(image, 0, 1)], 2).is_ok());
        let result = require_classes(&[predicted(image, 0, 2)], 2);
        assert!(matches!(result, Err(PictureError::Class { index: 7, class: 2, classes: 2, .. })));
    }
}
