//! A picture as paper with ink on it.

mod background;
mod binarize;
mod downscale;
mod noise;
mod polarity;
mod surface;

use image::GrayImage;
use image::imageops::{self, FilterType};

use crate::bounding_box::InkBox;
use crate::step::Step;

pub use self::background::estimate_background;
pub use self::binarize::{paper_level, threshold};
pub use self::downscale::{factor_for, reduce};
pub use self::noise::{deviation, remove_impulses, smooth_noise};
pub use self::polarity::{Polarity, find_polarity, ink_over};
pub use self::surface::fit_surface;

/// The ink on a page, whatever it shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The distance from the paper at every pixel.
    pub ink: GrayImage,
    /// Distance up to which a pixel may be paper.
    pub paper: u8,
    /// White where there is ink.
    pub mask: GrayImage,
    /// Distance between ink and paper in grey levels over [`Self::paper`].
    pub contrast: f32,
}

impl Page {
    /// Tells ink from paper, and shows every step to `watch`.
    #[must_use]
    pub fn new(picture: &GrayImage, watch: &mut impl FnMut(Step, &GrayImage)) -> Self {
        watch(Step::Picture, picture);
        let calm = remove_impulses(picture);
        watch(Step::Impulses, &calm);
        let background = estimate_background(&calm);
        watch(Step::Background, &background);
        let (polarity, contrast) = find_polarity(&calm, &background);
        let smooth = smooth_noise(&calm, contrast);
        watch(Step::Smoothed, &smooth);
        let ink = ink_over(&smooth, &background, polarity);
        watch(Step::Ink, &ink);
        let paper = paper_level(&ink_over(&smooth, &background, polarity.opposite()));
        let mask = threshold(&ink, paper);
        watch(Step::Threshold, &mask);
        Self { ink, paper, mask, contrast: contrast / f32::from(paper) }
    }

    /// A part of the page `factor` times as large, its levels interpolated: they tell where in a
    /// pixel the ink ends.
    #[must_use]
    pub fn enlarged(&self, part: &InkBox, factor: u32) -> Self {
        let (width, height) = (factor * part.width(), factor * part.height());
        let ink = imageops::resize(&part.crop(&self.ink), width, height, FilterType::CatmullRom);
        let mask = threshold(&ink, self.paper);
        Self { ink, mask, ..*self }
    }
}
