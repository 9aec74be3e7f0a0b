//! Reads the files of a model's folder whose content the server publishes. A folder may come from a
//! stranger: a link in it must not make the server publish another file of this machine.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use model::ModelFiles;

/// Reads `file`, for example `plots/confusion_matrix.png`, of at most `limit` bytes.
///
/// # Errors
///
/// If it does not exist ([`io::ErrorKind::NotFound`]), is larger, is not a regular file, or it or
/// one of its folders inside the model's folder is a link.
pub fn read_published(
    files: &ModelFiles,
    file: &str,
    limit: u64,
) -> io::Result<Cow<'static, [u8]>> {
    match files.folder() {
        Some(folder) => read_inside(folder, file, limit).map(Cow::Owned),
        None => files.read(file),
    }
}

fn read_inside(folder: &Path, file: &str, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_inside(folder, file)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    // The file may grow meanwhile, so its announced size would not be a limit.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than the limit of {limit} bytes")));
    }
    Ok(bytes)
}

/// Opens each component without following links. The folder itself may be a link, because the
/// command line names it.
#[cfg(unix)]
fn open_inside(folder: &Path, file: &str) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open, openat};
    use rustix::io::Errno;

    let refuse_links = |error: Errno| match error {
        Errno::LOOP | Errno::NOTDIR => linked(),
        error => error.into(),
    };
    let directory = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut opened = open(folder, directory, Mode::empty())?;
    let mut names = file.split('/').peekable();
    while let Some(name) = names.next() {
        let flags = match names.peek() {
            Some(_) => directory,
            // Opening a named pipe would otherwise wait for its writer.
            None => OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC,
        };
        opened =
            openat(&opened, name, flags | OFlags::NOFOLLOW, Mode::empty()).map_err(refuse_links)?;
    }
    Ok(opened.into())
}

#[cfg(not(unix))]
fn open_inside(folder: &Path, file: &str) -> io::Result<File> {
    let mut path = folder.to_path_buf();
    for name in file.split('/') {
        path.push(name);
        if path.symlink_metadata()?.is_symlink() {
            return Err(linked());
        }
    }
    File::open(path)
}

fn linked() -> io::Error {
    io::Error::other(
        "it is a link or lies behind one: only files inside the model's folder are published; copy \
         the file there",
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FILE: &str = "plots/confusion_matrix.png";

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("plots")).unwrap();
        fs::write(folder.path().join(FILE), b"12345").unwrap();
        folder
    }

    fn read(folder: &Path, limit: u64) -> Result<Vec<u8>, String> {
        let bytes = read_published(&ModelFiles::in_folder(folder), FILE, limit);
        bytes.map(Cow::into_owned).map_err(|error| error.to_string())
    }

    #[test]
    fn files_up_to_the_limit_are_read() {
        let folder = folder();
        assert_eq!(read(folder.path(), 5).unwrap(), b"12345");
        assert!(read(folder.path(), 4).unwrap_err().contains("limit of 4 bytes"));
    }

    #[test]
    fn a_missing_file_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_published(&ModelFiles::in_folder(folder.path()), FILE, 5).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    #[cfg(unix)]
    fn links_inside_the_folder_are_not_followed() {
        use std::os::unix::fs::symlink;

        let (outside, linked_file, linked_folder) =
            (folder(), folder(), tempfile::tempdir().unwrap());
        fs::remove_file(linked_file.path().join(FILE)).unwrap();
        symlink(outside.path().join(FILE), linked_file.path().join(FILE)).unwrap();
        symlink(outside.path().join("plots"), linked_folder.path().join("plots")).unwrap();
        for place in [&linked_file, &linked_folder] {
            assert!(read(place.path(), 5).unwrap_err().contains("link"));
        }
        let link = linked_folder.path().join("model");
        symlink(outside.path(), &link).unwrap();
        assert_eq!(read(&link, 5).unwrap(), b"12345");
    }

    #[test]
    #[cfg(unix)]
    fn a_named_pipe_is_refused_without_waiting() {
        let folder = folder();
        fs::remove_file(folder.path().join(FILE)).unwrap();
        let path = folder.path().join(FILE);
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        assert!(read(folder.path(), 5).unwrap_err().contains("regular"));
    }
}
