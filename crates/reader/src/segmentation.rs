//! Which of the spans of ink are the digits.

use ink::Span;
use model::Prediction;

/// The mean and the standard deviation of the logarithm of a digit's width over the height of its
/// line, for 0 to 9: of MNIST's training images, whose box is 20 pixels high.
const WIDTHS: [(f64, f64); 10] = [
    (-0.16, 0.17),
    (-1.01, 0.49),
    (-0.14, 0.17),
    (-0.27, 0.21),
    (-0.28, 0.21),
    (-0.17, 0.20),
    (-0.37, 0.22),
    (-0.31, 0.21),
    (-0.32, 0.22),
    (-0.44, 0.21),
];

/// The most plausible way to divide a line into digits: indices of spans from left to right, that
/// cover all `segments`.
///
/// Viterbi's algorithm: the best division up to a segment extends the best one up to an earlier
/// one. None if the spans do not cover the line.
pub fn divide(segments: usize, spans: &[Span], predictions: &[Prediction]) -> Option<Vec<usize>> {
    // For each segment, the score of the best division before it and its last span.
    let mut best: Vec<Option<(f64, Option<usize>)>> = vec![None; segments + 1];
    best[0] = Some((0.0, None));
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&index| spans[index].segments.end);
    for index in order {
        let span = &spans[index];
        let Some((before, _)) = best[span.segments.start] else { continue };
        let score = before + plausibility(span, &predictions[index]);
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

/// How plausible it is that a span is one digit, as the logarithm of odds.
fn plausibility(span: &Span, prediction: &Prediction) -> f64 {
    let (mean, deviation) = WIDTHS.get(prediction.class).copied().unwrap_or((-0.3, 0.3));
    let width = (f64::from(span.width).ln() - mean) / deviation;
    let height = f64::from(span.height).ln() / 0.2;
    prediction.confidence().ln()
        - 0.5 * width * width
        - 0.5 * height * height
        - 10.0 * f64::from(span.cut)
        - 10.0 * f64::from(span.gap)
        + 1.0
}
