//! A network as a pipeline of kernels, batch normalization folded into the convolutions before it.

use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use data::ImageShape;
use kernels::{Epilogue, Pipeline};

use crate::blocks::{self, Block, blocks};
use crate::network::{Layer, Network};

/// The network as a pipeline; `None` where it has a layer that pipelines do not know.
pub(crate) fn pipeline(network: &Network, input: ImageShape) -> Option<Pipeline> {
    let mut pipeline = Pipeline::new([input.channels, input.height, input.width]);
    add(&mut pipeline, network.layers())?;
    Some(pipeline)
}

/// Adds all layers.
fn add(pipeline: &mut Pipeline, layers: &[Layer]) -> Option<()> {
    let mut blocks = blocks(layers).peekable();
    while let Some(block) = blocks.next() {
        match block {
            Block::Convolution(conv, mut epilogue) => {
                let mut folded = None;
                if epilogue == Epilogue::default()
                    && let Some(&Block::Normalization(norm, behind)) = blocks.peek()
                {
                    (folded, epilogue) = (Some(norm), behind);
                    blocks.next();
                }
                convolution(pipeline, conv, folded, epilogue)?;
            }
            Block::Normalization(norm, epilogue) => {
                let (factors, summands) = affine(norm)?;
                pipeline.affine(factors, summands, epilogue);
            }
            Block::Linear(linear, relu) => {
                let weights = numbers(linear.weight.val())?;
                let [_, features] = linear.weight.dims();
                let bias = match &linear.bias {
                    Some(bias) => numbers(bias.val())?,
                    None => vec![0.0; features],
                };
                pipeline.linear(&weights, bias, relu);
            }
            Block::Residual(residual, relu) => {
                let mut nested = Pipeline::new(pipeline.output());
                add(&mut nested, residual.layers())?;
                let shortcut = match residual.projection() {
                    Some(conv) => {
                        let mut shortcut = Pipeline::new(pipeline.output());
                        convolution(&mut shortcut, conv, None, Epilogue::default())?;
                        Some(shortcut)
                    }
                    None => None,
                };
                pipeline.residual(nested, shortcut, relu);
            }
            Block::Layer(Layer::GlobalAvgPool(_)) => pipeline.global_average(),
            Block::Layer(Layer::Dropout(_)) => {}
            // Rows are maps of one position, whose channels are in the same order.
            Block::Layer(Layer::Flatten(_)) if pipeline.output()[1..] == [1, 1] => {}
            Block::Layer(_) => return None,
        }
    }
    Some(())
}

/// Adds a convolution, scaled and shifted as the batch normalization behind it would.
fn convolution(
    pipeline: &mut Pipeline,
    conv: &Conv2d,
    norm: Option<&BatchNorm>,
    epilogue: Epilogue,
) -> Option<()> {
    let mut weights = numbers(conv.weight.val())?;
    let [features, _, kernel, _] = conv.weight.dims();
    let mut bias = match &conv.bias {
        Some(bias) => numbers(bias.val())?,
        None => vec![0.0; features],
    };
    if let Some(norm) = norm {
        let (factors, summands) = affine(norm)?;
        let taps = weights.len() / features;
        for (weights, factor) in weights.chunks_exact_mut(taps).zip(&factors) {
            for weight in weights {
                *weight *= factor;
            }
        }
        for ((bias, factor), summand) in bias.iter_mut().zip(&factors).zip(summands) {
            *bias = *bias * factor + summand;
        }
    }
    pipeline.convolution(&weights, bias, kernel, blocks::window(conv), epilogue);
    Some(())
}

