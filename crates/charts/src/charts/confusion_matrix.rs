//! The confusion matrix as a heat map.

use metrics::numbers::{bounded_percent, grouped};

use crate::canvas::font;
use crate::canvas::theme::{INK, MARGIN, MUTED, PAPER, SHADE, SMALL, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, Canvas, Color, LineStyle, Picture, TextStyle};
use crate::error::{PictureError, require_length, require_some};

/// The numbers in the cells of a confusion matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellValue {
    /// Numbers of images.
    Count,
    /// Percentages of the row, that is, of the images with that label.
    RowShare,
}

const SMALLEST_CELL: f32 = 11.0;
const LARGEST_CELL: f32 = 90.0;
/// Cells smaller than this have no numbers.
const READABLE_CELL: f32 = 27.0;
/// Longer names are truncated.
const LONGEST_NAME: f32 = 130.0;
const BAR: f32 = 130.0;

/// Correct predictions range from pale to dark blue, errors from pale to dark red.
const CORRECT: [Color; 2] = [Color::hex(0xe8_f1fa), Color::hex(0x0a_5a9c)];
const ERRORS: [Color; 2] = [Color::hex(0xfd_e3d0), Color::hex(0xb8_3400)];

/// Positions of cells and names, in points.
struct Layout {
    cell: f32,
    left: f32,
    top: f32,
    names: TextStyle,
    names_width: f32,
    /// Whether the names of the columns are rotated because they are wider than a cell.
    rotated: bool,
}

impl Layout {
    fn new(class_names: &[String]) -> Self {
        let classes = class_names.len() as f32;
        let names = if classes > 25.0 { TEXT.sized(10.0) } else { TEXT };
        let widest = names.widest(class_names).min(LONGEST_NAME);
        let left = MARGIN + 24.0 + widest + 8.0;
        let cell = (WIDTH - MARGIN - left) / classes;
        let cell = cell.clamp(SMALLEST_CELL, LARGEST_CELL).min(650.0 / classes).max(SMALLEST_CELL);
        let rotated = widest > cell - 6.0;
        let unused = (WIDTH - MARGIN - left - cell * classes).max(0.0);
        let left = left + (unused / 2.0).floor();
        let top = TOP + 26.0 + if rotated { widest } else { names.size } + 4.0;
        Self { cell, left, top, names, names_width: widest, rotated }
    }

    fn cell(&self, row: usize, column: usize) -> Area {
        let (left, top) =
            (self.left + column as f32 * self.cell, self.top + row as f32 * self.cell);
        Area { left, top, width: self.cell, height: self.cell }
    }
}

/// Draws `counts`, `[label][predicted class]`. The colours make even single errors visible.
///
/// # Errors
/// [`PictureError::Empty`] if there are no classes, [`PictureError::Length`] unless there is a count
/// for every pair of classes, [`PictureError::TooLarge`] for more than about 350 classes.
pub fn confusion_matrix(
    class_names: &[String],
    counts: &[u64],
    value: CellValue,
) -> Result<Picture, PictureError> {
    require_some("classes", class_names)?;
    let classes = class_names.len();
    require_length("counts", classes * classes, counts.len())?;
    let layout = Layout::new(class_names);
    let side = layout.cell * classes as f32;
    let width = WIDTH.max((layout.left + side + MARGIN).ceil());
    let height = layout.top + side + 62.0;
    let title = match value {
        CellValue::Count => "Confusion matrix (number of images)",
        CellValue::RowShare => "Confusion matrix (% of each true label)",
    };
    let mut canvas = titled(width, height, title, &subtitle(counts, classes))?;
    draw_names(&mut canvas, &layout, class_names);

    let shares = row_shares(counts, classes);
    let shade = shades(counts, &shares, value);
    for (index, (count, share)) in counts.iter().zip(&shares).enumerate() {
        let (row, column) = (index / classes, index % classes);
        let area = layout.cell(row, column);
        let color = color(row == column, *count, shade[index]);
        canvas.fill(area, color);
        if *count > 0 && layout.cell >= READABLE_CELL {
            let text = match value {
                CellValue::Count => grouped(*count),
                CellValue::RowShare => cell_percent(*share),
            };
            draw_number(&mut canvas, area, &text, color, row == column);
        }
    }
    draw_lines(&mut canvas, &layout, classes);
    draw_key(&mut canvas, &layout, layout.top + side + 24.0, counts, &shares, value);
    Ok(canvas.finish())
}

