//! Dark ink on light paper or light ink on dark, and how far apart the two are.

use image::{GrayImage, Luma};

/// Which of ink and paper is darker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// Dark ink on light paper: a pen, most print.
    DarkInk,
    /// Light ink on dark paper: chalk, MNIST itself.
    LightInk,
}

impl Polarity {
    /// The other one.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::DarkInk => Self::LightInk,
            Self::LightInk => Self::DarkInk,
        }
    }
}

/// Share of the pixels whose distance from the paper tells the contrast: a stroke's core in a
/// picture of which the digit covers little.
const CORE: f64 = 0.003;

/// Finds the side of the background that the ink is on, and its contrast in grey levels.
///
/// The side is that with more of the distance between picture and background, counted only where
/// it exceeds a third of the greatest: noise and uneven light lie on both sides, ink on one.
#[must_use]
pub fn find_polarity(picture: &GrayImage, background: &GrayImage) -> (Polarity, f32) {
    // Index 255 + difference.
    let mut histogram = [0_u64; 511];
    for (level, paper) in picture.as_raw().iter().zip(background.as_raw()) {
        histogram[255 + usize::from(*level) - usize::from(*paper)] += 1;
    }
    let core = (CORE * picture.len() as f64) as u64;
    let lightest = reach(histogram[255..].iter().rev().copied(), core);
    let darkest = reach(histogram[..=255].iter().copied(), core);
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

/// The distance that `core` pixels exceed, given the counts from the greatest distance (255) down.
fn reach(counts: impl Iterator<Item = u64>, core: u64) -> usize {
    let mut seen = 0;
    let passed = counts.take_while(|count| {
        seen += count;
        seen <= core
    });
    255_usize.saturating_sub(passed.count())
}

/// The ink's distance from the paper at every pixel: 0 for paper, up to 255 for ink, whichever is
/// the darker one.
#[must_use]
pub fn ink_over(picture: &GrayImage, background: &GrayImage, polarity: Polarity) -> GrayImage {
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

    /// A page of level 120 with a stroke, and nine pixels of glare on the other side.
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
            let ink = ink_over(&page(level, 120), &paper, polarity);
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
