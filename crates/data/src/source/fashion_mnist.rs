//! Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017), downloaded once and kept in a cache folder.
//!
//! The mirror speaks plain HTTP; that is safe because the decompressed content of every file,
//! downloaded or found, must have the published SHA-256.

use std::error::Error;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{env, fs};

use thiserror::Error;

use super::download::{Download, download};
use super::idx_files::{IdxFile, IdxFiles, NAMES, each, find, join, require};
use super::loaded::Source;
use crate::checksum::sha256;
use crate::error::DataError;
use crate::files::{read_file, write_whole};
use crate::idx::decompress;

const MIRROR: &str = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com";

/// The classes, in the order of their labels.
const CLASS_NAMES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// What is known of a file.
#[derive(Clone, Copy)]
struct Published {
    name: &'static str,
    /// Size of the decompressed file; the compressed one is smaller.
    size: u64,
    /// SHA-256 of the decompressed file.
    sha256: &'static str,
}

const FILES: [Published; 4] = [
    Published {
        name: NAMES[0],
        size: 47_040_016,
        sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    },
    Published {
        name: NAMES[1],
        size: 60_008,
        sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    },
    Published {
        name: NAMES[2],
        size: 7_840_016,
        sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    },
    Published {
        name: NAMES[3],
        size: 10_008,
        sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
];

/// 60,000 training and 10,000 test images of 1×28×28, from `folder` or else from the cache, which
/// is filled as needed.
pub(crate) fn load(
    folder: Option<&Path>,
    progress: &mut dyn FnMut(Download),
) -> Result<Source, DataError> {
    let files = if let Some(folder) = folder {
        each(|index| FILES[index].read(require(folder, FILES[index].name)?))?
    } else {
        let mirror = env::var("GLYPH_FASHION_MNIST_URL").unwrap_or_else(|_| String::from(MIRROR));
        fetch(&mirror, &cache_folder()?, &FILES, progress)?
    };
    let class_names = CLASS_NAMES.map(String::from).to_vec();
    Ok(Source { class_names, ..join(&files, Some(CLASS_NAMES.len()))? })
}

/// `$GLYPH_CACHE/fashion-mnist`, or `glyph/fashion-mnist` where the operating system keeps caches.
fn cache_folder() -> Result<PathBuf, DataError> {
    let root = env::var_os("GLYPH_CACHE")
        .map(PathBuf::from)
        .or_else(|| Some(dirs::cache_dir()?.join("glyph")));
    Ok(root.ok_or(DataError::NoCacheFolder)?.join("fashion-mnist"))
}

/// Takes each file from `folder`, and downloads it there first if it is missing.
fn fetch(
    mirror: &str,
    folder: &Path,
    published: &[Published; 4],
    progress: &mut dyn FnMut(Download),
) -> Result<IdxFiles<'static>, DataError> {
    fs::create_dir_all(folder)
        .map_err(|source| DataError::Write { path: folder.to_path_buf(), source })?;
    each(|index| match find(folder, published[index].name)? {
        Some(path) => published[index].read(path),
        None => published[index].download(mirror, folder, progress),
    })
}

impl Published {
    /// Reads and verifies a file that is there.
    fn read(&self, path: PathBuf) -> Result<IdxFile<'static>, DataError> {
        match self.verify(&read_file(&path)?) {
            Ok(bytes) => Ok(IdxFile { path, bytes: bytes.into() }),
            Err(problem) => Err(DataError::NotPublished { file: path, problem: problem.into() }),
        }
    }

    /// Downloads the file and, once verified, keeps it in `folder`.
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
        // One byte more than expected is enough to spoil the sum, however large the file would
        // become.
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
