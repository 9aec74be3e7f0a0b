//! One picture: size, colours, transparency, polarity, and a thumbnail to compare it by.

use image::imageops::FilterType;
use image::{DynamicImage, Rgba, RgbaImage};
use ink::{InkError, PixelLimit, decode_as, read_header};

use crate::checksum::sha256;

/// Side of the thumbnails.
pub(super) const SIDE: u32 = 16;
/// Larger pictures are measured on a copy with sides of at most this many pixels.
const MEASURED_SIDE: u32 = 1024;
/// A pixel is coloured if its channels differ by more than this: the compression of JPEG colours grey
/// pixels by a few levels.
const COLOUR_RANGE: u8 = 20;
/// A picture is coloured if more than one pixel in this many is.
const COLOURED_SHARE: usize = 1000;
/// A level of alpha from which a pixel counts as visible.
const VISIBLE: u8 = 128;
/// A visible pixel shows on a background if their luminances differ by more than this.
const CONTRAST: f32 = 32.0;
/// A picture vanishes on a background if fewer than one visible pixel in this many shows on it.
const SHOWN_SHARE: usize = 50;
/// The border is paper if its mean luminance is above this, or night if it is below 255 minus this.
const LIGHT: f32 = 170.0;
/// What is inside differs from its border by more than this, on average.
const POLARITY_DIFFERENCE: f32 = 8.0;

/// What is known about a picture that could be decoded.
pub(super) struct MeasuredPicture {
    /// Height and width of the upright picture.
    pub(super) size: (usize, usize),
    /// Whether the file has colour channels.
    pub(super) is_stored_in_colour: bool,
    /// Whether any colour is seen.
    pub(super) is_coloured: bool,
    /// For a picture with transparent pixels.
    pub(super) transparency: Option<Transparency>,
    pub(super) polarity: Polarity,
    /// SHA-256 of the file.
    pub(super) checksum: String,
    /// Luminance of [`SIDE`]×[`SIDE`] areas, on middle grey.
    pub(super) thumbnail: Vec<u8>,
}

/// On which backgrounds the visible pixels cannot be seen.
pub(super) struct Transparency {
    pub(super) vanishes_on_white: bool,
    pub(super) vanishes_on_black: bool,
}

/// What is lighter: the border or the inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Polarity {
    DarkOnLight,
    LightOnDark,
    /// Neither border nor inside is clearly light or dark.
    Neither,
}

/// Decodes a picture and measures it.
pub(super) fn measure(bytes: &[u8]) -> Result<MeasuredPicture, InkError> {
    let limit = PixelLimit::default();
    let header = read_header(bytes, limit)?;
    let picture = decode_as(bytes, limit, |stored| DynamicImage::from(reduced(stored)))?;
    let has_alpha = picture.color().has_alpha();
    let pixels = picture.into_rgba8();
    let is_transparent = has_alpha && pixels.pixels().any(|pixel| pixel.0[3] < VISIBLE);
    Ok(MeasuredPicture {
        size: (header.height as usize, header.width as usize),
        is_stored_in_colour: header.is_colour,
        is_coloured: header.is_colour && is_coloured(&pixels),
        transparency: is_transparent.then(|| Transparency {
            vanishes_on_white: vanishes(&pixels, 255.0),
            vanishes_on_black: vanishes(&pixels, 0.0),
        }),
        polarity: if is_transparent { Polarity::Neither } else { polarity(&pixels) },
        checksum: sha256(bytes),
        thumbnail: thumbnail(&pixels),
    })
}

/// The picture in 8 bits, with sides of at most [`MEASURED_SIDE`].
fn reduced(picture: DynamicImage) -> RgbaImage {
    if picture.width().max(picture.height()) <= MEASURED_SIDE {
        return picture.into_rgba8();
    }
    let (width, height) = (picture.width().min(MEASURED_SIDE), picture.height().min(MEASURED_SIDE));
    picture.thumbnail_exact(width, height).into_rgba8()
}

fn is_coloured(pixels: &RgbaImage) -> bool {
    let count = pixels.pixels().filter(|pixel| {
        let [red, green, blue, alpha] = pixel.0;
        let range = red.max(green).max(blue) - red.min(green).min(blue);
        alpha >= VISIBLE && range > COLOUR_RANGE
    });
    count.count() * COLOURED_SHARE > pixels.pixels().len()
}

/// Rec. 709 weights, as [`ink::luminance`] has them.
fn luminance(pixel: Rgba<u8>) -> f32 {
    let [red, green, blue, _] = pixel.0.map(f32::from);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn vanishes(pixels: &RgbaImage, background: f32) -> bool {
    let visible = || pixels.pixels().filter(|pixel| pixel.0[3] >= VISIBLE);
    let shown =
        visible().filter(|pixel| (luminance(**pixel) - background).abs() > CONTRAST).count();
    // An empty picture cannot vanish.
    shown * SHOWN_SHARE < visible().count()
}

fn polarity(pixels: &RgbaImage) -> Polarity {
    let (width, height) = pixels.dimensions();
    let (mut border, mut inside) = (Mean::default(), Mean::default());
    for (x, y, pixel) in pixels.enumerate_pixels() {
        let is_border = x == 0 || y == 0 || x + 1 == width || y + 1 == height;
        (if is_border { &mut border } else { &mut inside }).add(luminance(*pixel));
    }
    if inside.count == 0 {
        return Polarity::Neither;
    }
    let (border, inside) = (border.value(), inside.value());
    if border > LIGHT && inside < border - POLARITY_DIFFERENCE {
        Polarity::DarkOnLight
    } else if border < 255.0 - LIGHT && inside > border + POLARITY_DIFFERENCE {
        Polarity::LightOnDark
    } else {
        Polarity::Neither
    }
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f32) {
        self.sum += f64::from(value);
        self.count += 1;
    }

    /// Of at least one value.
    fn value(&self) -> f32 {
        (self.sum / self.count as f64) as f32
    }
}

/// Middle grey shows black and white icons alike.
fn thumbnail(pixels: &RgbaImage) -> Vec<u8> {
    let small = image::imageops::resize(pixels, SIDE, SIDE, FilterType::Triangle);
    let level = |pixel: &Rgba<u8>| {
        let alpha = f32::from(pixel.0[3]) / 255.0;
        (luminance(*pixel) * alpha + 128.0 * (1.0 - alpha)).round() as u8
    };
    small.pixels().map(level).collect()
}
