//! The reliability diagram: accuracy against confidence.

use metrics::numbers::{grouped, percent};

use crate::axes::axis::Axis;
use crate::axes::legend::{Entry, Legend, Swatch};
use crate::axes::plot::{BELOW, LEFT, Plot};
use crate::axes::scale::{Scale, Unit};
use crate::canvas::marker::hatch;
use crate::canvas::palette::{BLUE, VERMILLION};
use crate::canvas::theme::{INK, MARGIN, MUTED, PAPER, SMALL, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, Canvas, Color, Dash, LineStyle, Picture};
use crate::error::{PictureError, require_finite, require_some};

/// The predictions with a confidence in one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// The smallest confidence.
    pub low: f64,
    /// The largest confidence.
    pub high: f64,
    /// Number of predictions.
    pub count: u64,
    /// Their mean confidence; ignored if there are none.
    pub confidence: f64,
    /// Their accuracy; ignored if there are none.
    pub accuracy: f64,
}

/// Draws accuracy against confidence with the gap between them, and the number of predictions in each
/// bin. `ece` is the expected calibration error, 0 to 1.
///
/// # Errors
/// [`PictureError::Empty`] if there are no bins, [`PictureError::NotFinite`] if an edge, or a
/// figure of a bin with predictions, is not finite.
pub fn reliability_diagram(bins: &[ReliabilityBin], ece: f64) -> Result<Picture, PictureError> {
    require_some("bins", bins)?;
    require_finite("expected calibration error", [ece])?;
    require_finite("bin", bins.iter().map(|bin| bin.low + bin.high))?;
    let filled: Vec<_> = bins.iter().copied().filter(|bin| bin.count > 0).collect();
    require_finite("filled bin", filled.iter().map(|bin| bin.confidence + bin.accuracy))?;

    let width = WIDTH - 2.0 * MARGIN - LEFT;
    let upper = Area { left: MARGIN + LEFT, top: TOP + 48.0, width, height: 330.0 };
    let lower = Area { top: upper.bottom() + 56.0, height: 150.0, ..upper };
    let height = lower.bottom() + BELOW + 12.0;
    let images: u64 = bins.iter().map(|bin| bin.count).sum();
    let subtitle = format!(
        "expected calibration error (ECE) {} over {} images in {} bins",
        percent(ece, 2),
        grouped(images),
        bins.len()
    );
    let mut canvas = titled(WIDTH, height, "Reliability diagram", &subtitle)?;
    let entries = [
        Entry::new(Swatch::Fill(accuracy_color()), "accuracy"),
        Entry::new(Swatch::Hatch(VERMILLION), "gap between accuracy and confidence"),
        Entry::new(Swatch::Line(diagonal()), "perfect calibration"),
    ];
    Legend::new(entries.to_vec(), width, 3).draw(&mut canvas, [upper.left, TOP - 4.0]);
    draw_accuracies(&mut canvas, upper, &filled);
    draw_counts(&mut canvas, lower, &filled);
    Ok(canvas.finish())
}

fn accuracy_color() -> Color {
    PAPER.towards(BLUE, 0.35)
}

fn diagonal() -> LineStyle {
    LineStyle { color: INK, width: 1.3, dash: Dash::Dashed }
}

fn draw_accuracies(canvas: &mut Canvas, area: Area, bins: &[ReliabilityBin]) {
    let x = Axis::new("", Scale::linear(0.0, 1.0), Unit::Percent);
    let y = Axis::new("accuracy", Scale::linear(0.0, 1.0), Unit::Percent);
    let plot = Plot::draw(canvas, area, &x, &y);
    for bin in bins {
        let bar = column(&plot, bin, 0.0, bin.accuracy);
        canvas.fill(bar, accuracy_color());
        let top = bar.top.min(bar.bottom() - 2.5);
        canvas.fill(Area { top, height: 2.5, ..bar }, BLUE);
        let (below, above) = (bin.accuracy.min(bin.confidence), bin.accuracy.max(bin.confidence));
        let gap = column(&plot, bin, below, above);
        hatch(canvas, gap, VERMILLION);
    }
    plot.line(canvas, [[0.0, 0.0], [1.0, 1.0]], diagonal());
}

fn draw_counts(canvas: &mut Canvas, area: Area, bins: &[ReliabilityBin]) {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(1) as f64;
    let x = Axis::new("confidence", Scale::linear(0.0, 1.0), Unit::Percent);
    // Most images are in the last bin: only a log scale shows the others. The axis starts below 1, so
    // that the bar of one image has a height.
    let y = Axis::new("images (log scale)", Scale::logarithmic(0.5, most * 2.0), Unit::Whole);
    let plot = Plot::draw(canvas, area, &x, &y);
    for bin in bins {
        let bar = column(&plot, bin, 0.5, bin.count as f64);
        canvas.fill(bar, MUTED.faded(0.75));
        let label = grouped(bin.count);
        let style = SMALL.colored(INK).aligned(Align::Middle);
        let size = (style.size * (bar.width + 4.0) / style.width(&label)).min(11.5);
        canvas.text([bar.center()[0], bar.top - 4.0], &label, style.sized(size));
    }
}

/// The part of a bin's bar from one value to another, a little narrower than the bin.
fn column(plot: &Plot, bin: &ReliabilityBin, from: f64, to: f64) -> Area {
    let ([left, bottom], [right, top]) = (plot.at(bin.low, from), plot.at(bin.high, to));
    Area { left: left + 1.5, top, width: right - left - 3.0, height: bottom - top }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    fn bins(count: usize) -> Vec<ReliabilityBin> {
        (0..count)
            .map(|index| {
                let [low, high] = [index, index + 1].map(|edge| edge as f64 / count as f64);
                let middle = f64::midpoint(low, high);
                ReliabilityBin {
                    low,
                    high,
                    count: (index as u64).pow(3),
                    confidence: if index == 0 { f64::NAN } else { middle },
                    accuracy: middle * 0.9,
                }
            })
            .collect()
    }

    #[test]
    fn one_and_many_bins_are_drawn() {
        for count in [1, 15, 100] {
            assert_drawn(&reliability_diagram(&bins(count), 0.012).unwrap(), WIDTH);
        }
    }

    #[test]
    fn filled_bin_without_accuracy_is_refused() {
        let mut bins = bins(15);
        bins[3].accuracy = f64::NAN;
        let result = reliability_diagram(&bins, 0.01);
        assert!(matches!(result, Err(PictureError::NotFinite { what: "filled bin", index: 2 })));
        assert!(reliability_diagram(&[], 0.0).is_err());
    }
}
