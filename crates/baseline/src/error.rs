//! What no linear classifier can be trained on or asked about.

use thiserror::Error;

/// Everything that this crate refuses. Rows are images, columns are features.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// Nothing to learn from.
    #[error("there are no images: a classifier takes at least one of each of two classes")]
    NoImages,
    /// Features that do not divide into rows.
    #[error("{values} features do not make {rows} rows of equal length, at least 1")]
    Rows {
        /// Number of features in all rows.
        values: usize,
        /// Number of labels.
        rows: usize,
    },
    /// Rows that are not those of training.
    #[error("{values} features do not make rows of {columns}, as the classifier was trained on")]
    Columns {
        /// Number of features in all rows.
        values: usize,
        /// Length of a row in training.
        columns: usize,
    },
    /// A label that is no class.
    #[error("row {row} has the label {label}: expected it below the {classes} classes")]
    Label {
        /// Index of the row.
        row: usize,
        /// Its label.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Nothing to tell apart.
    #[error("all images are of class {class}: a classifier takes images of at least two classes")]
    OneClass {
        /// The label of all rows.
        class: usize,
    },
    /// A feature that is no number.
    #[error("feature {column} of row {row} is {value}: expected finite numbers")]
    NotFinite {
        /// Index of the row.
        row: usize,
        /// Index of the feature in its row.
        column: usize,
        /// The feature.
        value: f32,
    },
    /// A penalty that cannot be.
    #[error("the L2 strength is {value}: expected a finite number, at least 0")]
    Strength {
        /// The refused strength.
        value: f32,
    },
    /// No strength to choose from.
    #[error("there are no L2 strengths to choose from: expected at least one")]
    NoStrengths,
    /// What linfa refuses.
    #[error("training failed: {0}")]
    Solver(#[from] linfa_logistic::error::Error),
}
