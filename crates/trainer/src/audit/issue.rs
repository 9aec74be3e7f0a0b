//! An image that someone should look at.

use serde::Serialize;

/// What is probably wrong with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueKind {
    /// Its label.
    Label,
    /// It is nearly the same as another image.
    NearDuplicate,
    /// It is unlike all others of its class.
    Outlier,
}

impl IssueKind {
    /// The name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::NearDuplicate => "near-duplicate",
            Self::Outlier => "outlier",
        }
    }
}

/// An image that someone should look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Issue {
    /// Index of the image in the training split.
    pub index: usize,
    /// Its file, if images are files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its label.
    pub given: String,
    /// The class that the network sees, if the label is probably wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<String>,
    /// Of a label, its normalized margin, 0 to 0.5, the lower the worse; of a near-duplicate, the
    /// cosine similarity to the other image, at most 1; of an outlier, the mean cosine distance to its
    /// neighbours, 0 to 2.
    pub score: f64,
    /// What is probably wrong.
    pub kind: IssueKind,
    /// The index of the most similar image, of a near-duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similar_to: Option<usize>,
    /// Index of the image in the loaded set.
    #[serde(skip)]
    pub(super) image: usize,
}
