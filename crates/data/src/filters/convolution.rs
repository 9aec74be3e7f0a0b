//! Convolution with a border that is repeated.

use super::kernel::Kernel;
use crate::shape::ImageShape;

/// Convolves every channel with `kernel` (as networks do: without turning it over).
pub(crate) fn convolve(shape: ImageShape, levels: &mut [f32], kernel: &Kernel) {
    let (down, right) = (kernel.height / 2, kernel.width / 2);
    let stride = shape.width + 2 * right;
    let mut padded = vec![0.0; stride * (shape.height + 2 * down)];
    for plane in levels.chunks_exact_mut(shape.plane()) {
        for (row, padded) in padded.chunks_exact_mut(stride).enumerate() {
            let source = row.saturating_sub(down).min(shape.height - 1);
            let source = &plane[source * shape.width..][..shape.width];
            padded[..right].fill(source[0]);
            padded[right..right + shape.width].copy_from_slice(source);
            padded[right + shape.width..].fill(source[shape.width - 1]);
        }
        for (row, out) in plane.chunks_exact_mut(shape.width).enumerate() {
            out.fill(0.0);
            for (at, &weight) in kernel.weights.iter().enumerate() {
                // Lines and discs have many zeros.
                if weight != 0.0 {
                    let (tap_row, tap_column) = (at / kernel.width, at % kernel.width);
                    let source = &padded[(row + tap_row) * stride + tap_column..][..shape.width];
                    for (out, source) in out.iter_mut().zip(source) {
                        *out += weight * source;
                    }
                }
            }
        }
    }
}
