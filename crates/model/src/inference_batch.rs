//! How many images go through a network at once where nothing is trained.
//!
//! A training step keeps the outputs of all layers for the gradients; without gradients, only the
//! input and the output of one layer exist at a time. A batch is as large as these allow within a
//! fixed amount of memory, so that large images need no more of it than small ones.

use crate::plan::Plan;

/// Images of a batch at most: enough to keep a device busy.
const LARGEST: usize = 1000;
/// Numbers that a batch may hold at a time, of 4 bytes each: 256 MiB.
const NUMBERS: usize = 1 << 26;

/// Images of `numbers` numbers each that fit into a batch; at least 1.
pub(crate) fn images_that_fit(numbers: usize) -> usize {
    (NUMBERS / numbers.max(1)).clamp(1, LARGEST)
}

impl Plan {
    /// Images that go through the network at once where nothing is trained, 1 to 1000: as many as
    /// need 256 MiB for what exists while any layer computes.
    #[must_use]
    pub fn inference_batch(&self) -> usize {
        images_that_fit(self.layers().iter().map(|layer| layer.working).max().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;
    use crate::layers::LayerConfig;

    fn plan(side: usize, layers: &str) -> Plan {
        let layers: Vec<LayerConfig> = serde_json::from_str(layers).unwrap();
        Plan::new(&layers, ImageShape { channels: 3, height: side, width: side }, 2).unwrap()
    }

    const CONV: &str = r#"[{"type": "conv", "channels": 32, "kernel": 3, "padding": 1},
        {"type": "relu"}, {"type": "global_avg_pool"}, {"type": "linear", "features": 2}]"#;

    #[test]
    fn large_maps_make_small_batches() {
        assert_eq!(plan(28, CONV).inference_batch(), 1000);
        // The convolution: its input with borders, and 32 · 512² numbers of output per image.
        assert_eq!(plan(512, CONV).inference_batch(), 6);
        assert_eq!(plan(3072, CONV).inference_batch(), 1);
    }
}
