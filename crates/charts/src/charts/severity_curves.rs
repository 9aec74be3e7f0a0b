//! Accuracy against the severity of corruptions, in a panel for each family.

use crate::axes::axis::Axis;
use crate::axes::legend::{Entry, Legend, Swatch};
use crate::axes::plot::{ABOVE, BELOW, LEFT, Plot};
use crate::axes::scale::{Scale, Unit, round_up};
use crate::canvas::palette::{series_color, series_dash};
use crate::canvas::theme::{MARGIN, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Area, Canvas, LineStyle, Picture};
use crate::error::{PictureError, require_finite, require_some};

const COLUMNS: usize = 2;
const BETWEEN: f32 = 28.0;
const PANEL: f32 = 210.0;
/// Space for the name of the family above the label of the axis.
const NAME: f32 = 26.0;

/// Accuracy under one kind of corruption.
#[derive(Clone, Copy, Debug)]
pub struct SeverityCurve<'a> {
    /// Name of the kind.
    pub name: &'a str,
    /// Accuracy at each severity, starting with 1.
    pub accuracy: &'a [f64],
}

/// The kinds of a family.
#[derive(Clone, Debug)]
pub struct SeverityPanel<'a> {
    /// Name of the family.
    pub name: &'a str,
    /// Its kinds.
    pub curves: Vec<SeverityCurve<'a>>,
}

/// Draws a panel for each family, all with the same axes. Every curve starts at `clean_accuracy`, the
/// accuracy without corruption.
///
/// # Errors
/// [`PictureError::Empty`] if there are no panels or one has no curves, [`PictureError::NotFinite`]
/// if an accuracy is not finite.
pub fn severity_curves(
    clean_accuracy: f64,
    panels: &[SeverityPanel],
) -> Result<Picture, PictureError> {
    require_some("families of corruptions", panels)?;
    for panel in panels {
        require_some("corruptions", &panel.curves)?;
    }
    let all = || panels.iter().flat_map(|panel| panel.curves.iter());
    let accuracies = || all().flat_map(|curve| curve.accuracy.iter().copied());
    require_finite("accuracy", accuracies().chain([clean_accuracy]))?;
    let longest = all().map(|curve| curve.accuracy.len()).max().unwrap_or(0);
    let x = Axis::new("severity", Scale::linear(0.0, longest as f64), Unit::Whole);
    let y = accuracy_axis(accuracies().fold(clean_accuracy, f64::min));

    let width = (WIDTH - 2.0 * MARGIN - BETWEEN) / COLUMNS as f32;
    let legends: Vec<Legend> = panels.iter().map(|panel| legend(panel, width - LEFT)).collect();
    let row_height = |legends: &[Legend]| {
        let legend = legends.iter().map(Legend::height).fold(0.0, f32::max);
        NAME + ABOVE + PANEL + BELOW + legend + 22.0
    };
    let rows = legends.chunks(COLUMNS).map(row_height);
    let height = TOP + rows.clone().sum::<f32>();
    let subtitle = "severity 0 is the image without corruption";
    let title = "Accuracy by severity of corruption";
    let mut canvas = titled(WIDTH, height, title, subtitle)?;
    let mut top = TOP;
    for ((panels, legends), height) in panels.chunks(COLUMNS).zip(legends.chunks(COLUMNS)).zip(rows)
    {
        for (column, (panel, legend)) in panels.iter().zip(legends).enumerate() {
            let left = MARGIN + LEFT + column as f32 * (width + BETWEEN);
            canvas.text([left, top + 14.0], panel.name, TEXT.bold());
            let area =
                Area { left, top: top + NAME + ABOVE, width: width - LEFT - 4.0, height: PANEL };
            let plot = Plot::draw(&mut canvas, area, &x, &y);
            draw_curves(&mut canvas, &plot, panel, clean_accuracy);
            legend.draw(&mut canvas, [left, area.bottom() + BELOW + 4.0]);
        }
        top += height;
    }
    Ok(canvas.finish())
}

/// Accuracies from a round value below the least to 100 %.
fn accuracy_axis(least: f64) -> Axis {
    let step = round_up((1.0 - least).max(0.01) / 4.0);
    let low = ((least / step).floor() * step).max(0.0);
    Axis::new("accuracy", Scale::linear(low, 1.0), Unit::Percent)
}

fn legend(panel: &SeverityPanel, width: f32) -> Legend {
    let entry = |(index, curve): (usize, &SeverityCurve)| {
        Entry::new(Swatch::Line(style(index)), curve.name)
    };
    Legend::new(panel.curves.iter().enumerate().map(entry).collect(), width, 2)
}

fn draw_curves(canvas: &mut Canvas, plot: &Plot, panel: &SeverityPanel, clean_accuracy: f64) {
    // Dots at the ends of an axis extend a little beyond it.
    canvas.clipped(plot.area.grown(4.0), |canvas| {
        for (index, curve) in panel.curves.iter().enumerate() {
            let accuracies = [clean_accuracy].into_iter().chain(curve.accuracy.iter().copied());
            let points: Vec<[f64; 2]> = accuracies
                .enumerate()
                .map(|(severity, accuracy)| [severity as f64, accuracy])
                .collect();
            plot.line(canvas, points.iter().copied(), style(index));
            for [x, y] in points {
                canvas.disc(plot.at(x, y), 2.6, style(index).color);
            }
        }
    });
}

fn style(index: usize) -> LineStyle {
    LineStyle { color: series_color(index), width: 2.0, dash: series_dash(index) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    fn panel(count: usize, accuracy: &[f64]) -> SeverityPanel<'_> {
        let curve = SeverityCurve { name: "<kind> & name", accuracy };
        SeverityPanel { name: "family", curves: vec![curve; count] }
    }

    #[test]
    fn families_of_any_size_are_drawn() {
        let (falling, perfect) = ([0.99, 0.9, 0.5, 0.1, 0.0], [1.0; 5]);
        let panels = [panel(4, &falling), panel(9, &perfect), panel(1, &perfect)];
        assert_drawn(&severity_curves(0.99, &panels).unwrap(), WIDTH);
        assert_drawn(&severity_curves(1.0, &panels[1..2]).unwrap(), WIDTH);
    }

    #[test]
    fn no_kinds_and_no_numbers_are_refused() {
        assert!(matches!(severity_curves(1.0, &[]), Err(PictureError::Empty { .. })));
        let empty = [panel(0, &[])];
        assert!(matches!(severity_curves(1.0, &empty), Err(PictureError::Empty { .. })));
        let odd = [panel(1, &[f64::NAN])];
        assert!(matches!(severity_curves(1.0, &odd), Err(PictureError::NotFinite { .. })));
    }
}
