//! The picture of a model's confusion matrix, among the files of its report.

use std::io::{self, Cursor};

use axum::body::Bytes;
use image::{ImageFormat, ImageReader, Limits};
use model::ModelFiles;

use crate::inference::published_file::read_published;

/// Its name among the model's files.
pub const CONFUSION_MATRIX: &str = "plots/confusion_matrix.png";

/// Maximum size of the file, in bytes; that of ten classes has 70 kB.
const MAX_BYTES: u64 = 16 << 20;

/// Maximum width and height, in pixels.
const MAX_SIDE: u32 = 8_192;

/// Maximum memory for decoding it, in bytes.
const MAX_MEMORY: u64 = 512 << 20;

/// The picture, if the model has one that may be published: it must decode as PNG. The log says why
/// one is not published.
pub fn load_confusion_matrix(files: &ModelFiles) -> Option<Bytes> {
    let png = match read_published(files, CONFUSION_MATRIX, MAX_BYTES) {
        Ok(png) => png,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return refuse(files, &error),
    };
    match check_png(&png) {
        Ok(()) => Some(png.into_owned().into()),
        Err(error) => refuse(files, &error),
    }
}

fn check_png(bytes: &[u8]) -> image::ImageResult<()> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    reader.decode().map(drop)
}

fn refuse(files: &ModelFiles, error: &dyn std::error::Error) -> Option<Bytes> {
    let file = files.describe(CONFUSION_MATRIX);
    tracing::warn!(file, %error, "the confusion matrix is not published");
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::GrayImage;

    use super::*;

    fn load(bytes: &[u8]) -> Option<Bytes> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("plots")).unwrap();
        fs::write(folder.path().join(CONFUSION_MATRIX), bytes).unwrap();
        load_confusion_matrix(&ModelFiles::in_folder(folder.path()))
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        GrayImage::new(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn only_pictures_that_decode_are_published() {
        let picture = png(20, 10);
        assert_eq!(load(&picture).unwrap(), picture);
        assert_eq!(load(&picture[..picture.len() - 20]), None);
        assert_eq!(load(b"root:x:0:0:root:/root:/bin/sh"), None);
    }

    #[test]
    fn oversized_files_and_pictures_are_not_published() {
        assert_eq!(load(&png(MAX_SIDE + 1, 1)), None);
        let padded = [png(1, 1), vec![0; MAX_BYTES as usize]].concat();
        assert_eq!(load(&padded), None);
    }
}
