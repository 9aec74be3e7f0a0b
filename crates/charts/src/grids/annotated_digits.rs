//! A picture with a box and a label for each digit read from it.

use metrics::numbers::bounded_percent;

use crate::canvas::palette::{BLUE, VERMILLION};
use crate::canvas::theme::{LINE, MARGIN, MUTED, PAPER, SMALL, TEXT, TOP, titled};
use crate::canvas::{Align, Area, Canvas, ImageView, LineStyle, PIXELS_PER_POINT, Picture};
use crate::error::PictureError;

/// Limits of the picture's longer side in points; smaller pictures are enlarged.
const SIDES: [f32; 2] = [480.0, 1200.0];
/// Width of a digit's label; labels of close digits are moved apart.
const LABEL: f32 = 46.0;
/// Space for labels below the picture.
const LABELS: f32 = 84.0;
/// Distance from the picture to the labels, for the lines that connect boxes and labels.
const LEAD: f32 = 26.0;
/// Distance in points between a box and the digit in it.
const PADDING: f32 = 2.0;

/// A digit and its place in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnnotatedDigit<'a> {
    /// Its class, or `?`.
    pub text: &'a str,
    /// Probability of the class, 0 to 1.
    pub confidence: f64,
    /// Whether the prediction was accepted; rejected ones are drawn in another colour.
    pub accepted: bool,
    /// Left edge of its box, in pixels of the image.
    pub left: f32,
    /// Top edge of its box.
    pub top: f32,
    /// Width of its box.
    pub width: f32,
    /// Height of its box.
    pub height: f32,
}

/// Draws a box around each digit, and below the picture the digits from left to right with their
/// probabilities.
///
/// # Errors
/// [`PictureError::TooLarge`] for more than about 80 digits.
pub fn annotated_digits(
    title: &str,
    subtitle: &str,
    image: &ImageView,
    digits: &[AnnotatedDigit],
) -> Result<Picture, PictureError> {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let longer = width.max(height);
    let scale = (longer / PIXELS_PER_POINT).clamp(SIDES[0], SIDES[1]) / longer;
    let room = (width * scale).max(digits.len() as f32 * LABEL).max(SIDES[0]);
    let page_width = room + 2.0 * MARGIN;
    let (width, height) = ((width * scale).max(1.0), (height * scale).max(1.0));
    let area = Area { left: (page_width - width) / 2.0, top: TOP, width, height };
    let labels = if digits.is_empty() { 0.0 } else { LABELS };
    let mut canvas = titled(page_width, area.bottom() + labels + MARGIN, title, subtitle)?;
    canvas.image(image, area);
    canvas.frame(area, LineStyle::solid(LINE, 0.8));
    let boxes: Vec<Area> = digits
        .iter()
        .map(|digit| Area {
            left: area.left + digit.left * scale,
            top: area.top + digit.top * scale,
            width: digit.width * scale,
            height: digit.height * scale,
        })
        .collect();
    let middles: Vec<f32> = boxes.iter().map(|digit| digit.center()[0]).collect();
    let places = spread(&middles, MARGIN + LABEL / 2.0, page_width - MARGIN - LABEL / 2.0);
    for ((digit, around), x) in digits.iter().zip(boxes).zip(places) {
        draw_digit(&mut canvas, digit, around.grown(PADDING), [x, area.bottom() + LEAD]);
    }
    Ok(canvas.finish())
}

fn draw_digit(canvas: &mut Canvas, digit: &AnnotatedDigit, around: Area, [x, y]: [f32; 2]) {
    let color = if digit.accepted { BLUE } else { VERMILLION };
    let lead = [[around.center()[0], around.bottom()], [around.center()[0], y - 16.0], [x, y]];
    // A light line below the coloured one, visible on dark pictures and on light ones.
    let halo = LineStyle::solid(PAPER.faded(0.8), 4.0);
    canvas.line(&lead[..2], LineStyle { width: 3.0, ..halo });
    canvas.line(&lead, LineStyle::solid(color, 1.0));
    canvas.frame(around, halo);
    canvas.frame(around, LineStyle::solid(color, 2.0));
    let style = TEXT.sized(26.0).bold().colored(color).aligned(Align::Middle);
    canvas.text([x, y + 24.0], digit.text, style);
    let style = SMALL.sized(11.0).colored(MUTED).aligned(Align::Middle);
    canvas.text([x, y + 41.0], &bounded_percent(digit.confidence), style);
}

/// Moves the centres of labels apart, as little as necessary for them not to overlap.
fn spread(middles: &[f32], least: f32, most: f32) -> Vec<f32> {
    let mut places: Vec<f32> = Vec::with_capacity(middles.len());
    for &middle in middles {
        let left = places.last().map_or(least, |before| before + LABEL);
        places.push(middle.max(left));
    }
    let mut right = most;
    for place in places.iter_mut().rev() {
        *place = place.min(right);
        right = *place - LABEL;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    fn digit(left: f32) -> AnnotatedDigit<'static> {
        let accepted = left > 3.0;
        AnnotatedDigit {
            text: "7",
            confidence: 0.98,
            accepted,
            left,
            top: 2.0,
            width: 3.0,
            height: 9.0,
        }
    }

    #[test]
    fn labels_do_not_overlap() {
        let places = spread(&[100.0, 110.0, 400.0, 499.0], 50.0, 500.0);
        assert_eq!(places, [100.0, 146.0, 400.0, 499.0].map(|x: f32| x.min(500.0)));
        let crowded = spread(&[490.0, 495.0, 499.0], 50.0, 500.0);
        assert_eq!(crowded, [500.0 - 2.0 * LABEL, 500.0 - LABEL, 500.0]);
    }

    #[test]
    fn pictures_of_any_size_are_drawn() {
        for (width, height) in [(28, 28), (2_000, 60), (1, 300), (900, 1)] {
            let pixels = vec![230; 3 * width * height];
            let image = ImageView::new(3, height, width, &pixels).unwrap();
            let found = [digit(0.0), digit(4.0), digit(8.0)];
            let picture = annotated_digits("777", "page.png", &image, &found).unwrap();
            let side = (width.max(height) as f32 / 2.0).clamp(480.0, 1200.0);
            let expected = if width >= height { side } else { 480.0 };
            assert_drawn(&picture, expected + 2.0 * MARGIN);
        }
    }

    #[test]
    fn page_without_digits_is_drawn() {
        let image = ImageView::new(1, 1, 1, &[255]).unwrap();
        let picture = annotated_digits("no digits", "blank.png", &image, &[]).unwrap();
        assert_drawn(&picture, 480.0 + 2.0 * MARGIN);
    }
}
