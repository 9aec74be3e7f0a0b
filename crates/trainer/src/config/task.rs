//! `[task]`: what the network learns about an image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the network learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TaskConfig {
    /// The kind of task.
    pub kind: TaskKind,
}

/// The kinds of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// `"classify"`: every image is of one class.
    #[default]
    Classify,
    /// `"multi_label"`: an image shows any number of classes, or none.
    MultiLabel,
}
