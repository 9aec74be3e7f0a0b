//! Edges: the gradient's magnitude at each pixel.

use imageproc::gradients::sobel_gradients;

use crate::grey::extended;

/// The largest response of one 3×3 Sobel kernel to levels of 0 to 255: 4 · 255.
const MAX_RESPONSE: f32 = 1020.0;

/// The magnitude of the Sobel gradient (Sobel and Feldman 1968) at each pixel, `[height, width]`,
/// 0 to √2.
pub(crate) fn edges(levels: &[u8], height: usize, width: usize) -> Vec<f32> {
    let image = extended(levels, (height, width), (0, 0), (height, width));
    sobel_gradients(&image).iter().map(|&magnitude| f32::from(magnitude) / MAX_RESPONSE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_image_has_no_edges() {
        assert_eq!(edges(&[200; 12], 3, 4), [0.0; 12]);
    }

    #[test]
    fn a_step_is_an_edge_on_both_sides_of_it() {
        let row = [0, 0, 255, 255];
        assert_eq!(edges(&row.repeat(3), 3, 4), [0.0, 1.0, 1.0, 0.0].repeat(3));
    }
}
