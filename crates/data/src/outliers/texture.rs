//! Textures, noise, and shapes filled with them.

use std::f32::consts::{PI, SQRT_2};

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{draw_stroke, map_levels, normal, pattern};
use crate::random::uniform;
use crate::shape::ImageShape;

/// A texture over the whole image, in a shape on an even background, or crossed by broad lines, as
/// photographs are by the edges of things.
pub(super) fn texture(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let plane = ImageShape { channels: 1, ..shape };
    let mut base =
        if random.random_range(0..3) == 0 { leaves(random, plane) } else { pattern(random, plane) };
    if random.random_range(0..4) == 0 {
        cross_with_lines(random, plane, &mut base);
    }
    let mask = match random.random_range(0..4) {
        0 => Some(silhouette(random, plane)),
        1 => Some(profile(random, plane)),
        _ => None,
    };
    let [dark, light] = [random.random::<f32>(), random.random::<f32>()];
    let background = if random.random() { 0.0 } else { random.random() };
    let mut levels = Vec::with_capacity(shape.pixels());
    for _ in 0..shape.channels {
        // Channels share a pattern, each in a range of its own.
        let [low, high] =
            if shape.channels == 1 { [dark, light] } else { [random.random(), random.random()] };
        levels.extend(base.iter().enumerate().map(|(at, value)| {
            let level = low + value * (high - low);
            mask.as_ref().map_or(level, |mask| background + mask[at] * (level - background))
        }));
    }
    levels
}

/// Discs and rectangles that cover one another, each with a level and a slope of it: the dead leaves
/// model, whose edges are like those of photographs (A. Lee, D. Mumford, J. Huang, "Occlusion models
/// for natural images", 2001). The density of radii falls as their third power.
fn leaves(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let shorter = shape.height.min(shape.width) as f32;
    let [smallest, largest] = [uniform(random, [0.03, 0.15]) * shorter, 0.6 * shorter];
    let mut levels = vec![random.random(); shape.plane()];
    // Drawn from the back to the front.
    for _ in 0..random.random_range(3..60) {
        let quantile = random.random::<f32>() * (1.0 - (smallest / largest).powi(2));
        let radius = smallest / (1.0 - quantile).sqrt();
        let centre = [shape.width, shape.height].map(|side| random.random::<f32>() * side as f32);
        let (sine, cosine) = uniform(random, [0.0, PI]).sin_cos();
        let is_disc = random.random::<bool>();
        let narrow = uniform(random, [0.3, 1.0]);
        let level: f32 = random.random();
        let slope = normal(random) * 0.2;
        // A corner of a rectangle is farthest from the centre.
        let reach = radius * SQRT_2 + 1.0;
        let near = |at: f32, side: usize| {
            (at - reach).max(0.0) as usize..((at + reach).ceil() as usize).min(side)
        };
        for row in near(centre[1], shape.height) {
            for column in near(centre[0], shape.width) {
                let x = (column as f32 + 0.5 - centre[0]) / radius;
                let y = (row as f32 + 0.5 - centre[1]) / radius;
                let [x, y] = [x * cosine + y * sine, (y * cosine - x * sine) / narrow];
                let distance = if is_disc { x.hypot(y) } else { x.abs().max(y.abs()) };
                // The edge is a pixel wide.
                let covered = ((1.0 - distance) * radius + 0.5).clamp(0.0, 1.0);
                let value = &mut levels[row * shape.width + column];
                *value += covered * (level + slope * x - *value);
            }
        }
    }
    levels
}

/// An upright shape whose width changes from its top to its bottom, in half of the cases with a gap
/// that opens below, as clothes, towers and tools are: 1 inside and 0 outside.
fn profile(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    const KNOTS: usize = 5;
    let widths: [f32; KNOTS] = std::array::from_fn(|_| uniform(random, [0.06, 0.4]));
    // Narrower ones would be strokes, as of the digit 1.
    let broadest = widths.iter().copied().fold(0.0, f32::max).max(1e-3);
    let scale = (uniform(random, [0.13, 0.45]) / broadest).max(1.0);
    let [top, bottom] = [uniform(random, [-0.05, 0.15]), uniform(random, [0.85, 1.05])];
    let [middle, lean] = [uniform(random, [0.4, 0.6]), uniform(random, [-0.1, 0.1])];
    let gap = random.random::<bool>().then(|| {
        let [start, width] = [uniform(random, [0.1, 0.7]), uniform(random, [0.02, 0.15])];
        [start, width]
    });
    let half = |along: f32| {
        let place = along * (KNOTS - 1) as f32;
        let before = (place as usize).min(KNOTS - 2);
        let [from, to] = [widths[before], widths[before + 1]];
        scale * (from + (to - from) * (place - before as f32))
    };
    let is_inside = |at: usize| {
        let across = ((at % shape.width) as f32 + 0.5) / shape.width as f32;
        let along = ((at / shape.width) as f32 + 0.5) / shape.height as f32;
        let along = (along - top) / (bottom - top);
        let distance = (across - middle - lean * (along - 0.5)).abs();
        let opened = gap.map_or(0.0, |[start, width]| width * (along - start) / (1.0 - start));
        (0.0..=1.0).contains(&along) && distance <= half(along) && distance >= opened.max(0.0)
    };
    (0..shape.plane()).map(|at| f32::from(u8::from(is_inside(at)))).collect()
}

/// Draws one to three broad lines from beyond one border to beyond another over a pattern that they
/// nearly hide.
fn cross_with_lines(random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let behind = random.random::<f32>();
    let contrast = uniform(random, [0.0, 0.4]);
    map_levels(levels, |level| behind + contrast * (level - behind));
    let (height, width) = (shape.height as f32, shape.width as f32);
    for _ in 0..random.random_range(1..=3) {
        let mut along = |length: f32| uniform(random, [-0.1, 1.1]) * length;
        let points = if along(1.0) < 0.5 {
            [[along(width), -height], [along(width), along(height)], [along(width), 2.0 * height]]
        } else {
            [[-width, along(height)], [along(width), along(height)], [2.0 * width, along(height)]]
        };
        let broad = uniform(random, [0.04, 0.4]) * height.min(width);
        draw_stroke(shape, levels, &points, broad, random.random());
    }
}

/// A union of up to four rectangles and ellipses near the centre, in half of the cases mirrored as
/// clothes and vessels are: 1 inside and 0 outside.
fn silhouette(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let mut mask = vec![0.0_f32; shape.plane()];
    let (height, width) = (shape.height as f32, shape.width as f32);
    for _ in 0..random.random_range(1..=4) {
        let centre = [uniform(random, [0.3, 0.7]) * width, uniform(random, [0.3, 0.7]) * height];
        let half = [uniform(random, [0.1, 0.4]) * width, uniform(random, [0.1, 0.45]) * height];
        let (sine, cosine) = normal(random).sin_cos();
        let is_ellipse = random.random::<bool>();
        for (at, value) in mask.iter_mut().enumerate() {
            let x = (at % shape.width) as f32 - centre[0];
            let y = (at / shape.width) as f32 - centre[1];
            let [x, y] = [(x * cosine + y * sine) / half[0], (y * cosine - x * sine) / half[1]];
            let distance = if is_ellipse { x.hypot(y) } else { x.abs().max(y.abs()) };
            if distance <= 1.0 {
                *value = 1.0;
            }
        }
    }
    if random.random() {
        for line in mask.chunks_exact_mut(shape.width) {
            for column in 0..shape.width / 2 {
                let value = line[column].max(line[shape.width - 1 - column]);
                (line[column], line[shape.width - 1 - column]) = (value, value);
            }
        }
    }
    mask
}
