//! The networks: what a config describes, checked, built as Burn modules, stored and loaded.
//!
//! A list of [`LayerConfig`]s is checked against an input shape and a class count, which gives a
//! [`Plan`]; a plan always builds a [`Network`]. A [`Classifier`] is a network together with what it
//! takes to use it (normalization and class names), and the one road for inference: it alone turns
//! pictures into probabilities, on the device that [`open_device`] finds. This crate does not train and knows no command line.

mod card;
mod classifier;
mod device;
pub mod layers;
mod model_files;
mod network;
mod plan;
mod stored_model;
mod weights;

pub use card::{BURN_VERSION, FORMAT_VERSION, ModelCard, Origin};
pub use classifier::{Classifier, ClassifyError, Prediction};
pub use device::{Backend, DeviceError, KernelChoice, NamedDevice, list_backends, open_device};
pub use layers::{FeatureShape, Initializer, LayerConfig, LayerError, PlannedLayer, SlowLayer};
pub use model_files::{CARD_FILE, ModelFiles, WEIGHTS_FILE};
pub use network::Network;
pub use plan::Plan;
pub use stored_model::{ArtifactError, save_model};
