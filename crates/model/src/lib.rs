//! The networks: what a config describes, checked, built as Burn modules, stored and loaded.
//!
//! A list of [`LayerConfig`]s is checked against an input shape and a class count, which gives a
//! [`Plan`]; a plan always builds a [`Network`]. A [`Classifier`] is a network together with what it
//! takes to use it (normalization and class names), and the only code that classifies: it turns
//! images into probabilities. [`Compute`] is the device, the kernels and the threads that do it.
//! This crate does not train and knows no command line.

mod card;
mod classifier;
mod compute;
mod device;
mod inference_batch;
pub mod layers;
mod memory;
mod model_files;
mod network;
mod plan;
mod prediction;
mod stored_model;
mod weights;

pub use card::{
    BURN_VERSION, Calibration, CardError, FORMAT_VERSION, ModelCard, MultiLabel, Origin,
};
pub use classifier::{Classifier, ClassifyError};
pub use compute::{Compute, ComputeOptions, KernelChoice};
pub use device::{Backend, DeviceError, NamedDevice, list_backends};
pub use layers::{FeatureShape, Initializer, LayerConfig, LayerError, PlannedLayer};
pub use memory::{TrainingMemory, machine_memory, size_text};
pub use model_files::{CARD_FILE, ModelFiles, WEIGHTS_FILE};
pub use network::Network;
pub use plan::Plan;
pub use prediction::Prediction;
pub use stored_model::{ArtifactError, save_card, save_model};
