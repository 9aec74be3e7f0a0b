//! A picture as paper with ink on it.

use image::GrayImage;
use image::imageops::{self, FilterType};

use crate::background::estimate_background;
use crate::centre::centre_by_mass;
use crate::choose::Chosen;
use crate::even::even_ink;
use crate::ink_box::{InkBox, bounds_above};
use crate::noise::{remove_impulses, smooth_noise};
use crate::polarity::{find_polarity, ink_over};
use crate::scale::scale_to_box;
use crate::steps::Step;
use crate::stroke::thicken_strokes;
use crate::threshold::{paper_level, threshold};

/// Coverage (of 255) that counts as ink when the digit is cut out.
const EDGE: u8 = 64;

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
