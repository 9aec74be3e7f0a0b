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
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, Rgb};

use self::budget::Budget;
use self::metadata::without_unused_metadata;
use self::transparency::over;

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

/// Extensions of the formats that are decoded, in lower case.
pub const PICTURE_EXTENSIONS: [&str; 8] =
    ["png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "webp"];

/// Whether a file's name says that it is a picture.
#[must_use]
pub fn has_picture_extension(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    PICTURE_EXTENSIONS.contains(&extension.as_str())
}

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

/// Decodes a picture to 8 bits, upright, and blended with `background` where it is transparent.
///
/// A file of grey levels becomes [`DynamicImage::ImageLuma8`] if `background` is grey, too; any other
/// becomes [`DynamicImage::ImageRgb8`].
///
/// # Errors
///
/// The errors of [`decode`].
pub fn decode_over(
    bytes: &[u8],
    limit: PixelLimit,
    background: Rgb<u8>,
) -> Result<DynamicImage, InkError> {
    decode_as(bytes, limit, |stored| over(stored, background))
}

/// What a picture's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureHeader {
    /// Width of the upright picture in pixels.
    pub width: u32,
    /// Height of the upright picture in pixels.
    pub height: u32,
    /// Whether it is stored in colours, even if all of them are grey.
    pub is_colour: bool,
}

/// Reads the header of a picture, and decodes no pixel.
///
/// # Errors
///
/// The errors of [`decode`], except those that only the pixels show.
pub fn read_header(bytes: &[u8], limit: PixelLimit) -> Result<PictureHeader, InkError> {
    let format = check_file(bytes, limit)?;
    let _share = BUDGET.take(header_share(bytes.len() as u64, format));
    let bytes = without_unused_metadata(bytes, format)?;
    let mut decoder = open(&bytes, format, limit)?;
    check_pixels(&decoder, limit)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = match decoder.orientation()? {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        _ => (width, height),
    };
    Ok(PictureHeader { width, height, is_colour: decoder.color_type().has_color() })
}

/// Decodes a picture with all its channels, applies `convert` to it and turns the result upright; the
/// rotation copies the converted picture, which may be smaller.
///
/// # Errors
///
/// The errors of [`decode`].
pub fn decode_as(
    bytes: &[u8],
    limit: PixelLimit,
    convert: impl FnOnce(DynamicImage) -> DynamicImage,
) -> Result<DynamicImage, InkError> {
    let format = check_file(bytes, limit)?;
    // The pixels are unknown until the decoder has read the header; if they need more than the
    // header's share, the header is read again, because a thread that waits for more while it holds
    // a share could wait forever.
    let header_share = header_share(bytes.len() as u64, format);
    let mut share = BUDGET.take(header_share);
    let bytes = without_unused_metadata(bytes, format)?;
    let mut decoder = open(&bytes, format, limit)?;
    let pixels = check_pixels(&decoder, limit)?;
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

/// The format of a file, if its size is within `limit` and it is not cut off.
fn check_file(bytes: &[u8], limit: PixelLimit) -> Result<ImageFormat, InkError> {
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
    Ok(format)
}

/// The number of pixels that a header declares, if they are within `limit`.
fn check_pixels(decoder: &impl ImageDecoder, limit: PixelLimit) -> Result<u64, InkError> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limit.0 || decoder.total_bytes() > limit.0.saturating_mul(PIXEL_BYTES) {
        return Err(InkError::TooManyPixels { width, height, limit: limit.0 });
    }
    Ok(pixels)
}

/// The share of [`BUDGET`] that reading a file's header takes. Decoders copy metadata a few times,
/// except that TIFF's decoder stores every value of one byte in 32.
fn header_share(file_bytes: u64, format: ImageFormat) -> u64 {
    let pixels_per_byte = if format == ImageFormat::Tiff { 4 } else { 1 };
    file_bytes.saturating_mul(pixels_per_byte).max(SMALLEST_SHARE)
}

/// A decoder that has read the header.
fn open(
    bytes: &[u8],
    format: ImageFormat,
    limit: PixelLimit,
) -> Result<impl ImageDecoder + '_, InkError> {
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
    use image::{ImageEncoder, Luma, RgbImage};

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
        let header = read_header(&bytes, PixelLimit::default()).unwrap();
        assert_eq!((header.width, header.height), (16, 48));
        assert!(upright.get_pixel(8, 4).0[0] < 30 && upright.get_pixel(8, 40).0[0] > 220);
    }

    #[test]
    fn transparent_colours_are_blended_with_the_background() {
        let picture = image::RgbaImage::from_raw(2, 1, vec![200, 10, 30, 255, 0, 0, 0, 0]).unwrap();
        let bytes = encoded(&picture.into(), ImageFormat::Png);
        let found = decode_over(&bytes, PixelLimit::default(), Rgb([1, 2, 3])).unwrap();
        assert_eq!(found.into_rgb8().into_raw(), [200, 10, 30, 1, 2, 3]);
    }

    #[test]
    fn grey_files_stay_grey_on_a_grey_background_alone() {
        let picture = image::GrayAlphaImage::from_raw(2, 1, vec![100, 255, 100, 0]).unwrap();
        let bytes = encoded(&picture.into(), ImageFormat::Png);
        let over = |background| decode_over(&bytes, PixelLimit::default(), background).unwrap();
        assert_eq!(over(Rgb([7; 3])), GrayImage::from_raw(2, 1, vec![100, 7]).unwrap().into());
        assert_eq!(over(Rgb([7, 8, 9])).into_rgb8().into_raw(), [100, 100, 100, 7, 8, 9]);
    }

    #[test]
    fn a_header_says_size_and_colours_without_the_pixels() {
        let bytes = encoded(&ramp().into(), ImageFormat::Png);
        let header = read_header(&bytes[..200], PixelLimit::default()).unwrap();
        assert_eq!(header, PictureHeader { width: 40, height: 30, is_colour: false });
        let colours = DynamicImage::ImageLuma8(ramp()).into_rgb8();
        let bytes = encoded(&colours.into(), ImageFormat::Gif);
        assert!(read_header(&bytes, PixelLimit::default()).unwrap().is_colour);
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
