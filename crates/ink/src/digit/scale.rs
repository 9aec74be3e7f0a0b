//! Scaling of a digit to a box of 20×20 pixels.

use std::cmp::Ordering;

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

/// Side of the box that MNIST's digits fill, in pixels (Y. `LeCun`, C. Cortes, C. Burges, "The
/// MNIST database of handwritten digits").
pub const BOX: u32 = 20;

/// Scales a picture to 20 pixels on its longer side; the aspect ratio stays.
///
/// A larger picture is downscaled by area averaging, a smaller one enlarged by cubic interpolation.
/// The lightest pixel becomes 255, as in MNIST.
#[must_use]
pub fn scale_to_box(crop: &GrayImage) -> GrayImage {
    let (width, height) = crop.dimensions();
    let longer = width.max(height);
    if width == 0 || height == 0 {
        return GrayImage::new(0, 0);
    }
    let side = |length: u32| {
        ((f64::from(length) * f64::from(BOX) / f64::from(longer)).round() as u32).max(1)
    };
    let scaled = match longer.cmp(&BOX) {
        Ordering::Greater => average(crop, side(width), side(height)),
        Ordering::Equal => crop.clone(),
        Ordering::Less => imageops::resize(crop, side(width), side(height), FilterType::CatmullRom),
    };
    brighten(&scaled)
}

/// Downscales by area averaging; neither side of the result may exceed the picture's.
fn average(picture: &GrayImage, width: u32, height: u32) -> GrayImage {
    let columns = spans(picture.width(), width);
    let rows = spans(picture.height(), height);
    GrayImage::from_fn(width, height, |x, y| {
        let (across, down) = (&columns[x as usize], &rows[y as usize]);
        let mut sum = 0.0;
        for &(row, row_weight) in down {
            for &(column, column_weight) in across {
                sum += row_weight * column_weight * f32::from(picture.get_pixel(column, row).0[0]);
            }
        }
        Luma([sum.round() as u8])
    })
}

/// Divides `from` pixels into `to` equal intervals. For each interval, the pixels that it covers
/// and their weights, which add up to 1.
fn spans(from: u32, to: u32) -> Vec<Vec<(u32, f32)>> {
    let step = f64::from(from) / f64::from(to);
    (0..to)
        .map(|index| {
            let (start, end) = (f64::from(index) * step, f64::from(index + 1) * step);
            let pixels = start as u32..(end.ceil() as u32).min(from);
            pixels
                .map(|pixel| {
                    let covered = end.min(f64::from(pixel + 1)) - start.max(f64::from(pixel));
                    (pixel, (covered / step) as f32)
                })
                .collect()
        })
        .collect()
}

/// Scales all levels so that the lightest is 255.
fn brighten(picture: &GrayImage) -> GrayImage {
    let lightest = picture.as_raw().iter().copied().max().unwrap_or(0);
    if lightest == 0 {
        return picture.clone();
    }
    let gain = 255.0 / f32::from(lightest);
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        Luma([(gain * f32::from(picture.get_pixel(x, y).0[0])).round() as u8])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_side_becomes_twenty_and_the_aspect_stays() {
        for (from, to) in [((40, 80), (10, 20)), ((300, 75), (20, 5)), ((7, 14), (10, 20))] {
            let filled = GrayImage::from_pixel(from.0, from.1, Luma([200]));
            let scaled = scale_to_box(&filled);
            assert_eq!(scaled.dimensions(), to);
            assert!(scaled.as_raw().iter().all(|&level| level == 255));
        }
        assert_eq!(scale_to_box(&GrayImage::new(1, 500)).dimensions(), (1, 20));
        assert_eq!(scale_to_box(&GrayImage::new(0, 0)).dimensions(), (0, 0));
    }

    #[test]
    fn box_of_its_size_is_untouched() {
        let digit = GrayImage::from_fn(12, 20, |x, y| Luma([(x * 13 + y * 5) as u8 | 1]));
        let scaled = scale_to_box(&digit);
        let lightest = digit.as_raw().iter().max().unwrap();
        assert!(*lightest < 255 || scaled == digit);
        assert_eq!(scaled.dimensions(), digit.dimensions());
    }

    #[test]
    fn edges_are_antialiased() {
        let half = GrayImage::from_fn(30, 30, |x, _| Luma([if x < 15 { 255 } else { 0 }]));
        let scaled = scale_to_box(&half);
        assert_eq!([9, 10].map(|x| scaled.get_pixel(x, 5).0[0]), [255, 0]);
        let third = GrayImage::from_fn(30, 30, |x, _| Luma([if x < 16 { 255 } else { 0 }]));
        assert_eq!(scale_to_box(&third).get_pixel(10, 5).0[0], 170);
    }
}
