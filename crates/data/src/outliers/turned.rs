//! Training images in a direction that nobody writes or photographs them in.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::image::Image;

/// Images whose turned version correlates with them more than this look as before.
const MOST_CORRELATION: f32 = 0.6;

/// The square image turned by a quarter to either side, in half of the cases mirrored first. `None` if
/// it looks as before.
pub(super) fn turned(image: &Image, random: &mut Pcg32) -> Option<Image> {
    let side = image.shape.width;
    let (is_mirrored, to_the_left) = (random.random::<bool>(), random.random::<bool>());
    let source = |at: usize| {
        let (row, column) = (at / side % side, at % side);
        let (row, column) =
            if to_the_left { (column, side - 1 - row) } else { (side - 1 - column, row) };
        let column = if is_mirrored { side - 1 - column } else { column };
        at / (side * side) * side * side + row * side + column
    };
    let pixels: Vec<u8> = (0..image.pixels.len()).map(|at| image.pixels[source(at)]).collect();
    let turned = Image { shape: image.shape, pixels };
    (correlation(image, &turned) <= MOST_CORRELATION).then_some(turned)
}

/// Pearson's correlation of the pixels; 1 if all pixels of either are equal.
fn correlation(one: &Image, other: &Image) -> f32 {
    let count = one.pixels.len() as f32;
    let mean = |image: &Image| image.pixels.iter().map(|&p| f32::from(p)).sum::<f32>() / count;
    let (of_one, of_other) = (mean(one), mean(other));
    let (mut product, mut squares, mut other_squares) = (0.0, 0.0, 0.0);
    for (&one, &other) in one.pixels.iter().zip(&other.pixels) {
        let (one, other) = (f32::from(one) - of_one, f32::from(other) - of_other);
        product += one * other;
        squares += one * one;
        other_squares += other * other;
    }
    let scale: f32 = squares * other_squares;
    if scale > 0.0 { product / scale.sqrt() } else { 1.0 }
}
