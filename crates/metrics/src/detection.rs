//! How well scores find the positives among images, for example wrong labels: the first images of a
//! ranking should be positives.

use crate::curves::area_under_roc;

/// The area under the ROC curve of `scores`, higher for positives, 0 to 1: the probability that a
/// positive scores higher than a negative. `None` unless there are both.
///
/// # Panics
/// If there are not as many scores as answers.
#[must_use]
pub fn auroc(scores: &[f64], is_positive: &[bool]) -> Option<f64> {
    assert_eq!(scores.len(), is_positive.len(), "a score for each image");
    area_under_roc(scores.iter().copied().zip(is_positive.iter().copied()))
}

/// The share of positives among the `count` images with the highest `scores`, or among all if there
/// are fewer, 0 to 1; of equal scores, the first images count. `None` of no images.
///
/// # Panics
/// If there are not as many scores as answers.
#[must_use]
pub fn precision_at(scores: &[f64], is_positive: &[bool], count: usize) -> Option<f64> {
    assert_eq!(scores.len(), is_positive.len(), "a score for each image");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&one, &other| scores[other].total_cmp(&scores[one]));
    order.truncate(count);
    let positives = order.iter().filter(|image| is_positive[**image]).count();
    (!order.is_empty()).then(|| positives as f64 / order.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_ranking_count() {
        let scores = [0.9, 0.1, 0.8, 0.3];
        let positive = [true, false, false, true];
        let precision = |count| precision_at(&scores, &positive, count);
        assert_eq!([1, 2, 9].map(precision), [Some(1.0), Some(0.5), Some(0.5)]);
        assert_eq!((precision(0), precision_at(&[], &[], 1)), (None, None));
        assert_eq!(auroc(&scores, &positive), Some(0.75));
        assert_eq!(auroc(&scores, &[true; 4]), None);
    }
}
