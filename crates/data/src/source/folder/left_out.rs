//! What a data set's folder has beside its pictures.

use std::collections::BTreeMap;

/// Counts of the files and folders that are left out, by reason.
#[derive(Default)]
pub(super) struct LeftOut(BTreeMap<Reason, Entry>);

/// Why a file or folder is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// Its extension is not that of a picture.
    OtherFormat,
    /// It is a picture, but not in a class folder.
    OutsideClasses,
    /// It is a picture that the file of labels does not name.
    WithoutLabel,
    /// It is a folder that would be a class, but has no pictures.
    EmptyFolder,
    /// It is a link to a folder, which may lead in a circle.
    FolderLink,
    /// It is a folder that a training wrote.
    Run,
    /// Its name starts with a dot.
    Hidden,
}

struct Entry {
    count: usize,
    first: String,
}

impl LeftOut {
    pub(super) fn add(&mut self, reason: Reason, name: impl Into<String>) {
        let entry = self.0.entry(reason);
        entry.or_insert_with(|| Entry { count: 0, first: name.into() }).count += 1;
    }

    /// A sentence about all that is left out; none if nothing is.
    pub(super) fn notes(&self) -> Vec<String> {
        let phrases: Vec<String> =
            self.0.iter().map(|(reason, entry)| entry.phrase(*reason)).collect();
        if phrases.is_empty() {
            return Vec::new();
        }
        vec![format!("left out: {}", phrases.join("; "))]
    }
}

impl Entry {
    fn phrase(&self, reason: Reason) -> String {
        let (count, first) = (self.count, &self.first);
        let plural = if count == 1 { "" } else { "s" };
        let what = match reason {
            Reason::OtherFormat => format!("{count} file{plural} of other formats"),
            Reason::OutsideClasses => format!("{count} picture{plural} outside of class folders"),
            Reason::WithoutLabel => format!("{count} picture{plural} without a label"),
            Reason::EmptyFolder => format!("{count} folder{plural} without pictures"),
            Reason::FolderLink => format!("{count} link{plural} to folders"),
            Reason::Run => format!("{count} folder{plural} of trained runs"),
            Reason::Hidden => format!("{count} hidden file{plural} or folder{plural}"),
        };
        if count == 1 { format!("{what} ({first})") } else { format!("{what} ({first}, …)") }
    }
}
