//! The networks: what a config describes, checked, built as Burn modules, stored and loaded.
//!
//! A list of [`LayerConfig`]s is checked against an input shape and a class count, which gives a
//! [`Plan`]; a plan always builds a [`Network`]. A [`Classifier`] is a network together with what it
//! takes to use it (normalization and class names), and the one road for inference: it alone turns
//! pictures into probabilities, on the device that [`open_device`] finds. This crate does not train and knows no command line.

mod artifact;
mod classifier;
mod device;
pub mod layers;
mod network;
mod plan;

pub use artifact::{
    ArtifactError, BURN_VERSION, CARD_FILE, FORMAT_VERSION, ModelCard, Origin, WEIGHTS_FILE,
    save_model,
};
pub use classifier::{Classifier, ClassifyError, Prediction};
pub use device::{Backend, DeviceError, KernelChoice, NamedDevice, list_backends, open_device};
pub use layers::{FeatureShape, Initializer, LayerConfig, LayerError, PlannedLayer, SlowLayer};
pub use network::Network;
pub use plan::Plan;
