//! One digit on a page, from the picture to MNIST's form.

mod centre;
mod contrast;
mod mnist_form;
mod scale;
mod select;
mod stroke;

use image::GrayImage;

use crate::bounding_box::{BoundingBox, bounds_above};
use crate::page::{Page, downscale, downscale_factor};
use crate::sheet::find_sheet;
use crate::step::Step;

pub use self::centre::{centre_by_mass, centre_of_mass};
pub use self::contrast::{full_level, stretch_contrast};
pub use self::mnist_form::{is_normalized, to_mnist_form};
pub use self::scale::scale_to_box;
pub use self::select::{DigitMask, select_digit};
pub use self::stroke::{stroke_width, thicken_strokes};

/// The longer side, in pixels, of the picture in which the digit is located: the time of every step
/// is proportional to the number of pixels.
pub const SEARCH_SIDE: u32 = 1_024;
/// The longer side of the digit, in pixels, when the region around it is processed again: 5 pixels
/// for each of the 20 pixels of the result, so that noise averages out and strokes are 5 to 20
/// pixels wide.
const DIGIT_SIDE: u32 = 100;
/// Margin around the digit when it is processed again, as a share of its longer side.
const MARGIN: f32 = 0.5;

/// Smallest share of a page's ink that one digit has; text, textures, noise and parts of things have
/// less.
const MIN_SHARE: f32 = 0.7;
/// Smallest contrast of a digit, as a multiple of the noise floor; random levels have 1 to 3.
pub const MIN_CONTRAST: f32 = 2.0;

/// A digit in MNIST's form, and what was measured on the page.
#[derive(Clone, Debug)]
pub struct Normalized {
    /// 28×28 pixels, light ink on black.
    pub image: GrayImage,
    /// The digit's position in the picture.
    pub bounds: BoundingBox,
    /// The digit's share of all ink in the picture, 0 to 1.
    pub share: f32,
    /// Difference between ink and paper divided by the noise floor; above 1.
    pub contrast: f32,
}

impl Normalized {
    /// Whether this is clearly one digit on paper, and not text, a texture or noise.
    ///
    /// A network trained on digits alone is often overconfident on non-digits, so that its
    /// confidence does not replace this check. It rejected 3 of 6,000 pictures of digits.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.share >= MIN_SHARE && self.contrast >= MIN_CONTRAST
    }
}

/// Brings a picture of one digit into MNIST's form. `watch` is called with the result of every
/// step.
///
/// A picture that has this form already is returned unchanged. None if there is no ink on the page.
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
    let Some(sheet) = find_sheet(picture) else { return normalize_page(picture, watch) };
    watch(Step::Sheet, &sheet.page);
    let digit = normalize_page(&sheet.page, watch)?;
    Some(Normalized { bounds: digit.bounds.moved(sheet.bounds.left, sheet.bounds.top), ..digit })
}

fn normalize_page(
    picture: &GrayImage,
    mut watch: impl FnMut(Step, &GrayImage),
) -> Option<Normalized> {
    let factor = downscale_factor(picture, SEARCH_SIDE);
    let downscaled = downscale(picture, factor);
    let (mut page, mut mask) = find_digit(&downscaled, &mut watch)?;
    let share = mask.share;
    let mut bounds = mask.bounds.enlarged(factor);
    let size = picture.dimensions();
    let finer = (bounds.longer_side() / DIGIT_SIDE).max(1);
    if finer != factor {
        let around = bounds.widened((MARGIN * bounds.longer_side() as f32) as u32, size);
        let region = downscale(&around.crop(picture), finer);
        if let Some((finer_page, finer_mask)) = find_digit(&region, &mut watch) {
            bounds = finer_mask.bounds.enlarged(finer).moved(around.left, around.top);
            (page, mask) = (finer_page, finer_mask);
        }
    }
    let image = to_mnist_form(&page.ink, page.noise_floor, &mask, &mut watch)?;
    Some(Normalized { image, bounds: bounds.widened(0, size), share, contrast: page.contrast })
}

/// A page and the digit on it.
fn find_digit(
    picture: &GrayImage,
    watch: &mut impl FnMut(Step, &GrayImage),
) -> Option<(Page, DigitMask)> {
    let page = Page::new(picture, watch);
    let digit = select_digit(&page.mask, &page.ink)?;
    watch(Step::Selected, &digit.mask);
    Some((page, digit))
}
