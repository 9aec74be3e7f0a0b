//! Centring by mass in a picture of 28×28 pixels.

use image::{GrayImage, imageops};

/// Side of the network's input, in pixels.
pub const SIDE: u32 = 28;
/// Column and row, from 0, of the centre of mass: in all 70,000 images of MNIST it lies within
/// about half a pixel of them.
pub const CENTRE: f64 = 14.0;

/// Places a box of at most 28×28 pixels on black so that its centre of mass is in the middle.
///
/// The box moves by whole pixels and stays inside the picture.
#[must_use]
pub fn centre_by_mass(scaled: &GrayImage) -> GrayImage {
    let mut centred = GrayImage::new(SIDE, SIDE);
    let (x, y) = centre_of_mass(scaled).unwrap_or_default();
    let place = |centre: f64, length: u32| {
        (CENTRE - centre).round().clamp(0.0, f64::from(SIDE.saturating_sub(length))) as i64
    };
    let (left, top) = (place(x, scaled.width()), place(y, scaled.height()));
    imageops::replace(&mut centred, scaled, left, top);
    centred
}

/// The mean column and row, weighted by the pixels' levels; none if all levels are 0.
#[must_use]
pub fn centre_of_mass(picture: &GrayImage) -> Option<(f64, f64)> {
    let (mut mass, mut across, mut down) = (0.0, 0.0, 0.0);
    for (x, y, level) in picture.enumerate_pixels() {
        let level = f64::from(level.0[0]);
        mass += level;
        across += level * f64::from(x);
        down += level * f64::from(y);
    }
    (mass > 0.0).then(|| (across / mass, down / mass))
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn centre_of_mass_lands_in_the_middle() {
        // Twice as heavy on the left: the middle of the mass is not that of the box.
        let scaled = GrayImage::from_fn(20, 10, |x, _| Luma([if x < 10 { 200 } else { 100 }]));
        let (x, y) = centre_of_mass(&centre_by_mass(&scaled)).unwrap();
        assert!((x - CENTRE).abs() <= 0.5 && (y - CENTRE).abs() <= 0.5, "{x}, {y}");
    }

    #[test]
    fn box_stays_within_the_picture() {
        let corner = GrayImage::from_fn(20, 20, |x, y| Luma([if x + y < 2 { 255 } else { 0 }]));
        let centred = centre_by_mass(&corner);
        assert_eq!(centred.get_pixel(8, 8).0, [255]);
    }

    #[test]
    fn empty_box_becomes_a_black_picture() {
        assert_eq!(centre_by_mass(&GrayImage::new(0, 0)), GrayImage::new(SIDE, SIDE));
        assert_eq!(centre_of_mass(&GrayImage::new(3, 3)), None);
    }
}
