//! Fitting a picture of any size to an image's size: what a user writes as `input.fit`.

use std::fmt;

use image::imageops::{self, FilterType};
use image::{DynamicImage, GenericImageView};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::background::Background;

/// How a picture whose sides have another ratio than the image's fits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Height and width are scaled separately: nothing is lost or added, shapes are distorted.
    #[default]
    Stretch,
    /// The whole picture is scaled and centred on the background.
    Pad,
    /// The centre of the picture is scaled, and what sticks out is cut off.
    Crop,
}

impl fmt::Display for Fit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Stretch => "stretched",
            Self::Pad => "padded",
            Self::Crop => "cropped",
        })
    }
}

impl Fit {
    /// The picture as `width`×`height` pixels, by bilinear interpolation, over every source pixel
    /// when it shrinks. A picture of that size stays as it is.
    pub(super) fn apply(
        self,
        picture: DynamicImage,
        (width, height): (u32, u32),
        background: Background,
    ) -> DynamicImage {
        if picture.dimensions() == (width, height) {
            return picture;
        }
        match self {
            Self::Stretch => scale(&picture, width, height),
            Self::Pad => pad(&picture, width, height, background),
            Self::Crop => {
                let (left, top, inner_width, inner_height) =
                    centre_of_ratio(picture.dimensions(), (width, height));
                scale(&picture.crop_imm(left, top, inner_width, inner_height), width, height)
            }
        }
    }
}

/// Wider pictures are first averaged to this width, in pixels. Interpolation holds all columns at the
/// height of the result, in 16 bytes each: 18 GB for 40,000,000×1 pixels and a height of 28.
const MAX_WIDTH: u32 = 1 << 15;

fn scale(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    if picture.width() <= MAX_WIDTH {
        return picture.resize_exact(width, height, FilterType::Triangle);
    }
    let narrower = picture.thumbnail_exact(MAX_WIDTH, picture.height());
    narrower.resize_exact(width, height, FilterType::Triangle)
}

fn pad(picture: &DynamicImage, width: u32, height: u32, background: Background) -> DynamicImage {
    let (wide, high) = picture.dimensions();
    // The side that reaches its limit first decides the scale.
    let (inner_width, inner_height) =
        if u64::from(wide) * u64::from(height) >= u64::from(high) * u64::from(width) {
            (width, scaled(high, width, wide))
        } else {
            (scaled(wide, height, high), height)
        };
    let mut canvas = canvas(picture, width, height, background);
    let (left, top) = ((width - inner_width) / 2, (height - inner_height) / 2);
    let inner = scale(picture, inner_width, inner_height);
    imageops::replace(&mut canvas, &inner, left.into(), top.into());
    canvas
}

/// An empty picture of the same kind as `picture`.
fn canvas(picture: &DynamicImage, width: u32, height: u32, background: Background) -> DynamicImage {
    match picture {
        DynamicImage::ImageLuma8(_) => {
            let level =
                ink::luminance(image::RgbImage::from_pixel(1, 1, background.colour()).into());
            image::GrayImage::from_pixel(width, height, *level.get_pixel(0, 0)).into()
        }
        _ => image::RgbImage::from_pixel(width, height, background.colour()).into(),
    }
}

/// `length` × `to` / `from`, rounded, at least 1 pixel.
fn scaled(length: u32, to: u32, from: u32) -> u32 {
    let (length, to, from) = (u64::from(length), u64::from(to), u64::from(from));
    ((length * to + from / 2) / from).max(1).min(u64::from(u32::MAX)) as u32
}

/// Left, top, width and height of the largest centred part with the ratio of sides of `target`.
fn centre_of_ratio((wide, high): (u32, u32), (width, height): (u32, u32)) -> (u32, u32, u32, u32) {
    let (inner_width, inner_height) =
        if u64::from(wide) * u64::from(height) >= u64::from(high) * u64::from(width) {
            (scaled(width, high, height).min(wide), high)
        } else {
            (wide, scaled(height, wide, width).min(high))
        };
    ((wide - inner_width) / 2, (high - inner_height) / 2, inner_width, inner_height)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};
    use proptest::prelude::*;

    use super::*;

    const GREY: Background = Background([99; 3]);

    fn halves(width: u32, height: u32) -> DynamicImage {
        GrayImage::from_fn(width, height, |x, _| Luma([if 2 * x < width { 0 } else { 200 }])).into()
    }

    #[test]
    fn stretching_uses_the_whole_picture_and_the_whole_image() {
        let image = Fit::Stretch.apply(halves(40, 10), (4, 4), GREY).into_luma8();
        assert_eq!((image.get_pixel(0, 0).0[0], image.get_pixel(3, 3).0[0]), (0, 200));
    }

    #[test]
    fn padding_keeps_the_shape_and_fills_with_the_background() {
        let image = Fit::Pad.apply(halves(40, 20), (8, 8), GREY).into_luma8();
        let column: Vec<u8> = (0..8).map(|y| image.get_pixel(0, y).0[0]).collect();
        assert_eq!(column, [99, 99, 0, 0, 0, 0, 99, 99]);
        let colours = RgbImage::from_pixel(1, 9, Rgb([1, 2, 3])).into();
        let image = Fit::Pad.apply(colours, (3, 3), Background([7, 8, 9])).into_rgb8();
        assert_eq!(image.get_pixel(0, 0).0, [7, 8, 9]);
        assert_eq!(image.get_pixel(1, 2).0, [1, 2, 3]);
    }

    #[test]
    fn cropping_keeps_the_shape_and_the_centre() {
        let picture = GrayImage::from_fn(30, 10, |x, _| Luma([if x / 10 == 1 { 200 } else { 0 }]));
        let image = Fit::Crop.apply(picture.into(), (5, 5), GREY).into_luma8();
        assert!(image.pixels().all(|pixel| pixel.0[0] == 200));
    }

    #[test]
    fn the_widest_pictures_are_stretched_in_bounded_memory() {
        let wide = GrayImage::from_fn(40_000_000, 1, |x, _| Luma([(x / 200_000) as u8]));
        let image = Fit::Stretch.apply(wide.into(), (28, 28), GREY).into_luma8();
        for x in 0..28 {
            let expected = (x as f32 + 0.5) / 28.0 * 200.0;
            let level = f32::from(image.get_pixel(x, 0).0[0]);
            assert!((level - expected).abs() < 6.0, "{x}: {level}");
        }
    }

    proptest! {
        #[test]
        fn every_fit_makes_the_size_asked_for(
            from in (1_u32..70, 1_u32..70), to in (1_u32..30, 1_u32..30), level: u8,
        ) {
            for fit in [Fit::Stretch, Fit::Pad, Fit::Crop] {
                let picture = GrayImage::from_pixel(from.0, from.1, Luma([level]));
                let image = fit.apply(picture.into(), to, Background([level; 3])).into_luma8();
                prop_assert_eq!(image.dimensions(), to);
                // Nothing but the picture and the background is in the image.
                prop_assert!(image.pixels().all(|pixel| pixel.0[0] == level));
            }
        }
    }
}
