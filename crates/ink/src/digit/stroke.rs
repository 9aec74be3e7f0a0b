//! Strokes: their width, and the thickening of those that scaling would wash out.

use image::GrayImage;
use imageproc::morphology::{Mask, grayscale_dilate};

use super::scale::BOX;

/// Smallest stroke width, in pixels of the 20×20 box.
const MIN_WIDTH: f32 = 1.2;

/// Thickens strokes that would be thinner than about one pixel in the 20×20 box.
///
/// A ballpoint's stroke in a digit as high as the page is a fiftieth of its height. Scaled down, it
/// would be a pale line, unlike the strokes in MNIST. `longer_side` is the longer side of the digit
/// in pixels.
#[must_use]
pub fn thicken_strokes(stretched: &GrayImage, longer_side: u32) -> GrayImage {
    let min_width = MIN_WIDTH * longer_side as f32 / BOX as f32;
    let radius = ((min_width - stroke_width(stretched)) / 2.0).round();
    if radius < 1.0 {
        return stretched.clone();
    }
    grayscale_dilate(stretched, &Mask::disk(radius.min(100.0) as u8))
}

/// The mean width of the strokes in pixels: twice their area divided by the length of their edges.
#[must_use]
pub fn stroke_width(stretched: &GrayImage) -> f32 {
    /// Length of a line along the pixel grid divided by its length, averaged over all directions.
    const GRID: f32 = 4.0 / std::f32::consts::PI;
    let width = stretched.width() as usize;
    if width == 0 {
        return 0.0;
    }
    let is_ink = |level: u8| level >= 128;
    let pixels = stretched.as_raw();
    let area = pixels.iter().filter(|&&level| is_ink(level)).count();
    let changes = |pair: (&u8, &u8)| is_ink(*pair.0) != is_ink(*pair.1);
    let across: usize = pixels
        .chunks_exact(width)
        .map(|row| row.iter().zip(&row[1..]).filter(|&pair| changes(pair)).count())
        .sum();
    let down = pixels.iter().zip(&pixels[width..]).filter(|&pair| changes(pair)).count();
    2.0 * area as f32 * GRID / (across + down).max(1) as f32
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// A ring of `thickness` pixels around the middle of 200×200.
    fn ring(thickness: f32) -> GrayImage {
        GrayImage::from_fn(200, 200, |x, y| {
            let radius = (x as f32 - 99.5).hypot(y as f32 - 99.5);
            Luma([if (radius - 80.0).abs() <= thickness / 2.0 { 255 } else { 0 }])
        })
    }

    #[test]
    fn width_of_a_round_stroke_is_measured() {
        for thickness in [4.0, 12.0, 30.0] {
            let found = stroke_width(&ring(thickness));
            assert!((found / thickness - 1.0).abs() < 0.15, "{found} instead of {thickness}");
        }
    }

    #[test]
    fn hairline_is_thickened_and_a_pen_is_not() {
        let thickened = stroke_width(&thicken_strokes(&ring(3.0), 160));
        assert!((8.0..=12.0).contains(&thickened), "{thickened}");
        assert_eq!(thicken_strokes(&ring(14.0), 160), ring(14.0));
    }

    #[test]
    fn nothing_has_no_strokes() {
        let nothing = GrayImage::new(0, 0);
        assert_eq!(thicken_strokes(&nothing, 0), nothing);
        assert!(stroke_width(&GrayImage::new(9, 1)) < 1.0);
    }
}
