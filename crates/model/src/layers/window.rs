//! The square windows of convolutions and pools.

use burn::nn::PaddingConfig2d;
use data::ImageShape;

use super::planned::{FeatureShape, PlannedLayer, positive, product, total};

/// A square window that slides over a feature map.
pub(crate) struct SlidingWindow {
    /// Its side, in pixels.
    pub(crate) kernel: usize,
    /// Its step, in pixels.
    pub(crate) stride: usize,
    /// Border added on every side, in pixels.
    pub(crate) padding: usize,
}

impl SlidingWindow {
    /// The map of one result for each place of the window on `map`, with so many channels.
    pub(crate) fn slide(&self, map: ImageShape, channels: usize) -> Result<ImageShape, String> {
        let Self { kernel, stride, padding } = *self;
        positive("kernel", kernel)?;
        positive("stride", stride)?;
        let side = |length: usize| {
            padding
                .checked_mul(2)
                .and_then(|border| border.checked_add(length))
                .and_then(|padded| padded.checked_sub(kernel))
                .map(|room| room / stride + 1)
        };
        match (side(map.height), side(map.width)) {
            (Some(height), Some(width)) => {
                product(&[channels, height, width])?;
                Ok(ImageShape { channels, height, width })
            }
            _ => Err(format!(
                "kernel {kernel}×{kernel} with padding {padding} does not fit into {map}"
            )),
        }
    }

    /// Numbers of a copy of `map` with its border; 0 without one.
    pub(crate) fn padded(&self, map: ImageShape) -> usize {
        if self.padding == 0 {
            return 0;
        }
        let side = |length: usize| length.saturating_add(self.padding.saturating_mul(2));
        ImageShape { height: side(map.height), width: side(map.width), ..map }.pixels()
    }

    /// A pool over `input`, whose padding is at most half of its kernel.
    pub(crate) fn pool(
        &self,
        kind: &'static str,
        input: FeatureShape,
    ) -> Result<PlannedLayer, String> {
        let map = input.map()?;
        let Self { kernel, padding, .. } = *self;
        if padding > kernel / 2 {
            return Err(format!("padding {padding} is more than half of kernel {kernel}"));
        }
        let output = FeatureShape::Map(self.slide(map, map.channels)?);
        let free = PlannedLayer::free(kind, input, output);
        // Which place of the window had the largest value, where that matters.
        let (working, kept) = (total([free.working, self.padded(map)]), output.len());
        Ok(PlannedLayer { working, kept, ..free })
    }
}

/// The same padding on all four sides.
pub(crate) fn symmetric(padding: usize) -> PaddingConfig2d {
    PaddingConfig2d::Explicit(padding, padding, padding, padding)
}

/// The padding on every side; networks are built with the same on all four.
pub(crate) fn padding(config: &PaddingConfig2d) -> usize {
    match config {
        PaddingConfig2d::Explicit(top, ..) => *top,
        PaddingConfig2d::Same | PaddingConfig2d::Valid => 0,
    }
}
