//! All steps one after the other.

use image::GrayImage;

use crate::background::estimate_background;
use crate::centre::centre_by_mass;
use crate::choose::{Chosen, choose_ink};
use crate::even::even_ink;
use crate::ink_box::{InkBox, bounds_above};
use crate::noise::{remove_impulses, smooth_noise};
use crate::normalized::is_normalized;
use crate::polarity::{find_polarity, ink_over};
use crate::reduce::{factor_for, reduce};
use crate::scale::scale_to_box;
use crate::steps::Step;
use crate::stroke::thicken_strokes;
use crate::threshold::{paper_level, threshold};

/// The longer side of the picture in which the digit is searched: every step takes a time
/// proportional to its pixels.
const SEARCH: u32 = 1_024;
/// The longer side that the digit has when it is looked at again: 5 pixels for each of the 20, so
/// that noise averages out and every filter meets strokes of 5 to 20 pixels.
const FOCUS: u32 = 100;
/// Paper around the digit for the second look, over its longer side.
const SURROUNDINGS: f32 = 0.5;
/// Coverage (of 255) that counts as ink when the digit is cut out.
const EDGE: u8 = 64;

/// Least share of a page's ink that one digit has: less is a text, a texture or noise.
const CLEAR_SHARE: f32 = 0.5;
/// Least contrast of a digit over the paper's unevenness: random levels reach 1 to 3.
const CLEAR_CONTRAST: f32 = 2.0;

/// A digit as MNIST has them, and what was found on the way.
#[derive(Clone, Debug)]
pub struct Normalized {
    /// 28×28 pixels, light ink on black.
    pub image: GrayImage,
    /// Where the digit is in the picture.
    pub bounds: InkBox,
    /// Share of all ink in the picture that is the digit's, 0 to 1.
    pub share: f32,
    /// Distance between ink and paper in grey levels over the level up to which a pixel may be
    /// paper; more than 1.
    pub contrast: f32,
}

impl Normalized {
    /// Whether this is clearly ink of one shape on paper.
    ///
    /// A network that knows digits only is sure of its answer for much that is none, so that its
    /// confidence is no substitute. Of 6,000 pictures of digits, 3 were not clear.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.share >= CLEAR_SHARE && self.contrast >= CLEAR_CONTRAST
    }
}

/// Makes any picture of one digit look like MNIST's, and shows every step to `watch`.
///
/// A picture that already does passes through untouched. None if there is no ink on the page.
#[must_use]
pub fn normalize(
    picture: &GrayImage,
    mut watch: impl FnMut(Step, &GrayImage),
) -> Option<Normalized> {
    if is_normalized(picture) {
        watch(Step::Normalized, picture);
        let bounds = bounds_above(picture, 0)?;
        return Some(Normalized { image: picture.clone(), bounds, share: 1.0, contrast: 25.5 });
    }
    let factor = factor_for(picture, SEARCH);
    let reduced = reduce(picture, factor);
    let mut found = find_ink(&reduced, &mut watch)?;
    let share = found.chosen.share;
    let mut bounds = found.chosen.bounds.enlarged(factor);
    let size = picture.dimensions();
    let closer = (bounds.longer_side() / FOCUS).max(1);
    if closer != factor {
        let around = bounds.widened((SURROUNDINGS * bounds.longer_side() as f32) as u32, size);
        if let Some(again) = find_ink(&reduce(&around.crop(picture), closer), &mut watch) {
            bounds = again.chosen.bounds.enlarged(closer).moved(around.left, around.top);
            found = again;
        }
    }
    let image = found.normalize(&mut watch)?;
    Some(Normalized { image, bounds: bounds.widened(0, size), share, contrast: found.contrast })
}

/// Ink of a digit on a page.
struct FoundInk {
    /// The distance from the paper.
    ink: GrayImage,
    /// Distance up to which a pixel may be paper.
    paper: u8,
    chosen: Chosen,
    contrast: f32,
}

/// From the picture to the ink of its digit.
fn find_ink(picture: &GrayImage, watch: &mut impl FnMut(Step, &GrayImage)) -> Option<FoundInk> {
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
    let chosen = choose_ink(&mask, &ink)?;
    watch(Step::Chosen, &chosen.mask);
    Some(FoundInk { ink, paper, chosen, contrast: contrast / f32::from(paper) })
}

impl FoundInk {
    /// From the ink of a digit to the network's input.
    fn normalize(&self, watch: &mut impl FnMut(Step, &GrayImage)) -> Option<GrayImage> {
        let evened = even_ink(&self.ink, &self.chosen, self.paper);
        watch(Step::Evened, &evened);
        let thick = thicken_strokes(&evened, self.chosen.bounds.longer_side());
        watch(Step::Stroke, &thick);
        let crop = bounds_above(&thick, EDGE)?.crop(&thick);
        watch(Step::Crop, &crop);
        let scaled = scale_to_box(&crop);
        watch(Step::Scaled, &scaled);
        let centred = centre_by_mass(&scaled);
        watch(Step::Normalized, &centred);
        Some(centred)
    }
}
