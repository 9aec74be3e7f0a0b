//! A smooth surface through grey levels: how light falls on paper.

use image::GrayImage;

/// Iterations of reweighting. After eight, the surface changes by less than one grey level.
const ROUNDS: usize = 12;
/// Residuals below this many grey levels, the thumbnail's rounding error, get the same weight.
const ROUNDING: f64 = 2.0;
/// Terms of the surface: 1, x, y, x², xy, y².
const TERMS: usize = 6;

/// The surface's terms at a pixel, with coordinates scaled to −1 to 1.
fn terms(x: u32, y: u32, (width, height): (u32, u32)) -> [f64; TERMS] {
    let scaled = |at: u32, length: u32| {
        if length < 2 { 0.0 } else { 2.0 * f64::from(at) / f64::from(length - 1) - 1.0 }
    };
    let (x, y) = (scaled(x, width), scaled(y, height));
    [1.0, x, y, x * x, x * y, y * y]
}

/// The quadratic surface with the least sum of absolute deviations from the pixels of paper, by
/// iteratively reweighted least squares; one value for each pixel of the picture.
pub fn fit_surface(picture: &GrayImage, paper: &[bool]) -> Vec<f64> {
    let size = picture.dimensions();
    let rows: Vec<([f64; TERMS], f64)> = picture
        .enumerate_pixels()
        .map(|(x, y, level)| (terms(x, y, size), f64::from(level.0[0])))
        .collect();
    let median = f64::from(median_level(picture));
    let mut surface = vec![median; rows.len()];
    for _ in 0..ROUNDS {
        let mut matrix = [[0.0; TERMS]; TERMS];
        let mut right = [0.0; TERMS];
        let points = rows.iter().zip(&surface).zip(paper).filter(|(_, is_paper)| **is_paper);
        for (((terms, level), fitted), _) in points {
            let weight = 1.0 / (level - fitted).abs().max(ROUNDING);
            for row in 0..TERMS {
                right[row] += weight * terms[row] * level;
                for column in 0..TERMS {
                    matrix[row][column] += weight * terms[row] * terms[column];
                }
            }
        }
        // A few pixels do not determine all terms; a small ridge penalty makes the system regular.
        let ridge = 1e-6 * (1.0 + matrix[0][0]);
        (0..TERMS).for_each(|index| matrix[index][index] += ridge);
        let factors = solve(matrix, right);
        for ((terms, _), fitted) in rows.iter().zip(&mut surface) {
            *fitted = terms.iter().zip(&factors).map(|(term, factor)| term * factor).sum();
        }
    }
    surface
}

/// Solves a symmetric positive definite system by Gaussian elimination; its pivots are above zero.
fn solve(mut matrix: [[f64; TERMS]; TERMS], mut right: [f64; TERMS]) -> [f64; TERMS] {
    for pivot in 0..TERMS {
        for row in pivot + 1..TERMS {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot];
            for (left, above) in matrix[row].iter_mut().zip(above).skip(pivot) {
                *left -= factor * above;
            }
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..TERMS).rev() {
        let known: f64 = (row + 1..TERMS).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

/// The median grey level; 0 for a picture without pixels.
pub fn median_level(picture: &GrayImage) -> u8 {
    let mut levels = picture.as_raw().clone();
    let middle = levels.len() / 2;
    if levels.is_empty() { 0 } else { *levels.select_nth_unstable(middle).1 }
}
