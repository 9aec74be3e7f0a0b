//! A scatter plot of images, by class.

use metrics::numbers::counted;

use crate::axes::axis::Axis;
use crate::axes::legend::{Entry, Legend, Swatch};
use crate::axes::plot::{BELOW, LEFT, Plot};
use crate::axes::scale::{Scale, Unit};
use crate::canvas::font;
use crate::canvas::marker::cross;
use crate::canvas::palette::{class_color, class_shape};
use crate::canvas::theme::{INK, MARGIN, PAPER, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, Canvas, LineStyle, Picture};
use crate::error::{PictureError, require_finite, require_some};

/// The largest number of classes whose names are drawn among their points.
const NAMED: usize = 15;
/// Longer names among the points are truncated.
const LONGEST_NAME: f32 = 110.0;

/// What a scatter plot shows.
#[derive(Clone, Copy, Debug)]
pub struct Scatter<'a> {
    /// Its title.
    pub title: &'a str,
    /// Label of the horizontal axis.
    pub x: &'a str,
    /// Label of the vertical axis.
    pub y: &'a str,
    /// Names of the classes.
    pub class_names: &'a [String],
    /// The points.
    pub points: &'a [ScatterPoint],
}

/// An image as a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScatterPoint {
    /// Its coordinates.
    pub at: [f64; 2],
    /// Its class according to the data set.
    pub class: usize,
    /// Whether it was misclassified.
    pub wrong: bool,
}

/// Draws each point in the colour and shape of its class; misclassified points have a cross.
///
/// # Errors
/// [`PictureError::Empty`] if there are no points, [`PictureError::NotFinite`] if a coordinate is not
/// finite, [`PictureError::Class`] if a class has no name.
pub fn scatter(scatter: &Scatter) -> Result<Picture, PictureError> {
    let Scatter { points, class_names, .. } = *scatter;
    require_some("points", points)?;
    require_finite("coordinate", points.iter().flat_map(|point| point.at))?;
    let classes = class_names.len();
    if let Some(index) = points.iter().position(|point| point.class >= classes) {
        let class = points[index].class;
        return Err(PictureError::Class { what: "point", index, class, classes });
    }
    let width = WIDTH - 2.0 * MARGIN;
    let legend = Legend::new(entries(class_names), width, 6);
    let area = Area { left: MARGIN + LEFT, top: TOP + 24.0, width: width - LEFT, height: 520.0 };
    let below = area.bottom() + BELOW + 10.0;
    let height = below + legend.height() + MARGIN;
    let wrong = points.iter().filter(|point| point.wrong).count();
    let subtitle = format!("{}, {wrong} misclassified", counted(points.len(), "image", "images"));
    let mut canvas = titled(WIDTH, height, scatter.title, &subtitle)?;

    let x = Axis::new(scatter.x, range(points, 0), Unit::Number);
    let y = Axis::new(scatter.y, range(points, 1), Unit::Number);
    let plot = Plot::draw(&mut canvas, area, &x, &y);
    draw_points(&mut canvas, &plot, points);
    if classes <= NAMED {
        draw_names(&mut canvas, &plot, points, class_names);
    }
    legend.draw(&mut canvas, [MARGIN, below]);
    Ok(canvas.finish())
}

fn entries(class_names: &[String]) -> Vec<Entry> {
    let classes = class_names.iter().enumerate().map(|(class, name)| {
        Entry::new(Swatch::Marker(class_shape(class), class_color(class)), name)
    });
    classes.chain([Entry::new(Swatch::Error, "misclassified")]).collect()
}

/// The range of a coordinate with some space around it.
fn range(points: &[ScatterPoint], coordinate: usize) -> Scale {
    let values = points.iter().map(|point| point.at[coordinate]);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let room = if high > low { (high - low) * 0.04 } else { 1.0 };
    Scale::linear(low - room, high + room)
}

fn draw_points(canvas: &mut Canvas, plot: &Plot, points: &[ScatterPoint]) {
    let radius = match points.len() {
        0..=500 => 4.0,
        501..=3000 => 3.0,
        _ => 2.2,
    };
    for point in points {
        let place = plot.at(point.at[0], point.at[1]);
        let color = class_color(point.class).faded(0.75);
        class_shape(point.class).fill(canvas, place, radius, color);
    }
    // Errors are drawn last, or most would be hidden.
    for point in points.iter().filter(|point| point.wrong) {
        let place = plot.at(point.at[0], point.at[1]);
        cross(canvas, place, radius + 5.0, LineStyle::solid(PAPER, 3.4));
        cross(canvas, place, radius + 4.5, LineStyle::solid(INK, 1.6));
        class_shape(point.class).fill(canvas, place, radius, class_color(point.class));
    }
}

/// Draws each class's name at the median of its points.
fn draw_names(canvas: &mut Canvas, plot: &Plot, points: &[ScatterPoint], class_names: &[String]) {
    for (class, name) in class_names.iter().enumerate() {
        let members = || points.iter().filter(|point| point.class == class);
        let middle = |coordinate: usize| median(members().map(|point| point.at[coordinate]));
        if let (Some(x), Some(y)) = (middle(0), middle(1)) {
            let style = TEXT.sized(15.0).bold().aligned(Align::Middle);
            let name = font::fit(name, LONGEST_NAME, style.size, style.weight);
            canvas.haloed_text(plot.at(x, y), &name, style, PAPER.faded(0.85));
        }
    }
}

/// The median, which outliers do not move; `None` if there are no values.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    fn points(count: usize, classes: usize) -> Vec<ScatterPoint> {
        (0..count)
            .map(|index| ScatterPoint {
                at: [(index as f64).sin(), (index as f64 * 1.7).cos()],
                class: index % classes,
                wrong: index % 9 == 1,
            })
            .collect()
    }

    #[test]
    fn points_of_one_and_of_many_classes_are_drawn() {
        for (count, classes) in [(1, 1), (600, 10), (5000, 62)] {
            let class_names: Vec<_> =
                (0..classes).map(|class| format!("<class> & number {class}")).collect();
            let points = points(count, classes);
            let plot = Scatter {
                title: "t-SNE <&>",
                x: "x",
                y: "y",
                class_names: &class_names,
                points: &points,
            };
            assert_drawn(&scatter(&plot).unwrap(), WIDTH);
        }
    }

    #[test]
    fn points_without_class_or_coordinates_are_refused() {
        let class_names = [String::from("0")];
        let draw = |points: &[ScatterPoint]| {
            scatter(&Scatter { title: "", x: "", y: "", class_names: &class_names, points })
        };
        assert!(matches!(draw(&[]), Err(PictureError::Empty { .. })));
        let mut point = points(1, 1)[0];
        point.class = 1;
        assert!(matches!(draw(&[point]), Err(PictureError::Class { index: 0, class: 1, .. })));
        point.at[1] = f64::INFINITY;
        assert!(matches!(draw(&[point]), Err(PictureError::NotFinite { index: 1, .. })));
    }
}
