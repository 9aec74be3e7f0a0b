//! Data sets that are downloaded: checksums, and the cache.
//!
//! Mirrors may use plain HTTP. The decompressed content of every file, downloaded or found, must
//! have the published SHA-256.

use std::error::Error;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{env, fs};

use thiserror::Error;

use super::definition::Request;
use super::download::{Download, download};
use super::idx_files::{IdxFile, IdxFiles, each, find, join, require};
use super::loaded::LoadedDataset;
use crate::checksum::sha256;
use crate::error::DataError;
use crate::files::{read_file, write_whole};
use crate::idx::decompress;

/// A data set of four IDX files that is downloaded once and kept in a cache folder.
pub(super) struct PublishedDataset {
    /// URL of the folder that has the gzipped files.
    pub(super) mirror: &'static str,
    /// The files, in the order of [`NAMES`].
    pub(super) files: [PublishedFile; 4],
    /// The names of the classes, in the order of their labels.
    pub(super) class_names: &'static [&'static str],
}

/// A file, and how its content is verified.
#[derive(Clone, Copy)]
pub(super) struct PublishedFile {
    /// One of [`NAMES`]; the download has the extension `.gz`.
    pub(super) name: &'static str,
    /// Size of the decompressed file in bytes; the compressed one is smaller.
    pub(super) size: u64,
    /// SHA-256 of the decompressed file.
    pub(super) sha256: &'static str,
}

impl PublishedDataset {
    /// Reads the files from the request's folder, or else from the cache, and downloads those that
    /// the cache does not have.
    pub(super) fn load(&self, request: &mut Request) -> Result<LoadedDataset, DataError> {
        let files = if let Some(folder) = request.path {
            each(|index| {
                let file = self.files[index];
                file.read(require(folder, file.name)?)
            })?
        } else {
            let mirror = env::var(mirror_variable(request.source));
            let mirror = mirror.unwrap_or_else(|_| String::from(self.mirror));
            fetch(&mirror, &cache_folder(request.source)?, &self.files, request.progress)?
        };
        let class_names: Vec<String> = self.class_names.iter().copied().map(String::from).collect();
        Ok(LoadedDataset { class_names, ..join(&files, Some(self.class_names.len()), request)? })
    }
}

/// The environment variable that replaces a source's mirror: `GLYPH_FASHION_MNIST_URL`.
fn mirror_variable(source: &str) -> String {
    format!("GLYPH_{}_URL", source.to_uppercase().replace('-', "_"))
}

/// The folder of a source in `$GLYPH_CACHE`, or else in `glyph` in the operating system's folder
/// for caches.
fn cache_folder(source: &str) -> Result<PathBuf, DataError> {
    let root = env::var_os("GLYPH_CACHE")
        .map(PathBuf::from)
        .or_else(|| Some(dirs::cache_dir()?.join("glyph")));
    Ok(root.ok_or(DataError::NoCacheFolder)?.join(source))
}

/// Reads each file from `folder`, after downloading it if it is not there.
fn fetch(
    mirror: &str,
    folder: &Path,
    published: &[PublishedFile; 4],
    progress: &mut dyn FnMut(Download),
) -> Result<IdxFiles<'static>, DataError> {
    fs::create_dir_all(folder)
        .map_err(|source| DataError::Write { path: folder.to_path_buf(), source })?;
    each(|index| match find(folder, published[index].name)? {
        Some(path) => published[index].read(path),
        None => published[index].download(mirror, folder, progress),
    })
}

impl PublishedFile {
    /// Reads and verifies a file.
    fn read(&self, path: PathBuf) -> Result<IdxFile<'static>, DataError> {
        // Data that gzip cannot compress grows by a few bytes.
        match self.verify(&read_file(&path, 2 * self.size + 1024)?) {
            Ok(bytes) => Ok(IdxFile { path, bytes: bytes.into() }),
            Err(problem) => Err(DataError::NotPublished { file: path, problem: problem.into() }),
        }
    }

    /// Downloads and verifies the file, and stores it in `folder`.
    fn download(
        &self,
        mirror: &str,
        folder: &Path,
        progress: &mut dyn FnMut(Download),
    ) -> Result<IdxFile<'static>, DataError> {
        let name = format!("{}.gz", self.name);
        let url = format!("{}/{name}", mirror.trim_end_matches('/'));
        let refuse = |problem: Box<dyn Error + Send + Sync>| DataError::Download {
            url: url.clone(),
            name: String::from(self.name),
            folder: folder.to_path_buf(),
            problem,
        };
        let packed = download(&url, &name, self.size, progress).map_err(refuse)?;
        let bytes = self.verify(&packed).map_err(|problem| refuse(problem.into()))?;
        let path = folder.join(name);
        write_whole(&path, &packed)
            .map_err(|source| DataError::Write { path: path.clone(), source })?;
        Ok(IdxFile { path, bytes: bytes.into() })
    }

    /// The decompressed content of the published file.
    fn verify(&self, packed: &[u8]) -> Result<Vec<u8>, Mismatch> {
        let mut bytes = Vec::new();
        // One byte more than expected changes the checksum; a larger file is not decompressed.
        decompress(packed).take(self.size + 1).read_to_end(&mut bytes).map_err(Mismatch::Gzip)?;
        let found = sha256(&bytes);
        if found == self.sha256 {
            Ok(bytes)
        } else {
            Err(Mismatch::Checksum { expected: self.sha256, found })
        }
    }
}

/// How a file differs from the published one.
#[derive(Debug, Error)]
enum Mismatch {
    #[error("it is damaged gzip data: {0}")]
    Gzip(io::Error),
    #[error("its content has the SHA-256 {found}: expected {expected}")]
    Checksum { expected: &'static str, found: String },
}

#[cfg(test)]
mod tests;
