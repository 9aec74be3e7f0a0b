//! The threshold of each class that gives the highest F1.

use super::predictions::MultiLabelPredictions;

/// The threshold of a class whose images say nothing about it.
pub const UNDECIDED: f64 = 0.5;

/// For each class, the threshold of its probability that maximizes F1 on `predictions` (Lipton, Elkan
/// and Narayanaswamy, "Optimal thresholding of classifiers to maximize F1 measure", 2014), halfway
/// between the smallest probability at or above it and the largest below it. Of equally good ones, the
/// highest. [`UNDECIDED`] for a class that no image has.
#[must_use]
pub fn best_f1_thresholds(predictions: &MultiLabelPredictions) -> Vec<f64> {
    let class = |class| best_threshold(predictions.scores(class).collect());
    (0..predictions.classes()).map(class).collect()
}

fn best_threshold(mut scores: Vec<(f64, bool)>) -> f64 {
    scores.sort_unstable_by(|(one, _), (other, _)| other.total_cmp(one));
    let positives = scores.iter().filter(|(_, positive)| *positive).count();
    let (mut best, mut best_f1) = (UNDECIDED, 0.0);
    let (mut selected, mut correct) = (0, 0);
    for equals in scores.chunk_by(|(before, _), (after, _)| before <= after) {
        selected += equals.len();
        correct += equals.iter().filter(|(_, positive)| *positive).count();
        let f1 = 2.0 * correct as f64 / (selected + positives) as f64;
        if f1 > best_f1 {
            let below = scores.get(selected).map_or(0.0, |(score, _)| *score);
            (best, best_f1) = (f64::midpoint(equals[0].0, below), f1);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_with_the_highest_f1_is_halfway_to_the_next_probability() {
        // Selecting 1, 2, 3, 4 images gives F1 2/3, 1/2, 4/5, 2/3.
        let scores = vec![(0.9, true), (0.8, false), (0.4, true), (0.2, false)];
        assert!((best_threshold(scores) - 0.3).abs() < 1e-12);
    }

    #[test]
    fn a_class_that_no_image_has_keeps_one_half_and_one_that_all_have_is_always_predicted() {
        assert!((best_threshold(vec![(0.9, false), (0.1, false)]) - 0.5).abs() < 1e-12);
        assert!((best_threshold(vec![(0.9, true), (0.1, true)]) - 0.05).abs() < 1e-12);
        assert!((best_threshold(Vec::new()) - 0.5).abs() < 1e-12);
    }
}
