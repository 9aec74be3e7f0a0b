//! Metadata that a decoder would expand before its limits apply.
//!
//! Of all metadata, only the orientation is used (EXIF). The decoder for PNG decompresses colour
//! profiles and keeps texts while it reads the header, up to the limit for a whole picture; the
//! decoder for WebP allocates as much for EXIF as the file declares.

use std::borrow::Cow;

use image::ImageFormat;

use super::InkError;

/// Length of a PNG's signature in bytes.
const PNG_SIGNATURE: usize = 8;
/// The kinds of PNG chunks that contain compressed or arbitrarily long metadata without effect on
/// the orientation (W3C, PNG Specification, 11.3.2.3 and 11.3.3).
const UNUSED_CHUNKS: [&[u8]; 4] = [b"iCCP", b"tEXt", b"zTXt", b"iTXt"];
/// Length of a RIFF header with the name of the format in bytes.
const RIFF_HEADER: usize = 12;

/// The file without metadata that its decoder would expand, borrowed if there is none.
///
/// # Errors
///
/// [`InkError::Truncated`] if a chunk of a WebP file ends after the file.
pub fn without_unused_metadata(
    file: &[u8],
    format: ImageFormat,
) -> Result<Cow<'_, [u8]>, InkError> {
    match format {
        ImageFormat::Png => Ok(without_unused_chunks(file)),
        ImageFormat::WebP if !has_whole_chunks(file) => Err(InkError::Truncated),
        _ => Ok(Cow::Borrowed(file)),
    }
}

/// A PNG without [`UNUSED_CHUNKS`]. What follows an incomplete chunk stays as it is: the decoder
/// only interprets complete ones.
fn without_unused_chunks(file: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    let mut copied = 0;
    let mut at = PNG_SIGNATURE;
    while let Some((length, kind)) = file.get(at..).and_then(chunk_header) {
        // Length, kind and checksum have four bytes each.
        let end = at.saturating_add(u32::from_be_bytes(length) as usize).saturating_add(12);
        if end > file.len() {
            break;
        }
        if UNUSED_CHUNKS.contains(&&kind[..]) {
            kept.extend_from_slice(&file[copied..at]);
            copied = end;
        }
        at = end;
    }
    if copied == 0 {
        return Cow::Borrowed(file);
    }
    kept.extend_from_slice(&file[copied..]);
    Cow::Owned(kept)
}

/// Whether all chunks of a WebP file end within the file.
fn has_whole_chunks(file: &[u8]) -> bool {
    let mut at = RIFF_HEADER;
    while let Some((_, length)) = file.get(at..).and_then(chunk_header) {
        let length = u32::from_le_bytes(length) as usize;
        at = at.saturating_add(8).saturating_add(length);
        if at > file.len() {
            return false;
        }
        at += length % 2; // padding, which encoders may leave out at the end
    }
    true
}

/// The first two fields of a chunk, of four bytes each.
fn chunk_header(chunk: &[u8]) -> Option<([u8; 4], [u8; 4])> {
    let (first, rest) = chunk.split_first_chunk()?;
    Some((*first, *rest.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::codecs::png::PngEncoder;
    use image::{DynamicImage, ExtendedColorType, ImageEncoder};

    use super::*;

    /// A PNG of 2×1 pixels with a colour profile, and EXIF if it is not empty.
    fn png(profile: Vec<u8>, exif: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = PngEncoder::new(&mut file);
        encoder.set_icc_profile(profile).unwrap();
        if !exif.is_empty() {
            encoder.set_exif_metadata(exif.to_vec()).unwrap();
        }
        encoder.write_image(&[10, 200], 2, 1, ExtendedColorType::L8).unwrap();
        file
    }

    fn contains(file: &[u8], kind: &[u8]) -> bool {
        file.windows(kind.len()).any(|part| part == kind)
    }

    #[test]
    fn profiles_are_removed_and_orientation_stays() {
        // Orientation 6: the picture must be rotated clockwise.
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let file = png(vec![7; 1 << 20], exif);
        assert!(contains(&file, b"iCCP"));
        let kept = without_unused_metadata(&file, ImageFormat::Png).unwrap();
        assert!(!contains(&kept, b"iCCP") && contains(&kept, b"eXIf"));
        let upright = super::super::decode(&file, super::super::PixelLimit::default()).unwrap();
        assert_eq!((upright.dimensions(), &upright.as_raw()[..]), ((1, 2), &[10, 200][..]));
    }

    #[test]
    fn incomplete_chunks_and_files_without_metadata_stay() {
        let file = png(vec![7; 100], b"");
        let at = file.windows(4).position(|part| part == b"iCCP").unwrap();
        for length in [0, 4, 8, 12, at, at + 4, at + 10] {
            let part = &file[..length];
            assert_eq!(without_unused_metadata(part, ImageFormat::Png).unwrap(), part);
        }
        let mut huge = file.clone();
        huge[at - 4..at].fill(0xFF);
        assert_eq!(without_unused_metadata(&huge, ImageFormat::Png).unwrap(), huge);
    }

    #[test]
    fn webp_that_declares_more_metadata_than_it_has_is_truncated() {
        let mut simple = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(1, 1).write_to(&mut simple, ImageFormat::WebP).unwrap();
        let simple = simple.into_inner();
        // The extended header: EXIF, a canvas of 1×1 pixels (Google, WebP Container, VP8X).
        let mut file = [b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x08", &[0; 9][..]].concat();
        file.extend_from_slice(&simple[RIFF_HEADER..]);
        file.extend_from_slice(b"EXIF\xF0\xFF\xFF\xFFII*\0");
        let length = (file.len() - 8) as u32;
        file[4..8].copy_from_slice(&length.to_le_bytes());
        let error = super::super::decode(&file, super::super::PixelLimit::default()).unwrap_err();
        assert!(matches!(error, InkError::Truncated), "{error}");
    }
}
