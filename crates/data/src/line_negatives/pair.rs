//! Two digits side by side, and the ink within a range of columns.

use std::ops::Range;

use image::{GrayImage, Luma, imageops};

/// Levels above this one are strokes when distances are measured: fainter ones are a stroke's rim.
const STROKE: u8 = 64;

/// Two digits on one line.
pub(super) struct Pair {
    /// The ink of both, cropped.
    pub ink: GrayImage,
    /// The first column of the second digit's bounding box.
    pub second: u32,
}

impl Pair {
    /// Places `right` beside `left` so that `gap` columns are between the strokes where they are
    /// nearest; if it is negative, they overlap. The middle row of the second digit is `down` rows
    /// below that of the first.
    pub fn new(left: &GrayImage, right: &GrayImage, gap: i64, down: i64) -> Self {
        let middle = |ink: &GrayImage| i64::from(ink.height() / 2);
        let lower = middle(left) - middle(right) + down;
        // At least a third of the left digit stays to the left of the right one.
        let least = i64::from(left.width() / 3);
        let at = (i64::from(left.width()) + gap - free(left, right, lower)).max(least);
        let (left_top, right_top) = ((-lower).max(0), lower.max(0));
        let width = i64::from(left.width()).max(at + i64::from(right.width()));
        let height =
            (left_top + i64::from(left.height())).max(right_top + i64::from(right.height()));
        let mut ink = GrayImage::new(width as u32, height as u32);
        imageops::replace(&mut ink, left, 0, left_top);
        for (x, y, level) in right.enumerate_pixels() {
            let pixel = ink.get_pixel_mut(at as u32 + x, right_top as u32 + y);
            pixel.0[0] = pixel.0[0].max(level.0[0]);
        }
        Self { ink, second: at as u32 }
    }
}

/// Number of columns by which two adjacent digits can move towards each other until strokes meet in
/// a row; 0 if they share no row. The right digit is `lower` rows lower.
fn free(left: &GrayImage, right: &GrayImage, lower: i64) -> i64 {
    let stroke = |ink: &GrayImage, x: u32, y: u32| ink.get_pixel(x, y).0[0] > STROKE;
    let distances = (0..left.height()).filter_map(|y| {
        let other = u32::try_from(i64::from(y) - lower).ok().filter(|&row| row < right.height())?;
        let last = (0..left.width()).rev().find(|&x| stroke(left, x, y))?;
        let first = (0..right.width()).find(|&x| stroke(right, x, other))?;
        Some(left.width() - 1 - last + first)
    });
    distances.min().unwrap_or(0).into()
}

/// The ink within a range of columns. The range moves `slope` columns to the right with each row
/// down; it applies to the middle row.
pub(super) fn between(ink: &GrayImage, columns: Range<f32>, slope: f32) -> GrayImage {
    let middle = ink.height() as f32 / 2.0;
    GrayImage::from_fn(ink.width(), ink.height(), |x, y| {
        let column = x as f32 - slope * (y as f32 - middle);
        if columns.contains(&column) { *ink.get_pixel(x, y) } else { Luma([0]) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(ink: &GrayImage, level: u8) -> usize {
        ink.pixels().filter(|pixel| pixel.0[0] == level).count()
    }

    /// A line that goes down to the right, one column a row.
    fn diagonal() -> GrayImage {
        GrayImage::from_fn(4, 4, |x, y| Luma([if x == y { 255 } else { 0 }]))
    }

    #[test]
    fn gap_is_measured_where_strokes_are_nearest() {
        let bar = GrayImage::from_pixel(2, 4, Luma([255]));
        // The bar's strokes reach its sides in every row, the line's only in the last one.
        assert_eq!(Pair::new(&diagonal(), &bar, 3, 0).second, 7);
        // A line beside a line: every row has three free columns.
        assert_eq!(Pair::new(&diagonal(), &diagonal(), 0, 0).second, 1);
        assert_eq!(Pair::new(&diagonal(), &diagonal(), 2, 0).second, 3);
    }

    #[test]
    fn both_digits_are_complete_and_overlap_if_the_gap_is_negative() {
        let bar = GrayImage::from_pixel(4, 4, Luma([200]));
        let apart = Pair::new(&bar, &bar, 1, 0);
        assert_eq!(apart.ink.dimensions(), (9, 4));
        assert_eq!(count(&apart.ink, 200), 32);
        assert_eq!(Pair::new(&bar, &bar, -2, 0).ink.dimensions(), (6, 4));
        // The gap exceeds its width: a third of it stays to the left.
        assert_eq!(Pair::new(&bar, &bar, -9, 0).second, 1);
    }

    #[test]
    fn a_lower_digit_makes_the_pair_higher() {
        let bar = GrayImage::from_pixel(2, 4, Luma([200]));
        for down in [-3, 3] {
            let pair = Pair::new(&bar, &bar, 0, down);
            assert_eq!(pair.ink.dimensions(), (4, 7));
            assert_eq!(count(&pair.ink, 200), 16);
        }
    }

    #[test]
    fn range_slopes_about_the_middle_row() {
        let square = GrayImage::from_pixel(4, 4, Luma([1]));
        let columns = |slope| {
            let cut = between(&square, 2.0..f32::MAX, slope);
            let rows = cut.as_raw().chunks_exact(4).map(|row| row.iter().sum::<u8>());
            rows.collect::<Vec<_>>()
        };
        assert_eq!(columns(0.0), [2, 2, 2, 2]);
        assert_eq!(columns(1.0), [4, 3, 2, 1]);
    }
}
