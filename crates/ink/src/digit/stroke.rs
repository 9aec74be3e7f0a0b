//! Strokes too thin to survive the scaling.

use image::GrayImage;
use imageproc::morphology::{Mask, grayscale_dilate};

use super::scale::BOX;

/// Stroke width in pixels of the 20×20 box below which a digit is drawn again with a thicker pen.
const THINNEST: f32 = 1.2;

/// Thickens strokes that would be thinner than a pixel or so in the 20×20 box.
///
/// A ballpoint's line on a digit as high as the page is a fiftieth of it; scaled down it would be a
/// grey shadow, unlike the pens of MNIST's writers. `longer_side` is that of the digit in pixels.
#[must_use]
pub fn thicken_strokes(evened: &GrayImage, longer_side: u32) -> GrayImage {
    let wanted = THINNEST * longer_side as f32 / BOX as f32;
    let radius = ((wanted - stroke_width(evened)) / 2.0).round();
    if radius < 1.0 {
        return evened.clone();
    }
    grayscale_dilate(evened, &Mask::disk(radius.min(100.0) as u8))
}

/// The mean width of the strokes in pixels: twice their area over the length of their edges.
#[must_use]
pub fn stroke_width(evened: &GrayImage) -> f32 {
    /// Steps along the pixel grid over the length of a line, averaged over its directions.
    const GRID: f32 = 4.0 / std::f32::consts::PI;
    let width = evened.width() as usize;
    if width == 0 {
        return 0.0;
    }
    let is_ink = |level: u8| level >= 128;
    let pixels = evened.as_raw();
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
