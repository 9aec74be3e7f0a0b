//! The paper without the ink: its grey level everywhere, lit unevenly or not.
//!
//! The estimate does not need to know which of the two is darker. It only takes the paper to be
//! most of the picture, and most of any half of it.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};
use imageproc::contrast::otsu_level;
use imageproc::filter::median_filter;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::surface::{fit_surface, median_level};

/// The side of a square with as many pixels as the thumbnail that the surface is estimated on:
/// light changes slowly.
const THUMBNAIL: f32 = 48.0;
/// Grey levels that something on the paper differs from it at least.
const INK: u8 = 12;
/// Share of the picture's edge that a shadow covers; ink that happens to touch it does not.
const SHADOW: f32 = 0.15;
/// Pixels of the thumbnail that a frame is thick at most.
const FRAME: u32 = 3;
/// The window's half side over the thumbnail's: strokes are thinner, where they were not left out
/// before.
const WINDOW: u32 = 8;
/// Medians added to a plain page; more change little.
const REFINEMENTS: usize = 2;
/// What light in steps leaves unexplained over what smooth light does, to be chosen.
const STEPS: f64 = 0.6;
/// Estimates the paper's grey level at every pixel.
///
/// On a thumbnail, a quadratic surface is fitted to what is not clearly ink, so that the absolute
/// errors are least: a minority of ink that was not left out hardly moves it. What it misses (the
/// edge of a shadow) is added by a median wider than any stroke.
#[must_use]
pub fn estimate_background(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    if width == 0 || height == 0 {
        return picture.clone();
    }
    // Not by the longer side: a long number would be a few pixels high, strokes and paper mixed.
    let scale = THUMBNAIL / (width as f32 * height as f32).sqrt();
    let side = |length: u32| ((length as f32 * scale) as u32).max(1);
    let thumbnail = if scale < 1.0 {
        imageops::thumbnail(picture, side(width), side(height))
    } else {
        picture.clone()
    };
    let background = choose_background(&thumbnail);
    let levels = background.iter().map(|level| level.round() as u8).collect();
    let estimate =
        GrayImage::from_raw(thumbnail.width(), thumbnail.height(), levels).unwrap_or(thumbnail);
    imageops::resize(&estimate, width, height, FilterType::Triangle)
}

/// Light that changes smoothly, or in steps if that leaves much less unexplained.
fn choose_background(picture: &GrayImage) -> Vec<f64> {
    let plain = vec![f64::from(median_level(picture)); picture.len()];
    let paper = find_paper(picture, &plain);
    let mut steps = plain;
    for _ in 0..REFINEMENTS {
        add_shadows(picture, &paper, &mut steps);
    }
    let mut smooth = fit_surface(picture, &paper);
    add_shadows(picture, &paper, &mut smooth);
    let paper = find_paper(picture, &smooth);
    let mut smooth = fit_surface(picture, &paper);
    add_shadows(picture, &paper, &mut smooth);
    let unexplained = |background: &[f64]| -> f64 {
        let pixels = picture.iter().zip(background);
        pixels.map(|(level, known)| (f64::from(*level) - known).abs()).sum()
    };
    if unexplained(&steps) < STEPS * unexplained(&smooth) { steps } else { smooth }
}

/// Where nothing stands out from the background as it is known, save what covers much of the
/// picture's edge and reaches far into it: that is a shadow, or the table beside the paper, and no
/// frame.
fn find_paper(picture: &GrayImage, background: &[f64]) -> Vec<bool> {
    let (width, height) = picture.dimensions();
    let mut distances = picture.clone();
    for (level, paper) in distances.iter_mut().zip(background) {
        *level = (f64::from(*level) - paper).abs().round() as u8;
    }
    let least = otsu_level(&distances).max(INK);
    distances.iter_mut().for_each(|level| *level = u8::from(*level > least));
    let labels = connected_components(&distances, Connectivity::Four, Luma([0]));
    let mut areas = vec![0_u32; picture.len() + 1];
    let mut edges = areas.clone();
    for (x, y, label) in labels.enumerate_pixels() {
        let is_edge = x == 0 || y == 0 || x + 1 == width || y + 1 == height;
        areas[label.0[0] as usize] += 1;
        edges[label.0[0] as usize] += u32::from(is_edge);
    }
    let long = (SHADOW * (2 * (width + height)) as f32) as u32;
    let is_shadow = |label: usize| edges[label] > long && areas[label] > FRAME * edges[label];
    labels.iter().map(|&label| label == 0 || is_shadow(label as usize)).collect()
}

