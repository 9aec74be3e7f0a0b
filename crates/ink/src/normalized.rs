//! Pictures that need nothing done to them.

use image::GrayImage;

use crate::centre::{CENTRE, SIDE, centre_of_mass};
use crate::ink_box::bounds_above;
use crate::scale::BOX;

/// How far from the middle the centre of mass of an MNIST image lies at most: 0.52 pixels.
const OFF_CENTRE: f64 = 0.55;
/// The longer side of an MNIST digit that is not 20: 16 of the 70,000.
const SHORTER: u32 = 19;

/// Whether a picture is one of MNIST's or made as they were: 28×28 pixels, light ink on black,
/// within a box whose longer side is 20 (or 19) pixels, its centre of mass in the middle.
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
    (SHORTER..=BOX).contains(&bounds.longer_side())
        && (x - CENTRE).abs() <= OFF_CENTRE
        && (y - CENTRE).abs() <= OFF_CENTRE
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
