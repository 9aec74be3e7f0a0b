//! A gallery of images whose set of classes is predicted wrongly.

use metrics::numbers::counted;

use super::tiles::{TileGrid, draw_image};
use crate::canvas::theme::{INK, MARGIN, MUTED, SMALL, TOP, WIDTH, titled};
use crate::canvas::{ImageView, Picture};
use crate::error::{PictureError, require_some};

const COLUMNS: usize = 4;
const CAPTION: f32 = 70.0;
const LABEL: f32 = 38.0;

/// An image, its classes, and those predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledImage<'a> {
    /// The image.
    pub image: ImageView<'a>,
    /// Its file or number.
    pub name: &'a str,
    /// Names of its classes; empty if it has none.
    pub labels: String,
    /// Names of the predicted classes; empty if none is.
    pub predicted: String,
}

/// Draws `errors` in the given order, each with its classes, the predicted ones and its name.
///
/// # Errors
/// [`PictureError::Empty`] if there are no errors, [`PictureError::TooLarge`] for more than about 60.
pub fn label_gallery(errors: &[LabelledImage]) -> Result<Picture, PictureError> {
    require_some("errors", errors)?;
    let grid = TileGrid::new(WIDTH, COLUMNS, TOP, 16.0, CAPTION);
    let subtitle = counted(errors.len(), "image", "images");
    let height = grid.bottom(errors.len()) + MARGIN / 2.0;
    let mut canvas = titled(WIDTH, height, "Images with wrongly predicted classes", &subtitle)?;
    for (index, error) in errors.iter().enumerate() {
        let square = grid.square(index);
        draw_image(&mut canvas, &error.image, square);
        for (row, (label, names)) in
            [("label", &error.labels), ("pred.", &error.predicted)].into_iter().enumerate()
        {
            let y = square.bottom() + 17.0 + row as f32 * 17.0;
            canvas.text([square.left, y], label, SMALL);
            let names = if names.is_empty() { "none" } else { names };
            let style = SMALL.colored(INK).bold();
            canvas.fitted_text([square.left + LABEL, y], square.width - LABEL, names, style);
        }
        let y = square.bottom() + 51.0;
        canvas.fitted_text([square.left, y], square.width, error.name, SMALL.colored(MUTED));
    }
    Ok(canvas.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    #[test]
    fn errors_are_drawn_and_none_are_refused() {
        let pixels = [128; 28 * 56];
        let image = ImageView::new(1, 28, 56, &pixels).unwrap();
        let error = LabelledImage {
            image,
            name: "test/a file whose name is longer than its image.png",
            labels: "1;2".to_owned(),
            predicted: String::new(),
        };
        assert_drawn(&label_gallery(&vec![error; 6]).unwrap(), WIDTH);
        assert!(matches!(label_gallery(&[]), Err(PictureError::Empty { what: "errors" })));
    }
}
