//! Bounding boxes: rectangles of pixels.

use image::{GrayImage, imageops};

/// A rectangle of pixels; `right` and `bottom` are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundingBox {
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// The column after the last one.
    pub right: u32,
    /// The row after the last one.
    pub bottom: u32,
}

impl BoundingBox {
    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.right - self.left
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.bottom - self.top
    }

    /// The column in the middle.
    #[must_use]
    pub fn middle(&self) -> u32 {
        u32::midpoint(self.left, self.right)
    }

    /// The larger of width and height.
    #[must_use]
    pub fn longer_side(&self) -> u32 {
        self.width().max(self.height())
    }

    /// The smallest rectangle that contains both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Number of pixels between the two rectangles, the larger of the horizontal and the vertical
    /// gap; 0 if they touch or overlap.
    #[must_use]
    pub fn gap(&self, other: &Self) -> u32 {
        let between = |start: u32, end: u32| start.saturating_sub(end);
        between(self.left, other.right)
            .max(between(other.left, self.right))
            .max(between(self.top, other.bottom))
            .max(between(other.top, self.bottom))
    }

    /// Number of pixels that both rectangles contain.
    #[must_use]
    pub fn shared_area(&self, other: &Self) -> u64 {
        let shared = |start: u32, end: u32| u64::from(end.saturating_sub(start));
        shared(self.left.max(other.left), self.right.min(other.right))
            * shared(self.top.max(other.top), self.bottom.min(other.bottom))
    }

    /// The rectangle with `margin` more pixels on every side, clipped to a picture of this size,
    /// width and height.
    #[must_use]
    pub fn widened(&self, margin: u32, (width, height): (u32, u32)) -> Self {
        Self {
            left: self.left.saturating_sub(margin),
            top: self.top.saturating_sub(margin),
            right: self.right.saturating_add(margin).min(width),
            bottom: self.bottom.saturating_add(margin).min(height),
        }
    }

    /// The rectangle moved to the right and down by these numbers of pixels.
    #[must_use]
    pub fn moved(&self, right: u32, down: u32) -> Self {
        Self {
            left: self.left + right,
            top: self.top + down,
            right: self.right + right,
            bottom: self.bottom + down,
        }
    }

    /// The same region of a picture enlarged by `factor`.
    #[must_use]
    pub fn enlarged(&self, factor: u32) -> Self {
        let enlarge = |at: u32| at.saturating_mul(factor);
        Self {
            left: enlarge(self.left),
            top: enlarge(self.top),
            right: enlarge(self.right),
            bottom: enlarge(self.bottom),
        }
    }

    /// The smallest rectangle that covers the same region of a picture downscaled by `factor`,
    /// which is at least 1.
    #[must_use]
    pub fn downscaled(&self, factor: u32) -> Self {
        Self {
            left: self.left / factor,
            top: self.top / factor,
            right: self.right.div_ceil(factor),
            bottom: self.bottom.div_ceil(factor),
        }
    }

    /// The pixels within the rectangle.
    #[must_use]
    pub fn crop(&self, picture: &GrayImage) -> GrayImage {
        imageops::crop_imm(picture, self.left, self.top, self.width(), self.height()).to_image()
    }
}

/// The smallest rectangle that contains all pixels above `level`; none if there are no such pixels.
#[must_use]
pub fn bounds_above(picture: &GrayImage, level: u8) -> Option<BoundingBox> {
    picture
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[0] > level)
        .map(|(x, y, _)| BoundingBox { left: x, top: y, right: x + 1, bottom: y + 1 })
        .reduce(|bounds, pixel| bounds.union(&pixel))
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    const A: BoundingBox = BoundingBox { left: 10, top: 10, right: 20, bottom: 40 };

    #[test]
    fn gap_is_the_larger_of_both_directions() {
        assert_eq!(A.gap(&BoundingBox { left: 25, right: 30, ..A }), 5);
        assert_eq!(A.gap(&BoundingBox { left: 25, right: 30, top: 47, bottom: 50 }), 7);
        assert_eq!(A.gap(&BoundingBox { left: 15, right: 30, ..A }), 0);
    }

    #[test]
    fn reduced_box_covers_all_of_it() {
        let found = BoundingBox { left: 5, top: 6, right: 10, bottom: 12 }.downscaled(3);
        assert_eq!(found, BoundingBox { left: 1, top: 2, right: 4, bottom: 4 });
    }

    #[test]
    fn box_is_widened_within_the_picture() {
        let wide = A.widened(15, (30, 100));
        assert_eq!(wide, BoundingBox { left: 0, top: 0, right: 30, bottom: 55 });
    }

    #[test]
    fn bounds_cover_all_light_pixels() {
        let picture =
            GrayImage::from_fn(9, 9, |x, y| Luma([if (x, y) == (3, 5) { 20 } else { 9 }]));
        let bounds = bounds_above(&picture, 9).unwrap();
        assert_eq!(bounds, BoundingBox { left: 3, top: 5, right: 4, bottom: 6 });
        assert_eq!(bounds.crop(&picture).as_raw(), &[20]);
        assert_eq!(bounds_above(&picture, 20), None);
    }
}
