//! Decoding of picture files into upright grey levels, within limits.
//!
//! The format is guessed from the content, not from the file's name. Of an animation, the first
//! frame is decoded. The size is read from the header and checked before any pixel is decoded, so
//! that a small file that declares 60,000×60,000 pixels is rejected at no cost. Metadata is removed
//! where its decoder would decompress it.

mod budget;
mod error;
mod luminance;
mod metadata;
mod transparency;

use std::io::{self, Cursor, Read};

use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};

use self::budget::Budget;
use self::metadata::without_unused_metadata;
use self::transparency::over_white;

pub use self::error::InkError;
pub use self::luminance::luminance;

/// The largest number of pixels of a picture, width × height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelLimit(pub u64);

/// A photo of 67 megapixels. Decoders need up to 9 bytes per pixel (progressive JPEG: three 16-bit
/// coefficients and three bytes of colour), 600 MB in all.
const DEFAULT_PIXELS: u64 = 1 << 26;

/// Largest size of a file, in bytes per pixel of the limit: that of an uncompressed file.
const FILE_BYTES: u64 = 4;

impl Default for PixelLimit {
    fn default() -> Self {
        Self(DEFAULT_PIXELS)
    }
}

impl PixelLimit {
    /// The largest size of the picture's file: 4 bytes per pixel, and at least 64 KiB, because a
    /// small picture may contain a large colour profile.
    #[must_use]
    pub fn file_bytes(self) -> u64 {
        self.0.saturating_mul(FILE_BYTES).max(1 << 16)
    }
}

/// Largest size of a decoded pixel in bytes: four channels of 16 bits.
const PIXEL_BYTES: u64 = 8;

/// Smallest share of [`BUDGET`] that a picture takes: with it, the headers of most pictures are read
/// only once.
const SMALLEST_SHARE: u64 = 1 << 16;

/// The number of pixels that all threads decode at the same time: one picture at the default limit.
static BUDGET: Budget = Budget::new(DEFAULT_PIXELS);

/// Reads a picture's bytes, up to one byte more than `limit` allows; [`decode`] then rejects the
/// file as too large.
///
/// # Errors
///
/// Any error of `source`.
pub fn read_bytes(source: impl Read, limit: PixelLimit) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than allowed shows that the file is too large, even for a pipe of unknown
    // length.
    source.take(limit.file_bytes().saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Decodes a picture to luminance and rotates it as its EXIF orientation says.
///
/// Transparent pixels are blended with white (see [`luminance`]); 16 bits are rounded to 8.
///
/// # Errors
///
/// [`InkError::Empty`], [`InkError::FileTooLarge`], [`InkError::UnknownFormat`],
/// [`InkError::TooManyPixels`] before any pixel is decoded; [`InkError::Truncated`] and
/// [`InkError::Decode`] if the content is damaged or unsupported.
pub fn decode(bytes: &[u8], limit: PixelLimit) -> Result<GrayImage, InkError> {
    let upright = decode_as(bytes, limit, |stored| luminance(stored).into())?;
    Ok(upright.into_luma8())
}

/// Decodes a picture to colours, upright and blended with white, otherwise like [`decode`].
///
/// # Errors
///
/// The errors of [`decode`].
pub fn decode_colours(bytes: &[u8], limit: PixelLimit) -> Result<RgbImage, InkError> {
    let upright = decode_as(bytes, limit, |stored| over_white(stored).into())?;
    Ok(upright.into_rgb8())
}

/// Decodes a picture, converts it and rotates it; the rotation copies the converted, smaller
/// picture.
fn decode_as(
    bytes: &[u8],
    limit: PixelLimit,
    convert: impl FnOnce(DynamicImage) -> DynamicImage,
) -> Result<DynamicImage, InkError> {
    let found = bytes.len() as u64;
    if found == 0 {
        return Err(InkError::Empty);
    }
    if found > limit.file_bytes() {
        return Err(InkError::FileTooLarge { limit: limit.file_bytes() });
    }
    let format = image::guess_format(bytes).map_err(|_| InkError::UnknownFormat)?;
    // The decoder fills the missing part of a truncated JPEG with grey and reports success.
    if format == ImageFormat::Jpeg && !jpeg_has_end(bytes) {
        return Err(InkError::Truncated);
    }
    // The pixels are unknown until the decoder has read the header; if they need more than the
    // header's share, the header is read again, because a thread that waits for more while it holds
    // a share could wait forever.
    let header_share = header_share(found, format);
    let mut share = BUDGET.take(header_share);
    let bytes = without_unused_metadata(bytes, format)?;
    let mut decoder = open(&bytes, format, limit)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let bytes_needed = decoder.total_bytes();
    if pixels > limit.0 || bytes_needed > limit.0.saturating_mul(PIXEL_BYTES) {
        return Err(InkError::TooManyPixels { width, height, limit: limit.0 });
    }
    if pixels > header_share {
        drop((decoder, share));
        share = BUDGET.take(pixels);
        decoder = open(&bytes, format, limit)?;
    }
    let orientation = decoder.orientation()?;
    let mut upright = convert(DynamicImage::from_decoder(decoder)?);
    upright.apply_orientation(orientation);
    drop(share);
    Ok(upright)
}

/// The share of [`BUDGET`] that reading a file's header takes. Decoders copy metadata a few times,
/// except that TIFF's decoder stores every value of one byte in 32.
fn header_share(file_bytes: u64, format: ImageFormat) -> u64 {
    let pixels_per_byte = if format == ImageFormat::Tiff { 4 } else { 1 };
    file_bytes.saturating_mul(pixels_per_byte).max(SMALLEST_SHARE)
}

/// A decoder that has read the header.
fn open<'a>(
    bytes: &'a [u8],
    format: ImageFormat,
    limit: PixelLimit,
) -> Result<impl ImageDecoder + 'a, InkError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(allocation(limit));
    Ok(reader.into_decoder()?)
}

