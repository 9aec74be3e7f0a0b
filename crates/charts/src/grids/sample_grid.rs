//! Images of a data set, and their augmented copies.

use metrics::numbers::counted;

use super::tiles::{TileGrid, draw_image};
use crate::canvas::font;
use crate::canvas::theme::{INK, MARGIN, SMALL, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, ImageView, Picture};
use crate::error::{PictureError, require_some};

const COLUMNS: usize = 10;
const LONGEST_NAME: f32 = 130.0;

/// An image and the name of its class.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The image.
    pub image: ImageView<'a>,
    /// Name of its class.
    pub name: &'a str,
}

/// An image and its augmented copies.
#[derive(Clone, Debug)]
pub struct AugmentedSample<'a> {
    /// The image in the data set.
    pub original: Sample<'a>,
    /// Its augmented copies.
    pub copies: Vec<ImageView<'a>>,
}

/// Draws `samples` in rows of ten, each with the name of its class.
///
/// # Errors
/// [`PictureError::Empty`] if there are no samples, [`PictureError::TooLarge`] for more than about
/// 400 samples.
pub fn sample_grid(title: &str, samples: &[Sample]) -> Result<Picture, PictureError> {
    require_some("samples", samples)?;
    let grid = TileGrid::new(WIDTH, COLUMNS, TOP, 10.0, 28.0);
    let height = grid.bottom(samples.len()) + MARGIN / 2.0;
    let subtitle = counted(samples.len(), "image", "images");
    let mut canvas = titled(WIDTH, height, title, &subtitle)?;
    for (index, Sample { image, name }) in samples.iter().enumerate() {
        let square = grid.square(index);
        draw_image(&mut canvas, image, square);
        let style = SMALL.colored(INK).aligned(Align::Middle);
        let place = [square.center()[0], square.bottom() + 15.0];
        canvas.fitted_text(place, square.width, name, style);
    }
    Ok(canvas.finish())
}

/// Draws rows of an original and its augmented copies.
///
/// # Errors
/// [`PictureError::Empty`] if there are no rows, [`PictureError::TooLarge`] for more than about 40
/// rows.
pub fn augmentation_grid(title: &str, rows: &[AugmentedSample]) -> Result<Picture, PictureError> {
    require_some("samples", rows)?;
    let names: Vec<_> = rows
        .iter()
        .map(|row| font::fit(row.original.name, LONGEST_NAME, TEXT.size, TEXT.weight))
        .collect();
    let copies = rows.iter().map(|row| row.copies.len()).max().unwrap_or(0);
    let left = MARGIN + TEXT.widest(&names) + 14.0;
    // A larger gap separates the originals from the copies.
    let (gap, apart) = (8.0, 20.0);
    let side = (WIDTH - MARGIN - left - apart - copies as f32 * gap) / (copies + 1) as f32;
    let side = side.min(92.0);
    let row_height = side + gap;
    let first = TOP + 20.0;
    let height = first + rows.len() as f32 * row_height + MARGIN / 2.0;
    let subtitle = counted(rows.len(), "image and its copies", "images and their copies");
    let mut canvas = titled(WIDTH, height, title, &subtitle)?;
    let copies_left = left + side + apart;
    canvas.text([left, first - 9.0], "original", SMALL);
    canvas.text([copies_left, first - 9.0], "augmented", SMALL);
    for (index, (row, name)) in rows.iter().zip(&names).enumerate() {
        let top = first + index as f32 * row_height;
        let square = Area { left, top, width: side, height: side };
        canvas.centered_text([left - 14.0, square.center()[1]], name, TEXT.aligned(Align::End));
        draw_image(&mut canvas, &row.original.image, square);
        for (index, copy) in row.copies.iter().enumerate() {
            let left = copies_left + index as f32 * (side + gap);
            draw_image(&mut canvas, copy, Area { left, ..square });
        }
    }
    Ok(canvas.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    #[test]
    fn samples_of_any_shape_are_drawn() {
        let (grey, rgb) = ([90; 28 * 28], vec![90; 3 * 200 * 100]);
        let grey = ImageView::new(1, 28, 28, &grey).unwrap();
        let rgb = ImageView::new(3, 200, 100, &rgb).unwrap();
        let one = Sample { image: grey, name: "<Ankle boot> & other long names" };
        let other = Sample { image: rgb, name: "7" };
        assert_drawn(&sample_grid("Samples <&>", &[one]).unwrap(), WIDTH);
        assert_drawn(&sample_grid("Samples", &[one, other].repeat(15)).unwrap(), WIDTH);
        let rows = [
            AugmentedSample { original: one, copies: vec![grey; 9] },
            AugmentedSample { original: other, copies: Vec::new() },
        ];
        assert_drawn(&augmentation_grid("Augmentation", &rows).unwrap(), WIDTH);
        assert_drawn(&augmentation_grid("Augmentation", &rows[1..]).unwrap(), WIDTH);
    }

    #[test]
    fn no_samples_are_refused() {
        assert!(matches!(sample_grid("", &[]), Err(PictureError::Empty { .. })));
        assert!(matches!(augmentation_grid("", &[]), Err(PictureError::Empty { .. })));
    }
}
