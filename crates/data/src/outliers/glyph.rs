//! Letters and signs that no digit looks like, drawn with a pen.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{Point, draw_stroke, normal};
use crate::random::uniform;
use crate::shape::ImageShape;

/// Widths of pens, as shares of the image's shorter side: MNIST's are 2 to 4 pixels of 28.
pub(super) const PEN: [f32; 2] = [0.05, 0.15];
/// The largest extent of a glyph, as a share of the side: MNIST's box.
const BOX: f32 = 20.0 / 28.0;
/// Standard deviation of the places of points, as a share of the glyph's extent.
const UNSTEADINESS: f32 = 0.04;

/// Strokes, separated by `|`, as points on a grid from 00 (left, top) to 88; `~` before a stroke makes
/// its corners round. Without the letters that digits look like: B, D, G, I, L, O, Q, S, Z and b, g, i,
/// l, o, q, s, z.
const GLYPHS: [&str; 74] = [
    // A, C, E, F, H, J, K, M, N, P, R, T to Y.
    "08 40 88|25 65",
    "~71 50 20 04 28 58 77",
    "80 00 08 88|04 64",
    "80 00 08|04 64",
    "00 08|80 88|04 84",
    "~80 86 58 28 06",
    "00 08|80 04 88",
    "08 00 44 80 88",
    "08 00 88 80",
    "08 00|~00 60 82 64 04",
    "08 00|~00 60 82 64 04|34 88",
    "00 80|40 48",
    "~00 05 28 68 85 80",
    "00 48 80",
    "00 28 44 68 80",
    "00 88|80 08",
    "00 44 80|44 48",
    // a, c, d, e, f, h, j, k, m, n, p, r, t to y.
    "~76 48 16 14 42 73|72 78",
    "~73 42 14 16 48 77",
    "~76 48 16 14 42 74|70 78",
    "~05 85 42 05 48 87",
    "~70 50 32 34 38|13 63",
    "00 08|~05 34 65 67 68",
    "~52 57 38 18|51 50",
    "00 08|73 05 78",
    "03 08|~05 24 35 38|~35 54 75 78",
    "03 08|~05 34 65 66 68",
    "02 08|~02 42 64 56 06",
    "03 08|~05 33 63",
    "~30 37 58 67|03 63",
    "~03 06 28 57 63|63 68",
    "03 38 63",
    "03 27 44 67 83",
    "03 68|63 08",
    "02 35|62 18",
    // Signs.
    "40 48|04 84",
    "20 18|60 58|02 82|06 86",
    "03 83|05 85",
    "~02 20 62 44|44 46|48 47",
    "40 68 03 83 28 40",
    "40 88 08 40",
    "08 04 40 84 88 08",
    "04 84|51 84 57",
    "04 84|31 04 37",
    "40 48|11 40 71",
    "05 38 80",
    "40 48|12 76|72 16",
    "~44 20 03 48 83 60 44",
    "~04 22 44 66 84",
    "02 82|04 84|06 86",
    "~80 40 44 04 44 48 88",
    "00 88|~00 30 33 03 00|~55 85 88 58 55",
    // Greek.
    "80 00 08",
    "40 08 88 40|26 66",
    "00 80|20 28|60 68",
    "80 00 44 08 88",
    "40 48|~00 04 46 84 80",
    "40 48|~41 81 87 47 07 01 41",
    "08 40 88",
    "~08 28 04 20 60 84 68 88",
    // Cyrillic.
    "40 48|00 44 08|80 44 88",
    "00 08 88 80|40 48",
    "00 08 80 88",
    "88 80|~80 20 02 24 84|54 08",
    "00 08|~40 80 88 48 40|04 44",
    "00 04 84|80 88",
    "08 20 60 68 08|08 88",
    // Han.
    "10 70|03 83|40 43 08|43 88",
    "02 82|40 48|42 07|42 87",
    "00 80 88 08 00|40 48|04 84",
    "03 08 88 83|40 48",
    "00 08|40 48|80 88",
    "03 83|40 43 08|43 88",
    "40 42|02 82|20 28 68 62|25 65",
];

/// Number of Latin letters, which come first.
const LATIN: usize = 35;

/// A random glyph in a random hand, light on black, about as large as MNIST's digits.
pub(super) fn glyph(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    // Letters are what is written most.
    let listed = if random.random() { LATIN } else { GLYPHS.len() };
    let text = GLYPHS[random.random_range(0..listed)];
    let side = shape.height.min(shape.width) as f32;
    let (narrow, slant) = (uniform(random, [0.55, 1.0]), uniform(random, [-0.15, 0.35]));
    let shift = [0, 1].map(|_| 0.02 * normal(random));
    let extent = BOX * side;
    let position = |at: [f32; 2]| -> Point {
        let [x, y] = [at[0] + shift[0] - 0.5, at[1] + shift[1] - 0.5];
        let x = narrow * (x - slant * y);
        [shape.width as f32 / 2.0 + x * extent, shape.height as f32 / 2.0 + y * extent]
    };
    let width = uniform(random, PEN) * side;
    let mut plane = vec![0.0; shape.plane()];
    for stroke in text.split('|') {
        let (is_round, points) = parse(stroke);
        let unsteady =
            points.iter().map(|point| point.map(|at| at + UNSTEADINESS * normal(random)));
        let mut points: Vec<Point> = unsteady.map(position).collect();
        if is_round {
            points = rounded(&rounded(&points));
        }
        draw_stroke(shape, &mut plane, &points, width, 1.0);
    }
    plane.repeat(shape.channels)
}

/// Whether a stroke is round, and its points, from 0 to 1.
fn parse(stroke: &str) -> (bool, Vec<Point>) {
    let points = stroke.trim_start_matches('~').split(' ').map(|point| {
        let mut digits = point.bytes().map(|digit| f32::from(digit - b'0') / 8.0);
        [digits.next().unwrap_or_default(), digits.next().unwrap_or_default()]
    });
    (stroke.starts_with('~'), points.collect())
}

/// The course with every corner cut at a quarter of both its sides (Chaikin, "An algorithm for
/// high-speed curve generation", 1974).
fn rounded(points: &[Point]) -> Vec<Point> {
    let between = |from: Point, to: Point, share: f32| {
        [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]))
    };
    let ends = |points: &[Point]| [points.first().copied(), points.last().copied()];
    let [first, last] = ends(points);
    let cut = points
        .windows(2)
        .flat_map(|ends| [between(ends[0], ends[1], 0.25), between(ends[0], ends[1], 0.75)]);
    first.into_iter().chain(cut).chain(last).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;

    #[test]
    fn glyphs_are_strokes_of_points_on_the_grid() {
        for text in GLYPHS {
            for stroke in text.split('|') {
                let (_, points) = parse(stroke);
                assert!(points.len() >= 2, "{text}");
                let on_grid = |at: &f32| (0.0..=1.0).contains(at);
                assert!(points.iter().flatten().all(on_grid), "{text}");
                assert_eq!(stroke.trim_start_matches('~').len(), 3 * points.len() - 1, "{text}");
            }
        }
    }

    #[test]
    fn no_glyph_is_listed_twice() {
        let distinct: std::collections::BTreeSet<_> = GLYPHS.into_iter().collect();
        assert_eq!(distinct.len(), GLYPHS.len());
    }

    #[test]
    fn rounding_keeps_the_ends() {
        let points = rounded(&[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]);
        assert_eq!(points, [[0., 0.], [1., 0.], [3., 0.], [4., 1.], [4., 3.], [4., 4.]]);
    }
}
