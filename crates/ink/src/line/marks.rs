//! Marks between digits, recognized by their shape and their place on the line.

use crate::bounding_box::BoundingBox;
use crate::components::Component;

/// What stands between the digits of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A decimal point: a dot on the baseline.
    Point,
    /// A comma: a stroke from the baseline to below it.
    Comma,
    /// A minus or a hyphen: a horizontal stroke at half the digits' height.
    Minus,
    /// A slash: a straight stroke that slants to the right and is higher than the digits.
    Slash,
    /// A gap as wide as the digits are high.
    Space,
    /// A mark that is none of these.
    Unknown,
}

/// A mark and its position on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is.
    pub kind: MarkKind,
    /// Number of segments to the left of it.
    pub segment: usize,
    /// The smallest rectangle that contains it.
    pub bounds: BoundingBox,
}

/// Top and bottom of the digits beside a mark, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    /// The first row.
    pub top: f32,
    /// The baseline.
    pub bottom: f32,
    /// The height of the line's digits.
    pub height: f32,
    /// The gap to the digit on the left; infinite if there is none.
    pub gap: f32,
}

/// Smallest gap to the digit on the left at which a high horizontal stroke is a minus, and not the
/// broken bar of a 5 or a 7, relative to the digits' height.
const MIN_GAP_OF_MINUS: f32 = 0.12;

/// Smallest part of its bounding box that a dot fills.
const MIN_FILL: f32 = 0.55;
/// Largest side of a dot, relative to the digits' height.
const MAX_DOT: f32 = 0.24;
/// Largest ratio of a straight stroke's thickness to its length.
const MAX_STROKE: f32 = 0.25;
/// Smallest part that the ink is of the bar of the same length and thickness.
const MIN_STRAIGHT: f32 = 0.72;
/// Slant of strokes that may be slashes, in columns to the right for each row up.
const SLASHES: std::ops::Range<f32> = 0.12..1.2;
/// Smallest slant of a stroke that is no 1.
const MIN_SLANT: f32 = 0.2;
/// Smallest height of a slash, relative to the digits' height.
const MIN_SLASH: f32 = 1.22;
/// Smallest height of a stroke that may be a slash as well as a 1, relative to the digits' height.
const MIN_DOUBTFUL: f32 = 1.12;

/// Whether a component that is as high as digits is a slash, a digit, or may be either (`None`).
/// `height` is that of the line's digits.
pub fn is_slash(component: &Component, height: f32) -> Option<bool> {
    let own = component.bounds.height() as f32 / height;
    if own < MIN_DOUBTFUL || !is_straight(component) {
        return Some(false);
    }
    let slant = component.stroke().slant;
    if !SLASHES.contains(&slant) {
        return Some(false);
    }
    match (own >= MIN_SLASH, slant >= MIN_SLANT) {
        (true, true) => Some(true),
        (true, false) | (false, true) => None,
        (false, false) => Some(false),
    }
}

/// What a component that is lower than digits is, from its shape and its place beside them.
pub fn classify(component: &Component, digits: &Digits) -> MarkKind {
    let bounds = &component.bounds;
    let (width, height) =
        (bounds.width() as f32 / digits.height, bounds.height() as f32 / digits.height);
    // 0 at the digits' top, 1 at the baseline.
    let place = |row: f32| (row - digits.top) / (digits.bottom - digits.top).max(1.0);
    let (top, bottom) = (place(bounds.top as f32), place(bounds.bottom as f32));
    let middle = f32::midpoint(top, bottom);
    let fill = component.area as f32 / (bounds.width() * bounds.height()) as f32;
    let is_apart = digits.gap >= MIN_GAP_OF_MINUS * digits.height;
    let highest = if is_apart { 0.2 } else { 0.35 };
    if (highest..=0.75).contains(&middle) && width >= 0.18 && width >= 1.8 * height && height <= 0.3
    {
        return MarkKind::Minus;
    }
    let is_dot = width.max(height) <= MAX_DOT
        && fill >= MIN_FILL
        && (0.6..=1.35).contains(&(height / width));
    if is_dot && middle >= 0.75 && bottom <= 1.1 {
        return MarkKind::Point;
    }
    let is_tail = height >= 1.25 * width && (0.12..=0.5).contains(&height) && width <= 0.3;
    if is_tail && top >= 0.65 && bottom >= 1.02 {
        return MarkKind::Comma;
    }
    MarkKind::Unknown
}

fn is_straight(component: &Component) -> bool {
    let stroke = component.stroke();
    let bar = (stroke.length * stroke.thickness).max(1.0);
    stroke.thickness <= MAX_STROKE * stroke.length && component.area as f32 >= MIN_STRAIGHT * bar
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;
    use crate::components::Components;

    /// The component that a stroke from the bottom at column 60 makes: 8 pixels thick, this high, and
    /// slanting by so many columns for each row up.
    fn stroke(height: u32, slant: f32) -> Component {
        let ink = GrayImage::from_fn(300, 200, |x, y| {
            let up = 180.0 - y as f32;
            let is_ink =
                (0.0..height as f32).contains(&up) && (x as f32 - 60.0 - slant * up).abs() <= 4.0;
            Luma([if is_ink { 200 } else { 0 }])
        });
        Components::find(&ink, &ink).all[0]
    }

    #[test]
    fn slashes_are_high_and_slant_and_what_may_be_a_1_is_open() {
        for (height, slant, expected) in [
            (130, 0.4, Some(true)),
            (130, 0.15, None),
            (116, 0.4, None),
            (116, 0.15, Some(false)),
            (100, 0.4, Some(false)),
            (130, 0.0, Some(false)),
            (130, -0.4, Some(false)),
        ] {
            assert_eq!(is_slash(&stroke(height, slant), 100.0), expected, "{height}, {slant}");
        }
    }
}
