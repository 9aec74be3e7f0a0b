//! Files and folders: opening with care, reading with errors that name them, and atomic writing.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::{fs, io};

use tempfile::Builder;

use crate::error::DataError;

/// The largest file that is read as a whole, in bytes, where no smaller limit is known: data sets of
/// millions of small images, and no endless file.
pub const LARGEST_FILE: u64 = 4 << 30;

/// The largest config, card or report that is read, in bytes.
pub const LARGEST_TEXT: u64 = 64 << 20;

/// Opens a file that anyone may have put there, for reading.
///
/// Links are followed. Pipes, devices and sockets are refused, and opening one never waits.
///
/// # Errors
///
/// [`io::ErrorKind::IsADirectory`] for a folder, [`io::ErrorKind::InvalidInput`] for everything else
/// that is not a regular file, and any error of the file system.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    // Without it, opening a pipe waits for someone who writes to it. Regular files ignore it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    only_regular(options.open(path)?)
}

/// Reads a file that anyone may have put there, if it has at most `limit` bytes.
///
/// # Errors
///
/// Those of [`open_regular`], and [`io::ErrorKind::FileTooLarge`] for a larger file.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let mut bytes = Vec::new();
    // The size that the system tells is not trusted: files in `/proc` have none, and others grow.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let problem = format!("has more than {limit} bytes, the most that is read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// Opens a file of one's own that is changed in place, as `options` say. A link in its place is not
/// followed: it could lead to any file.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for a symbolic link and for everything else that is not a regular
/// file, and any error of the file system.
pub fn open_in_place(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    refuse_link(path)?;
    // Refuses a link that appears in this moment.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK | libc::O_NOFOLLOW);
    only_regular(options.open(path)?)
}

/// Refuses a symbolic link in the place of a file or a folder of one's own.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for a link; its message says what to do.
pub fn refuse_link(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        let problem = "is a symbolic link, and no program writes through it: remove it";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    Ok(())
}

fn only_regular(file: File) -> io::Result<File> {
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else if kind.is_file() {
        Ok(file)
    } else {
        let problem = "is a pipe, a device or a socket: expected a regular file";
        Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
    }
}

/// Reads a file of at most `limit` bytes as a whole.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, DataError> {
    read_regular(path, limit).map_err(|source| DataError::Read { path: path.to_path_buf(), source })
}

/// The last part of a path as text.
///
/// # Errors
///
/// [`DataError::NotUtf8`] for a name that is not: replacing what cannot be read would give different
/// names the same text.
pub fn utf8_name(path: &Path) -> Result<String, DataError> {
    let name = path.file_name().unwrap_or_default().to_str();
    name.map(String::from).ok_or_else(|| DataError::NotUtf8 { path: path.to_path_buf() })
}

/// The paths in a folder, sorted, without hidden ones.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let refuse = |source| DataError::Read { path: folder.to_path_buf(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Prefix of the temporary files of [`write_whole`]; a killed program may leave one behind.
pub const TEMPORARY_PREFIX: &str = ".glyph-tmp-";

/// Writes `contents` to `path` atomically: into a temporary file in the same folder, synced, then
/// renamed. A reader sees the old file or the new one, never a part.
///
/// # Errors
///
/// Any error of the file system; `path` is then unchanged.
pub fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    write_whole_if(path, contents, || true)
}

/// As [`write_whole`], if `is_wanted` still holds when the temporary file is complete. Asked then, it
/// can say whether the folder is the one that it should be: a file renamed from another folder would
/// not be found.
///
/// # Errors
///
/// Also when `is_wanted` does not hold ([`io::ErrorKind::NotFound`]).
pub fn write_whole_if(
    path: &Path,
    contents: &[u8],
    is_wanted: impl FnOnce() -> bool,
) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    // Temporary files are private by default; this one becomes an ordinary file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    if !is_wanted() {
        return Err(io::ErrorKind::NotFound.into());
    }
    file.persist(path)?;
    sync_folder(folder)
}

/// Syncs a folder, so that a rename in it survives a power failure, where the system supports it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_replaces_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_whole(&path, b"first").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_unwanted_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let error = write_whole_if(&path, b"first", || false).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    #[cfg(unix)]
    fn only_regular_files_are_opened() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let endless = folder.path().join("endless");
        symlink("/dev/zero", &endless).unwrap();
        for path in [&pipe, &endless] {
            let error = read_regular(path, 10).unwrap_err().to_string();
            assert_eq!(error, "is a pipe, a device or a socket: expected a regular file");
        }
        assert!(open_regular(&socket).is_err());
        let error = open_regular(folder.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);

        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "ten bytes.").unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(read_regular(&link, 10).unwrap(), b"ten bytes.");
        let error = read_regular(&file, 9).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    #[cfg(unix)]
    fn what_is_changed_in_place_is_no_link() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        let open = |path| open_in_place(path, OpenOptions::new().append(true).create(true));
        open(&file).unwrap().write_all(b"mine").unwrap();
        symlink(&file, &link).unwrap();
        let error = open(&link).unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{error}");
        symlink("nowhere", folder.path().join("dangling")).unwrap();
        assert!(open(&folder.path().join("dangling")).is_err());
        assert!(!folder.path().join("nowhere").exists());
        assert_eq!(fs::read(&file).unwrap(), b"mine");
    }

    #[test]
    #[cfg(unix)]
    fn names_that_are_not_utf_8_are_refused() {
        use std::os::unix::ffi::OsStrExt;
        let path = |name| Path::new("train").join(std::ffi::OsStr::from_bytes(name));
        assert_eq!(utf8_name(&path("Straße".as_bytes())).unwrap(), "Straße");
        let error = utf8_name(&path(b"b\xff")).unwrap_err().to_string();
        assert_eq!(error, "\"train/b\\xFF\": the name is not UTF-8: rename it");
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_whole(&folder.path().join("absent/file"), b"").is_err());
    }
}
