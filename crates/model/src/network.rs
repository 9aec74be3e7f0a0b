//! The network itself: Burn modules in a row.

use burn::module::Module;
use burn::tensor::Tensor;
use data::ImageShape;
use kernels::Pipeline;

use crate::layers::{Features, Layer, add_layers, apply_layers};

/// A feed-forward network: images in, one logit per class out.
#[derive(Module, Debug)]
pub struct Network {
    layers: Vec<Layer>,
}

impl Network {
    pub(crate) fn new(layers: Vec<Layer>) -> Self {
        Self { layers }
    }

    /// The logits of a batch.
    ///
    /// # Shapes
    /// `images`: `[batch, channels, height, width]`, normalized; result: `[batch, classes]`.
    #[must_use]
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        apply_layers(&self.layers, Features::Map(images)).flat()
    }

    /// The input of the last linear layer; without one, that of the last layer.
    ///
    /// # Shapes
    /// `images`: `[batch, channels, height, width]`, normalized; result: `[batch, features]`.
    #[must_use]
    pub fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let is_linear = |layer: &Layer| matches!(layer, Layer::Linear(_));
        let last = self.layers.iter().rposition(is_linear);
        let last = last.unwrap_or(self.layers.len().saturating_sub(1));
        apply_layers(&self.layers[..last], Features::Map(images)).flat()
    }

    /// The network as a pipeline of kernels for inference, which takes images of the shape `input`.
    pub(crate) fn pipeline(&self, input: ImageShape) -> Pipeline {
        let mut pipeline = Pipeline::new([input.channels, input.height, input.width]);
        add_layers(&mut pipeline, &self.layers);
        pipeline
    }
}

#[cfg(test)]
mod pipeline_tests;
#[cfg(test)]
mod tests;
