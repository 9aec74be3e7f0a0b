//! Heat maps of the mean and the standard deviation of each class's images.

use super::class_moments::ClassMoments;
use super::tiles::inside;
use crate::canvas::palette::viridis;
use crate::canvas::theme::{INK, LINE, MARGIN, SMALL, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, Canvas, ImageView, LineStyle, Picture};
use crate::error::{PictureError, require_length, require_some};

const COLUMNS: usize = 10;
/// Up to ten classes are shown in fewer columns, and so larger.
const FEW: usize = 10;
const FEW_COLUMNS: usize = 5;
const GAP: f32 = 8.0;
/// Space for the names of the rows.
const ROW_NAMES: f32 = 62.0;
const CLASS_NAME: f32 = 20.0;
const BAR: f32 = 160.0;

/// Draws mean and standard deviation of the `images` of each class as heat maps, from their `labels`.
/// Of RGB images, the mean is drawn in colour, and the standard deviation is the mean over the
/// channels.
///
/// # Errors
/// [`PictureError::Empty`] if there are no classes or no images, [`PictureError::Length`] unless each
/// image has a label and all have the same number of pixels, [`PictureError::Class`] if a label is
/// not that of a class, [`PictureError::TooLarge`] for more than about 200 classes.
pub fn class_images(
    class_names: &[String],
    images: &[ImageView],
    labels: &[usize],
) -> Result<Picture, PictureError> {
    require_some("classes", class_names)?;
    require_some("images", images)?;
    require_length("labels", images.len(), labels.len())?;
    let first = images[0];
    let mut members = vec![Vec::new(); class_names.len()];
    for (index, (image, &class)) in images.iter().zip(labels).enumerate() {
        require_length("pixel values in an image", first.pixels().len(), image.pixels().len())?;
        let (what, classes) = ("image", class_names.len());
        let class =
            members.get_mut(class).ok_or(PictureError::Class { what, index, class, classes })?;
        class.push(image);
    }
    let columns = if members.len() <= FEW { FEW_COLUMNS } else { COLUMNS };
    let left = MARGIN + ROW_NAMES;
    let side = (WIDTH - MARGIN - left - (columns - 1) as f32 * GAP) / columns as f32;
    let block = CLASS_NAME + 2.0 * (side + GAP) + 14.0;
    let key = TOP + members.len().div_ceil(columns) as f32 * block;
    let title = "Mean and standard deviation by class";
    let mut canvas = titled(WIDTH, key + 40.0, title, "per pixel, over all images of the class")?;
    for (index, (members, name)) in members.iter().zip(class_names).enumerate() {
        // Of one class at a time: those of many classes of large images would fill the memory.
        let class = &ClassMoments::of(&first, members.iter().copied());
        let (row, column) = (index / columns, index % columns);
        let top = TOP + row as f32 * block + CLASS_NAME;
        let left = left + column as f32 * (side + GAP);
        let mean = Area { left, top, width: side, height: side };
        let deviation = Area { top: mean.bottom() + GAP, ..mean };
        if column == 0 {
            canvas.centered_text([MARGIN, mean.center()[1]], "mean", SMALL);
            canvas.centered_text([MARGIN, deviation.center()[1]], "std. dev.", SMALL);
        }
        let style = SMALL.colored(INK).aligned(Align::Middle);
        canvas.fitted_text([mean.center()[0], top - 7.0], side, name, style);
        draw_map(&mut canvas, mean, class, mean_colors(class));
        draw_map(&mut canvas, deviation, class, deviation_colors(class));
    }
    draw_key(&mut canvas, left, key, first.channels());
    Ok(canvas.finish())
}

fn draw_map(canvas: &mut Canvas, square: Area, class: &ClassMoments, colors: Vec<[u8; 3]>) {
    let area = inside(square, class.width as f32 / class.height as f32);
    canvas.pixels(class.width, colors.into_iter(), area);
    canvas.frame(area, LineStyle::solid(LINE, 0.8));
}

fn mean_colors(class: &ClassMoments) -> Vec<[u8; 3]> {
    let plane = class.height * class.width;
    if class.channels == 3 {
        let channel =
            |pixel: usize, channel: usize| class.mean[channel * plane + pixel].round() as u8;
        return (0..plane).map(|pixel| [0, 1, 2].map(|index| channel(pixel, index))).collect();
    }
    class.mean.iter().map(|value| heat(value / 255.0)).collect()
}

fn deviation_colors(class: &ClassMoments) -> Vec<[u8; 3]> {
    let plane = class.height * class.width;
    let color = |pixel: usize| {
        let values = class.deviation.iter().skip(pixel).step_by(plane);
        // The standard deviation of values from 0 to 255 is at most half of that range.
        heat(values.sum::<f32>() / class.channels as f32 / 127.5)
    };
    (0..plane).map(color).collect()
}

fn heat(share: f32) -> [u8; 3] {
    let color = viridis(share);
    [color.red, color.green, color.blue]
}

fn draw_key(canvas: &mut Canvas, left: f32, top: f32, channels: usize) {
    let labels = match channels {
        3 => ["standard deviation: 0", "127.5"],
        _ => ["0", "255 (mean), 127.5 (standard deviation)"],
    };
    let middle = top + 6.0;
    canvas.centered_text([left, middle], labels[0], SMALL);
    // Strips that do not start at a whole pixel would blend with the background.
    let left = (left + SMALL.width(labels[0]) + 8.0).round();
    for step in 0..BAR as usize {
        let area = Area { left: left + step as f32, top, width: 1.0, height: 12.0 };
        canvas.fill(area, viridis(step as f32 / BAR));
    }
    canvas.centered_text([left + BAR + 8.0, middle], labels[1], SMALL);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    #[test]
    fn few_and_many_classes_are_drawn_grey_and_rgb() {
        let pixels: Vec<u8> = (0..3 * 28 * 20).map(|value| (value % 256) as u8).collect();
        for (channels, classes) in [(1, 1), (3, 10), (1, 62)] {
            let names = vec![String::from("<Ankle & boot> in full"); classes];
            let image = ImageView::new(channels, 28, 20, &pixels[..channels * 28 * 20]).unwrap();
            // The first class has no images, unless it is the only one.
            let labels: Vec<_> =
                (0..2 * classes).map(|image| (image / 2).max(1) % classes).collect();
            let picture = class_images(&names, &vec![image; 2 * classes], &labels);
            assert_drawn(&picture.unwrap(), WIDTH);
        }
    }

    #[test]
    fn images_and_labels_that_do_not_fit_are_refused() {
        let (small, large) = ([0], [0; 4]);
        let small = ImageView::new(1, 1, 1, &small).unwrap();
        let large = ImageView::new(1, 2, 2, &large).unwrap();
        let names = [String::from("0"), String::from("1")];
        assert!(matches!(class_images(&[], &[small], &[0]), Err(PictureError::Empty { .. })));
        assert!(matches!(class_images(&names, &[], &[]), Err(PictureError::Empty { .. })));
        assert!(matches!(class_images(&names, &[small], &[]), Err(PictureError::Length { .. })));
        assert!(matches!(
            class_images(&names, &[small, large], &[0, 0]),
            Err(PictureError::Length { expected: 1, found: 4, .. })
        ));
        assert!(matches!(
            class_images(&names, &[small], &[2]),
            Err(PictureError::Class { index: 0, class: 2, .. })
        ));
    }
}
