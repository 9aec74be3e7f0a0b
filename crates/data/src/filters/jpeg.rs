//! What JPEG does to a picture: the coefficients of blocks of 8×8 pixels are quantized
//! (ITU-T T.81, 1992). Entropy coding loses nothing, so it is left out; colours are not subsampled.

use std::f32::consts::PI;
use std::sync::LazyLock;

use crate::shape::ImageShape;

const SIDE: usize = 8;
type Block = [f32; SIDE * SIDE];

/// Steps of the luminance at quality 50 (T.81, table K.1).
const LUMINANCE: [u8; SIDE * SIDE] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
/// Steps of the two differences of colour at quality 50 (T.81, table K.2).
const CHROMINANCE: [u8; SIDE * SIDE] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// Compresses and decompresses the image at `quality`, 1 to 100, as libjpeg scales its tables.
pub(crate) fn jpeg_artefacts(shape: ImageShape, levels: &mut [f32], quality: f32) {
    let is_rgb = shape.channels == 3;
    if is_rgb {
        transform_colours(levels, &TO_LUMINANCE);
    }
    for (channel, plane) in levels.chunks_exact_mut(shape.plane()).enumerate() {
        let table = if is_rgb && channel > 0 { &CHROMINANCE } else { &LUMINANCE };
        quantize_plane(shape, plane, &steps(table, quality));
    }
    if is_rgb {
        transform_colours(levels, &FROM_LUMINANCE);
    }
}

/// From RGB to luminance and two differences of colour (JFIF, ITU-R BT.601).
const TO_LUMINANCE: [[f32; 3]; 3] =
    [[0.299, 0.587, 0.114], [-0.168_736, -0.331_264, 0.5], [0.5, -0.418_688, -0.081_312]];
const FROM_LUMINANCE: [[f32; 3]; 3] =
    [[1.0, 0.0, 1.402], [1.0, -0.344_136, -0.714_136], [1.0, 1.772, 0.0]];

fn transform_colours(levels: &mut [f32], matrix: &[[f32; 3]; 3]) {
    let (first, rest) = levels.split_at_mut(levels.len() / 3);
    let (second, third) = rest.split_at_mut(first.len());
    for ((a, b), c) in first.iter_mut().zip(second).zip(third) {
        let colour = [*a, *b, *c];
        [*a, *b, *c] =
            matrix.map(|row| row.iter().zip(colour).map(|(weight, level)| weight * level).sum());
    }
}

/// The quantization steps at `quality`, in levels, by the formula of libjpeg's `jpeg_quality_scaling`.
fn steps(table: &[u8; SIDE * SIDE], quality: f32) -> Block {
    let quality = quality.clamp(1.0, 100.0);
    let percent = if quality < 50.0 { 5000.0 / quality } else { 200.0 - 2.0 * quality };
    table.map(|step| (f32::from(step) * percent / 100.0).round().clamp(1.0, 255.0) / 255.0)
}

fn quantize_plane(shape: ImageShape, plane: &mut [f32], steps: &Block) {
    for top in (0..shape.height).step_by(SIDE) {
        for left in (0..shape.width).step_by(SIDE) {
            let mut block = [0.0; SIDE * SIDE];
            for (at, value) in block.iter_mut().enumerate() {
                let row = (top + at / SIDE).min(shape.height - 1);
                let column = (left + at % SIDE).min(shape.width - 1);
                *value = plane[row * shape.width + column] - 0.5;
            }
            let mut coefficients = multiply(&multiply(&COSINES.0, &block), &COSINES.1);
            for (coefficient, step) in coefficients.iter_mut().zip(steps) {
                *coefficient = (*coefficient / step).round_ties_even() * step;
            }
            let block = multiply(&multiply(&COSINES.1, &coefficients), &COSINES.0);
            let width = SIDE.min(shape.width - left);
            for (row, values) in block.chunks_exact(SIDE).enumerate().take(shape.height - top) {
                let out = &mut plane[(top + row) * shape.width + left..][..width];
                for (out, value) in out.iter_mut().zip(values) {
                    *out = value + 0.5;
                }
            }
        }
    }
}

/// The orthonormal discrete cosine transform (type II) as a matrix, and its transpose, which is its
/// inverse.
static COSINES: LazyLock<(Block, Block)> = LazyLock::new(|| {
    let cosine = |frequency: usize, at: usize| {
        let scale = if frequency == 0 { (1.0 / SIDE as f32).sqrt() } else { 0.5 };
        scale * (PI * (at as f32 + 0.5) * frequency as f32 / SIDE as f32).cos()
    };
    let forward = std::array::from_fn(|index| cosine(index / SIDE, index % SIDE));
    let inverse = std::array::from_fn(|index| cosine(index % SIDE, index / SIDE));
    (forward, inverse)
});

fn multiply(left: &Block, right: &Block) -> Block {
    let mut product = [0.0; SIDE * SIDE];
    for (left, out) in left.chunks_exact(SIDE).zip(product.chunks_exact_mut(SIDE)) {
        for (factor, row) in left.iter().zip(right.chunks_exact(SIDE)) {
            for (out, value) in out.iter_mut().zip(row) {
                *out += factor * value;
            }
        }
    }
    product
}
