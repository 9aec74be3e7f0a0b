//! Ink or not, pixel by pixel.

use image::{GrayImage, Luma};
use imageproc::contrast::otsu_level;

/// Spreads of the paper's unevenness that ink must exceed.
const SPREADS: f32 = 3.0;
/// Grey levels that ink must exceed on the smoothest paper: JPEG's traces reach that far.
const LEAST: f32 = 10.0;
/// Share of a normal distribution below one standard deviation, in hundredths.
const BELOW_DEVIATION: usize = 84;

/// White where there is ink, black elsewhere, from an image of the ink's distance from the paper.
///
/// The level is Otsu's of what exceeds `paper` (see [`paper_level`]): in a picture that is almost
/// all paper, the noise would be divided otherwise. Uneven light needs no level of its own for
/// every place: the background was taken off before.
#[must_use]
pub fn threshold(ink: &GrayImage, paper: u8) -> GrayImage {
    let raised = map(ink, |level| if level > paper { level } else { 0 });
    let level = otsu_level(&raised).max(paper);
    map(ink, |pixel| if pixel > level { 255 } else { 0 })
}

/// The distance from the background up to which a pixel may be paper.
///
/// `beyond` is how far the paper lies on the side of the background where no ink is (see
/// [`ink_over`](crate::ink_over) with the opposite polarity): there, the paper's grain and the
/// background's errors are seen alone, however much ink there is. Half of the paper and all ink are at
/// 0 there, so that one pixel in six lies beyond one standard deviation.
#[must_use]
pub fn paper_level(beyond: &GrayImage) -> u8 {
    let mut histogram = [0_usize; 256];
    beyond.as_raw().iter().for_each(|&level| histogram[usize::from(level)] += 1);
    let rank = beyond.len() * BELOW_DEVIATION / 100;
    let mut seen = 0;
    let spread = histogram.iter().position(|count| {
        seen += count;
        seen > rank
    });
    (SPREADS * spread.unwrap_or(0) as f32).clamp(LEAST, 255.0) as u8
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
    fn small_ink_on_noisy_paper_is_told_apart() {
        let page = GrayImage::from_fn(200, 200, |x, y| {
            Luma([if (98..102).contains(&x) && (90..110).contains(&y) { 190 } else { 100 }])
        });
        let noisy = gaussian_noise(&page, 0.0, 8.0, 1);
        let paper = paper_level(&map(&noisy, |level| 100_u8.saturating_sub(level)));
        assert!((24..=40).contains(&paper), "{paper}");
        let mask = threshold(&map(&noisy, |level| level.saturating_sub(100)), paper);
        let white = mask.pixels().filter(|pixel| pixel.0[0] == 255).count();
        assert!((78..=84).contains(&white), "{white} pixels of 80");
    }

    #[test]
    fn blank_and_empty_pictures_have_no_ink() {
        for blank in [GrayImage::new(9, 9), GrayImage::new(0, 0)] {
            let mask = threshold(&blank, paper_level(&blank));
            assert!(mask.pixels().all(|pixel| pixel.0[0] == 0));
        }
    }
}
