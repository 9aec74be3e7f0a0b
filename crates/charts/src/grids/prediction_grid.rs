//! A grid of images with their predicted classes.

use metrics::numbers::counted;

use super::predicted_image::{PredictedImage, require_classes};
use super::tiles::{TileGrid, draw_image};
use crate::canvas::marker::{check, cross};
use crate::canvas::palette::{BLUE, VERMILLION};
use crate::canvas::theme::{INK, MARGIN, SMALL, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Area, Canvas, LineStyle, Picture};
use crate::error::{PictureError, require_some};

const COLUMNS: usize = 7;
const CAPTION: f32 = 48.0;

/// Draws `images` in rows of seven with their predicted classes: a check mark if the prediction is
/// correct; a cross, a thick frame and the label if not.
///
/// # Errors
/// [`PictureError::Empty`] if there are no images, [`PictureError::Class`] if one has a class without
/// a name, [`PictureError::TooLarge`] for more than about 180 images.
pub fn prediction_grid(
    class_names: &[String],
    images: &[PredictedImage],
) -> Result<Picture, PictureError> {
    require_some("images", images)?;
    require_classes(images, class_names.len())?;
    let grid = TileGrid::new(WIDTH, COLUMNS, TOP, 14.0, CAPTION);
    let wrong = images.iter().filter(|image| !image.is_correct()).count();
    let subtitle = format!("{}, {wrong} misclassified", counted(images.len(), "image", "images"));
    let height = grid.bottom(images.len()) + MARGIN / 2.0;
    let mut canvas = titled(WIDTH, height, "Predictions", &subtitle)?;
    for (index, image) in images.iter().enumerate() {
        let square = grid.square(index);
        let area = draw_image(&mut canvas, &image.image, square);
        if !image.is_correct() {
            canvas.frame(area.grown(1.5), LineStyle::solid(VERMILLION, 3.0));
        }
        draw_caption(&mut canvas, square, image, class_names);
    }
    Ok(canvas.finish())
}

fn draw_caption(canvas: &mut Canvas, square: Area, image: &PredictedImage, class_names: &[String]) {
    let baseline = square.bottom() + 19.0;
    let center = [square.left + 6.0, baseline - 4.5];
    if image.is_correct() {
        check(canvas, center, 6.0, BLUE);
    } else {
        cross(canvas, center, 6.5, LineStyle::solid(VERMILLION, 2.4));
        let label = format!("label {}", class_names[image.label]);
        canvas.fitted_text([square.left, baseline + 16.0], square.width, &label, SMALL);
    }
    let (place, room) = ([square.left + 17.0, baseline], square.width - 17.0);
    canvas.fitted_text(place, room, &class_names[image.predicted], TEXT.colored(INK).bold());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ImageView;
    use crate::canvas::picture::tests::assert_drawn;
    use crate::grids::predicted_image::tests::predicted;

    #[test]
    fn correct_and_wrong_predictions_are_drawn() {
        let names = [String::from("<Ankle & boot>"), String::from("a class whose name is long")];
        let pixels = [128; 3 * 16 * 16];
        let image = ImageView::new(3, 16, 16, &pixels).unwrap();
        let (right, wrong) = (predicted(image, 0, 0), predicted(image, 0, 1));
        assert_drawn(&prediction_grid(&names, &[right]).unwrap(), WIDTH);
        assert_drawn(&prediction_grid(&names, &[right, wrong].repeat(20)).unwrap(), WIDTH);
        assert!(matches!(prediction_grid(&names, &[]), Err(PictureError::Empty { .. })));
    }
}
