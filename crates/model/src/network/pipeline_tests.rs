//! A network's pipeline against the network itself.

use burn::tensor::{Device, TensorData};

use super::*;
use crate::layers::LayerConfig;
use crate::plan::Plan;

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

/// Layers that are fused with no other one.
const EVERY_OTHER: &str = r#"[
    {"type": "relu"},
    {"type": "conv", "channels": 8, "kernel": 3, "padding": 1}, {"type": "gelu"},
    {"type": "max_pool", "kernel": 3, "stride": 2, "padding": 1}, {"type": "silu"},
    {"type": "avg_pool", "kernel": 3, "stride": 1, "padding": 1}, {"type": "leaky_relu", "slope": 0.2},
    {"type": "residual", "layers": [{"type": "tanh"}]},
    {"type": "max_pool"}, {"type": "avg_pool"},
    {"type": "flatten"}, {"type": "sigmoid"}, {"type": "group_norm", "groups": 2},
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
        LAYERS
            .replace(r#"{"type": "dropout", "probability": 0.5},"#, "")
            .replace("batch_norm\"", "group_norm\", \"groups\": 4"),
        LAYERS.replace(
            r#"{"type": "flatten"}, {"type": "dropout", "probability": 0.5},"#,
            r#"{"type": "global_avg_pool"}, {"type": "group_norm", "groups": 1, "affine": false},"#,
        ),
        EVERY_OTHER.to_owned(),
    ] {
        let network = network(&layers, &device);
        // A pass in training moves the running statistics away from 0 and 1.
        let shape = [30, INPUT.channels, INPUT.height, INPUT.width];
        let batch = TensorData::new(images(30), shape);
        let _ = network.forward(Tensor::from_data(batch.clone(), &device));
        let network = network.valid();
        let pipeline = network.pipeline(INPUT);
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
