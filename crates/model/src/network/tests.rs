//! The network against its plan, finite differences and Burn's own shapes.

use burn::tensor::Device;
use kernels::Epilogue;
use proptest::prelude::*;

use super::*;
use crate::layers::{FeatureShape, LayerConfig, LayerModule};
use crate::plan::Plan;

const INPUT: ImageShape = ImageShape { channels: 2, height: 9, width: 7 };

fn planned(layers: &[LayerConfig], classes: usize) -> Plan {
    Plan::new(layers, INPUT, classes).unwrap()
}

fn ramp(batch: usize, device: &Device) -> Tensor<4> {
    let count = batch * INPUT.pixels();
    let values: Vec<f32> = (0..count).map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0).collect();
    Tensor::<1>::from_floats(values.as_slice(), device).reshape([
        batch,
        INPUT.channels,
        INPUT.height,
        INPUT.width,
    ])
}

fn parse(text: &str) -> Vec<LayerConfig> {
    serde_json::from_str(text).unwrap()
}

/// Every kind of layer at once, with shapes that differ across residual blocks.
const EVERYTHING: &str = r#"[
    {"type": "conv", "channels": 4, "kernel": 3, "padding": 1, "initializer": "xavier_normal"},
    {"type": "batch_norm"}, {"type": "silu"},
    {"type": "residual", "layers": [
        {"type": "conv", "channels": 6, "kernel": 3, "stride": 2, "padding": 1},
        {"type": "gelu"},
        {"type": "conv", "channels": 6, "kernel": 3, "padding": 1, "bias": false}
    ]},
    {"type": "leaky_relu"}, {"type": "group_norm", "groups": 3},
    {"type": "residual", "layers": [{"type": "tanh"}]},
    {"type": "avg_pool", "kernel": 3, "stride": 1, "padding": 1},
    {"type": "max_pool"}, {"type": "flatten"}, {"type": "dropout", "probability": 0.5},
    {"type": "linear", "features": 5, "initializer": "fan_in_uniform"},
    {"type": "sigmoid"}, {"type": "batch_norm"}, {"type": "group_norm", "groups": 1},
    {"type": "linear", "features": 3, "initializer": "orthogonal"}
]"#;

#[test]
fn every_kind_of_layer_runs_and_has_the_planned_parameters() {
    let device = Device::flex();
    let plan = planned(&parse(EVERYTHING), 3);
    let network = plan.init(&device);
    // Burn counts batch normalization's running mean and variance too: two more of each.
    let running = 2 * (4 + 5);
    assert_eq!(network.num_params(), plan.parameters() + running);
    assert_eq!(network.forward(ramp(2, &device)).dims(), [2, 3]);
}

#[test]
fn biases_start_at_zero_unless_the_initializer_draws_them() {
    let device = Device::flex();
    for (initializer, zero) in [("kaiming_normal", true), ("fan_in_uniform", false)] {
        let layers = parse(&format!(
            r#"[{{"type": "flatten"}},
                {{"type": "linear", "features": 3, "initializer": "{initializer}"}}]"#
        ));
        let network = planned(&layers, 3).init(&device);
        let Layer::Linear(linear) = &network.layers[1] else { panic!("not a linear layer") };
        let bias = linear.bias.as_ref().unwrap().val().abs().sum().into_scalar::<f32>();
        assert_eq!(bias == 0.0, zero, "{initializer}");
    }
}

#[test]
fn an_identity_residual_block_doubles_what_passes() {
    let device = Device::flex();
    let layers = parse(
        r#"[{"type": "residual", "layers": [{"type": "leaky_relu", "slope": 1.0}]},
            {"type": "flatten"}, {"type": "linear", "features": 3}]"#,
    );
    let network = planned(&layers, 3).init(&device);
    let input = ramp(2, &device);
    let output = network.layers[0].apply(Features::Map(input.clone()), Epilogue::default()).map();
    (input * 2.0).into_data().assert_eq(&output.into_data(), false);
}

/// Gradients of the whole network against central differences, the loss being a weighted sum
/// of the logits.
#[test]
fn gradients_match_finite_differences() {
    let device = Device::flex().autodiff();
    let layers = parse(
        r#"[{"type": "conv", "channels": 3, "kernel": 3, "stride": 2, "padding": 1},
            {"type": "tanh"},
            {"type": "residual", "layers": [
                {"type": "conv", "channels": 4, "kernel": 3, "padding": 1}, {"type": "sigmoid"}]},
            {"type": "group_norm", "groups": 2},
            {"type": "avg_pool"}, {"type": "flatten"}, {"type": "linear", "features": 3}]"#,
    );
    let network = planned(&layers, 3).init(&device);
    let loss = |images: Tensor<4>| {
        let weights = Tensor::<1>::from_floats([1.0, -2.0, 0.5], &images.device());
        (network.forward(images) * weights.unsqueeze()).sum()
    };
    let images = ramp(1, &device).require_grad();
    let gradients = loss(images.clone()).backward();
    let gradient = images.grad(&gradients).unwrap().try_into_vec_as::<f32>().unwrap();

    let values = images.try_into_vec_as::<f32>().unwrap();
    let step = 1e-2;
    for index in (0..values.len()).step_by(11) {
        let at = |delta: f32| {
            let mut moved = values.clone();
            moved[index] += delta;
            let moved = Tensor::<1>::from_floats(moved.as_slice(), &device);
            loss(moved.reshape([1, 2, 9, 7])).into_scalar::<f32>()
        };
        let difference = (at(step) - at(-step)) / (2.0 * step);
        assert!(
            (difference - gradient[index]).abs() < 2e-3 + 1e-2 * difference.abs(),
            "pixel {index}: {difference} against {}",
            gradient[index]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the plan accepts has the shape that Burn computes.
    #[test]
    fn inferred_shapes_are_those_of_burn(
        kernel in 1_usize..6, stride in 1_usize..4, padding in 0_usize..4,
        window in 1_usize..4, window_stride in 1_usize..4, window_padding in 0_usize..2,
    ) {
        let layers = parse(&format!(
            r#"[{{"type": "conv", "channels": 2, "kernel": {kernel}, "stride": {stride},
                  "padding": {padding}}},
                {{"type": "max_pool", "kernel": {window}, "stride": {window_stride},
                  "padding": {window_padding}}},
                {{"type": "global_avg_pool"}}]"#
        ));
        if let Ok(plan) = Plan::new(&layers, INPUT, 2) {
            let device = Device::flex();
            let network = plan.init(&device);
            let mut features = Features::Map(ramp(1, &device));
            for (layer, planned) in network.layers.iter().zip(plan.layers()).take(2) {
                features = layer.apply(features, Epilogue::default());
                let [_, channels, height, width] = features.clone().map().dims();
                let shape = ImageShape { channels, height, width };
                prop_assert_eq!(FeatureShape::Map(shape), planned.output);
            }
        }
    }
}
