//! How plausible it is that a span of ink is exactly one digit, not a part of one or several.

use ink::Candidate;
use model::Prediction;

/// What each predicted digit adds to the plausibility: a 1, for example, is part of many other
/// digits. See [`Weights`].
const DIGITS: [f64; 10] =
    [0.832, -1.357, -0.329, -0.912, 0.291, -1.217, -0.011, -0.947, 0.382, 0.769];

/// The same for a class that is not a digit: the mean over the digits.
const OTHER: f64 = -0.25;

/// What each feature adds to the plausibility.
///
/// Fitted to 4,000 numbers composed of validation images of `artifacts/cnn`, to maximize the total
/// probability of the correct divisions of each number. They suit networks that are also trained on
/// parts and pairs of digits, without a class, and so are not confident on those; with other networks,
/// more numbers are misread.
struct Weights {
    /// The logarithm of the best class's probability.
    best: f64,
    /// The difference to the logarithm of the second best class's probability.
    margin: f64,
    /// The logarithm of the width, divided by the height of the line.
    width: f64,
    /// The logarithm of the height, divided by the height of the line.
    height: f64,
    /// The square of the logarithm of the height.
    height_squared: f64,
    /// The length of ink that the cuts cross, divided by the height of the line.
    cut: f64,
}

const WEIGHTS: Weights = Weights {
    best: 1.101,
    margin: 0.303,
    width: -0.718,
    height: 6.497,
    height_squared: -1.435,
    cut: -5.256,
};

/// The plausibility, a logarithm, of a span with this prediction; `class_name` names the most
/// probable class.
pub fn plausibility(span: &Candidate, prediction: &Prediction, class_name: &str) -> f64 {
    let digit = class_name.parse().ok().and_then(|digit: usize| DIGITS.get(digit));
    let (width, height) = (f64::from(span.width).ln(), f64::from(span.height).ln());
    digit.unwrap_or(&OTHER)
        + WEIGHTS.best * prediction.confidence().ln()
        + WEIGHTS.margin * margin(prediction)
        + WEIGHTS.width * width
        + WEIGHTS.height * height
        + WEIGHTS.height_squared * height * height
        + WEIGHTS.cut * f64::from(span.cut_ink)
}

/// The difference of the logarithms of the best and the second best class's probabilities.
fn margin(prediction: &Prediction) -> f64 {
    /// Bounds the margin of a model with one class; single precision gives smaller ones.
    const MAX_MARGIN: f64 = 100.0;
    let best = prediction.confidence().ln();
    let others = prediction.log_probabilities.iter().enumerate();
    let second = others
        .filter(|(class, _)| *class != prediction.class)
        .map(|(_, logarithm)| *logarithm)
        .fold(f64::NEG_INFINITY, f64::max);
    (best - second).min(MAX_MARGIN)
}

#[cfg(test)]
mod tests {
    use image::GrayImage;
    use ink::BoundingBox;

    use super::*;

    fn span(width: f32, height: f32, cut: f32) -> Candidate {
        Candidate {
            segments: 0..1,
            image: GrayImage::new(28, 28),
            bounds: BoundingBox { left: 0, top: 0, right: 10, bottom: 20 },
            width,
            height,
            cut_ink: cut,
            is_doubtful: false,
        }
    }

    fn confident(class: usize) -> Prediction {
        let log_probabilities = (0..10).map(|at| if at == class { -0.01 } else { -7.0 }).collect();
        Prediction::of(log_probabilities)
    }

    #[test]
    fn cuts_and_low_or_wide_ink_make_a_digit_less_plausible() {
        let zero = |span: Candidate| plausibility(&span, &confident(0), "0");
        let good = zero(span(0.85, 1.0, 0.0));
        for worse in [span(0.85, 1.0, 0.2), span(0.85, 0.5, 0.0), span(1.8, 1.0, 0.0)] {
            assert!(zero(worse) < good - 0.5);
        }
    }

    #[test]
    fn a_low_confidence_makes_a_digit_less_plausible() {
        let log_probabilities = [vec![-0.7, -0.71], vec![-9.0; 8]].concat();
        let uncertain = Prediction::of(log_probabilities);
        let span = span(0.85, 1.0, 0.0);
        assert!(
            plausibility(&span, &uncertain, "0") < plausibility(&span, &confident(0), "0") - 1.0
        );
    }

    #[test]
    fn a_class_that_is_not_a_digit_may_have_any_width() {
        let letter = |width| plausibility(&span(width, 1.0, 0.0), &confident(0), "m");
        assert!((letter(0.5) - letter(1.1)).abs() < 1.0);
    }

    #[test]
    fn a_class_that_is_not_a_digit_weighs_as_much_as_the_mean_digit() {
        let span = span(0.85, 1.0, 0.0);
        let all = (0..10).map(|digit| plausibility(&span, &confident(digit), &digit.to_string()));
        let mean = all.sum::<f64>() / 10.0;
        assert!((plausibility(&span, &confident(0), "m") - mean).abs() < 0.01);
    }
}
