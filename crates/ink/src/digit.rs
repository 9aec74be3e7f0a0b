//! One digit: all steps one after the other.

mod centre;
mod contrast;
mod mnist_form;
mod scale;
mod select;
mod stroke;

use image::GrayImage;

use crate::bounding_box::{InkBox, bounds_above};
use crate::page::{Page, factor_for, reduce};
use crate::sheet::find_sheet;
use crate::step::Step;

pub use self::centre::{centre_by_mass, centre_of_mass};
pub use self::contrast::{even_ink, full_level};
pub use self::mnist_form::{is_normalized, normalize_ink};
pub use self::scale::scale_to_box;
pub use self::select::{Chosen, choose_ink};
pub use self::stroke::{stroke_width, thicken_strokes};

/// The longer side of the picture in which the digit is searched: every step takes a time
/// proportional to its pixels.
pub const SEARCH: u32 = 1_024;
/// The longer side that the digit has when it is looked at again: 5 pixels for each of the 20, so
/// that noise averages out and every filter meets strokes of 5 to 20 pixels.
const FOCUS: u32 = 100;
/// Paper around the digit for the second look, over its longer side.
const SURROUNDINGS: f32 = 0.5;

/// Least share of a page's ink that one digit has: less is a text, a texture or noise.
pub const CLEAR_SHARE: f32 = 0.5;
/// Least contrast of a digit over the paper's unevenness: random levels reach 1 to 3.
pub const CLEAR_CONTRAST: f32 = 2.0;

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
    let Some(sheet) = find_sheet(picture) else { return normalize_page(picture, watch) };
    watch(Step::Sheet, &sheet.page);
    let digit = normalize_page(&sheet.page, watch)?;
    Some(Normalized { bounds: digit.bounds.moved(sheet.bounds.left, sheet.bounds.top), ..digit })
}

fn normalize_page(
    picture: &GrayImage,
    mut watch: impl FnMut(Step, &GrayImage),
) -> Option<Normalized> {
    let factor = factor_for(picture, SEARCH);
    let reduced = reduce(picture, factor);
    let (mut page, mut chosen) = find_digit(&reduced, &mut watch)?;
    let share = chosen.share;
    let mut bounds = chosen.bounds.enlarged(factor);
    let size = picture.dimensions();
    let closer = (bounds.longer_side() / FOCUS).max(1);
    if closer != factor {
        let around = bounds.widened((SURROUNDINGS * bounds.longer_side() as f32) as u32, size);
        let closely = reduce(&around.crop(picture), closer);
        if let Some((closer_page, again)) = find_digit(&closely, &mut watch) {
            bounds = again.bounds.enlarged(closer).moved(around.left, around.top);
            (page, chosen) = (closer_page, again);
        }
    }
    let image = normalize_ink(&page.ink, page.paper, &chosen, &mut watch)?;
    Some(Normalized { image, bounds: bounds.widened(0, size), share, contrast: page.contrast })
}

/// A page and the digit on it.
fn find_digit(
    picture: &GrayImage,
    watch: &mut impl FnMut(Step, &GrayImage),
) -> Option<(Page, Chosen)> {
    let page = Page::new(picture, watch);
    let chosen = choose_ink(&page.mask, &page.ink)?;
    watch(Step::Chosen, &chosen.mask);
    Some((page, chosen))
}
