//! How plausible it is that a span of ink is one digit, and not a part of one or more than one.

use ink::Span;
use model::Prediction;

/// What is known of a class.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Mean of the logarithm of its width over the height of its line.
    width: f64,
    /// Standard deviation of that logarithm.
    deviation: f64,
    /// What its being read adds to the plausibility: a 1 is in many other digits.
    weight: f64,
}

/// Widths: of MNIST's training images, whose box is 20 pixels high. Weights: see [`Weights`].
const DIGITS: [Shape; 10] = [
    Shape { width: -0.16, deviation: 0.17, weight: 1.534 },
    Shape { width: -1.01, deviation: 0.49, weight: -0.926 },
    Shape { width: -0.14, deviation: 0.17, weight: 0.533 },
    Shape { width: -0.27, deviation: 0.21, weight: 0.521 },
    Shape { width: -0.28, deviation: 0.21, weight: 1.492 },
    Shape { width: -0.17, deviation: 0.20, weight: 0.600 },
    Shape { width: -0.37, deviation: 0.22, weight: 1.019 },
    Shape { width: -0.31, deviation: 0.21, weight: 0.443 },
    Shape { width: -0.32, deviation: 0.22, weight: 0.829 },
    Shape { width: -0.44, deviation: 0.21, weight: 2.468 },
];

/// A class that is no digit: a letter may have any width.
const OTHER: Shape = Shape { width: -0.3, deviation: 0.4, weight: 0.8 };

/// What each feature adds to the plausibility.
///
/// Fitted to numbers written with digits of MNIST's training split, so that the right divisions
/// are as probable as possible.
struct Weights {
    /// The logarithm of the best class's probability less that of the second: parts of digits
    /// leave the network in doubt.
    margin: f64,
    /// The width's distance from the class's mean, in standard deviations.
    odd_width: f64,
    /// The square of that.
    odd_width_squared: f64,
    /// The logarithm of the width over the height of the line.
    width: f64,
    /// The logarithm of the height over the height of the line.
    height: f64,
    /// The square of that.
    height_squared: f64,
    /// The ink that the cuts cross, over the height of the line.
    cut: f64,
    /// The widest gap in it, over the height of the line.
    gap: f64,
}

const WEIGHTS: Weights = Weights {
    margin: 0.3,
    odd_width: 0.0,
    odd_width_squared: -0.1,
    width: 0.0,
    height: 4.6,
    height_squared: -1.1,
    cut: -11.2,
    gap: -15.2,
};

/// The plausibility of a span that was read so; `class_name` is that of the most probable class.
pub fn plausibility(span: &Span, prediction: &Prediction, class_name: &str) -> f64 {
    let digit = class_name.parse().ok().and_then(|digit: usize| DIGITS.get(digit));
    let shape = digit.unwrap_or(&OTHER);
    let (width, height) = (f64::from(span.width).ln(), f64::from(span.height).ln());
    let odd_width = (width - shape.width).abs() / shape.deviation;
    shape.weight
        + WEIGHTS.margin * margin(prediction)
        + WEIGHTS.odd_width * odd_width
        + WEIGHTS.odd_width_squared * odd_width * odd_width
        + WEIGHTS.width * width
        + WEIGHTS.height * height
        + WEIGHTS.height_squared * height * height
        + WEIGHTS.cut * f64::from(span.cut)
        + WEIGHTS.gap * f64::from(span.gap)
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
    use ink::InkBox;

    use super::*;

    fn span(width: f32, cut: f32, gap: f32) -> Span {
        Span {
            segments: 0..1,
            image: GrayImage::new(28, 28),
            bounds: InkBox { left: 0, top: 0, right: 10, bottom: 20 },
            width,
            height: 1.0,
            cut,
            gap,
        }
    }

    fn sure(class: usize) -> Prediction {
        let log_probabilities = (0..10).map(|at| if at == class { -0.01 } else { -7.0 }).collect();
        Prediction { class, log_probabilities }
    }

    #[test]
    fn cuts_gaps_and_odd_widths_make_a_digit_less_plausible() {
        let zero = |span: Span| plausibility(&span, &sure(0), "0");
        let good = zero(span(0.85, 0.0, 0.0));
        for worse in [span(0.85, 0.2, 0.0), span(0.85, 0.0, 0.2), span(0.3, 0.0, 0.0)] {
            assert!(zero(worse) < good - 0.5);
        }
    }

    #[test]
    fn doubt_makes_a_digit_less_plausible() {
        let log_probabilities = [vec![-0.7, -0.71], vec![-9.0; 8]].concat();
        let doubtful = Prediction { class: 0, log_probabilities };
        let span = span(0.85, 0.0, 0.0);
        assert!(plausibility(&span, &doubtful, "0") < plausibility(&span, &sure(0), "0") - 1.0);
    }

    #[test]
    fn a_class_that_is_no_digit_may_have_any_width() {
        let letter = |width| plausibility(&span(width, 0.0, 0.0), &sure(0), "m");
        assert!((letter(0.5) - letter(1.1)).abs() < 1.0);
    }
}
