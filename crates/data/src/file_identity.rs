//! What tells a file or a folder apart from all others, however its path is written.

use std::io;
use std::path::Path;

/// The identity of a file or a folder: equal for all of its paths, links and hard links.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileIdentity(
    /// Device and inode.
    #[cfg(unix)]
    (u64, u64),
    /// The resolved path.
    #[cfg(not(unix))]
    std::path::PathBuf,
);

impl FileIdentity {
    /// The identity of what `path` leads to.
    ///
    /// # Errors
    ///
    /// When it does not exist, or cannot be reached.
    pub fn of(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let metadata = std::fs::metadata(path)?;
            Ok(Self((metadata.dev(), metadata.ino())))
        }
        #[cfg(not(unix))]
        std::fs::canonicalize(path).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_file_is_known_by_every_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "").unwrap();
        fs::write(path("other"), "").unwrap();
        fs::hard_link(path("file"), path("hard")).unwrap();
        let identity = |name: &str| FileIdentity::of(&path(name)).unwrap();
        assert_eq!(identity("file"), identity("./file"));
        assert_eq!(identity("file"), identity("hard"));
        assert_ne!(identity("file"), identity("other"));
        assert!(FileIdentity::of(&path("absent")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_is_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(FileIdentity::of(&file).unwrap(), FileIdentity::of(&link).unwrap());
    }
}
