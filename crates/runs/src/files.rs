//! The names of everything in a run's folder.

/// The resolved config.
pub const CONFIG: &str = "config.toml";
/// Loss, accuracy and speed of every epoch.
pub const METRICS: &str = "metrics.csv";
/// What the run is and what came of it, see [`crate::RunReport`].
pub const REPORT: &str = "report.json";
/// The page with all figures and pictures.
pub const REPORT_PAGE: &str = "report.html";
/// The folder with the pictures of the page.
pub const PLOTS: &str = "plots";
/// The predictions for the test split.
pub const PREDICTIONS: &str = "predictions.csv";
/// The log; locked while a training writes to the folder.
pub const LOG: &str = "train.log";
/// The folder with the newest checkpoint.
pub const CHECKPOINTS: &str = "checkpoints";
/// The folder with the event files of `--tensorboard`.
pub const TENSORBOARD: &str = "tensorboard";
/// Marks a folder as written by a training: without it, nothing in the folder is ever deleted.
/// A folder of pictures leaves such folders out.
pub const MARKER: &str = data::RUN_MARKER;

/// Every picture that a report can put into [`PLOTS`].
pub const PLOT_FILES: [&str; 14] = [
    "class_images.png",
    "confusion_matrix.png",
    "confusion_matrix_normalized.png",
    "corruption_curves.png",
    "corruption_samples.png",
    "f1_per_class.png",
    "learning_curves.png",
    "pca.png",
    "precision_recall_curves.png",
    "reliability.png",
    "results.png",
    "roc_curves.png",
    "tsne.png",
    "worst_errors.png",
];