/// The limit for the decoders' own buffers; the picture's size is checked separately.
fn allocation(limit: PixelLimit) -> image::Limits {
    let mut own = image::Limits::no_limits();
    own.max_alloc = Some(limit.0.saturating_mul(PIXEL_BYTES).max(1 << 20));
    own
}

/// Whether an end-of-image marker (FF D9) follows the first scan of a JPEG.
///
/// The segments before the scan are skipped by their length (ITU T.81, annex B.1.1.4), because a
/// thumbnail in them has its own end-of-image marker.
fn jpeg_has_end(bytes: &[u8]) -> bool {
    let mut at = 2; // after the start-of-image marker
    while let Some(&[0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        if marker == 0xFF {
            at += 1; // a fill byte
        } else if marker == 0xDA {
            return bytes[at..].windows(2).any(|pair| pair == [0xFF, 0xD9]);
        } else {
            at += 2 + usize::from(u16::from_be_bytes([high, low]));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{ImageEncoder, Luma, Rgb, RgbImage};

    use super::*;

    fn ramp() -> GrayImage {
        GrayImage::from_fn(40, 30, |x, y| Luma([(5 * x + y) as u8]))
    }

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn decoded(bytes: &[u8]) -> Result<GrayImage, InkError> {
        decode(bytes, PixelLimit::default())
    }

    #[test]
    fn lossless_formats_give_the_grey_levels_back() {
        let colours = DynamicImage::ImageLuma8(ramp()).into_rgb8();
        for format in [
            ImageFormat::Png,
            ImageFormat::Bmp,
            ImageFormat::Gif,
            ImageFormat::Tiff,
            ImageFormat::WebP,
        ] {
            let bytes = encoded(&colours.clone().into(), format);
            assert_eq!(decoded(&bytes).unwrap(), ramp(), "{format:?}");
        }
    }

    #[test]
    fn sixteen_bits_are_rounded_to_eight() {
        let deep = DynamicImage::ImageLuma8(ramp()).into_luma16();
        assert_eq!(decoded(&encoded(&deep.into(), ImageFormat::Png)).unwrap(), ramp());
    }

    #[test]
    fn exif_orientation_turns_the_picture_upright() {
        // Orientation 6: the picture must be rotated clockwise.
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        encoder.set_exif_metadata(exif.to_vec()).unwrap();
        let picture = GrayImage::from_fn(48, 16, |x, _| Luma([if x < 24 { 0 } else { 255 }]));
        encoder.encode_image(&DynamicImage::from(picture)).unwrap();
        let upright = decoded(&bytes).unwrap();
        assert_eq!(upright.dimensions(), (16, 48));
        assert!(upright.get_pixel(8, 4).0[0] < 30 && upright.get_pixel(8, 40).0[0] > 220);
    }

    #[test]
    fn colours_are_kept_upright_and_over_white() {
        let picture = image::RgbaImage::from_raw(2, 1, vec![200, 10, 30, 255, 0, 0, 0, 0]).unwrap();
        let bytes = encoded(&picture.into(), ImageFormat::Png);
        let found = decode_colours(&bytes, PixelLimit::default()).unwrap();
        assert_eq!(found.into_raw(), [200, 10, 30, 255, 255, 255]);
    }

    #[test]
    fn at_most_one_byte_more_than_the_limit_is_read() {
        assert_eq!(read_bytes(io::repeat(1), PixelLimit(20_000)).unwrap().len(), 80_001);
    }

    #[test]
    fn decompression_bomb_is_refused_by_its_header() {
        let mut bomb = encoded(&ramp().into(), ImageFormat::Bmp);
        bomb[18..22].copy_from_slice(&60_000_u32.to_le_bytes());
        bomb[22..26].copy_from_slice(&60_000_u32.to_le_bytes());
        let error = decoded(&bomb).unwrap_err();
        assert!(
            matches!(error, InkError::TooManyPixels { width: 60_000, height: 60_000, .. }),
            "{error}"
        );
    }

    #[test]
    fn limits_can_be_lowered_and_raised() {
        let bytes = encoded(&ramp().into(), ImageFormat::Png);
        let with = |pixels| decode(&bytes, PixelLimit(pixels));
        assert!(matches!(with(1_199), Err(InkError::TooManyPixels { limit: 1_199, .. })));
        assert!(with(1_200).is_ok());
        let junk = vec![0; (1 << 16) + 1];
        assert!(matches!(
            decode(&junk, PixelLimit(9)),
            Err(InkError::FileTooLarge { limit: 65_536 })
        ));
    }

    #[test]
    fn empty_foreign_and_truncated_files_are_refused() {
        assert!(matches!(decoded(&[]), Err(InkError::Empty)));
        assert!(matches!(decoded(b"hello"), Err(InkError::UnknownFormat)));
        for format in [
            ImageFormat::Png,
            ImageFormat::Jpeg,
            ImageFormat::Bmp,
            ImageFormat::Gif,
            ImageFormat::Tiff,
            ImageFormat::WebP,
        ] {
            let bytes = encoded(&RgbImage::from_pixel(64, 64, Rgb([9, 9, 9])).into(), format);
            assert!(decoded(&bytes[..bytes.len() * 2 / 3]).is_err(), "{format:?}");
        }
    }

    #[test]
    fn smallest_picture_is_read() {
        let dot = GrayImage::from_pixel(1, 1, Luma([7]));
        assert_eq!(decoded(&encoded(&dot.clone().into(), ImageFormat::Png)).unwrap(), dot);
    }
}
