//! Light, background and colours.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{map_levels, pattern, smooth_field};
use crate::random::uniform;
use crate::shape::ImageShape;

/// Most squares of a smooth background's grid along a side.
const MOST_CELLS: usize = 6;

/// Lightens every channel by a random field of at most `strength`, as a second exposure does:
/// `1 − (1 − level) · (1 − field)`. White stays white, so light ink loses contrast. Half of the fields are
/// smooth, the others patterns.
pub(super) fn background(strength: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let is_smooth = random.random::<bool>();
    let cells = random.random_range(1..=MOST_CELLS);
    let floor = random.random::<f32>() * strength;
    for plane in levels.chunks_exact_mut(shape.plane()) {
        let field =
            if is_smooth { smooth_field(random, shape, cells) } else { pattern(random, shape) };
        for (level, field) in plane.iter_mut().zip(field) {
            let field = floor + (strength - floor) * field;
            *level += field * (1.0 - *level);
        }
    }
}

/// Adds light that grows in a random direction, from `−strength / 2` to `strength / 2`.
pub(super) fn gradient(strength: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let angle = uniform(random, [0.0, std::f32::consts::TAU]);
    let (down, right) = angle.sin_cos();
    let reach = (down.abs() + right.abs()).max(1e-6);
    let (height, width) = (shape.height as f32, shape.width as f32);
    for plane in levels.chunks_exact_mut(shape.plane()) {
        for (row, line) in plane.chunks_exact_mut(shape.width).enumerate() {
            let of_row = down * ((row as f32 + 0.5) / height - 0.5);
            for (column, level) in line.iter_mut().enumerate() {
                let of_column = right * ((column as f32 + 0.5) / width - 0.5);
                *level += strength * (of_row + of_column) / reach;
            }
        }
    }
}

/// Multiplies the distance of every level from the image's mean by `factor`.
pub(super) fn contrast(factor: f32, levels: &mut [f32]) {
    let mean = levels.iter().sum::<f32>() / levels.len() as f32;
    map_levels(levels, |level| mean + factor * (level - mean));
}

/// Multiplies the distance of every colour from the grey of the same luma (ITU-R BT.601) by `factor`.
pub(super) fn saturate(factor: f32, levels: &mut [f32]) {
    for_colours(levels, |[red, green, blue]| {
        let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
        [red, green, blue].map(|level| grey + factor * (level - grey))
    });
}

/// Turns all hues by this share of a full turn: a rotation about the axis of greys.
pub(super) fn turn_hue(turn: f32, levels: &mut [f32]) {
    let (sine, cosine) = (turn * std::f32::consts::TAU).sin_cos();
    // Rodrigues' formula for the axis (1, 1, 1) / √3.
    let same = cosine + (1.0 - cosine) / 3.0;
    let (next, last) = ((1.0 - cosine) / 3.0, sine / 3.0_f32.sqrt());
    for_colours(levels, |[red, green, blue]| {
        [
            same * red + (next - last) * green + (next + last) * blue,
            (next + last) * red + same * green + (next - last) * blue,
            (next - last) * red + (next + last) * green + same * blue,
        ]
    });
}

fn for_colours(levels: &mut [f32], change: impl Fn([f32; 3]) -> [f32; 3]) {
    let (red, rest) = levels.split_at_mut(levels.len() / 3);
    let (green, blue) = rest.split_at_mut(red.len());
    for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
        [*red, *green, *blue] = change([*red, *green, *blue]);
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 10, width: 16 };

    #[test]
    fn a_background_lightens_black_and_keeps_white() {
        for seed in 0..50 {
            let mut random = stream(Purpose::Photometric, seed, &[]);
            let mut levels = vec![0.0; 160];
            levels[80..].fill(1.0);
            background(0.4, &mut random, SHAPE, &mut levels);
            assert!(levels[..80].iter().all(|level| (0.0..=0.4).contains(level)));
            assert!(levels[80..].iter().all(|level| (level - 1.0).abs() < 1e-6));
        }
    }

    #[test]
    fn a_gradient_reaches_its_strength_from_corner_to_corner() {
        for seed in 0..50 {
            let mut levels = vec![0.5; 160];
            gradient(0.6, &mut stream(Purpose::Photometric, seed, &[]), SHAPE, &mut levels);
            let mean = levels.iter().sum::<f32>() / 160.0;
            let range = levels
                .iter()
                .fold([1.0_f32, 0.0_f32], |[low, high], &level| [low.min(level), high.max(level)]);
            assert!((mean - 0.5).abs() < 1e-5);
            assert!((0.5..=0.6).contains(&(range[1] - range[0])), "{range:?}");
        }
    }

    #[test]
    fn contrast_keeps_the_mean() {
        let mut levels = vec![0.0, 0.5, 1.0, 0.5];
        contrast(0.5, &mut levels);
        assert_eq!(levels, [0.25, 0.5, 0.75, 0.5]);
    }

    #[test]
    fn no_saturation_is_grey_and_a_third_of_a_turn_exchanges_colours() {
        let mut colour = vec![0.8, 0.2, 0.1];
        turn_hue(1.0 / 3.0, &mut colour);
        for (level, expected) in colour.iter().zip([0.1, 0.8, 0.2]) {
            assert!((level - expected).abs() < 1e-6, "{colour:?}");
        }
        saturate(0.0, &mut colour);
        assert!((colour[0] - colour[1]).abs() < 1e-6 && (colour[1] - colour[2]).abs() < 1e-6);
        let mut grey = vec![0.3; 3];
        turn_hue(0.2, &mut grey);
        assert!(grey.iter().all(|level| (level - 0.3).abs() < 1e-6));
    }
}
