//! Contrast stretching: from differences from the background to the ink's coverage of each pixel.

use image::{GrayImage, Luma};
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;

use super::select::DigitMask;

/// Full ink is this quantile of the digit's levels; the edges of the strokes are below it.
const FULL_INK: f32 = 0.7;
/// Width of the rim in which a stroke fades to paper, as a share of the digit's longer side: half a
/// pixel of the 20 that it is scaled to.
const RIM: f32 = 1.0 / 40.0;

/// Stretches the digit's levels to 0 to 255: 255 where ink covers a pixel, in between at the edges
/// of strokes, 0 on paper and on ink that is not part of the digit.
///
/// `noise_floor` is the largest difference from the background that paper has.
#[must_use]
pub fn stretch_contrast(ink: &GrayImage, digit: &DigitMask, noise_floor: u8) -> GrayImage {
    let full = full_level(ink, &digit.mask).max(1.0);
    let rim = (RIM * digit.bounds.longer_side() as f32).round().clamp(1.0, 255.0) as u8;
    let near = dilate(&digit.mask, Norm::LInf, rim);
    GrayImage::from_fn(ink.width(), ink.height(), |x, y| {
        let level = ink.get_pixel(x, y).0[0];
        let is_ink = near.get_pixel(x, y).0[0] > 0 && level > noise_floor / 2;
        Luma([if is_ink { (255.0 * f32::from(level) / full).round() as u8 } else { 0 }])
    })
}

/// The difference between full ink and the background, in grey levels; 0 for an empty mask.
pub fn full_level(ink: &GrayImage, mask: &GrayImage) -> f32 {
    let mut levels: Vec<u8> = ink
        .as_raw()
        .iter()
        .zip(mask.as_raw())
        .filter(|(_, selected)| **selected > 0)
        .map(|(level, _)| *level)
        .collect();
    if levels.is_empty() {
        return 0.0;
    }
    let rank = ((FULL_INK * levels.len() as f32) as usize).min(levels.len() - 1);
    f32::from(*levels.select_nth_unstable(rank).1)
}

#[cfg(test)]
mod tests {
    use crate::bounding_box::BoundingBox;

    use super::*;

    #[test]
    fn ink_is_stretched_edges_stay_soft_and_other_ink_goes() {
        let levels = [0, 0, 30, 60, 60, 60, 60, 30, 0, 0, 0, 60, 60, 0];
        let ink = GrayImage::from_fn(14, 9, |x, _| Luma([levels[x as usize]]));
        let digit = DigitMask {
            mask: GrayImage::from_fn(14, 9, |x, _| {
                Luma([if (3..7).contains(&x) { 255 } else { 0 }])
            }),
            bounds: BoundingBox { left: 3, top: 0, right: 7, bottom: 9 },
            share: 1.0,
        };
        let stretched = stretch_contrast(&ink, &digit, 10);
        let row: Vec<u8> = stretched.rows().next().unwrap().map(|pixel| pixel.0[0]).collect();
        assert_eq!(row, [0, 0, 128, 255, 255, 255, 255, 128, 0, 0, 0, 0, 0, 0]);
    }
}
