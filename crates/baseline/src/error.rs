//! Errors of training and applying linear classifiers.

use thiserror::Error;

/// Why examples or settings are refused. Rows are images, columns are features.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// There are no training images.
    #[error("there are no images: a classifier needs at least one of each of two classes")]
    NoImages,
    /// The features do not divide into rows.
    #[error("{values} features do not make {rows} rows of equal length, at least 1")]
    Rows {
        /// Number of features in all rows.
        values: usize,
        /// Number of labels.
        rows: usize,
    },
    /// The rows have another length than in training.
    #[error("{values} features do not make rows of {columns}, as the classifier was trained on")]
    Columns {
        /// Number of features in all rows.
        values: usize,
        /// Length of a row in training.
        columns: usize,
    },
    /// A label is outside the classes.
    #[error("row {row} has the label {label}: expected it below the {classes} classes")]
    Label {
        /// Index of the row.
        row: usize,
        /// Its label.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// There is only one class.
    #[error("all images are of class {class}: a classifier needs images of at least two classes")]
    OneClass {
        /// The label of all rows.
        class: usize,
    },
    /// A feature is NaN or infinite.
    #[error("feature {column} of row {row} is {value}: expected finite numbers")]
    NotFinite {
        /// Index of the row.
        row: usize,
        /// Index of the feature in its row.
        column: usize,
        /// The feature.
        value: f32,
    },
    /// The L2 strength is negative, NaN or infinite.
    #[error("the L2 strength is {value}: expected a finite number, at least 0")]
    Strength {
        /// The refused strength.
        value: f32,
    },
    /// There are no L2 strengths to select from.
    #[error("there are no L2 strengths to select from: expected at least one")]
    NoStrengths,
    /// linfa's solver failed.
    #[error("training failed: {0}")]
    Solver(#[from] linfa_logistic::error::Error),
}
