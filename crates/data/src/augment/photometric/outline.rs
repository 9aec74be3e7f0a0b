//! Outlines of strokes.

use crate::filters::{dilate, erode};
use crate::shape::ImageShape;

/// Mixes the image with its outlines: the difference between strokes half a pixel thicker and half a
/// pixel thinner on each side. `strength` is their share.
pub(super) fn outline(strength: f32, shape: ImageShape, levels: &mut [f32]) {
    let (mut thicker, mut thinner) = (levels.to_vec(), levels.to_vec());
    dilate(shape, &mut thicker, 0.5);
    erode(shape, &mut thinner, 0.5);
    for ((level, thicker), thinner) in levels.iter_mut().zip(thicker).zip(thinner) {
        *level += strength * (thicker - thinner - *level);
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;

    #[test]
    fn only_the_border_of_an_even_area_remains() {
        let shape = ImageShape { channels: 1, height: 3, width: 9 };
        let mut levels: Vec<f32> =
            (0..27).map(|at| f32::from(u8::from((2..7).contains(&(at % 9))))).collect();
        outline(1.0, shape, &mut levels);
        assert_eq!(levels[9..18], [0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.5, 0.5, 0.0]);
    }
}
