//! Pictures that stay on disk: decoded when they are needed, a bounded number of them kept.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ink::PixelLimit;

use crate::error::{DataError, UnreadableFile};
use crate::files::read_file;
use crate::picture_facts::{PictureFacts, digest};
use crate::preparation::Preparation;
use crate::shape::ImageShape;

/// Bytes of decoded images that are kept: 1 GiB.
pub(crate) const CACHE_BYTES: usize = 1 << 30;

/// Picture files that have been read once, and are read again when their pixels are needed.
///
/// The first images that are needed are kept until the cache is full. No image is ever replaced:
/// training takes images in random order, for which no choice is better.
#[derive(Debug)]
pub(crate) struct PictureStore {
    preparation: Preparation,
    shape: ImageShape,
    files: Vec<PathBuf>,
    facts: Vec<PictureFacts>,
    kept: Vec<OnceLock<Box<[u8]>>>,
    /// Number of images that the cache still has room for.
    room: AtomicUsize,
}

impl PictureStore {
    /// A store of `files` with their figures, `[files]`.
    pub(crate) fn new(
        preparation: Preparation,
        shape: ImageShape,
        files: Vec<PathBuf>,
        facts: Vec<PictureFacts>,
    ) -> Self {
        let kept = files.iter().map(|_| OnceLock::new()).collect();
        let room = AtomicUsize::new(CACHE_BYTES / shape.pixels().max(1));
        Self { preparation, shape, files, facts, kept, room }
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    pub(crate) fn facts(&self, index: usize) -> &PictureFacts {
        &self.facts[index]
    }

    /// The pixels of a picture, `[channels, height, width]`.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`] if the file can no longer be read, [`DataError::PictureChanged`] if
    /// it shows something else than at first.
    pub(crate) fn pixels(&self, index: usize) -> Result<Cow<'_, [u8]>, DataError> {
        if let Some(pixels) = self.kept[index].get() {
            return Ok(Cow::Borrowed(pixels));
        }
        let path = &self.files[index];
        let pixels = decode(path, self.preparation, self.shape)
            .map_err(|file| DataError::Unreadable { files: vec![file] })?;
        if digest(&pixels) != self.facts[index].digest {
            return Err(DataError::PictureChanged { path: path.clone() });
        }
        let take_room = |room: usize| room.checked_sub(1);
        if self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_room).is_err() {
            return Ok(Cow::Owned(pixels));
        }
        // Another thread may have decoded it, too: its pixels are the same.
        Ok(Cow::Borrowed(self.kept[index].get_or_init(|| pixels.into_boxed_slice())))
    }
}

/// Reads a picture file as the pixels of an image of `shape`.
///
/// # Errors
///
/// The file, and why it cannot be used.
pub(crate) fn decode(
    path: &Path,
    preparation: Preparation,
    shape: ImageShape,
) -> Result<Vec<u8>, UnreadableFile> {
    let refuse = |problem: String| UnreadableFile { path: path.to_path_buf(), problem };
    let limit = PixelLimit::default();
    let bytes = read_file(path, limit.file_bytes()).map_err(|error| match error {
        DataError::Read { source, .. } => refuse(source.to_string()),
        other => refuse(other.to_string()),
    })?;
    let prepared = preparation.prepare(&bytes, limit, shape, |_, _| ());
    let prepared = prepared.map_err(|error| refuse(error.to_string()))?;
    let image = prepared.into_image();
    Ok(image.ok_or_else(|| refuse(String::from("there is no ink on the picture")))?.pixels)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{GrayImage, Luma};

    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 2, width: 2 };

    #[test]
    fn a_file_that_changes_while_it_is_used_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        GrayImage::from_pixel(2, 2, Luma([9])).save(&path).unwrap();
        let facts = vec![PictureFacts::of(&[9; 4], SHAPE)];
        let store =
            || PictureStore::new(Preparation::PICTURE, SHAPE, vec![path.clone()], facts.clone());
        let kept = store();
        assert_eq!(kept.pixels(0).unwrap(), &[9; 4][..]);
        fs::remove_file(&path).unwrap();
        assert_eq!(kept.pixels(0).unwrap(), &[9; 4][..]);
        assert!(matches!(store().pixels(0), Err(DataError::Unreadable { .. })));
        GrayImage::from_pixel(2, 2, Luma([8])).save(&path).unwrap();
        assert!(matches!(store().pixels(0), Err(DataError::PictureChanged { .. })));
    }

    #[test]
    fn a_full_cache_decodes_every_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        GrayImage::from_pixel(2, 2, Luma([9])).save(&path).unwrap();
        let facts = vec![PictureFacts::of(&[9; 4], SHAPE)];
        let mut store = PictureStore::new(Preparation::PICTURE, SHAPE, vec![path], facts);
        store.room = AtomicUsize::new(0);
        for _ in 0..2 {
            assert!(matches!(store.pixels(0).unwrap(), Cow::Owned(pixels) if pixels == [9; 4]));
        }
    }
}
