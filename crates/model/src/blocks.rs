//! Which layers belong together as one operation, and running them.
//!
//! A convolution or batch normalization takes along the activation and the pool behind it, a linear
//! layer the flatten before and the activation behind it: on a CPU, what follows is then done
//! while the numbers are in registers. Nothing changes in what a network computes or stores.

use burn::module::Param;
use burn::nn::conv::Conv2d;
use burn::nn::pool::MaxPool2d;
use burn::nn::{BatchNorm, Linear, PaddingConfig2d};
use burn::tensor::activation;
use kernels::{Epilogue, Window};

use crate::network::{Activation, Features, Layer, Residual};

/// Layers that are one operation.
pub(crate) enum Block<'a> {
    Convolution(&'a Conv2d, Epilogue),
    Normalization(&'a BatchNorm, Epilogue),
    /// A linear layer, and whether a ReLU follows.
    Linear(&'a Linear, bool),
    /// A residual block, and whether a ReLU follows.
    Residual(&'a Residual, bool),
    /// Any other layer, by itself.
    Layer(&'a Layer),
}

/// Divides layers into blocks.
pub(crate) fn blocks(mut layers: &[Layer]) -> impl Iterator<Item = Block<'_>> {
    std::iter::from_fn(move || {
        let (layer, behind) = layers.split_first()?;
        let (block, behind) = match (layer, behind) {
            (Layer::Conv(conv), behind) => {
                let (epilogue, behind) = epilogue(behind);
                (Block::Convolution(conv, epilogue), behind)
            }
            (Layer::BatchNorm(norm), behind) => {
                let (epilogue, behind) = epilogue(behind);
                (Block::Normalization(norm, epilogue), behind)
            }
            (Layer::Flatten(_), [Layer::Linear(linear), behind @ ..])
            | (Layer::Linear(linear), behind) => {
                let (relu, behind) = relu(behind);
                (Block::Linear(linear, relu), behind)
            }
            (Layer::Residual(residual), behind) => {
                let (relu, behind) = relu(behind);
                (Block::Residual(residual, relu), behind)
            }
            (layer, behind) => (Block::Layer(layer), behind),
        };
        layers = behind;
        Some(block)
    })
}

/// Passes `input` through all layers.
pub(crate) fn forward(layers: &[Layer], input: Features) -> Features {
    blocks(layers).fold(input, |input, block| match block {
        Block::Convolution(conv, epilogue) => convolve(conv, input, epilogue),
        Block::Normalization(norm, epilogue) => normalize(norm, input, epilogue),
        Block::Linear(linear, relu) => multiply(linear, input, relu),
        Block::Residual(residual, relu) => residual.forward(input, relu),
        Block::Layer(layer) => layer.forward(input),
    })
}

/// How a convolution's kernel moves.
pub(crate) fn window(conv: &Conv2d) -> Window {
    Window { stride: conv.stride[0], padding: padding(&conv.padding), groups: conv.groups }
}

/// A convolution, and what follows it.
pub(crate) fn convolve(conv: &Conv2d, input: Features, epilogue: Epilogue) -> Features {
    let bias = conv.bias.as_ref().map(Param::val);
    Features::Map(kernels::convolution(
        input.map(),
        conv.weight.val(),
        bias,
        window(conv),
        epilogue,
    ))
}

/// Batch normalization, and what follows it. While training, by the batch's statistics, which move
/// the running ones, else by the running ones; as Burn's own module does.
fn normalize(norm: &BatchNorm, input: Features, epilogue: Epilogue) -> Features {
    let input = match input {
        Features::Map(map) => map,
        // A pool takes maps, so that nothing but a ReLU can follow.
        Features::Flat(rows) => {
            let rows = norm.forward(rows);
            return Features::Flat(if epilogue.relu { activation::relu(rows) } else { rows });
        }
    };
    let device = input.device();
    let running = [&norm.running_mean, &norm.running_var];
    let (scale, shift) = (norm.gamma.val(), norm.beta.val());
    if !(device.is_autodiff() && norm.training.is_enabled()) {
        let statistics = running.map(|running| running.value().to_device(&device));
        let output = kernels::normalize(input, scale, shift, statistics, norm.epsilon, epilogue);
        return Features::Map(output);
    }
    let result = kernels::normalize_batch(input, scale, shift, norm.epsilon, epilogue);
    for (running, new) in running.into_iter().zip([result.mean, result.variance]) {
        let old = running.value_sync().to_device(&device);
        let moved = old * (1.0 - norm.momentum) + new * norm.momentum;
        running.update(moved.detach());
    }
    Features::Map(result.output)
}

/// A linear layer over a row or a whole map, and perhaps a ReLU.
pub(crate) fn multiply(linear: &Linear, input: Features, relu: bool) -> Features {
    let bias = linear.bias.as_ref().map(Param::val);
    Features::Flat(kernels::linear(input.map(), linear.weight.val(), bias, relu))
}

/// The same map or rows twice, for the two ways of a residual block.
pub(crate) fn fork(input: Features) -> (Features, Features) {
    match input {
        Features::Map(map) => {
            let [left, right] = kernels::fork(map);
            (Features::Map(left), Features::Map(right))
        }
        Features::Flat(rows) => (Features::Flat(rows.clone()), Features::Flat(rows)),
    }
}

/// The sum of two maps or rows, and perhaps a ReLU.
pub(crate) fn add(left: Features, right: Features, relu: bool) -> Features {
    match (left, right) {
        (Features::Map(left), right) => Features::Map(kernels::add(left, right.map(), relu)),
        (Features::Flat(left), right) => {
            let sum = left + right.flat();
            Features::Flat(if relu { activation::relu(sum) } else { sum })
        }
    }
}

/// Whether `layers` begin with a ReLU, and the layers behind it.
fn relu(layers: &[Layer]) -> (bool, &[Layer]) {
    match layers {
        [Layer::Activation(Activation::Relu(_)), behind @ ..] => (true, behind),
        _ => (false, layers),
    }
}

/// What `layers` begin with that a block can take along, and the layers behind it. ReLU and maximum
/// may change places: the larger of two numbers stays the larger.
fn epilogue(layers: &[Layer]) -> (Epilogue, &[Layer]) {
    let is_relu = |layer: &Layer| matches!(layer, Layer::Activation(Activation::Relu(_)));
    let is_pool = |layer: &Layer| matches!(layer, Layer::MaxPool(pool) if halves(pool));
    let (mut epilogue, mut rest) = (Epilogue::default(), layers);
    while let Some((layer, behind)) = rest.split_first() {
        if is_relu(layer) && !epilogue.relu {
            epilogue.relu = true;
        } else if is_pool(layer) && !epilogue.pool {
            epilogue.pool = true;
        } else {
            break;
        }
        rest = behind;
    }
    (epilogue, rest)
}

/// Whether a pool takes the largest of every 2×2 window.
fn halves(pool: &MaxPool2d) -> bool {
    pool.kernel_size == [2; 2]
        && pool.stride == [2; 2]
        && pool.dilation == [1; 2]
        && padding(&pool.padding) == 0
}

/// The padding on every side; networks are built with the same on all four.
fn padding(config: &PaddingConfig2d) -> usize {
    match config {
        PaddingConfig2d::Explicit(top, ..) => *top,
        _ => 0,
    }
}
