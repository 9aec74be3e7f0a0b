//! Blending of transparent pixels with paper.

use image::{DynamicImage, RgbImage};

/// The colours of a picture, blended with white where it is transparent.
#[must_use]
pub fn over_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let (width, height) = (picture.width(), picture.height());
    let colours = picture
        .into_rgba8()
        .pixels()
        .flat_map(|pixel| {
            let [red, green, blue, alpha] = pixel.0;
            [red, green, blue].map(|level| blend(level, alpha, 255))
        })
        .collect();
    RgbImage::from_raw(width, height, colours).unwrap_or_default()
}

/// Blends a level with the paper's; an `alpha` of 255 is opaque.
pub fn blend(level: u8, alpha: u8, paper: u8) -> u8 {
    let [level, alpha, paper] = [level, alpha, paper].map(u32::from);
    ((level * alpha + paper * (255 - alpha) + 127) / 255) as u8
}
