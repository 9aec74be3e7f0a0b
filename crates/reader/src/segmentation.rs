//! Chooses the spans of ink that are the digits of a line.
//!
//! A semi-Markov conditional random field (S. Sarawagi, W. Cohen, "Semi-Markov conditional random
//! fields for information extraction", 2004): every way to divide a line into spans has a score,
//! the sum of its spans' plausibilities, and its probability is proportional to the score's
//! exponential.

use ink::{Candidate, InkLine};
use model::Prediction;

use crate::plausibility::plausibility;

/// Two spans are the same digit if they share at least this part of the columns that either has
/// (intersection over union).
const MIN_OVERLAP: f64 = 0.5;

/// A span that is chosen as a digit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// Index of the span.
    pub span: usize,
    /// Probability, over all divisions, that a digit of the span's class is at its position.
    pub confidence: f64,
}

/// The most plausible division of a line into digits, from left to right; `None` if the spans do not
/// cover the line.
pub fn divide(
    line: &InkLine,
    predictions: &[Prediction],
    class_names: &[String],
) -> Option<Vec<Chosen>> {
    let InkLine { segments, candidates: spans, .. } = line;
    let scores: Vec<f64> = spans
        .iter()
        .zip(predictions)
        .map(|(span, found)| plausibility(span, found, &class_names[found.class]))
        .collect();
    let chosen = most_plausible(*segments, spans, &scores)?;
    let marginals = marginals(*segments, spans, &scores);
    let confidence = |index: usize| {
        let class = predictions[index].class;
        let same =
            (0..spans.len()).filter(|&other| overlap(&spans[index], &spans[other]) >= MIN_OVERLAP);
        let probability = |other: usize| predictions[other].log_probabilities[class].exp();
        same.map(|other| marginals[other] * probability(other)).sum::<f64>().min(1.0)
    };
    let with_confidence = |span| Chosen { span, confidence: confidence(span) };
    Some(chosen.into_iter().map(with_confidence).collect())
}

/// Indices of the spans of the division with the highest score (the Viterbi algorithm): the best
/// division up to a position extends the best division up to an earlier position.
fn most_plausible(segments: usize, spans: &[Candidate], scores: &[f64]) -> Option<Vec<usize>> {
    // For every position, the score of the best division up to it and the division's last span.
    let mut best: Vec<Option<(f64, Option<usize>)>> = vec![None; segments + 1];
    best[0] = Some((0.0, None));
    for index in by_end(spans) {
        let span = &spans[index];
        let Some((before, _)) = best[span.segments.start] else { continue };
        let score = before + scores[index];
        let end = &mut best[span.segments.end];
        if end.is_none_or(|(most, _)| score > most) {
            *end = Some((score, Some(index)));
        }
    }
    let mut chosen = Vec::new();
    let mut at = segments;
    while let (_, Some(index)) = best[at]? {
        chosen.push(index);
        at = spans[index].segments.start;
    }
    chosen.reverse();
    Some(chosen)
}

/// For every span, the total probability of the divisions that contain it (the forward-backward
/// algorithm, in logarithms).
fn marginals(segments: usize, spans: &[Candidate], scores: &[f64]) -> Vec<f64> {
    let order = by_end(spans);
    let mut before = vec![f64::NEG_INFINITY; segments + 1];
    before[0] = 0.0;
    for &index in &order {
        let place = &spans[index].segments;
        before[place.end] = log_add(before[place.end], before[place.start] + scores[index]);
    }
    let mut after = vec![f64::NEG_INFINITY; segments + 1];
    after[segments] = 0.0;
    let mut order = order;
    order.sort_by_key(|&index| std::cmp::Reverse(spans[index].segments.start));
    for index in order {
        let place = &spans[index].segments;
        after[place.start] = log_add(after[place.start], scores[index] + after[place.end]);
    }
    let all = before[segments];
    spans
        .iter()
        .zip(scores)
        .map(|(span, score)| {
            (before[span.segments.start] + score + after[span.segments.end] - all).exp()
        })
        .collect()
}

/// Indices of the spans, sorted by their ends: every span comes after all spans that may precede it.
fn by_end(spans: &[Candidate]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&index| spans[index].segments.end);
    order
}

/// The logarithm of the sum of two numbers, from their logarithms.
fn log_add(one: f64, other: f64) -> f64 {
    let (less, more) = (one.min(other), one.max(other));
    if less == f64::NEG_INFINITY { more } else { more + (less - more).exp().ln_1p() }
}

/// Intersection over union of the columns of two spans.
fn overlap(one: &Candidate, other: &Candidate) -> f64 {
    let (one, other) = (&one.bounds, &other.bounds);
    let common = one.right.min(other.right).saturating_sub(one.left.max(other.left));
    let either = one.right.max(other.right) - one.left.min(other.left);
    f64::from(common) / f64::from(either.max(1))
}

#[cfg(test)]
mod tests {
    use image::GrayImage;
    use ink::BoundingBox;

    use super::*;

    /// A span of segments, each ten columns wide.
    fn span(start: usize, end: usize) -> Candidate {
        let (left, right) = (10 * start as u32, 10 * end as u32);
        Candidate {
            segments: start..end,
            image: GrayImage::new(28, 28),
            bounds: BoundingBox { left, top: 0, right, bottom: 20 },
            width: (end - start) as f32 / 2.0,
            height: 1.0,
            cut_ink: 0.0,
            is_doubtful: false,
        }
    }

    #[test]
    fn best_division_covers_the_line() {
        let spans = [span(0, 1), span(0, 2), span(1, 2), span(1, 3), span(2, 3)];
        let scores = [1.0, 1.5, 1.1, 2.0, 1.0];
        assert_eq!(most_plausible(3, &spans, &scores), Some(vec![0, 2, 4]));
        let scores = [1.0, 1.5, 0.1, 2.0, 1.0];
        assert_eq!(most_plausible(3, &spans, &scores), Some(vec![0, 3]));
        assert_eq!(most_plausible(4, &spans, &scores), None);
    }

    #[test]
    fn marginals_are_the_probabilities_of_divisions() {
        let spans = [span(0, 1), span(1, 2), span(0, 2)];
        let marginals = marginals(2, &spans, &[0.0, 0.0, 3.0_f64.ln()]);
        for (found, expected) in marginals.iter().zip([0.25, 0.25, 0.75]) {
            assert!((found - expected).abs() < 1e-12, "{found}");
        }
    }

    #[test]
    fn overlap_is_the_intersection_over_the_union_of_the_columns() {
        assert!((overlap(&span(0, 3), &span(1, 3)) - 2.0 / 3.0).abs() < 1e-12);
        assert!(overlap(&span(0, 1), &span(1, 2)) < 1e-12);
    }
}
