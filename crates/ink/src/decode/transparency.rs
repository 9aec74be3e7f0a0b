//! Blending of transparent pixels with a background.

use image::{DynamicImage, GrayImage, Rgb, RgbImage};

/// A picture of 8 bits per channel, blended with `background` where it is transparent; grey if the
/// picture is, and the background where it shows.
#[must_use]
pub fn over(picture: DynamicImage, background: Rgb<u8>) -> DynamicImage {
    let (width, height) = (picture.width(), picture.height());
    let (is_colour, has_alpha) = (picture.color().has_color(), picture.color().has_alpha());
    let Rgb([red, green, blue]) = background;
    if !has_alpha {
        return if is_colour { picture.into_rgb8().into() } else { picture.into_luma8().into() };
    }
    if !is_colour && red == green && green == blue {
        let pixels = picture.into_luma_alpha8();
        let grey = pixels.pixels().map(|pixel| blend(pixel.0[0], pixel.0[1], red)).collect();
        return GrayImage::from_raw(width, height, grey).unwrap_or_default().into();
    }
    let pixels = picture.into_rgba8();
    let colours = pixels.pixels().flat_map(|pixel| {
        let [.., alpha] = pixel.0;
        [0, 1, 2].map(|channel| blend(pixel.0[channel], alpha, background.0[channel]))
    });
    RgbImage::from_raw(width, height, colours.collect()).unwrap_or_default().into()
}

/// Blends a level with the background's; an `alpha` of 255 is opaque.
pub fn blend(level: u8, alpha: u8, background: u8) -> u8 {
    let [level, alpha, background] = [level, alpha, background].map(u32::from);
    ((level * alpha + background * (255 - alpha) + 127) / 255) as u8
}
