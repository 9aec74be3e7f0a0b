//! Histograms of oriented gradients: the directions of edges, in cells of the image.

use imageproc::hog::{HogOptions, hog};

use crate::grey::extended;

/// Number of directions in 360 degrees (signed gradients). Dalal and Triggs (2005, section 6.3) use
/// 9 in 180 degrees, because clothes may be lighter or darker than their background; here all
/// images have the same background, so that the sign is informative.
const ORIENTATIONS: usize = 9;

/// Number of cells of a block by height and by width. Blocks overlap by all but one cell, and each
/// block is normalized to unit length (Dalal and Triggs 2005, section 6.4).
const BLOCK: usize = 2;

/// Largest number of cells on the longer side of an image; 28 pixels are 7 cells of 4. Larger cells
/// cost accuracy on MNIST and Fashion-MNIST, smaller ones hardly improve it and make the vector
/// longer.
const CELLS: usize = 8;

/// The layout of the cells on images of one size.
///
/// imageproc requires sides that are multiples of the cell's side, so the image is extended to
/// them, equally on both sides. imageproc centres cell `i` at pixel `i · side`, not in the middle
/// of the cell; pixels beyond the centre of the last cell have less weight the farther they are
/// from it.
struct Layout {
    side: usize,
    cells: (usize, usize), // (by height, by width)
}

impl Layout {
    fn of(height: usize, width: usize) -> Self {
        let side = height.max(width).div_ceil(CELLS).max(2);
        let along = |length: usize| length.div_ceil(side).max(BLOCK);
        Self { side, cells: (along(height), along(width)) }
    }
}

/// Number of features of an image.
pub(crate) fn length(height: usize, width: usize) -> usize {
    let (rows, columns) = Layout::of(height, width).cells;
    (rows + 1 - BLOCK) * (columns + 1 - BLOCK) * BLOCK * BLOCK * ORIENTATIONS
}

/// The blocks of histograms, `[blocks by height, by width, BLOCK, BLOCK, ORIENTATIONS]`. Each block
/// has unit length, or is zero where the image is constant.
pub(crate) fn oriented_gradients(levels: &[u8], height: usize, width: usize) -> Vec<f32> {
    let Layout { side, cells: (rows, columns) } = Layout::of(height, width);
    let (tall, wide) = (rows * side, columns * side);
    let before = ((tall - height) / 2, (wide - width) / 2);
    let image = extended(levels, (height, width), before, (tall, wide));
    let options = HogOptions::new(ORIENTATIONS, true, side, BLOCK, 1);
    // `hog` fails only if sides are not multiples of the cell's, or if there is no block.
    hog(&image, options).unwrap_or_else(|_| vec![0.0; length(height, width)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_descriptor_has_the_computed_length() {
        for (height, width) in [(1, 1), (8, 8), (9, 31), (28, 28), (32, 32), (64, 48), (100, 7)] {
            let levels: Vec<u8> = (0..height * width).map(|at| (at * 7) as u8).collect();
            let features = oriented_gradients(&levels, height, width);
            assert_eq!(features.len(), length(height, width), "{height}×{width}");
            assert!(features.iter().any(|&value| value > 0.0) || height * width == 1);
        }
    }

    #[test]
    fn it_does_not_depend_on_brightness() {
        let levels: Vec<u8> = (0..=255).map(|level: u8| level.wrapping_mul(97) % 100).collect();
        let brighter: Vec<u8> = levels.iter().map(|level| level + 100).collect();
        assert_eq!(oriented_gradients(&levels, 16, 16), oriented_gradients(&brighter, 16, 16));
    }

    #[test]
    fn a_vertical_step_votes_for_the_horizontal_direction_alone() {
        let row: Vec<u8> = (0..8).map(|x| if x < 4 { 0 } else { 255 }).collect();
        let features = oriented_gradients(&row.repeat(8), 8, 8);
        for histogram in features.chunks_exact(ORIENTATIONS) {
            assert!(histogram[1..].iter().all(|&vote| vote < 1e-6), "{histogram:?}");
        }
    }
}
