//! Polarity: dark ink on light paper or light ink on dark paper, and the contrast between them.

use image::{GrayImage, Luma};

/// Which of ink and paper is the darker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// Dark ink on light paper: a pen, most print.
    DarkInk,
    /// Light ink on dark paper: chalk, MNIST itself.
    LightInk,
}

impl Polarity {
    /// The opposite polarity.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::DarkInk => Self::LightInk,
            Self::LightInk => Self::DarkInk,
        }
    }
}

/// The contrast is the difference from the background that this share of the pixels exceeds: the
/// core of the strokes where the digit covers a small part of the picture.
const CORE: f64 = 0.003;

/// Finds whether the ink is darker or lighter than the background, and its contrast in grey levels.
///
/// The sum of the differences between picture and background decides, over the pixels whose
/// difference exceeds a third of the largest one: noise and uneven light have both signs, ink has
/// one.
#[must_use]
pub fn find_polarity(picture: &GrayImage, background: &GrayImage) -> (Polarity, f32) {
    // Index 255 + difference.
    let mut histogram = [0_u64; 511];
    for (level, paper) in picture.as_raw().iter().zip(background.as_raw()) {
        histogram[255 + usize::from(*level) - usize::from(*paper)] += 1;
    }
    let core = (CORE * picture.len() as f64) as u64;
    let lightest = exceeded_by(histogram[255..].iter().rev().copied(), core);
    let darkest = exceeded_by(histogram[..=255].iter().copied(), core);
    let least = lightest.max(darkest) / 3;
    let weight = |differences: &mut dyn Iterator<Item = usize>| -> u64 {
        differences.map(|index| histogram[index] * index.abs_diff(255) as u64).sum()
    };
    let light = weight(&mut (255 + least.max(1)..511));
    let dark = weight(&mut (0..=255 - least.max(1)));
    if light > dark {
        (Polarity::LightInk, lightest as f32)
    } else {
        (Polarity::DarkInk, darkest as f32)
    }
}

/// The difference that `core` pixels exceed, given the counts from the largest difference (255)
/// down.
fn exceeded_by(counts: impl Iterator<Item = u64>, core: u64) -> usize {
    let mut seen = 0;
    let passed = counts.take_while(|count| {
        seen += count;
        seen <= core
    });
    255_usize.saturating_sub(passed.count())
}

/// Subtracts the background: the difference on the ink's side of it at every pixel, 0 for paper and
/// up to 255 for ink, for either polarity.
#[must_use]
pub fn subtract_background(
    picture: &GrayImage,
    background: &GrayImage,
    polarity: Polarity,
) -> GrayImage {
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let (level, paper) = (picture.get_pixel(x, y).0[0], background.get_pixel(x, y).0[0]);
        Luma([match polarity {
            Polarity::DarkInk => paper.saturating_sub(level),
            Polarity::LightInk => level.saturating_sub(paper),
        }])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of level 120 with a stroke, and nine pixels of glare of the opposite polarity.
    fn page(ink: u8, glare: u8) -> GrayImage {
        GrayImage::from_fn(60, 60, |x, y| match (x, y) {
            (28..32, 10..50) => Luma([ink]),
            (0..3, 0..3) => Luma([glare]),
            _ => Luma([120]),
        })
    }

    #[test]
    fn ink_decides_and_not_a_spot() {
        let paper = GrayImage::from_pixel(60, 60, Luma([120]));
        let found = find_polarity(&page(40, 240), &paper);
        assert_eq!(found, (Polarity::DarkInk, 80.0));
        let found = find_polarity(&page(200, 0), &paper);
        assert_eq!(found, (Polarity::LightInk, 80.0));
    }

    #[test]
    fn ink_is_light_on_black_whatever_it_was() {
        let paper = GrayImage::from_pixel(60, 60, Luma([120]));
        for (level, polarity) in [(40, Polarity::DarkInk), (200, Polarity::LightInk)] {
            let ink = subtract_background(&page(level, 120), &paper, polarity);
            assert_eq!((ink.get_pixel(30, 30).0, ink.get_pixel(5, 30).0), ([80], [0]));
        }
    }

    #[test]
    fn blank_and_empty_pictures_have_no_contrast() {
        let paper = GrayImage::from_pixel(60, 60, Luma([120]));
        assert!(find_polarity(&paper, &paper).1 < 1.0);
        let nothing = GrayImage::new(0, 0);
        assert!(find_polarity(&nothing, &nothing).1 < 1.0);
    }
}
