//! MNIST's form: the check whether a picture has it, and the conversion of a digit to it.

use image::GrayImage;

use super::centre::{CENTRE, SIDE, centre_by_mass, centre_of_mass};
use super::contrast::stretch_contrast;
use super::scale::{BOX, scale_to_box};
use super::select::DigitMask;
use super::stroke::thicken_strokes;
use crate::bounding_box::bounds_above;
use crate::step::Step;

/// Levels above this one are ink when the digit is cropped, 0 to 255.
const MIN_LEVEL: u8 = 64;

/// Largest distance of the centre of mass from the middle, along each axis, in pixels; in MNIST it
/// is 0.52.
const MAX_OFFSET: f64 = 0.55;
/// Smallest longer side of a digit, in pixels: 19 in 16 of MNIST's 70,000 images, 20 in all others.
const MIN_SIDE: u32 = 19;

/// Whether a picture is in MNIST's form: 28×28 pixels, light ink on black, in a box whose longer
/// side is 20 (or 19) pixels, with its centre of mass in the middle.
///
/// All 70,000 images of MNIST are.
#[must_use]
pub fn is_normalized(picture: &GrayImage) -> bool {
    if picture.dimensions() != (SIDE, SIDE) {
        return false;
    }
    let (Some(bounds), Some((x, y))) = (bounds_above(picture, 0), centre_of_mass(picture)) else {
        return false;
    };
    (MIN_SIDE..=BOX).contains(&bounds.longer_side())
        && (x - CENTRE).abs() <= MAX_OFFSET
        && (y - CENTRE).abs() <= MAX_OFFSET
}

/// Converts a digit to the network's input: contrast, stroke width, crop, scale, centre.
///
/// `ink` holds the differences from the background, `noise_floor` is the largest difference that
/// paper has, and `digit` are the digit's pixels. None if no pixel is left.
#[must_use]
pub fn to_mnist_form(
    ink: &GrayImage,
    noise_floor: u8,
    digit: &DigitMask,
    watch: &mut impl FnMut(Step, &GrayImage),
) -> Option<GrayImage> {
    let stretched = stretch_contrast(ink, digit, noise_floor);
    watch(Step::Stretched, &stretched);
    let thick = thicken_strokes(&stretched, digit.bounds.longer_side());
    watch(Step::Thickened, &thick);
    let crop = bounds_above(&thick, MIN_LEVEL)?.crop(&thick);
    watch(Step::Cropped, &crop);
    let scaled = scale_to_box(&crop);
    watch(Step::Scaled, &scaled);
    let centred = centre_by_mass(&scaled);
    watch(Step::Normalized, &centred);
    Some(centred)
}

#[cfg(test)]
mod tests {
    use image::{Luma, imageops};

    use super::*;

    fn bar() -> GrayImage {
        GrayImage::from_fn(28, 28, |x, y| {
            Luma([if (13..16).contains(&x) && (4..24).contains(&y) { 255 } else { 0 }])
        })
    }

    #[test]
    fn centred_digit_of_twenty_pixels_is_normalized() {
        assert!(is_normalized(&bar()));
    }

    #[test]
    fn everything_else_is_not() {
        let mut dark = bar();
        imageops::invert(&mut dark);
        let moved = imageops::rotate90(&imageops::crop_imm(&bar(), 2, 0, 26, 28).to_image());
        let mut shifted = GrayImage::new(28, 28);
        imageops::replace(&mut shifted, &bar(), 2, 0);
        let small = imageops::resize(&bar(), 14, 14, imageops::FilterType::Triangle);
        for other in [dark, moved, shifted, small, GrayImage::new(28, 28)] {
            assert!(!is_normalized(&other));
        }
    }
}
