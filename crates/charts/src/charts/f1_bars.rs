//! A bar chart of the F1 score of each class.

use metrics::numbers::decimals_below_one;

use crate::axes::axis::Axis;
use crate::axes::plot::{BELOW, Plot};
use crate::axes::scale::{Scale, Unit, round_up};
use crate::canvas::font;
use crate::canvas::palette::{BLUE, VERMILLION};
use crate::canvas::theme::{INK, MARGIN, PAPER, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, Canvas, Dash, LineStyle, Picture};
use crate::error::{PictureError, require_finite, require_length, require_some};

const LONGEST_NAME: f32 = 180.0;
const VALUES: f32 = 62.0;
/// The axis shows at least this range.
const NARROWEST: f64 = 0.01;

/// Draws the F1 score of each class, 0 to 1, as a bar, and their mean, macro F1. If all scores are high,
/// the axis starts above zero, and the bars show a break.
///
/// # Errors
/// [`PictureError::Empty`] if there are no classes, [`PictureError::Length`] unless there is a score
/// for each, [`PictureError::NotFinite`] if a score is not finite.
pub fn f1_bars(
    class_names: &[String],
    scores: &[f64],
    macro_f1: f64,
) -> Result<Picture, PictureError> {
    require_some("classes", class_names)?;
    require_length("F1 scores", class_names.len(), scores.len())?;
    require_finite("F1 score", scores.iter().copied().chain([macro_f1]))?;
    let row = if scores.len() > 25 { 19.0 } else { 30.0 };
    let names = TEXT.widest(class_names).min(LONGEST_NAME);
    let area = Area {
        left: MARGIN + names + 10.0,
        top: TOP + 24.0,
        width: WIDTH - 2.0 * MARGIN - names - 10.0 - VALUES,
        height: row * scores.len() as f32 + 8.0,
    };
    let decimals = decimals_below_one(scores.iter().copied().chain([macro_f1]));
    let low = axis_start(scores);
    let subtitle = if low > 0.0 {
        format!("the axis starts at {low}: compare where the bars end, not how long they are")
    } else {
        String::from("harmonic mean of precision and recall")
    };
    let height = area.bottom() + BELOW + 12.0;
    let mut canvas = titled(WIDTH, height, "F1 score by class", &subtitle)?;
    let x = Axis::new("F1 score", Scale::linear(low, 1.0), Unit::Number);
    let plot = Plot::draw_horizontal_axis(&mut canvas, area, &x);
    for (index, (name, score)) in class_names.iter().zip(scores).enumerate() {
        let middle = area.top + 4.0 + (index as f32 + 0.5) * row;
        let name = font::fit(name, LONGEST_NAME, TEXT.size, TEXT.weight);
        canvas.centered_text([area.left - 10.0, middle], &name, TEXT.aligned(Align::End));
        let end = plot.across(*score).max(area.left);
        let (top, height) = (middle - row * 0.32, row * 0.64);
        let bar = Area { left: area.left, top, width: end - area.left, height };
        canvas.fill(bar, BLUE);
        if low > 0.0 && bar.width > 24.0 {
            draw_break(&mut canvas, bar);
        }
        canvas.centered_text([area.right() + 10.0, middle], &format!("{score:.decimals$}"), TEXT);
    }
    draw_mean(&mut canvas, &plot, macro_f1, &format!("macro F1 {macro_f1:.decimals$}"));
    Ok(canvas.finish())
}

/// Start of the axis: zero, or a value below the lowest score.
fn axis_start(scores: &[f64]) -> f64 {
    let worst = scores.iter().copied().fold(1.0, f64::min);
    let shown = round_up(((1.0 - worst) * 1.2).max(NARROWEST));
    if shown >= 0.5 { 0.0 } else { 1.0 - shown }
}

/// Draws a zigzag across a bar near its start, the usual sign of a broken axis.
fn draw_break(canvas: &mut Canvas, bar: Area) {
    let left = bar.left + 9.0;
    let points: Vec<_> = (0..=4)
        .map(|step| {
            let side = if step % 2 == 0 { -2.5 } else { 2.5 };
            [left + side, bar.top - 1.0 + (bar.height + 2.0) * step as f32 / 4.0]
        })
        .collect();
    canvas.line(&points, LineStyle::solid(PAPER, 3.0));
}

fn draw_mean(canvas: &mut Canvas, plot: &Plot, mean: f64, text: &str) {
    let area = plot.area;
    let across = plot.across(mean).clamp(area.left, area.right());
    let style = LineStyle { color: VERMILLION, width: 2.0, dash: Dash::Dashed };
    canvas.line(&[[across, area.top - 6.0], [across, area.bottom()]], style);
    let half = TEXT.bold().width(text) / 2.0;
    let x = across.clamp(area.left + half, area.right() - half);
    canvas.text([x, area.top - 10.0], text, TEXT.bold().colored(INK).aligned(Align::Middle));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|index| format!("<class> & \"name\" number {index}")).collect()
    }

    #[test]
    fn scores_of_one_and_of_many_classes_are_drawn() {
        for classes in [1, 10, 62] {
            for worst in [0.0, 0.98, 1.0] {
                let scores = vec![worst; classes];
                assert_drawn(&f1_bars(&names(classes), &scores, worst).unwrap(), WIDTH);
            }
        }
    }

    #[test]
    fn axis_is_broken_only_if_all_scores_are_high() {
        assert!((axis_start(&[0.99, 0.985]) - 0.98).abs() < 1e-9);
        assert!((axis_start(&[1.0]) - 0.99).abs() < 1e-9);
        assert!(axis_start(&[0.99, 0.3]).abs() < 1e-9);
    }

    #[test]
    fn score_that_is_missing_or_not_finite_is_refused() {
        let result = f1_bars(&names(2), &[0.9], 0.9);
        assert!(matches!(result, Err(PictureError::Length { expected: 2, found: 1, .. })));
        let result = f1_bars(&names(1), &[f64::NAN], 0.9);
        assert!(matches!(result, Err(PictureError::NotFinite { index: 0, .. })));
    }
}
