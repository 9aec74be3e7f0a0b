//! The threshold that a share of the scores pass.

/// The highest threshold that at least `share` (0 to 1) of `scores` reach, halfway to the next lower
/// score; the lowest score, if all must pass. `None` without scores, or if one is not finite.
#[must_use]
pub fn passing_threshold(mut scores: Vec<f64>, share: f64) -> Option<f64> {
    /// Of rounding, in images.
    const TOLERANCE: f64 = 1e-6;
    if !scores.iter().all(|score| score.is_finite()) {
        return None;
    }
    scores.sort_unstable_by(f64::total_cmp);
    let failing = ((1.0 - share) * scores.len() as f64 + TOLERANCE) as usize;
    let lowest = *scores.get(failing)?;
    let below = failing.checked_sub(1).map_or(lowest, |at| scores[at]);
    Some(f64::midpoint(lowest, below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_scores_as_asked_for_pass() {
        for (count, failing) in [(1000, 5), (5000, 25), (399, 1), (200, 1), (199, 0), (1, 0)] {
            let scores: Vec<f64> = (0..count).map(|at| f64::from(at * 11 % count)).collect();
            let threshold = passing_threshold(scores.clone(), 0.995).unwrap();
            let passing = scores.iter().filter(|&&score| score >= threshold).count();
            assert_eq!(scores.len() - passing, failing, "{count}");
        }
    }

    #[test]
    fn the_threshold_is_halfway_to_the_next_score_and_equal_scores_pass_together() {
        let half = |scores: &[f64]| passing_threshold(scores.to_vec(), 0.5);
        assert_eq!(half(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(half(&[1.0, 1.0, 1.0, 2.0]), Some(1.0));
        assert_eq!((half(&[]), half(&[1.0, f64::NAN])), (None, None));
    }
}
