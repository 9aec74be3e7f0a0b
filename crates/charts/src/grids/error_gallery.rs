//! A gallery of misclassified images.

use metrics::numbers::{bounded_percent, counted, grouped};

use super::predicted_image::{PredictedImage, require_classes};
use super::tiles::{TileGrid, draw_image};
use crate::canvas::palette::{BLUE, PURPLE};
use crate::canvas::theme::{GRID, INK, MARGIN, MUTED, SMALL, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, Canvas, LineStyle, Picture};
use crate::error::{PictureError, require_some};

const COLUMNS: usize = 5;
const CAPTION: f32 = 74.0;
/// Height of the line that marks wrong labels.
const FLAG: f32 = 20.0;
/// Height of the line with the file's name.
const FILE: f32 = 17.0;
const LABEL: f32 = 38.0;

/// Draws `errors` in the given order, each with its label, its predicted class, the probability of that
/// class, its index and the name of its file, if it has one. A flag marks images whose label is known to be wrong.
///
/// # Errors
/// [`PictureError::Empty`] if there are no errors, [`PictureError::Class`] if one has a class without
/// a name, [`PictureError::TooLarge`] for more than about 80 errors.
pub fn error_gallery(
    class_names: &[String],
    errors: &[PredictedImage],
) -> Result<Picture, PictureError> {
    require_some("errors", errors)?;
    require_classes(errors, class_names.len())?;
    let flagged = errors.iter().filter(|error| error.mislabelled).count();
    let file_line = if errors.iter().any(|error| error.file.is_some()) { FILE } else { 0.0 };
    let caption = CAPTION + file_line + if flagged > 0 { FLAG } else { 0.0 };
    let grid = TileGrid::new(WIDTH, COLUMNS, TOP, 16.0, caption);
    let count = counted(errors.len(), "misclassified image", "misclassified images");
    let subtitle = match flagged {
        0 => count,
        _ => format!("{count}, {flagged} with a label that is known to be wrong"),
    };
    let height = grid.bottom(errors.len()) + MARGIN / 2.0;
    let mut canvas = titled(WIDTH, height, "Most confident errors", &subtitle)?;
    for (index, error) in errors.iter().enumerate() {
        let square = grid.square(index);
        let area = draw_image(&mut canvas, &error.image, square);
        if error.mislabelled {
            draw_flag(&mut canvas, area, square, CAPTION + file_line);
        }
        draw_caption(&mut canvas, square, error, class_names);
    }
    Ok(canvas.finish())
}

/// `caption` is the height of the caption above the flag.
fn draw_flag(canvas: &mut Canvas, image: Area, square: Area, caption: f32) {
    canvas.frame(image.grown(1.5), LineStyle::solid(PURPLE, 3.0));
    let (pole, top) = (square.left + 1.0, square.bottom() + caption - 11.0);
    canvas.fill(Area { left: pole, top, width: 1.6, height: 13.0 }, PURPLE);
    canvas.polygon(&[[pole, top], [pole + 10.0, top + 3.5], [pole, top + 7.0]], PURPLE);
    let place = [pole + 15.0, top + 11.0];
    let style = SMALL.colored(PURPLE).bold();
    canvas.fitted_text(place, square.width - 16.0, "wrong label", style);
}

fn draw_caption(canvas: &mut Canvas, square: Area, error: &PredictedImage, class_names: &[String]) {
    let room = square.width - LABEL;
    let value = [square.left + LABEL, square.bottom()];
    for (row, (label, class)) in
        [("label", error.label), ("pred.", error.predicted)].iter().enumerate()
    {
        let y = square.bottom() + 17.0 + row as f32 * 17.0;
        canvas.text([square.left, y], label, SMALL);
        canvas.fitted_text([value[0], y], room, &class_names[*class], SMALL.colored(INK).bold());
    }
    let y = square.bottom() + 51.0;
    let number = format!("#{}", grouped(error.index as u64));
    canvas.text([square.left, y], &bounded_percent(error.confidence), SMALL.colored(INK));
    canvas.text([square.right(), y], &number, SMALL.colored(MUTED).aligned(Align::End));
    let bar = Area { top: y + 5.0, height: 4.0, ..square };
    if let Some(file) = error.file {
        // The folders mostly repeat the label.
        let name = file.rsplit('/').next().unwrap_or(file);
        let place = [square.left, y + 9.0 + FILE - 2.0];
        canvas.fitted_text(place, square.width, name, SMALL.colored(MUTED));
    }
    canvas.fill(bar, GRID);
    let width = bar.width * error.confidence.clamp(0.0, 1.0) as f32;
    canvas.fill(Area { width, ..bar }, BLUE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ImageView;
    use crate::canvas::picture::tests::assert_drawn;
    use crate::grids::predicted_image::tests::predicted;

    #[test]
    fn grey_and_rgb_errors_are_drawn() {
        let names = [String::from("<Ankle & boot>"), String::from("a class whose name is long")];
        let (grey, rgb) = ([128; 28 * 28], [200; 3 * 32 * 16]);
        let grey = predicted(ImageView::new(1, 28, 28, &grey).unwrap(), 0, 1);
        let rgb = predicted(ImageView::new(3, 32, 16, &rgb).unwrap(), 1, 0);
        let flagged = PredictedImage { mislabelled: true, ..rgb };
        assert_drawn(&error_gallery(&names, &[grey]).unwrap(), WIDTH);
        let from_file = PredictedImage { file: Some("test/Ankle/IMG_0001 (copy).png"), ..grey };
        let drawn = |error| error_gallery(&names, &[error]).unwrap().png().unwrap();
        assert!(drawn(from_file) != drawn(grey));
        assert_drawn(
            &error_gallery(&names, &[grey, rgb, flagged, grey, rgb, grey]).unwrap(),
            WIDTH,
        );
    }

    #[test]
    fn no_errors_and_too_many_are_refused() {
        let names = [String::from("0"), String::from("1")];
        assert!(matches!(error_gallery(&names, &[]), Err(PictureError::Empty { what: "errors" })));
        let error = predicted(ImageView::new(1, 1, 1, &[0]).unwrap(), 0, 1);
        let result = error_gallery(&names, &vec![error; 1000]);
        assert!(matches!(result, Err(PictureError::TooLarge { .. })));
        assert!(matches!(error_gallery(&names[..1], &[error]), Err(PictureError::Class { .. })));
    }
}
