//! Background estimation: the paper's grey level at every pixel, under even or uneven light.
//!
//! The estimate does not depend on the polarity. It assumes that paper covers most of the picture
//! and most of either half of it.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};
use imageproc::contrast::otsu_level;
use imageproc::filter::median_filter;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::surface::{fit_surface, median_level};

/// Side of a square with as many pixels as the thumbnail on which the background is estimated.
/// Light changes slowly, so a thumbnail suffices.
const THUMBNAIL: f32 = 48.0;
/// Smallest difference between ink and background, in grey levels.
const MIN_INK: u8 = 12;
/// Smallest share of the picture's edge that a shadow touches. Ink at the edge touches less.
const MIN_SHADOW: f32 = 0.15;
/// Largest thickness of a frame, in pixels of the thumbnail.
const MAX_FRAME: u32 = 3;
/// The thumbnail's side divided by half the side of the median filter's window. The window is wider
/// than strokes, so that those which were not masked out have no effect.
const WINDOW: u32 = 8;
/// Median corrections of a constant background; more than two have little effect.
const REFINEMENTS: usize = 2;
/// The residual of the piecewise background must be below this share of the smooth one's for the
/// piecewise background to be selected.
const MAX_STEPS: f64 = 0.6;
/// Estimates the paper's grey level at every pixel.
///
/// On a thumbnail, a quadratic surface is fitted to the pixels that are not clearly ink, by least
/// absolute deviations: ink that was not masked out hardly changes it. A median filter wider than
/// any stroke adds the residual, such as the edge of a shadow.
#[must_use]
pub fn estimate_background(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    if width == 0 || height == 0 {
        return picture.clone();
    }
    // Scaling by the longer side would reduce a long number to a few rows of mixed ink and paper.
    let scale = THUMBNAIL / (width as f32 * height as f32).sqrt();
    let side = |length: u32| ((length as f32 * scale) as u32).max(1);
    let thumbnail = if scale < 1.0 {
        imageops::thumbnail(picture, side(width), side(height))
    } else {
        picture.clone()
    };
    let background = fit_background(&thumbnail);
    let levels = background.iter().map(|level| level.round() as u8).collect();
    let estimate =
        GrayImage::from_raw(thumbnail.width(), thumbnail.height(), levels).unwrap_or(thumbnail);
    imageops::resize(&estimate, width, height, FilterType::Triangle)
}

/// The smooth background, or the piecewise one if its residual is much smaller.
fn fit_background(picture: &GrayImage) -> Vec<f64> {
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
    let residual = |background: &[f64]| -> f64 {
        let pixels = picture.iter().zip(background);
        pixels.map(|(level, known)| (f64::from(*level) - known).abs()).sum()
    };
    if residual(&steps) < MAX_STEPS * residual(&smooth) { steps } else { smooth }
}

/// Whether each pixel is paper: it is close to the current background, or it belongs to a
/// component that touches much of the picture's edge and extends far into it. Such a component is
/// a shadow, or the table beside the paper, and not a frame.
fn find_paper(picture: &GrayImage, background: &[f64]) -> Vec<bool> {
    let (width, height) = picture.dimensions();
    let mut distances = picture.clone();
    for (level, paper) in distances.iter_mut().zip(background) {
        *level = (f64::from(*level) - paper).abs().round() as u8;
    }
    let least = otsu_level(&distances).max(MIN_INK);
    distances.iter_mut().for_each(|level| *level = u8::from(*level > least));
    let labels = connected_components(&distances, Connectivity::Four, Luma([0]));
    let mut areas = vec![0_u32; picture.len() + 1];
    let mut edges = areas.clone();
    for (x, y, label) in labels.enumerate_pixels() {
        let is_edge = x == 0 || y == 0 || x + 1 == width || y + 1 == height;
        areas[label.0[0] as usize] += 1;
        edges[label.0[0] as usize] += u32::from(is_edge);
    }
    let long = (MIN_SHADOW * (2 * (width + height)) as f32) as u32;
    let is_shadow = |label: usize| edges[label] > long && areas[label] > MAX_FRAME * edges[label];
    labels.iter().map(|&label| label == 0 || is_shadow(label as usize)).collect()
}

/// Adds the median of the paper's residuals, in a window of a quarter of the picture.
fn add_shadows(picture: &GrayImage, paper: &[bool], background: &mut [f64]) {
    const MIDDLE: f64 = 128.0;
    let (width, height) = picture.dimensions();
    let mut residuals = picture.clone();
    for ((level, known), is_paper) in residuals.iter_mut().zip(&*background).zip(paper) {
        let residual = if *is_paper { f64::from(*level) - known } else { 0.0 };
        *level = (residual + MIDDLE).round() as u8;
    }
    let median = median_filter(&residuals, width.div_ceil(WINDOW), height.div_ceil(WINDOW));
    for (known, residual) in background.iter_mut().zip(median.iter()) {
        *known = (*known + f64::from(*residual) - MIDDLE).clamp(0.0, 255.0);
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
        let error = |x: u32| i32::from(found.get_pixel(x, 60).0[0]) - light(x, 60);
        assert!([10, 70, 100, 160, 190].iter().all(|&x| error(x).abs() <= 20), "{found:?}");
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
