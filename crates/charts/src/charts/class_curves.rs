//! Curves of each class in the unit square. Those of a good classifier crowd in a corner, which is
//! enlarged beside the whole.

use metrics::numbers::{counted, decimals_below_one};

use crate::axes::axis::Axis;
use crate::axes::legend::{Entry, Legend, Swatch};
use crate::axes::plot::{BELOW, LEFT, Plot};
use crate::axes::scale::{Scale, Unit, round_up};
use crate::canvas::palette::{class_color, class_dash};
use crate::canvas::theme::{INK, LINE, MARGIN, MUTED, PAPER, SMALL, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, Canvas, Dash, LineStyle, Picture};
use crate::error::{PictureError, require_finite, require_some};

/// A curve in the unit square.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedCurve {
    /// Its name in the legend: a class or an average.
    pub name: String,
    /// Its points `[x, y]` from left to right, 0 to 1.
    pub points: Vec<[f64; 2]>,
    /// The figure beside its name in the legend, 0 to 1: the area under it or the average precision.
    pub area: f64,
}

/// The corner that the curve of a perfect classifier reaches: at the top left or at the top right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corner {
    Left,
    Right,
}

/// Labels of a chart with one kind of curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub title: &'static str,
    pub x: &'static str,
    pub y: &'static str,
    /// Abbreviated name of [`NamedCurve::area`], for the legend.
    pub area: &'static str,
    pub corner: Corner,
    /// The line of random chance, if it is the same for all classes.
    pub chance: Option<[[f64; 2]; 2]>,
}

/// The largest number of classes that all have a colour; of more, only this many with the smallest area
/// have.
const COLORED: usize = 12;
/// A curve that is a quarter of this away from the corner makes the enlargement unnecessary.
const FAR: f64 = 0.4;
/// The smallest part of the axes that is enlarged.
const SMALLEST_WINDOW: f64 = 0.002;

/// A curve with its style.
struct Styled<'a> {
    curve: &'a NamedCurve,
    style: LineStyle,
}

/// Draws a curve for every class, and averages.
pub(crate) fn draw(
    kind: Kind,
    classes: &[NamedCurve],
    averages: &[NamedCurve],
) -> Result<Picture, PictureError> {
    require_some("curves", classes)?;
    for curve in classes.iter().chain(averages) {
        require_some("points of a curve", &curve.points)?;
        let coordinates = curve.points.iter().flatten().copied();
        require_finite("coordinate", coordinates)?;
        require_finite("area", [curve.area])?;
    }
    let (faint, colored) = styled_classes(classes);
    let averages: Vec<_> = averages.iter().enumerate().map(styled_average).collect();

    let width = WIDTH - 2.0 * MARGIN;
    let legend = Legend::new(entries(kind, &averages, &colored, faint.len()), width, 4);
    // The tick label at the end of an axis extends beyond it.
    let end = 8.0;
    let side = (width - 2.0 * LEFT - 24.0 - end) / 2.0;
    let left = Area { left: MARGIN + LEFT, top: TOP + 24.0, width: side, height: side };
    let right = Area { left: WIDTH - MARGIN - end - side, ..left };
    let below = left.bottom() + BELOW + 10.0;
    let height = below + legend.height() + MARGIN;
    let subtitle =
        counted(classes.len(), "class against the rest", "classes, each against the rest");
    let mut canvas = titled(WIDTH, height, kind.title, &subtitle)?;

    let curves: Vec<_> = faint.into_iter().chain(averages).chain(colored).collect();
    let distance =
        curves.iter().map(|curve| distance(kind.corner, curve.curve)).fold(0.0, f64::max);
    if distance < FAR / 4.0 {
        let window = round_up((distance * 3.0).max(SMALLEST_WINDOW));
        panel(&mut canvas, left, kind, 1.0, &curves);
        show_window(&mut canvas, left, kind.corner, window);
        panel(&mut canvas, right, kind, window, &curves);
        canvas.frame(right, LineStyle::solid(INK, 1.2));
    } else {
        let middle = Area { left: (WIDTH - side) / 2.0, ..left };
        panel(&mut canvas, middle, kind, 1.0, &curves);
    }
    legend.draw(&mut canvas, [MARGIN, below]);
    Ok(canvas.finish())
}

/// The classes drawn in grey, and those drawn in colour: of many classes the worst.
fn styled_classes(classes: &[NamedCurve]) -> (Vec<Styled<'_>>, Vec<Styled<'_>>) {
    let mut order: Vec<usize> = (0..classes.len()).collect();
    if classes.len() > COLORED {
        order.sort_by(|a, b| classes[*a].area.total_cmp(&classes[*b].area));
    }
    let (colored, faint) = order.split_at(COLORED.min(classes.len()));
    let faint = faint.iter().map(|class| Styled {
        curve: &classes[*class],
        style: LineStyle::solid(LINE.faded(0.5), 1.0),
    });
    let colored = colored.iter().enumerate().map(|(rank, class)| Styled {
        curve: &classes[*class],
        style: LineStyle { color: class_color(rank), width: 1.8, dash: class_dash(rank) },
    });
    (faint.collect(), colored.collect())
}

