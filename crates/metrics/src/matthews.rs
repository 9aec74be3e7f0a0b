//! The Matthews correlation coefficient.

use crate::ConfusionMatrix;

/// Matthews correlation coefficient for any number of classes, −1 to 1: 1 if all
/// predictions are correct, 0 if they are independent of the labels.
///
/// 0, as in scikit-learn, if all images have the same label or the same predicted class. `None`
/// without images.
///
/// Source: Gorodkin, "Comparing two K-category assignments by a K-category correlation
/// coefficient", 2004, equation 8.
#[must_use]
pub fn matthews_correlation(confusion: &ConfusionMatrix) -> Option<f64> {
    let images = confusion.images() as f64;
    let (mut agreement, mut label_squares, mut predicted_squares) = (0.0, 0.0, 0.0);
    for class in 0..confusion.classes() {
        let labels = confusion.label_count(class) as f64;
        let predicted = confusion.predicted_count(class) as f64;
        agreement += labels * predicted;
        label_squares += labels * labels;
        predicted_squares += predicted * predicted;
    }
    let covariance = confusion.correct() as f64 * images - agreement;
    let label_variance = images * images - label_squares;
    let predicted_variance = images * images - predicted_squares;
    if images == 0.0 {
        return None;
    }
    if label_variance == 0.0 || predicted_variance == 0.0 {
        return Some(0.0);
    }
    Some(covariance / (label_variance * predicted_variance).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::certain;

    fn correlation(classes: usize, labels: &[usize], predicted: &[usize]) -> Option<f64> {
        matthews_correlation(&ConfusionMatrix::of(&certain(classes, labels, predicted)))
    }

    #[test]
    fn all_right_is_one_and_two_classes_all_wrong_is_minus_one() {
        assert_eq!(correlation(3, &[0, 1, 2, 2], &[0, 1, 2, 2]), Some(1.0));
        assert_eq!(correlation(2, &[0, 1, 1], &[1, 0, 0]), Some(-1.0));
    }

    #[test]
    fn one_label_or_one_predicted_class_is_zero() {
        assert_eq!(correlation(2, &[0, 0], &[0, 1]), Some(0.0));
        assert_eq!(correlation(2, &[0, 1], &[1, 1]), Some(0.0));
        assert_eq!(correlation(1, &[0], &[0]), Some(0.0));
    }

    #[test]
    fn no_images_have_none() {
        assert_eq!(correlation(2, &[], &[]), None);
    }
}
