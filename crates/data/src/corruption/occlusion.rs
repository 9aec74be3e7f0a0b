//! Occlusion: something covers a part of the image. Lines and splashes are black on a light image
//! and white on a dark one, like strokes of its ink.

use rand_pcg::Pcg32;

use super::levels::Levels;
use crate::filters::{Point, draw_stroke};
use crate::random::uniform;

/// Points of a scribbled line between which it is straight.
const CURVE_POINTS: usize = 16;
/// Distance between the dots of a line, in diameters of a dot.
const DOT_SPACING: f32 = 2.0;

/// Covers a square of `length` pixels in a random place with a random level.
pub(super) fn erase(levels: &mut Levels, random: &mut Pcg32, length: f32) {
    let half = length / 2.0;
    let level = uniform(random, [0.0, 1.0]);
    let middle = place_within(levels, random, 0.2);
    cover(levels, level, |[x, y]| (x - middle[0]).abs().max((y - middle[1]).abs()) - half);
}

/// Draws `lines` curves across the image, `width` pixels wide.
pub(super) fn scribble(levels: &mut Levels, random: &mut Pcg32, lines: usize, width: f32) {
    let level = contrasting(levels);
    for _ in 0..lines {
        let points = curve(levels, random);
        for channel in levels.values.chunks_exact_mut(levels.shape.plane()) {
            draw_stroke(levels.shape, channel, &points, width, level);
        }
    }
}

/// Draws `lines` straight lines of dots of `width` pixels across the image.
pub(super) fn dotted_lines(levels: &mut Levels, random: &mut Pcg32, lines: usize, width: f32) {
    let mut dots = Vec::new();
    for _ in 0..lines {
        let [start, end] = opposite_places(levels, random);
        let count = (distance(start, end) / (DOT_SPACING * width)).max(1.0) as usize;
        dots.extend((0..=count).map(|dot| between(start, end, dot as f32 / count as f32)));
    }
    let level = contrasting(levels);
    cover(levels, level, |place| {
        let distances = dots.iter().map(|&dot| squared_distance(place, dot));
        distances.fold(f32::INFINITY, f32::min).sqrt() - width / 2.0
    });
}

/// Draws `count` discs with radii from `least` to `3 · least` pixels, most of them small.
pub(super) fn spatter(levels: &mut Levels, random: &mut Pcg32, count: usize, least: f32) {
    let mut disc = || {
        let middle = place_within(levels, random, 0.0);
        let draw = uniform(random, [0.0, 1.0]);
        (middle, least * (1.0 + 2.0 * draw * draw))
    };
    let discs: Vec<(Point, f32)> = (0..count).map(|_| disc()).collect();
    let level = contrasting(levels);
    cover(levels, level, |place| {
        let distances = discs.iter().map(|&(middle, radius)| distance(place, middle) - radius);
        distances.fold(f32::INFINITY, f32::min)
    });
}

/// Covers the places whose distance from a shape, in pixels, is below 0, with an antialiased edge.
fn cover(levels: &mut Levels, level: f32, distance: impl Fn(Point) -> f32) {
    levels.map_places(
        |place| (0.5 - distance(place)).clamp(0.0, 1.0),
        |old, share| old + share * (level - old),
    );
}

/// The level of strokes that stand out: white if the image is dark, or else black.
fn contrasting(levels: &Levels) -> f32 {
    if levels.mean() < 0.5 { 1.0 } else { 0.0 }
}

/// A random place, at least a share of the side away from the border.
fn place_within(levels: &Levels, random: &mut Pcg32, border: f32) -> Point {
    [levels.shape.width, levels.shape.height]
        .map(|side| uniform(random, [border, 1.0 - border]) * (side as f32 - 1.0))
}

/// Random places at two opposite sides of the image.
fn opposite_places(levels: &Levels, random: &mut Pcg32) -> [Point; 2] {
    let [right, bottom] = [levels.shape.width, levels.shape.height].map(|side| side as f32 - 1.0);
    let upright = uniform(random, [0.0, 1.0]) < 0.5;
    let ends = [uniform(random, [0.1, 0.9]), uniform(random, [0.1, 0.9])];
    if upright {
        [[ends[0] * right, 0.0], [ends[1] * right, bottom]]
    } else {
        [[0.0, ends[0] * bottom], [right, ends[1] * bottom]]
    }
}

/// A cubic Bézier curve across the image.
fn curve(levels: &Levels, random: &mut Pcg32) -> Vec<Point> {
    let [start, end] = opposite_places(levels, random);
    let controls = [place_within(levels, random, 0.0), place_within(levels, random, 0.0)];
    let at = |step: usize| {
        let t = step as f32 / CURVE_POINTS as f32;
        // De Casteljau's construction.
        let (a, b, c) = (
            between(start, controls[0], t),
            between(controls[0], controls[1], t),
            between(controls[1], end, t),
        );
        between(between(a, b, t), between(b, c, t), t)
    };
    (0..=CURVE_POINTS).map(at).collect()
}

fn between(a: Point, b: Point, share: f32) -> Point {
    [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
}

fn distance(a: Point, b: Point) -> f32 {
    squared_distance(a, b).sqrt()
}

fn squared_distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])
}
