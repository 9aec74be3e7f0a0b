//! How many pixels an uploaded picture has, before it is decoded.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits, guess_format};
use ink::PixelLimit;

use crate::inference::picture::PictureData;

/// The most memory that reading a header may take, in bytes.
const MAX_HEADER_MEMORY: u64 = 1 << 20;

/// The number of pixels that must be decoded for a picture: at most `limit`, and none if the picture
/// is refused by its header. A header that cannot be read counts as the limit.
pub fn decoded_pixels(picture: &PictureData, limit: PixelLimit) -> u64 {
    let pixels = match picture {
        // A pixel is at least a digit and a comma.
        PictureData::Json(json) => json.len() as u64 / 2,
        PictureData::Tensor(levels) => levels.len() as u64,
        PictureData::File(bytes) => match guess_format(bytes) {
            Err(_) => 0,
            Ok(ImageFormat::Png) => png_pixels(bytes).unwrap_or(0),
            Ok(format) => header_pixels(bytes, format).unwrap_or(limit.0),
        },
    };
    if pixels <= limit.0 { pixels } else { 0 }
}

/// From the header, which must be the first chunk (PNG specification, 11.2.2). Most pictures are PNG
/// files: this takes no memory, and does not inflate a colour profile.
fn png_pixels(bytes: &[u8]) -> Option<u64> {
    let side = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    Some(u64::from(side(16)?) * u64::from(side(20)?))
}

fn header_pixels(bytes: &[u8], format: ImageFormat) -> Option<u64> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_HEADER_MEMORY);
    reader.limits(limits);
    let (width, height) = reader.into_dimensions().ok()?;
    Some(u64::from(width) * u64::from(height))
}

#[cfg(test)]
mod tests {
    use image::GrayImage;

    use super::*;

    fn file(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        GrayImage::new(30, 20).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn pixels(bytes: &[u8], limit: u64) -> u64 {
        decoded_pixels(&PictureData::File(bytes.to_vec().into()), PixelLimit(limit))
    }

    #[test]
    fn the_size_is_in_the_header() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let bytes = file(format);
            assert_eq!(pixels(&bytes, 600), 600, "{format:?}");
            assert_eq!(pixels(&bytes, 599), 0, "{format:?}: refused without decoding");
        }
    }

    #[test]
    fn headers_that_cannot_be_read_count_as_the_limit_and_other_files_as_nothing() {
        let jpeg = file(ImageFormat::Jpeg);
        assert_eq!(pixels(&jpeg[..10], 600), 600);
        assert_eq!(pixels(&file(ImageFormat::Png)[..20], 600), 0);
        assert_eq!(pixels(b"no picture", 600), 0);
    }

    #[test]
    fn numbers_are_at_most_half_of_their_json() {
        let json = br#"{"pixels": [[0,1],[2,3]]}"#;
        let picture = PictureData::Json(json.to_vec().into());
        assert!((4..20).contains(&decoded_pixels(&picture, PixelLimit(600))));
    }
}
