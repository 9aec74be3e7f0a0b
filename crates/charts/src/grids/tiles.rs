//! The layout of equal tiles, each an image with a caption.

use crate::canvas::theme::{LINE, MARGIN};
use crate::canvas::{Area, Canvas, ImageView, LineStyle};

/// Equal tiles in rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TileGrid {
    pub columns: usize,
    /// Top of the first row.
    pub top: f32,
    /// Width of a tile, and height of the square for its image.
    pub side: f32,
    /// Space between columns.
    pub gap: f32,
    /// Height of a row including its captions.
    pub row: f32,
}

impl TileGrid {
    /// `columns` tiles across a picture of `width` points, with `caption` points below each image.
    pub fn new(width: f32, columns: usize, top: f32, gap: f32, caption: f32) -> Self {
        let side = (width - 2.0 * MARGIN - (columns - 1) as f32 * gap) / columns as f32;
        Self { columns, top, side, gap, row: side + caption }
    }

    /// Bottom of the last row of `count` tiles.
    pub fn bottom(&self, count: usize) -> f32 {
        self.top + count.div_ceil(self.columns) as f32 * self.row
    }

    /// The square for the image of a tile.
    pub fn square(&self, index: usize) -> Area {
        Area {
            left: MARGIN + (index % self.columns) as f32 * (self.side + self.gap),
            top: self.top + (index / self.columns) as f32 * self.row,
            width: self.side,
            height: self.side,
        }
    }
}

/// Draws an image as large as fits into `square`, with a thin frame; returns its area.
pub(crate) fn draw_image(canvas: &mut Canvas, image: &ImageView, square: Area) -> Area {
    let area = inside(square, image.aspect());
    canvas.image(image, area);
    canvas.frame(area, LineStyle::solid(LINE, 0.8));
    area
}

/// The largest area with an aspect ratio (width to height) that fits into a square, centred.
pub(crate) fn inside(square: Area, aspect: f32) -> Area {
    let [x, y] = square.center();
    let width = square.width * aspect.min(1.0);
    let height = square.height / aspect.max(1.0);
    Area { left: x - width / 2.0, top: y - height / 2.0, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_keep_their_aspect_ratio() {
        let square = Area { left: 10.0, top: 0.0, width: 20.0, height: 20.0 };
        assert_eq!(inside(square, 2.0), Area { left: 10.0, top: 5.0, width: 20.0, height: 10.0 });
        assert_eq!(inside(square, 0.5), Area { left: 15.0, top: 0.0, width: 10.0, height: 20.0 });
    }
}
