//! How weights and biases start.

use burn::module::Param;
use burn::nn;
use burn::tensor::{Device, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The distribution from which a convolution's or linear layer's weights are drawn.
///
/// `fan_in` is the number of inputs to one output, `fan_out` the number of outputs that one input
/// reaches. Biases start at zero, except with [`Initializer::FanInUniform`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Initializer {
    /// Uniform in ±√(6 / `fan_in`): keeps the variance through rectified layers (He et al. 2015).
    KaimingUniform,
    /// Normal with variance 2 / `fan_in` (He et al. 2015).
    KaimingNormal,
    /// Uniform in ±√(6 / (`fan_in` + `fan_out`)) (Glorot and Bengio 2010); Keras's default.
    XavierUniform,
    /// Normal with variance 2 / (`fan_in` + `fan_out`) (Glorot and Bengio 2010).
    XavierNormal,
    /// A random orthogonal matrix (Saxe et al. 2013).
    Orthogonal,
    /// Weights and biases uniform in ±1/√`fan_in`; the default of Burn and `PyTorch`.
    #[default]
    FanInUniform,
}

impl Initializer {
    /// Burn's initializer for the weights.
    pub(crate) fn weights(self) -> nn::Initializer {
        match self {
            Self::KaimingUniform => nn::Initializer::KaimingUniform {
                gain: std::f64::consts::SQRT_2,
                fan_out_only: false,
            },
            Self::KaimingNormal => nn::Initializer::KaimingNormal {
                gain: std::f64::consts::SQRT_2,
                fan_out_only: false,
            },
            Self::XavierUniform => nn::Initializer::XavierUniform { gain: 1.0 },
            Self::XavierNormal => nn::Initializer::XavierNormal { gain: 1.0 },
            Self::Orthogonal => nn::Initializer::Orthogonal { gain: 1.0 },
            // Burn's bound is gain · √(3 / fan_in).
            Self::FanInUniform => {
                nn::Initializer::KaimingUniform { gain: 1.0 / 3.0_f64.sqrt(), fan_out_only: false }
            }
        }
    }

    /// Whether the biases are drawn as the weights are, instead of starting at zero.
    fn draws_biases(self) -> bool {
        self == Self::FanInUniform
    }
}

/// The bias to start with: `drawn` by Burn as the weights are, or zeros, which most initializers
/// want.
pub(crate) fn init_bias(
    drawn: Param<Tensor<1>>,
    initializer: Initializer,
    device: &Device,
) -> Param<Tensor<1>> {
    if initializer.draws_biases() {
        drawn
    } else {
        nn::Initializer::Zeros.init(drawn.lazy_shape(), device)
    }
}
