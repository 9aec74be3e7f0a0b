//! The names of splits.

/// A split, as a layout names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SplitName {
    Train,
    Validation,
    Test,
}

impl SplitName {
    /// All splits.
    pub(crate) const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The names that folders and labels have for it, the usual one first.
    pub(crate) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Train => &["train", "training"],
            Self::Validation => &["val", "valid", "validation"],
            Self::Test => &["test", "testing"],
        }
    }

    /// The split that is called `name`, in any case.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL.into_iter().find(|split| split.names().contains(&name.as_str()))
    }
}