fn subtitle(counts: &[u64], classes: usize) -> String {
    let images: u64 = counts.iter().sum();
    let correct: u64 = counts.iter().step_by(classes + 1).sum();
    let wrong = images - correct;
    format!("{} of {} images misclassified; empty cells are zero", grouped(wrong), grouped(images))
}

/// The counts as fractions of their rows; a row without images is all zeros.
fn row_shares(counts: &[u64], classes: usize) -> Vec<f64> {
    let rows = counts.chunks_exact(classes);
    rows.flat_map(|row| {
        let total = row.iter().sum::<u64>().max(1) as f64;
        row.iter().map(move |count| *count as f64 / total)
    })
    .collect()
}

/// Darkness of each cell, 0 to 1: of the diagonal its fraction of the row; of errors the square root of
/// their ratio to the most frequent error, so that single errors are visible.
fn shades(counts: &[u64], shares: &[f64], value: CellValue) -> Vec<f32> {
    let classes = counts.len().isqrt();
    let values: Vec<f64> = match value {
        CellValue::Count => counts.iter().map(|count| *count as f64).collect(),
        CellValue::RowShare => shares.to_vec(),
    };
    let worst = most_frequent_error(&values);
    let shade = values.iter().zip(shares).enumerate().map(|(index, (value, share))| {
        if index % (classes + 1) == 0 { *share } else { (value / worst).sqrt() }
    });
    shade.map(|shade| shade as f32).collect()
}

/// The largest value off the diagonal, or 1 if all are zero.
fn most_frequent_error(values: &[f64]) -> f64 {
    let classes = values.len().isqrt();
    let errors = values.iter().enumerate().filter(|(index, _)| index % (classes + 1) != 0);
    let largest = errors.map(|(_, value)| *value).fold(0.0, f64::max);
    if largest > 0.0 { largest } else { 1.0 }
}

fn color(correct: bool, count: u64, shade: f32) -> Color {
    match (correct, count) {
        (_, 0) => SHADE,
        (true, _) => CORRECT[0].towards(CORRECT[1], shade),
        (false, _) => ERRORS[0].towards(ERRORS[1], shade),
    }
}

/// A percentage without the percent sign, which is in the title.
fn cell_percent(share: f64) -> String {
    bounded_percent(share).trim_end_matches(" %").replace(' ', "")
}

fn draw_number(canvas: &mut Canvas, area: Area, text: &str, background: Color, correct: bool) {
    let color = if background.is_dark() { PAPER } else { INK };
    let style = TEXT.colored(color).aligned(Align::Middle);
    let style = if correct { style.bold() } else { style };
    let room = area.width - 5.0;
    let size = (style.size * room / style.width(text)).min(15.0).min(area.width * 0.36);
    canvas.centered_text(area.center(), text, style.sized(size));
}

fn draw_names(canvas: &mut Canvas, layout: &Layout, class_names: &[String]) {
    let names = layout.names;
    for (class, name) in class_names.iter().enumerate() {
        let name = font::fit(name, LONGEST_NAME, names.size, names.weight);
        let area = layout.cell(class, class);
        let [x, y] = area.center();
        canvas.centered_text([layout.left - 8.0, y], &name, names.aligned(Align::End));
        if layout.rotated {
            let place = [x + names.size * 0.36, layout.top - 7.0];
            canvas.text(place, &name, TextStyle { angle: -90.0, ..names });
        } else {
            canvas.text([x, layout.top - 8.0], &name, names.aligned(Align::Middle));
        }
    }
    let [x, y] =
        [layout.left, layout.top].map(|start| start + layout.cell * class_names.len() as f32 / 2.0);
    let style = TEXT.colored(MUTED).aligned(Align::Middle);
    canvas.text([x, TOP + 12.0], "predicted label", style);
    let x = layout.left - layout.names_width - 20.0;
    canvas.text([x, y], "true label", TextStyle { angle: -90.0, ..style });
}