fn styled_average((index, curve): (usize, &NamedCurve)) -> Styled<'_> {
    let dash = [Dash::Solid, Dash::Dashed, Dash::Dotted][index % 3];
    Styled { curve, style: LineStyle { color: INK, width: 2.6, dash } }
}

fn entries(kind: Kind, averages: &[Styled], classes: &[Styled], faint: usize) -> Vec<Entry> {
    let curves = averages.iter().chain(classes);
    let decimals = decimals_below_one(curves.clone().map(|styled| styled.curve.area));
    let mut entries: Vec<_> = curves
        .map(|Styled { curve, style }| {
            let label = format!("{} ({} {:.decimals$})", curve.name, kind.area, curve.area);
            Entry::new(Swatch::Line(*style), label)
        })
        .collect();
    if faint > 0 {
        let style = LineStyle::solid(LINE, 1.0);
        entries.push(Entry::new(Swatch::Line(style), format!("{faint} better classes")));
    }
    entries
}

/// Distance of a curve's nearest point from the corner, along the axis in which it is larger.
fn distance(corner: Corner, curve: &NamedCurve) -> f64 {
    let distances = curve.points.iter().map(|[x, y]| match corner {
        Corner::Left => x.max(1.0 - y),
        Corner::Right => (1.0 - x).max(1.0 - y),
    });
    distances.fold(1.0, f64::min)
}

/// Draws the part of the curves that is at most `window` away from the corner.
fn panel(canvas: &mut Canvas, area: Area, kind: Kind, window: f64, curves: &[Styled]) {
    let across = match kind.corner {
        Corner::Left => Scale::linear(0.0, window),
        Corner::Right => Scale::linear(1.0 - window, 1.0),
    };
    let x = Axis::new(kind.x, across, Unit::Percent);
    let y = Axis::new(kind.y, Scale::linear(1.0 - window, 1.0), Unit::Percent);
    let plot = Plot::draw(canvas, area, &x, &y);
    // Half the width of a line along the edge is outside.
    canvas.clipped(area.grown(1.5), |canvas| {
        if let Some(points) = kind.chance {
            let style = LineStyle { color: MUTED, width: 1.0, dash: Dash::Dashed };
            plot.line(canvas, points, style);
        }
        for Styled { curve, style } in curves {
            plot.line(canvas, curve.points.iter().copied(), *style);
        }
    });
}

/// Marks the enlarged part in the whole plot.
fn show_window(canvas: &mut Canvas, area: Area, corner: Corner, window: f64) {
    // A window of a few thousandths would be invisible.
    let side = (area.width * window as f32).max(7.0);
    let left = match corner {
        Corner::Left => area.left,
        Corner::Right => area.right() - side,
    };
    let marked = Area { left, top: area.top, width: side, height: side }.grown(2.5);
    canvas.frame(marked, LineStyle::solid(INK, 1.2));
    let (start, style) = match corner {
        Corner::Left => (marked.right() + 7.0, SMALL),
        Corner::Right => (marked.left - 7.0, SMALL.aligned(Align::End)),
    };
    let text = "enlarged at right";
    let place = [start, marked.bottom() + 14.0];
    canvas.haloed_text(place, text, style.colored(INK), PAPER);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// As many curves as classes, the first farthest from the corner.
    pub(crate) fn curves(classes: usize, corner: Corner, distance: f64) -> Vec<NamedCurve> {
        (0..classes)
            .map(|class| {
                let x = distance / (class + 1) as f64;
                let points = match corner {
                    Corner::Left => vec![[0.0, 0.0], [x, 1.0 - x], [1.0, 1.0]],
                    Corner::Right => vec![[0.0, 1.0], [1.0 - x, 1.0 - x], [1.0, 0.0]],
                };
                NamedCurve { name: format!("class <{class}> & co"), points, area: 1.0 - x }
            })
            .collect()
    }

    #[test]
    fn distance_is_that_of_the_nearest_point() {
        for corner in [Corner::Left, Corner::Right] {
            assert!((distance(corner, &curves(1, corner, 0.02)[0]) - 0.02).abs() < 1e-12);
        }
    }

    #[test]
    fn of_many_classes_the_worst_are_coloured() {
        let curves = curves(62, Corner::Left, 0.1);
        let (faint, colored) = styled_classes(&curves);
        assert_eq!((faint.len(), colored.len()), (50, 12));
        assert_eq!(colored[0].curve, &curves[0]);
        assert!(colored.iter().all(|curve| curve.curve.area <= faint[0].curve.area));
    }
}
