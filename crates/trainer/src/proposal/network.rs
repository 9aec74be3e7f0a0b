//! `[model]`: a convolutional network for the input's size and the number of classes.

use data::{ImageShape, Survey};
use metrics::numbers::grouped;
use model::Plan;

use super::Choice;
use crate::config::ModelConfig;

/// The key whose value takes several lines.
pub(super) const KEY: &str = "model.layers";

/// Pools halve the map until its longer side is at most this.
const LAST_SIDE: usize = 7;
/// Sides from which the first convolution has half as many channels: it takes the most time.
const LARGE_SIDE: usize = 40;
/// Sides above this are halved by the first convolution.
const LARGEST_SIDE: usize = 96;
/// Most channels.
const CHANNELS: usize = 128;
/// Most channels for many classes.
const MANY_CHANNELS: usize = 256;
/// So many classes are many.
const MANY_CLASSES: usize = 100;

pub(super) fn choose(survey: &Survey, shape: ImageShape) -> Choice {
    let classes = survey.classes.len();
    let layers = layers(shape, classes);
    let value = format!("[\n    {},\n]", layers.join(",\n    "));
    let convolutions = layers.iter().filter(|layer| layer.contains("\"conv\"")).count();
    let parameters = parameters(&value, shape, classes).map_or_else(String::new, |parameters| {
        format!(" with {} parameters", grouped(parameters as u64))
    });
    let reason = format!(
        "{convolutions} convolutions{parameters} for {shape} and {classes} classes, pooled to {LAST_SIDE} \
         pixels or less and averaged, so that another input.size needs no other layers"
    );
    Choice::new(KEY, value, reason)
}

/// Each layer as an inline table.
fn layers(shape: ImageShape, classes: usize) -> Vec<String> {
    let ImageShape { mut height, mut width, .. } = shape;
    let most = if classes > MANY_CLASSES { MANY_CHANNELS } else { CHANNELS };
    let mut channels = if height.max(width) > LARGE_SIDE { 16 } else { 32 };
    let mut layers = Vec::new();
    let mut add = |layer: &str| layers.push(format!("{{ type = {layer} }}"));
    let conv = |channels: usize, more: &str| {
        format!("\"conv\", channels = {channels}, kernel = 3, padding = 1{more}")
    };
    let mut stride = if height.max(width) > LARGEST_SIDE { ", stride = 2" } else { "" };
    while height.max(width) > LAST_SIDE && height.min(width) > 1 {
        add(&conv(channels, stride));
        if !stride.is_empty() {
            (height, width, stride) = (height.div_ceil(2), width.div_ceil(2), "");
        }
        // Pooled first, batch normalization and ReLU have a quarter of the values.
        if height.min(width) > 1 {
            add("\"max_pool\"");
        }
        add("\"batch_norm\"");
        add("\"relu\"");
        (height, width) = (height / 2, width / 2);
        channels = (2 * channels).min(most);
    }
    add(&conv(channels, ""));
    add("\"batch_norm\"");
    add("\"relu\"");
    add("\"global_avg_pool\"");
    add(&format!("\"linear\", features = {classes}"));
    layers
}

fn parameters(layers: &str, shape: ImageShape, classes: usize) -> Option<usize> {
    let model: ModelConfig = toml::from_str(&format!("layers = {layers}")).ok()?;
    Plan::new(&model.layers, shape, classes).ok().map(|plan| plan.parameters())
}
