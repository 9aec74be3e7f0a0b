//! A picture of ink on paper, and the separation of the two.

mod background;
mod binarize;
mod downscale;
mod noise;
mod polarity;
mod rulings;
mod surface;

use image::GrayImage;
use image::imageops::{self, FilterType};

use crate::bounding_box::BoundingBox;
use crate::step::Step;

pub use self::background::estimate_background;
pub use self::binarize::{binarize, noise_floor};
pub use self::downscale::{downscale, downscale_factor};
pub use self::noise::{noise_deviation, remove_impulses, smooth_noise};
pub use self::polarity::{Polarity, find_polarity, subtract_background};
pub use self::rulings::remove_rulings;
pub use self::surface::fit_surface;

/// All ink in a picture.
#[derive(Clone, Debug)]
pub struct Page {
    /// The difference from the background at every pixel, in grey levels; 0 for paper.
    pub ink: GrayImage,
    /// The largest difference that paper has; see [`noise_floor`].
    pub noise_floor: u8,
    /// White where there is ink, black elsewhere.
    pub mask: GrayImage,
    /// Difference between ink and paper in grey levels, divided by [`Self::noise_floor`].
    pub contrast: f32,
}

impl Page {
    /// Separates ink from paper. `watch` is called with the result of every step.
    #[must_use]
    pub fn new(picture: &GrayImage, watch: &mut impl FnMut(Step, &GrayImage)) -> Self {
        watch(Step::Picture, picture);
        let despeckled = remove_impulses(picture);
        watch(Step::Despeckled, &despeckled);
        let background = estimate_background(&despeckled);
        watch(Step::Background, &background);
        let (polarity, contrast) = find_polarity(&despeckled, &background);
        let smooth = smooth_noise(&despeckled, contrast);
        watch(Step::Smoothed, &smooth);
        let ink = subtract_background(&smooth, &background, polarity);
        watch(Step::Ink, &ink);
        let beyond = subtract_background(&smooth, &background, polarity.opposite());
        let noise_floor = noise_floor(&beyond);
        let mask = binarize(&ink, noise_floor);
        watch(Step::Binarized, &mask);
        Self { ink, noise_floor, mask, contrast: contrast / f32::from(noise_floor) }
    }

    /// A region of the page enlarged by `factor`. Its levels are interpolated, so that the edges of
    /// strokes are located with sub-pixel accuracy.
    #[must_use]
    pub fn enlarged(&self, region: &BoundingBox, factor: u32) -> Self {
        let (width, height) = (factor * region.width(), factor * region.height());
        let ink = imageops::resize(&region.crop(&self.ink), width, height, FilterType::CatmullRom);
        let mask = binarize(&ink, self.noise_floor);
        Self { ink, mask, ..*self }
    }
}
