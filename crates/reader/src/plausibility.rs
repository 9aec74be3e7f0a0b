//! How plausible it is that a span of ink is one digit, and not a part of one or more than one.

use ink::Candidate;
use model::Prediction;

/// What a digit's being read adds to the plausibility: a 1 is in many other digits. See [`Weights`].
const DIGITS: [f64; 10] =
    [0.832, -1.357, -0.329, -0.912, 0.291, -1.217, -0.011, -0.947, 0.382, 0.769];

/// The same for a class that is no digit: the digits' mean.
const OTHER: f64 = -0.25;

/// What each feature adds to the plausibility.
///
/// Fitted to 4,000 numbers written with images held out of the training of `artifacts/cnn`, so that
/// all right ways together to divide each are as probable as possible. A network trained with
/// `[cuts]` is in doubt of what is no digit; for others, the same weights serve less well.
struct Weights {
    /// The logarithm of the best class's probability.
    best: f64,
    /// That less the logarithm of the second's.
    margin: f64,
    /// The logarithm of the width over the height of the line.
    width: f64,
    /// The logarithm of the height over the height of the line.
    height: f64,
    /// The square of that.
    height_squared: f64,
    /// The ink that the cuts cross, over the height of the line.
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

/// The plausibility of a span that was read so; `class_name` is that of the most probable class.
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

/// How much more probable the best class is than the second, as a logarithm.
fn margin(prediction: &Prediction) -> f64 {
    /// No class is less probable in single precision; a model of one class has no second.
    const MOST: f64 = 100.0;
    let best = prediction.confidence().ln();
    let others = prediction.log_probabilities.iter().enumerate();
    let second = others
        .filter(|(class, _)| *class != prediction.class)
        .map(|(_, logarithm)| *logarithm)
        .fold(f64::NEG_INFINITY, f64::max);
    (best - second).min(MOST)
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
        }
    }

    fn sure(class: usize) -> Prediction {
        let log_probabilities = (0..10).map(|at| if at == class { -0.01 } else { -7.0 }).collect();
        Prediction { class, log_probabilities }
    }

    #[test]
    fn cuts_and_low_or_wide_ink_make_a_digit_less_plausible() {
        let zero = |span: Candidate| plausibility(&span, &sure(0), "0");
        let good = zero(span(0.85, 1.0, 0.0));
        for worse in [span(0.85, 1.0, 0.2), span(0.85, 0.5, 0.0), span(1.8, 1.0, 0.0)] {
            assert!(zero(worse) < good - 0.5);
        }
    }

    #[test]
    fn doubt_makes_a_digit_less_plausible() {
        let log_probabilities = [vec![-0.7, -0.71], vec![-9.0; 8]].concat();
        let doubtful = Prediction { class: 0, log_probabilities };
        let span = span(0.85, 1.0, 0.0);
        assert!(plausibility(&span, &doubtful, "0") < plausibility(&span, &sure(0), "0") - 1.0);
    }

    #[test]
    fn a_class_that_is_no_digit_may_have_any_width() {
        let letter = |width| plausibility(&span(width, 1.0, 0.0), &sure(0), "m");
        assert!((letter(0.5) - letter(1.1)).abs() < 1.0);
    }

    #[test]
    fn a_class_that_is_no_digit_weighs_as_much_as_digits_do() {
        let span = span(0.85, 1.0, 0.0);
        let all = (0..10).map(|digit| plausibility(&span, &sure(digit), &digit.to_string()));
        let mean = all.sum::<f64>() / 10.0;
        assert!((plausibility(&span, &sure(0), "m") - mean).abs() < 0.01);
    }
}
