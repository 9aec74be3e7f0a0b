//! Noise estimation and removal.
//!
//! Impulse noise (salt and pepper, hot pixels) is replaced by the median of its neighbourhood; no
//! other pixel changes. The remaining noise (of a sensor or scanner) is smoothed by a Gaussian
//! whose width follows the estimated deviation. A clean picture stays as it is.

use image::GrayImage;
use imageproc::filter::{gaussian_blur_f32, median_filter};

/// Smallest difference between an impulse and the median of its neighbourhood, in grey levels.
const MIN_IMPULSE: u8 = 40;
/// Largest difference between similar neighbours, in grey levels.
const SIMILAR: u8 = 32;
/// How many of an impulse's 8 neighbours may be similar to it: in dense noise, two impulses touch.
const MAX_SIMILAR: usize = 1;
/// Below this share of the pixels, isolated pixels are dots and ends of hairlines, not noise.
const MIN_IMPULSES: f32 = 0.002;
/// Noise below this deviation, in grey levels, does not affect binarization.
const MIN_DEVIATION: f32 = 2.5;

/// Replaces isolated pixels by the median of their 3×3 neighbourhood if there are many of them.
///
/// Unlike a median filter on the whole picture, this preserves strokes that are one pixel wide.
#[must_use]
pub fn remove_impulses(picture: &GrayImage) -> GrayImage {
    let impulses = find_impulses(picture);
    let mut cleaned = picture.clone();
    if impulses.len() as f32 >= MIN_IMPULSES * picture.len() as f32 && !impulses.is_empty() {
        let median = median_filter(picture, 1, 1);
        for (x, y) in impulses {
            cleaned.put_pixel(x, y, *median.get_pixel(x, y));
        }
    }
    cleaned
}

/// Smooths noise by a Gaussian whose standard deviation grows with the noise's deviation relative
/// to `contrast`, the difference between ink and paper in grey levels; 0.5 to 1.2 pixels.
#[must_use]
pub fn smooth_noise(picture: &GrayImage, contrast: f32) -> GrayImage {
    let deviation = noise_deviation(picture);
    if deviation < MIN_DEVIATION {
        return picture.clone();
    }
    gaussian_blur_f32(picture, (6.0 * deviation / contrast.max(1.0)).clamp(0.5, 1.2))
}

/// The pixels that differ from the median of their neighbourhood and from all neighbours but one.
fn find_impulses(picture: &GrayImage) -> Vec<(u32, u32)> {
    let (width, height) = picture.dimensions();
    let mut found = Vec::new();
    for y in 0..height {
        for x in 0..width {
            if is_impulse(&neighbourhood(picture, x, y)) {
                found.push((x, y));
            }
        }
    }
    found
}

/// The 3×3 pixels around `(x, y)`, row by row; that pixel is the fifth. Edge pixels are repeated
/// beyond the edges.
fn neighbourhood(picture: &GrayImage, x: u32, y: u32) -> [u8; 9] {
    let (width, height) = picture.dimensions();
    let columns = [x.saturating_sub(1), x, (x + 1).min(width - 1)];
    let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)];
    let pixels = picture.as_raw();
    let mut square = [0; 9];
    for (part, row) in square.as_chunks_mut::<3>().0.iter_mut().zip(rows) {
        let start = row as usize * width as usize;
        *part = columns.map(|column| pixels[start + column as usize]);
    }
    square
}

fn is_impulse(square: &[u8; 9]) -> bool {
    let centre = square[4];
    let similar = square.iter().filter(|level| level.abs_diff(centre) <= SIMILAR).count() - 1;
    if similar > MAX_SIMILAR {
        return false;
    }
    let mut sorted = *square;
    sorted.sort_unstable();
    sorted[4].abs_diff(centre) >= MIN_IMPULSE
}

/// The standard deviation of a picture's noise, in grey levels.
///
/// J. Immerkær, "Fast noise variance estimation" (1996), with the median of the responses instead
/// of their mean, so that strokes, which cover few pixels, have no effect.
#[must_use]
pub fn noise_deviation(picture: &GrayImage) -> f32 {
    /// The difference of two Laplacians, which does not respond to edges and gradients.
    const MASK: [i32; 9] = [1, -2, 1, -2, 4, -2, 1, -2, 1];
    /// The mask's norm: noise of deviation 1 has responses of deviation 6.
    const NORM: f32 = 6.0;
    /// The median of a normal distribution's absolute values, divided by its deviation.
    const MEDIAN: f32 = 0.6745;
    let (width, height) = picture.dimensions();
    // The responses' absolute values are at most 8 × 255.
    let mut histogram = [0_usize; 8 * 255 + 1];
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let square = neighbourhood(picture, x, y);
            let response: i32 =
                square.iter().zip(MASK).map(|(&level, weight)| i32::from(level) * weight).sum();
            histogram[response.unsigned_abs() as usize] += 1;
        }
    }
    let half = histogram.iter().sum::<usize>() / 2;
    let mut seen = 0;
    let median = histogram.iter().position(|count| {
        seen += count;
        seen > half
    });
    median.unwrap_or(0) as f32 / (NORM * MEDIAN)
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use imageproc::noise::{gaussian_noise, salt_and_pepper_noise};

    use super::*;

    /// A dark stroke of 4 pixels on light paper.
    fn stroke() -> GrayImage {
        GrayImage::from_fn(80, 80, |x, y| {
            Luma([if (38..42).contains(&x) && (10..70).contains(&y) { 50 } else { 200 }])
        })
    }

    #[test]
    fn clean_picture_is_untouched() {
        assert_eq!(remove_impulses(&stroke()), stroke());
        assert_eq!(smooth_noise(&stroke(), 150.0), stroke());
    }

    #[test]
    fn deviation_is_estimated_despite_strokes() {
        for expected in [5.0_f32, 20.0] {
            let noisy = gaussian_noise(&stroke(), 0.0, f64::from(expected), 1);
            let found = noise_deviation(&noisy);
            assert!((found / expected - 1.0).abs() < 0.15, "{found} instead of {expected}");
        }
    }

    #[test]
    fn gaussian_noise_becomes_less_than_a_third() {
        let cleaned = smooth_noise(&gaussian_noise(&stroke(), 0.0, 20.0, 2), 100.0);
        assert!(noise_deviation(&cleaned) < 20.0 / 3.0, "{}", noise_deviation(&cleaned));
    }

    #[test]
    fn salt_and_pepper_go_and_the_stroke_stays() {
        let noisy = salt_and_pepper_noise(&stroke(), 0.08, 3);
        let cleaned = remove_impulses(&noisy);
        let wrong = |image: &GrayImage| {
            image
                .pixels()
                .zip(stroke().pixels())
                .filter(|(a, b)| a.0[0].abs_diff(b.0[0]) > 40)
                .count()
        };
        assert!(wrong(&cleaned) * 8 < wrong(&noisy), "{} of {}", wrong(&cleaned), wrong(&noisy));
    }

    #[test]
    fn pictures_without_inner_pixels_have_no_noise() {
        for (width, height) in [(0, 0), (1, 1), (2, 50)] {
            let picture = GrayImage::from_pixel(width, height, Luma([9]));
            assert_eq!(remove_impulses(&picture), picture);
            assert_eq!(smooth_noise(&picture, 100.0), picture);
        }
    }
}
