//! Binarization: which pixels are ink.

use image::{GrayImage, Luma};
use imageproc::contrast::otsu_level;

/// The noise floor in standard deviations of the paper's noise.
const DEVIATIONS: f32 = 3.0;
/// The lowest noise floor in grey levels, for the smoothest paper: JPEG artifacts reach that level.
const MIN_FLOOR: f32 = 10.0;
/// Percentage of a normal distribution below one standard deviation.
const BELOW_DEVIATION: usize = 84;

/// White where there is ink, black elsewhere, from differences from the background.
///
/// The threshold is Otsu's, computed on the pixels above `noise_floor`: on a page that is almost
/// all paper it would otherwise split the noise. One threshold suffices for the whole page, even
/// under uneven light, because the background has been subtracted.
#[must_use]
pub fn binarize(ink: &GrayImage, noise_floor: u8) -> GrayImage {
    let raised = map(ink, |level| if level > noise_floor { level } else { 0 });
    let level = otsu_level(&raised).max(noise_floor);
    map(ink, |pixel| if pixel > level { 255 } else { 0 })
}

/// The largest difference from the background that paper has, in grey levels.
///
/// `beyond` holds the differences on the other side of the background, where there is no ink (see
/// [`subtract_background`](crate::subtract_background) with the opposite polarity): they measure
/// the paper's grain and the background's errors alone, however much ink there is. Half of the
/// paper and all ink are 0 there, so that one pixel in six lies above one standard deviation.
#[must_use]
pub fn noise_floor(beyond: &GrayImage) -> u8 {
    let mut histogram = [0_usize; 256];
    beyond.as_raw().iter().for_each(|&level| histogram[usize::from(level)] += 1);
    let rank = beyond.len() * BELOW_DEVIATION / 100;
    let mut seen = 0;
    let deviation = histogram.iter().position(|count| {
        seen += count;
        seen > rank
    });
    (DEVIATIONS * deviation.unwrap_or(0) as f32).clamp(MIN_FLOOR, 255.0) as u8
}

fn map(image: &GrayImage, change: impl Fn(u8) -> u8) -> GrayImage {
    GrayImage::from_fn(image.width(), image.height(), |x, y| {
        Luma([change(image.get_pixel(x, y).0[0])])
    })
}

#[cfg(test)]
mod tests {
    use imageproc::noise::gaussian_noise;

    use super::*;

    #[test]
    fn small_ink_on_noisy_paper_is_separated() {
        let page = GrayImage::from_fn(200, 200, |x, y| {
            Luma([if (98..102).contains(&x) && (90..110).contains(&y) { 190 } else { 100 }])
        });
        let noisy = gaussian_noise(&page, 0.0, 8.0, 1);
        let paper = noise_floor(&map(&noisy, |level| 100_u8.saturating_sub(level)));
        assert!((24..=40).contains(&paper), "{paper}");
        let mask = binarize(&map(&noisy, |level| level.saturating_sub(100)), paper);
        let white = mask.pixels().filter(|pixel| pixel.0[0] == 255).count();
        assert!((78..=84).contains(&white), "{white} pixels of 80");
    }

    #[test]
    fn blank_and_empty_pictures_have_no_ink() {
        for blank in [GrayImage::new(9, 9), GrayImage::new(0, 0)] {
            let mask = binarize(&blank, noise_floor(&blank));
            assert!(mask.pixels().all(|pixel| pixel.0[0] == 0));
        }
    }
}
