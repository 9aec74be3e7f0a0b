//! Strokes and blobs over the picture.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{Point, draw_stroke, smooth_field};
use crate::random::uniform;
use crate::shape::ImageShape;

/// Corners of a stroke, at most.
const MOST_CORNERS: usize = 12;

/// Draws one to three strokes of random level and course across the picture, at most `width` pixels
/// wide for a picture of 28 pixels, and as wide in proportion for others.
pub(super) fn strokes(width: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let width = (width * shape.height.min(shape.width) as f32 / 28.0).max(0.5);
    for _ in 0..random.random_range(1..=3) {
        let points = course(random, shape);
        let width = uniform(random, [0.5, width.max(0.5)]);
        for plane in levels.chunks_exact_mut(shape.plane()) {
            draw_stroke(shape, plane, &points, width, random.random());
        }
    }
}

/// A course from side to side: straight, bent or jagged.
fn course(random: &mut Pcg32, shape: ImageShape) -> Vec<Point> {
    let point = |random: &mut Pcg32| -> Point {
        let within = |side: usize| [-0.1 * side as f32, 1.1 * side as f32];
        [uniform(random, within(shape.width)), uniform(random, within(shape.height))]
    };
    let (from, to) = (point(random), point(random));
    let corners = random.random_range(0..=MOST_CORNERS);
    let jag = uniform(random, [0.0, 0.2]) * shape.height.min(shape.width) as f32;
    let between = (1..=corners).map(|corner| {
        let fraction = corner as f32 / (corners + 1) as f32;
        [0, 1].map(|axis| {
            from[axis] + fraction * (to[axis] - from[axis]) + uniform(random, [-jag, jag])
        })
    });
    let between: Vec<Point> = between.collect();
    std::iter::once(from).chain(between).chain([to]).collect()
}

/// Covers `fraction` of the picture with blobs of one random colour.
pub(super) fn blobs(fraction: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let cells = random.random_range(4..=12);
    let field = smooth_field(random, shape, cells);
    let covered = ((1.0 - fraction) * (field.len() - 1) as f32) as usize;
    let mut sorted = field.clone();
    let (_, &mut threshold, _) = sorted.select_nth_unstable_by(covered, f32::total_cmp);
    let steepness = uniform(random, [5.0, 40.0]);
    for plane in levels.chunks_exact_mut(shape.plane()) {
        let of_blobs: f32 = random.random();
        for (level, field) in plane.iter_mut().zip(&field) {
            let cover = ((field - threshold) * steepness + 0.5).clamp(0.0, 1.0);
            *level += cover * (of_blobs - *level);
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 40, width: 40 };

    #[test]
    fn blobs_cover_their_share() {
        for fraction in [0.0, 0.2, 0.5] {
            let mut covered = 0.0;
            for seed in 0..50 {
                let mut levels = vec![5.0; 1600];
                let mut random = stream(Purpose::Photometric, seed, &[]);
                blobs(fraction, &mut random, SHAPE, &mut levels);
                covered +=
                    levels.iter().filter(|&&level| level < 3.0).count() as f32 / 1600.0 / 50.0;
            }
            assert!((covered - fraction).abs() < 0.02, "{covered} of {fraction}");
        }
    }

    #[test]
    fn strokes_change_a_small_part() {
        let mut changed = 0;
        for seed in 0..100 {
            let mut levels = vec![5.0; 1600];
            strokes(2.0, &mut stream(Purpose::Photometric, seed, &[]), SHAPE, &mut levels);
            changed += levels.iter().filter(|&&level| level < 5.0).count();
        }
        assert!((3_000..40_000).contains(&changed), "{changed} of 160,000");
    }
}
