//! Blur and compression: details are lost.

use std::f32::consts::PI;

use rand_pcg::Pcg32;

use super::levels::Levels;
use crate::filters::{Kernel, convolve, jpeg_artefacts};
use crate::random::uniform;

/// Standard deviation of the blur before and after pixels are exchanged, as a share of the side.
const GLASS_BLUR: f32 = 0.02;

/// Blurs with a disc of this radius in pixels.
pub(super) fn defocus(levels: &mut Levels, radius: f32) {
    convolve(levels.shape, &mut levels.values, &Kernel::disc(radius));
}

/// Blurs along a line of `length` pixels in a random direction.
pub(super) fn motion(levels: &mut Levels, random: &mut Pcg32, length: f32) {
    let kernel = Kernel::line(length, uniform(random, [0.0, PI]));
    convolve(levels.shape, &mut levels.values, &kernel);
}

/// Compresses as JPEG of this quality, 1 to 100.
pub(super) fn jpeg(levels: &mut Levels, quality: f32) {
    jpeg_artefacts(levels.shape, &mut levels.values, quality);
}

/// Exchanges pixels at random with others up to `reach` pixels (rounded) away, between two slight blurs.
pub(super) fn glass(levels: &mut Levels, random: &mut Pcg32, reach: f32) {
    let (height, width, plane) = (levels.shape.height, levels.shape.width, levels.shape.plane());
    let reach = reach.max(0.55);
    slight_blur(levels);
    for row in 0..height {
        for column in 0..width {
            let mut near = |at: usize, side: usize| {
                let moved = at as f32 + uniform(random, [-reach, reach]).round();
                moved.clamp(0.0, side as f32 - 1.0) as usize
            };
            let other = near(row, height) * width + near(column, width);
            for channel in levels.values.chunks_exact_mut(plane) {
                channel.swap(row * width + column, other);
            }
        }
    }
    slight_blur(levels);
}

fn slight_blur(levels: &mut Levels) {
    let row = Kernel::gaussian_row(GLASS_BLUR * levels.side());
    convolve(levels.shape, &mut levels.values, &row);
    convolve(levels.shape, &mut levels.values, &row.transposed());
}

/// Replaces squares of `length` pixels by their means; their grid has a random offset.
pub(super) fn pixelate(levels: &mut Levels, random: &mut Pcg32, length: f32) {
    let length = length.max(1.25);
    let (height, width, plane) = (levels.shape.height, levels.shape.width, levels.shape.plane());
    let offsets = [0, 1].map(|_| uniform(random, [0.0, length]));
    let square = |at: usize, offset: f32| ((at as f32 + offset) / length) as usize;
    let across = square(width, offsets[0]) + 1;
    let of_place = |place: usize| {
        square(place / width, offsets[1]) * across + square(place % width, offsets[0])
    };
    let squares = (square(height, offsets[1]) + 1) * across;
    for channel in levels.values.chunks_exact_mut(plane) {
        let mut sums = vec![(0.0, 0.0); squares];
        for (place, level) in channel.iter().enumerate() {
            let sum = &mut sums[of_place(place)];
            *sum = (sum.0 + level, sum.1 + 1.0);
        }
        for (place, level) in channel.iter_mut().enumerate() {
            let (sum, count) = sums[of_place(place)];
            *level = sum / count;
        }
    }
}