fn draw_lines(canvas: &mut Canvas, layout: &Layout, classes: usize) {
    let side = layout.cell * classes as f32;
    let width = if layout.cell >= READABLE_CELL { 1.5 } else { 0.5 };
    for index in 0..=classes {
        let along = index as f32 * layout.cell;
        let (x, y) = (layout.left + along, layout.top + along);
        let style = LineStyle::solid(PAPER, width);
        canvas.line(&[[x, layout.top], [x, layout.top + side]], style);
        canvas.line(&[[layout.left, y], [layout.left + side, y]], style);
    }
}

/// Draws the colour bars.
fn draw_key(
    canvas: &mut Canvas,
    layout: &Layout,
    top: f32,
    counts: &[u64],
    shares: &[f64],
    value: CellValue,
) {
    let worst = match value {
        CellValue::Count => {
            let counts: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
            grouped(most_frequent_error(&counts) as u64)
        }
        CellValue::RowShare => bounded_percent(most_frequent_error(shares)),
    };
    let start = layout.left.min(200.0);
    let end = draw_bar(canvas, [start, top], CORRECT, ["correct: 0 %", "100 % of the row"]);
    let none = if value == CellValue::Count { "errors: 0" } else { "errors: 0 %" };
    draw_bar(canvas, [end + 36.0, top], ERRORS, [none, &worst]);
}

/// Draws a colour bar between two labels; returns its right end.
fn draw_bar(
    canvas: &mut Canvas,
    [left, top]: [f32; 2],
    [from, to]: [Color; 2],
    [low, high]: [&str; 2],
) -> f32 {
    let middle = top + 6.0;
    canvas.centered_text([left, middle], low, SMALL);
    // Strips that do not start at a whole pixel would blend with the background.
    let left = (left + SMALL.width(low) + 8.0).round();
    for step in 0..BAR as usize {
        let color = from.towards(to, step as f32 / BAR);
        let area = Area { left: left + step as f32, top, width: 1.0, height: 12.0 };
        canvas.fill(area, color);
    }
    let end = left + BAR + 8.0;
    canvas.centered_text([end, middle], high, SMALL);
    end + SMALL.width(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|index| format!("<class> & \"name\" number {index}")).collect()
    }

    #[test]
    fn matrices_of_one_and_of_many_classes_are_drawn() {
        for classes in [1, 2, 10, 62, 100] {
            let counts: Vec<u64> = (0..classes * classes).map(|index| index as u64 % 7).collect();
            for value in [CellValue::Count, CellValue::RowShare] {
                let picture = confusion_matrix(&names(classes), &counts, value).unwrap();
                assert!(classes > 62 || picture.width() == 800 || picture.width() < 900);
                assert_drawn(&picture, picture.width() as f32);
            }
        }
    }

    #[test]
    fn matrix_without_errors_or_images_is_drawn() {
        for counts in [[5, 0, 0, 7], [0; 4]] {
            let picture = confusion_matrix(&names(2), &counts, CellValue::RowShare).unwrap();
            assert_drawn(&picture, 800.0);
        }
    }

    #[test]
    fn single_error_is_visible_beside_a_hundred() {
        let counts = [900, 1, 100, 999];
        let shades = shades(&counts, &row_shares(&counts, 2), CellValue::Count);
        assert!((shades[1] - 0.1).abs() < 1e-6, "{shades:?}");
        assert!((shades[2] - 1.0).abs() < 1e-6, "{shades:?}");
        assert!(color(false, 1, shades[1]) != color(false, 0, 0.0));
    }

    #[test]
    fn counts_that_do_not_match_the_classes_are_refused() {
        let result = confusion_matrix(&names(2), &[1, 2, 3], CellValue::Count);
        assert!(matches!(result, Err(PictureError::Length { expected: 4, found: 3, .. })));
        assert!(confusion_matrix(&[], &[], CellValue::Count).is_err());
    }
}
