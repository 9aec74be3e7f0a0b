//! What a user writes in `[[model.layers]]`.

use serde::{Deserialize, Serialize};

use crate::Initializer;

/// One layer of a feed-forward network.
///
/// Shapes are inferred from what comes in, so only outputs are named. Variants without options are
/// written with braces because serde then refuses keys they do not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum LayerConfig {
    /// Convolution over a feature map (cross-correlation, as everywhere in the field).
    Conv {
        /// Output channels.
        channels: usize,
        /// Side of the square kernel, in pixels.
        kernel: usize,
        /// Step of the kernel, in pixels.
        #[serde(default = "one")]
        stride: usize,
        /// Zeros added on every side, in pixels.
        #[serde(default)]
        padding: usize,
        /// Whether a bias is added to every output channel.
        #[serde(default = "yes")]
        bias: bool,
        /// How the kernels start.
        #[serde(default)]
        initializer: Initializer,
    },
    /// Batch normalization of every channel (Ioffe and Szegedy 2015).
    BatchNorm {
        /// Share of the newest batch in the running statistics, in [0, 1].
        #[serde(default = "batch_norm_momentum")]
        momentum: f64,
        /// Added to the variance; above 0.
        #[serde(default = "batch_norm_epsilon")]
        epsilon: f64,
    },
    /// Largest value of every window.
    MaxPool {
        /// Side of the square window, in pixels.
        #[serde(default = "two")]
        kernel: usize,
        /// Step of the window, in pixels; absent = its side.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stride: Option<usize>,
        /// Border added on every side, in pixels; at most half of the kernel.
        #[serde(default)]
        padding: usize,
    },
    /// Mean of every window; a border counts as zeros.
    AvgPool {
        /// Side of the square window, in pixels.
        #[serde(default = "two")]
        kernel: usize,
        /// Step of the window, in pixels; absent = its side.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stride: Option<usize>,
        /// Border added on every side, in pixels; at most half of the kernel.
        #[serde(default)]
        padding: usize,
    },
    /// Mean of every channel: a feature map becomes one number per channel.
    GlobalAvgPool {},
    /// A feature map becomes one row of numbers.
    Flatten {},
    /// Fully connected layer over a row of numbers.
    Linear {
        /// Outputs.
        features: usize,
        /// Whether a bias is added to every output.
        #[serde(default = "yes")]
        bias: bool,
        /// How the weights start.
        #[serde(default)]
        initializer: Initializer,
    },
    /// Zeroes each value with this probability while training (Srivastava et al. 2014).
    Dropout {
        /// In [0, 1).
        probability: f64,
    },
    /// Adds its input to what the nested layers make of it (He et al. 2015). Where the shapes
    /// differ, the input passes through a 1×1 convolution first.
    Residual {
        /// The nested layers.
        layers: Vec<LayerConfig>,
    },
    /// max(x, 0).
    Relu {},
    /// x · Φ(x) (Hendrycks and Gimpel 2016).
    Gelu {},
    /// x · sigmoid(x) (Elfwing et al. 2017).
    Silu {},
    /// x where positive, else slope · x.
    LeakyRelu {
        /// Slope of the negative side.
        #[serde(default = "leaky_slope")]
        slope: f64,
    },
    /// Hyperbolic tangent.
    Tanh {},
    /// 1 / (1 + e⁻ˣ).
    Sigmoid {},
}

impl LayerConfig {
    /// The layer's name in a config.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conv { .. } => "conv",
            Self::BatchNorm { .. } => "batch_norm",
            Self::MaxPool { .. } => "max_pool",
            Self::AvgPool { .. } => "avg_pool",
            Self::GlobalAvgPool {} => "global_avg_pool",
            Self::Flatten {} => "flatten",
            Self::Linear { .. } => "linear",
            Self::Dropout { .. } => "dropout",
            Self::Residual { .. } => "residual",
            Self::Relu {} => "relu",
            Self::Gelu {} => "gelu",
            Self::Silu {} => "silu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Tanh {} => "tanh",
            Self::Sigmoid {} => "sigmoid",
        }
    }
}

fn one() -> usize {
    1
}

fn two() -> usize {
    2
}

fn yes() -> bool {
    true
}

fn batch_norm_momentum() -> f64 {
    0.1
}

fn batch_norm_epsilon() -> f64 {
    1e-5
}

fn leaky_slope() -> f64 {
    0.01
}
