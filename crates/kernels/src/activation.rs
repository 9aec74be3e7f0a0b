//! Activations that are not fused with a layer, one number at a time.

use std::f32::consts::FRAC_1_SQRT_2;

use crate::elementwise::relu_of;

/// A function of single numbers. NaN stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// max(x, 0).
    Relu,
    /// x where positive, else slope · x.
    LeakyRelu {
        /// Slope of the negative side.
        slope: f32,
    },
    /// x · Φ(x), where Φ is the standard normal distribution's (Hendrycks and Gimpel 2016).
    Gelu,
    /// x · σ(x) (Elfwing, Uchibe and Doya 2018).
    Silu,
    /// The hyperbolic tangent.
    Tanh,
    /// σ(x) = 1 / (1 + exp(−x)).
    Sigmoid,
}

impl Activation {
    /// Applies the function to `numbers` in place.
    pub(crate) fn apply(self, numbers: &mut [f32]) {
        let each = |numbers: &mut [f32], function: fn(f32) -> f32| {
            for number in numbers {
                *number = function(*number);
            }
        };
        match self {
            Self::Relu => each(numbers, relu_of),
            Self::LeakyRelu { slope } => {
                for number in numbers {
                    *number = if *number < 0.0 { slope * *number } else { *number };
                }
            }
            Self::Gelu => each(numbers, |x| 0.5 * x * (1.0 + libm::erff(x * FRAC_1_SQRT_2))),
            Self::Silu => each(numbers, |x| x * sigmoid(x)),
            Self::Tanh => each(numbers, f32::tanh),
            Self::Sigmoid => each(numbers, sigmoid),
        }
    }
}

/// exp(−x) may be infinite: the result is then 0.
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_formulas() {
        // By scipy.special in double precision, at x = -2, 0 and 1.5.
        for (activation, expected) in [
            (Activation::Relu, [0.0, 0.0, 1.5]),
            (Activation::LeakyRelu { slope: 0.25 }, [-0.5, 0.0, 1.5]),
            (Activation::Gelu, [-0.045_500_264, 0.0, 1.399_789_2]),
            (Activation::Silu, [-0.238_405_84, 0.0, 1.226_361_7]),
            (Activation::Tanh, [-0.964_027_6, 0.0, 0.905_148_25]),
            (Activation::Sigmoid, [0.119_202_92, 0.5, 0.817_574_5]),
        ] {
            let mut numbers = [-2.0, 0.0, 1.5];
            activation.apply(&mut numbers);
            for (found, expected) in numbers.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{activation:?}: {numbers:?}");
            }
        }
    }

    #[test]
    fn extremes_stay_finite_and_nan_stays() {
        for activation in [
            Activation::Relu,
            Activation::LeakyRelu { slope: 0.01 },
            Activation::Gelu,
            Activation::Silu,
            Activation::Tanh,
            Activation::Sigmoid,
        ] {
            let mut numbers = [-1e9, 1e9, f32::NAN];
            activation.apply(&mut numbers);
            assert!(numbers[0].is_finite() && numbers[1].is_finite(), "{activation:?}");
            assert!(numbers[2].is_nan(), "{activation:?}");
        }
    }
}
