//! The card of the model that a task trains.

use model::{BURN_VERSION, FORMAT_VERSION, ModelCard, MultiLabel, Origin, Plan};
use runs::PROGRAM;

use crate::config::{Config, ConfigFile, Invalid};
use crate::images::Images;

/// The card of the network `plan`, trained on `images`; its origin and checksum are filled in later.
///
/// # Errors
/// When pictures cannot be prepared for the network.
pub fn new_card(
    config: &Config,
    file: &ConfigFile,
    images: &Images,
    plan: &Plan,
    multi_label: Option<MultiLabel>,
) -> anyhow::Result<ModelCard> {
    let (shape, preparation) = (images.source.train.shape(), images.source.preparation);
    if !preparation.makes(shape) {
        let kind = preparation.kind;
        let problem =
            format!("\"{kind}\" makes images of 1×28×28, but those to train on are {shape}");
        return Err(file.locate(&Invalid::new("input.kind", problem)).into());
    }
    Ok(ModelCard {
        format_version: FORMAT_VERSION,
        program: PROGRAM.to_owned(),
        burn: BURN_VERSION.to_owned(),
        input: plan.input(),
        preparation,
        normalization: images.normalization(&config.dataset),
        class_names: images.source.class_names.clone(),
        multi_label,
        calibration: None,
        layers: config.model.layers.clone(),
        origin: Origin {
            seed: config.seed,
            epoch: 0,
            validation_loss: 0.0,
            validation_accuracy: 0.0,
        },
        weights_sha256: String::new(),
    })
}
