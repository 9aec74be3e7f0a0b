//! MNIST's form: pictures that have it, and how the ink of a digit gets it.

use image::GrayImage;

use super::centre::{CENTRE, SIDE, centre_by_mass, centre_of_mass};
use super::contrast::even_ink;
use super::scale::{BOX, scale_to_box};
use super::select::Chosen;
use super::stroke::thicken_strokes;
use crate::bounding_box::bounds_above;
use crate::step::Step;

/// Coverage (of 255) that counts as ink when the digit is cut out.
const EDGE: u8 = 64;

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

/// From the ink of a digit to the network's input: its distance from the paper, `paper` up to which
/// a pixel may be none of it, and which pixels are the digit's.
#[must_use]
pub fn normalize_ink(
    ink: &GrayImage,
    paper: u8,
    chosen: &Chosen,
    watch: &mut impl FnMut(Step, &GrayImage),
) -> Option<GrayImage> {
    let evened = even_ink(ink, chosen, paper);
    watch(Step::Evened, &evened);
    let thick = thicken_strokes(&evened, chosen.bounds.longer_side());
    watch(Step::Stroke, &thick);
    let crop = bounds_above(&thick, EDGE)?.crop(&thick);
    watch(Step::Crop, &crop);
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