/// Batch normalization by its running statistics as a factor and a summand for every channel.
fn affine(norm: &BatchNorm) -> Option<(Vec<f32>, Vec<f32>)> {
    let [scale, shift] = [numbers(norm.gamma.val())?, numbers(norm.beta.val())?];
    let [mean, variance] =
        [numbers(norm.running_mean.value())?, numbers(norm.running_var.value())?];
    let factors: Vec<f32> = scale
        .iter()
        .zip(variance)
        .map(|(scale, variance)| scale / (variance + norm.epsilon as f32).sqrt())
        .collect();
    let summands = shift.iter().zip(mean).zip(&factors);
    let summands = summands.map(|((shift, mean), factor)| shift - mean * factor).collect();
    Some((factors, summands))
}

/// The numbers of a tensor; `None` if they are not of `f32` or cannot be read.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Option<Vec<f32>> {
    tensor.into_data().try_into_vec::<f32>().ok()
}

#[cfg(test)]
mod tests {
    use burn::module::Module;
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::{LayerConfig, Plan};

    const INPUT: ImageShape = ImageShape { channels: 3, height: 12, width: 10 };

    fn network(text: &str, device: &Device) -> Network {
        let layers: Vec<LayerConfig> = serde_json::from_str(text).unwrap();
        Plan::new(&layers, INPUT, 4).unwrap().init(device)
    }

    fn images(count: usize) -> Vec<f32> {
        (0..count * INPUT.pixels()).map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0).collect()
    }

    const LAYERS: &str = r#"[
        {"type": "conv", "channels": 32, "kernel": 3, "padding": 1},
        {"type": "batch_norm"}, {"type": "relu"},
        {"type": "residual", "layers": [
            {"type": "conv", "channels": 40, "kernel": 3, "padding": 1, "bias": false},
            {"type": "batch_norm"}, {"type": "relu"},
            {"type": "conv", "channels": 40, "kernel": 3, "stride": 2, "padding": 1}
        ]},
        {"type": "relu"},
        {"type": "residual", "layers": [{"type": "conv", "channels": 40, "kernel": 1}]},
        {"type": "conv", "channels": 12, "kernel": 3},
        {"type": "max_pool"}, {"type": "batch_norm"}, {"type": "relu"},
        {"type": "flatten"}, {"type": "dropout", "probability": 0.5},
        {"type": "linear", "features": 4}
    ]"#;

    #[test]
    fn a_pipeline_computes_what_the_trained_network_does() {
        let device = Device::flex().autodiff();
        for layers in [
            LAYERS.replace(r#"{"type": "dropout", "probability": 0.5},"#, ""),
            LAYERS.replace(
                r#"{"type": "flatten"}, {"type": "dropout", "probability": 0.5},"#,
                r#"{"type": "global_avg_pool"}, {"type": "batch_norm"},
                    {"type": "dropout", "probability": 0.5},"#,
            ),
        ] {
            let network = network(&layers, &device);
            // A pass in training moves the running statistics away from 0 and 1.
            let shape = [30, INPUT.channels, INPUT.height, INPUT.width];
            let batch = TensorData::new(images(30), shape);
            let _ = network.forward(Tensor::from_data(batch.clone(), &device));
            let network = network.valid();
            let pipeline = pipeline(&network, INPUT).unwrap();
            let expected = network.forward(Tensor::from_data(batch, &Device::flex()));
            let expected = expected.into_data().try_into_vec::<f32>().unwrap();
            for count in [1, 12, 30] {
                let found = pipeline.run(&images(30)[..count * INPUT.pixels()]);
                assert_eq!(found.len(), count * 4);
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((found - expected).abs() < 1e-4, "{found} instead of {expected}");
                }
            }
        }
    }

    #[test]
    fn layers_that_pipelines_do_not_know_are_left_to_burn() {
        let device = Device::flex();
        for layer in [r#"{"type": "tanh"}"#, r#"{"type": "avg_pool"}"#] {
            let layers =
                format!(r#"[{layer}, {{"type": "flatten"}}, {{"type": "linear", "features": 4}}]"#);
            assert!(pipeline(&network(&layers, &device), INPUT).is_none(), "{layer}");
        }
    }
}
