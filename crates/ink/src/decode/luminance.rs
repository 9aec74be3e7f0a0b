//! Conversion of colours to grey levels, and of transparency to paper.

use image::{DynamicImage, GrayImage};

use super::transparency::blend;

/// Weights of red, green and blue in 256ths: ITU-R BT.709, which sRGB uses (0.2126, 0.7152,
/// 0.0722). They add up to 256, so that a grey pixel keeps its level.
const WEIGHTS: [u32; 3] = [54, 183, 19];

/// A page is empty if its darkest and its lightest pixel differ by fewer grey levels.
const MIN_RANGE: u8 = 8;

/// The luminance of every pixel, 0 (black) to 255, blended with white where the picture is
/// transparent.
///
/// If the result is empty but the transparency varies (white strokes exported from a drawing
/// program), the picture is blended with black.
#[must_use]
pub fn luminance(picture: DynamicImage) -> GrayImage {
    let (width, height) = (picture.width(), picture.height());
    let grey = match picture {
        DynamicImage::ImageLuma8(grey) => return grey,
        DynamicImage::ImageRgb8(image) => opaque(image.as_raw()),
        DynamicImage::ImageLumaA8(image) => over_paper(image.as_raw(), 2),
        DynamicImage::ImageRgba8(image) => over_paper(image.as_raw(), 4),
        // Pixels of 16 and 32 bits are rare enough for a copy.
        deep if deep.color().has_alpha() => over_paper(deep.into_rgba8().as_raw(), 4),
        deep => opaque(deep.into_rgb8().as_raw()),
    };
    GrayImage::from_raw(width, height, grey).unwrap_or_default()
}

fn weigh([red, green, blue]: [u8; 3]) -> u8 {
    let [r, g, b] = WEIGHTS;
    ((r * u32::from(red) + g * u32::from(green) + b * u32::from(blue)) >> 8) as u8
}

fn opaque(pixels: &[u8]) -> Vec<u8> {
    pixels.as_chunks::<3>().0.iter().map(|&colour| weigh(colour)).collect()
}

/// Blends pixels of 2 channels (grey, alpha) or 4 (RGBA) with white, or with black if the result on
/// white is empty.
fn over_paper(pixels: &[u8], channels: usize) -> Vec<u8> {
    let on =
        |paper| pixels.chunks_exact(channels).map(move |pixel| blend_pixel(pixel, paper)).collect();
    let on_white: Vec<u8> = on(255);
    let alphas = pixels.chunks_exact(channels).map(|pixel| pixel[channels - 1]);
    if range(on_white.iter().copied()) < MIN_RANGE && range(alphas) >= MIN_RANGE {
        on(0)
    } else {
        on_white
    }
}

fn blend_pixel(pixel: &[u8], paper: u8) -> u8 {
    match *pixel {
        [grey, alpha] => blend(grey, alpha, paper),
        [red, green, blue, alpha] => blend(weigh([red, green, blue]), alpha, paper),
        _ => paper,
    }
}

fn range(values: impl Iterator<Item = u8> + Clone) -> u8 {
    let (least, most) = (values.clone().min(), values.max());
    most.unwrap_or(0) - least.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, LumaA, Rgb, Rgb32FImage, RgbImage, Rgba, RgbaImage};

    use super::*;

    #[test]
    fn grey_colours_keep_their_level() {
        let ramp = RgbImage::from_fn(256, 1, |x, _| Rgb([x as u8; 3]));
        assert_eq!(luminance(ramp.into()).into_raw(), (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn green_is_lighter_than_red_and_red_than_blue() {
        let colours = RgbImage::from_raw(3, 1, vec![255, 0, 0, 0, 255, 0, 0, 0, 255]).unwrap();
        assert_eq!(luminance(colours.into()).into_raw(), [53, 182, 18]);
    }

    #[test]
    fn transparency_is_white_paper() {
        let picture = RgbaImage::from_raw(2, 1, vec![0, 0, 0, 255, 0, 0, 0, 0]).unwrap();
        assert_eq!(luminance(picture.into()).into_raw(), [0, 255]);
        let half = GrayAlphaImage::from_raw(2, 1, vec![100, 255, 100, 51]).unwrap();
        assert_eq!(luminance(half.into()).into_raw(), [100, 224]);
    }

    #[test]
    fn white_ink_on_nothing_is_seen_on_black() {
        let picture =
            RgbaImage::from_fn(2, 1, |x, _| Rgba([255, 255, 255, if x == 0 { 255 } else { 0 }]));
        assert_eq!(luminance(picture.into()).into_raw(), [255, 0]);
        let blank = GrayAlphaImage::from_pixel(2, 1, LumaA([255, 0]));
        assert_eq!(luminance(blank.into()).into_raw(), [255, 255]);
    }

    #[test]
    fn floats_outside_their_range_do_not_wrap() {
        let picture = Rgb32FImage::from_raw(2, 1, vec![2.0, 2.0, 2.0, -1.0, -2.0, -1.0]);
        assert_eq!(luminance(picture.unwrap().into()).into_raw(), [255, 0]);
    }
}