/// Adds the median of what the background misses of the paper, in a window of a quarter of the
/// picture.
fn add_shadows(picture: &GrayImage, paper: &[bool], background: &mut [f64]) {
    const MIDDLE: f64 = 128.0;
    let (width, height) = picture.dimensions();
    let mut missed = picture.clone();
    for ((level, known), is_paper) in missed.iter_mut().zip(&*background).zip(paper) {
        let off = if *is_paper { f64::from(*level) - known } else { 0.0 };
        *level = (off + MIDDLE).round() as u8;
    }
    let median = median_filter(&missed, width.div_ceil(WINDOW), height.div_ceil(WINDOW));
    for (known, missed) in background.iter_mut().zip(median.iter()) {
        *known = (*known + f64::from(*missed) - MIDDLE).clamp(0.0, 255.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper whose level is `light`, with a stroke of ink 90 levels apart.
    fn page(ink: i32, light: impl Fn(u32, u32) -> i32) -> GrayImage {
        GrayImage::from_fn(200, 120, |x, y| {
            let stroke = (90..110).contains(&x) && (20..100).contains(&y);
            Luma([(light(x, y) + if stroke { ink } else { 0 }).clamp(0, 255) as u8])
        })
    }

    fn largest_error(found: &GrayImage, light: impl Fn(u32, u32) -> i32) -> i32 {
        found
            .enumerate_pixels()
            .map(|(x, y, level)| (i32::from(level.0[0]) - light(x, y)).abs())
            .max()
            .unwrap()
    }

    #[test]
    fn plain_paper_is_found_under_dark_and_light_ink() {
        for ink in [-90, 90] {
            let found = estimate_background(&page(ink, |_, _| 120));
            assert!(largest_error(&found, |_, _| 120) <= 2, "ink {ink}");
        }
    }

    #[test]
    fn slanting_light_is_followed() {
        let light = |x: u32, y: u32| 100 + (x / 2 + y / 3).cast_signed();
        assert!(largest_error(&estimate_background(&page(-90, light)), light) <= 5);
    }

    #[test]
    fn light_that_fades_towards_the_corners_is_followed() {
        let light = |x: u32, y: u32| {
            220 - ((x.abs_diff(100).pow(2) + y.abs_diff(60).pow(2)) / 150).cast_signed()
        };
        assert!(largest_error(&estimate_background(&page(-90, light)), light) <= 8);
    }

    #[test]
    fn light_over_a_long_number_is_followed() {
        let light = |_, y: u32| 220 - y.cast_signed();
        let number = GrayImage::from_fn(1_200, 130, |x, y| {
            let stroke = x % 60 < 20 && (20..110).contains(&y);
            Luma([(light(x, y) - if stroke { 70 } else { 0 }) as u8])
        });
        assert!(largest_error(&estimate_background(&number), light) <= 10);
    }

    #[test]
    fn hard_shadow_is_background_and_a_frame_is_not() {
        let light = |x: u32, _| if x < 140 { 200 } else { 130 };
        let found = estimate_background(&page(-90, light));
        let off = |x: u32| i32::from(found.get_pixel(x, 60).0[0]) - light(x, 60);
        assert!([10, 70, 100, 160, 190].iter().all(|&x| off(x).abs() <= 20), "{found:?}");
        let framed = GrayImage::from_fn(200, 120, |x, y| {
            Luma([if x < 4 || y < 4 || x > 195 || y > 115 { 30 } else { 200 }])
        });
        assert!(largest_error(&estimate_background(&framed), |_, _| 200) <= 10);
    }

    #[test]
    fn smallest_pictures_are_their_own_background() {
        for (width, height) in [(1, 1), (1, 70), (2, 1)] {
            let picture = GrayImage::from_pixel(width, height, Luma([77]));
            let found = estimate_background(&picture);
            assert!(largest_error(&found, |_, _| 77) <= 1, "{width}×{height}");
        }
        assert_eq!(estimate_background(&GrayImage::new(0, 3)).dimensions(), (0, 3));
    }
}
