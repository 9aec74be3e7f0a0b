//! Conversion to grey images for imageproc, with a border where an algorithm needs one.

use image::{GrayImage, Luma};

/// Weights of red, green and blue in 256ths: ITU-R BT.709, which sRGB uses (0.2126, 0.7152,
/// 0.0722). They add up to 256, so that a grey pixel keeps its level.
const WEIGHTS: [u32; 3] = [54, 183, 19];

/// Grey levels, 0 to 255, `[height, width]`, of pixels `[channels, height, width]`: the luminance
/// of three channels, red, green and blue, and the mean of any other number of them.
///
/// # Panics
///
/// If there are not channels × height × width pixels, or if there are none.
pub(crate) fn grey_levels(pixels: &[u8], channels: usize, height: usize, width: usize) -> Vec<u8> {
    let plane = height * width;
    assert!(channels * plane > 0, "an image of {channels}×{height}×{width} has no pixels");
    assert_eq!(pixels.len(), channels * plane, "pixels of {channels}×{height}×{width}");
    match channels {
        1 => pixels.to_vec(),
        3 => (0..plane)
            .map(|at| {
                let colour = [pixels[at], pixels[plane + at], pixels[2 * plane + at]];
                let weighed = WEIGHTS.iter().zip(colour).map(|(weight, c)| weight * u32::from(c));
                (weighed.sum::<u32>() >> 8) as u8
            })
            .collect(),
        _ => (0..plane)
            .map(|at| {
                let levels = pixels[at..].iter().step_by(plane).map(|&level| usize::from(level));
                (levels.sum::<usize>() / channels) as u8
            })
            .collect(),
    }
}

/// The grey image with a border, `width` × `height` in all, `left` and `top` pixels of which come
/// before the image. Pixels of the border repeat the nearest one of the image, so that the border
/// adds no edge.
pub(crate) fn extended(
    levels: &[u8],
    (inner_height, inner_width): (usize, usize),
    (top, left): (usize, usize),
    (height, width): (usize, usize),
) -> GrayImage {
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        let row = (y as usize).saturating_sub(top).min(inner_height - 1);
        let column = (x as usize).saturating_sub(left).min(inner_width - 1);
        Luma([levels[row * inner_width + column]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_of_equal_channels_is_their_level() {
        for level in [0, 1, 128, 255] {
            assert_eq!(grey_levels(&[level; 3], 3, 1, 1), [level]);
        }
    }

    #[test]
    fn green_is_lighter_than_red_and_red_than_blue() {
        let pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255];
        assert_eq!(grey_levels(&pixels, 3, 1, 3), [53, 182, 18]);
    }

    #[test]
    fn other_numbers_of_channels_are_averaged() {
        assert_eq!(grey_levels(&[10, 20, 30, 60], 2, 1, 2), [20, 40]);
    }

    #[test]
    fn a_border_repeats_the_nearest_pixel() {
        let image = extended(&[1, 2, 3, 4], (2, 2), (1, 1), (4, 3));
        assert_eq!(image.as_raw(), &[1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4]);
    }
}
