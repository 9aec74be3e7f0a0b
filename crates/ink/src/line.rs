//! A line of digits, segmented into candidates for digits.
//!
//! The line is over-segmented: there are more segments than digits, and each run of a few segments
//! that may be one digit is a candidate. A classifier decides which candidates are the digits.

mod seam;
mod segments;
mod text_line;

use std::ops::Range;

use image::{GrayImage, imageops};

use self::segments::{Region, Segmentation};
use self::text_line::{TextLine, find_text_line};
use crate::bounding_box::{BoundingBox, bounds_above};
use crate::digit::{DigitMask, MIN_CONTRAST, MIN_SHARE, SEARCH_SIDE, is_normalized, to_mnist_form};
use crate::page::{Page, downscale, downscale_factor};
use crate::sheet::find_sheet;

/// Smallest height of digits, in pixels, when a line is segmented. Smaller digits are enlarged, so
/// that seams between touching digits have sub-pixel accuracy.
const MIN_HEIGHT: u32 = 64;
/// Margin around the line when it is processed again, relative to its digits' height.
const MARGIN: f32 = 0.5;
/// Largest number of blobs in a line; textures and noise have more.
const MAX_BLOBS: usize = 80;
/// Largest width of a line, relative to its digits' height.
const MAX_LENGTH: f32 = 40.0;
/// Largest number of segments in a line; textures have more.
const MAX_SEGMENTS: usize = 300;
/// Largest width of a digit, relative to the digits' height.
const MAX_WIDTH: f32 = 1.6;
/// Largest number of segments in one digit.
const MAX_SEGMENTS_OF_DIGIT: usize = 20;

/// A run of segments that may be one digit.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The segments of the line that it consists of.
    pub segments: Range<usize>,
    /// The candidate in MNIST's form: 28×28 pixels, light ink on black.
    pub image: GrayImage,
    /// The candidate's position in the picture.
    pub bounds: BoundingBox,
    /// Width relative to the height of the line's digits.
    pub width: f32,
    /// Height relative to the height of the line's digits.
    pub height: f32,
    /// Ink that its left and right boundaries cross, in pixels of full ink relative to the digits'
    /// height; 0 between digits that do not touch.
    pub cut_ink: f32,
}

/// A line of digits and its segmentation.
#[derive(Clone, Debug)]
pub struct InkLine {
    /// Number of segments from left to right; a digit consists of one or more of them.
    pub segments: usize,
    /// The candidates for digits: runs of successive segments.
    pub candidates: Vec<Candidate>,
    /// The line's share of the page's ink without frames and ruling lines; 0 to 1.
    pub share: f32,
    /// Difference between ink and paper divided by the noise floor; above 1.
    pub contrast: f32,
}

impl InkLine {
    /// Whether this is clearly one line of digits on paper, and not text, a texture or noise. A
    /// line that is not clear has no candidates.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        is_clear(self.share, self.contrast) && !self.candidates.is_empty()
    }
}

fn is_clear(share: f32, contrast: f32) -> bool {
    share >= MIN_SHARE && contrast >= MIN_CONTRAST
}

/// Finds the line of digits in a picture and segments it. None if there is no ink on the page.
///
/// A picture that is one digit in MNIST's form already becomes the only candidate, unchanged.
#[must_use]
pub fn find_line(picture: &GrayImage) -> Option<InkLine> {
    if is_normalized(picture) {
        return single(picture);
    }
    let Some(sheet) = find_sheet(picture) else { return find_on_page(picture) };
    let mut line = find_on_page(&sheet.page)?;
    for candidate in &mut line.candidates {
        candidate.bounds = candidate.bounds.moved(sheet.bounds.left, sheet.bounds.top);
    }
    Some(line)
}

fn find_on_page(picture: &GrayImage) -> Option<InkLine> {
    let factor = downscale_factor(picture, SEARCH_SIDE);
    let mut page = Page::new(&downscale(picture, factor), &mut |_, _| ());
    let mut text = find_text_line(&page)?;
    let share = text.share;
    let unclear = |contrast| InkLine { segments: 0, candidates: Vec::new(), share, contrast };
    if share < MIN_SHARE || is_too_long(&text) {
        return Some(unclear(page.contrast));
    }
    let mut place = Place { factor, finer: 1, left: 0, top: 0, size: picture.dimensions() };
    let height = (text.height * factor as f32) as u32;
    let resolution = (height / MIN_HEIGHT).max(1);
    if resolution != factor {
        let margin = (MARGIN * height as f32) as u32;
        let around = text.bounds.enlarged(factor).widened(margin, picture.dimensions());
        page = Page::new(&downscale(&around.crop(picture), resolution), &mut |_, _| ());
        place = Place { factor: resolution, left: around.left, top: around.top, ..place };
        let Some(again) = find_line_again(&page) else { return Some(unclear(page.contrast)) };
        text = again;
    }
    // After the second pass, because the contrast of small digits on a large page is
    // underestimated.
    if !is_clear(share, page.contrast) {
        return Some(unclear(page.contrast));
    }
    let finer = (MIN_HEIGHT as f32 / text.height).ceil() as u32;
    if finer > 1 {
        let margin = (MARGIN * text.height) as u32;
        let around = text.bounds.widened(margin, page.ink.dimensions());
        page = page.enlarged(&around, finer);
        place = place.within(&around, finer);
        let Some(again) = find_line_again(&page) else { return Some(unclear(page.contrast)) };
        text = again;
    }
    let segmentation = Segmentation::new(&page, &text);
    if segmentation.len() > MAX_SEGMENTS {
        return Some(unclear(page.contrast));
    }
    let candidates = candidates(&segmentation, text.height, &place);
    Some(InkLine { segments: segmentation.len(), candidates, share, contrast: page.contrast })
}

fn single(picture: &GrayImage) -> Option<InkLine> {
    let bounds = bounds_above(picture, 0)?;
    let candidate = Candidate {
        segments: 0..1,
        image: picture.clone(),
        bounds,
        width: bounds.width() as f32 / bounds.height() as f32,
        height: 1.0,
        cut_ink: 0.0,
    };
    Some(InkLine { segments: 1, candidates: vec![candidate], share: 1.0, contrast: 25.5 })
}

fn is_too_long(line: &TextLine) -> bool {
    line.blobs.len() > MAX_BLOBS || line.bounds.width() as f32 > MAX_LENGTH * line.height
}

/// The line on a page that has been cropped to it.
fn find_line_again(page: &Page) -> Option<TextLine> {
    find_text_line(page).filter(|line| !is_too_long(line))
}

/// The position in the picture of the page that the line was found on.
#[derive(Clone, Copy)]
struct Place {
    /// By how much the page was downscaled.
    factor: u32,
    /// By how much the page was then enlarged.
    finer: u32,
    /// The page's first column in the picture.
    left: u32,
    /// The page's first row in the picture.
    top: u32,
    /// Width and height of the picture.
    size: (u32, u32),
}

impl Place {
    /// The position of a region of the page that was enlarged.
    fn within(self, around: &BoundingBox, finer: u32) -> Self {
        let left = self.left + self.factor * around.left;
        let top = self.top + self.factor * around.top;
        Self { finer, left, top, ..self }
    }

    /// A rectangle of the page in the picture's coordinates.
    fn of(&self, bounds: &BoundingBox) -> BoundingBox {
        bounds
            .downscaled(self.finer)
            .enlarged(self.factor)
            .moved(self.left, self.top)
            .widened(0, self.size)
    }
}

/// The runs of segments that may be one digit.
fn candidates(line: &Segmentation, height: f32, place: &Place) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for start in 0..line.len() {
        for end in start + 1..=line.len().min(start + MAX_SEGMENTS_OF_DIGIT) {
            // A single segment is always a candidate: a blob without seams may be wider than a
            // digit.
            let is_single = end == start + 1;
            let Some(region) = line.region(start..end) else { continue };
            let width = region.bounds.width() as f32 / height;
            if width > MAX_WIDTH && !is_single {
                break;
            }
            let Some(image) = normalize_region(line.page(), &region) else { continue };
            candidates.push(Candidate {
                segments: start..end,
                image,
                bounds: place.of(&region.bounds),
                width,
                height: region.bounds.height() as f32 / height,
                cut_ink: (line.crossed_ink(start) + line.crossed_ink(end)) / height,
            });
        }
    }
    candidates
}

/// Converts a region to the network's input.
fn normalize_region(page: &Page, region: &Region) -> Option<GrayImage> {
    // Strokes are thickened, and fade to paper, at most this far.
    let margin = region.bounds.longer_side() / 20 + 2;
    let around = region.bounds.widened(margin, page.ink.dimensions());
    let (left, top) = (region.bounds.left - around.left, region.bounds.top - around.top);
    let mut mask = GrayImage::new(around.width(), around.height());
    imageops::replace(&mut mask, &region.mask, i64::from(left), i64::from(top));
    let mut ink = around.crop(&page.ink);
    for ((level, own), any) in ink.iter_mut().zip(mask.iter()).zip(around.crop(&page.mask).iter()) {
        if *any > 0 && *own == 0 {
            *level = 0;
        }
    }
    let bounds = BoundingBox {
        left,
        top,
        right: left + region.bounds.width(),
        bottom: top + region.bounds.height(),
    };
    to_mnist_form(&ink, page.noise_floor, &DigitMask { mask, bounds, share: 1.0 }, &mut |_, _| ())
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// Dark strokes (left, top, right, bottom) on a light page.
    fn page(width: u32, height: u32, strokes: &[[u32; 4]]) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let inside = |&[left, top, right, bottom]: &[u32; 4]| {
                (left..right).contains(&x) && (top..bottom).contains(&y)
            };
            Luma([if strokes.iter().any(inside) { 40 } else { 220 }])
        })
    }

    #[test]
    fn strokes_side_by_side_are_separate_candidates() {
        let line = find_line(&page(300, 150, &[[60, 40, 72, 110], [130, 42, 142, 108]])).unwrap();
        assert!(line.is_clear() && line.segments == 2);
        let found: Vec<_> =
            line.candidates.iter().map(|candidate| candidate.segments.clone()).collect();
        assert!(found.contains(&(0..1)) && found.contains(&(1..2)), "{found:?}");
        let first = &line.candidates[0].bounds;
        assert!(first.left.abs_diff(60) <= 1 && first.bottom.abs_diff(110) <= 1, "{first:?}");
    }

    #[test]
    fn small_digits_on_a_large_page_are_processed_again_at_a_higher_resolution() {
        let strokes = [[1_500, 1_000, 1_510, 1_060], [1_550, 1_000, 1_560, 1_060]];
        let line = find_line(&page(4_000, 3_000, &strokes)).unwrap();
        assert!(line.is_clear(), "share {}, contrast {}", line.share, line.contrast);
        let first = &line.candidates[0].bounds;
        assert!(first.left.abs_diff(1_500) <= 1 && first.right.abs_diff(1_510) <= 1, "{first:?}");
    }

    #[test]
    fn small_digits_are_enlarged_and_stay_where_they_are() {
        let line = find_line(&page(90, 60, &[[30, 20, 33, 40], [50, 22, 53, 41]])).unwrap();
        assert_eq!(line.segments, 2);
        let found: Vec<BoundingBox> =
            line.candidates.iter().map(|candidate| candidate.bounds).collect();
        for expected in [[30, 20, 33, 40], [50, 22, 53, 41]] {
            let is_near = |found: &BoundingBox| {
                let sides = [found.left, found.top, found.right, found.bottom];
                sides.iter().zip(expected).all(|(a, b): (&u32, u32)| a.abs_diff(b) <= 1)
            };
            assert!(found.iter().any(is_near), "{expected:?} in {found:?}");
        }
    }

    #[test]
    fn normalized_digit_stays_unchanged() {
        let digit = GrayImage::from_fn(28, 28, |x, y| {
            Luma([if (13..16).contains(&x) && (4..24).contains(&y) { 255 } else { 0 }])
        });
        let line = find_line(&digit).unwrap();
        assert_eq!((line.segments, &line.candidates[0].image), (1, &digit));
    }

    #[test]
    fn texture_is_not_clear() {
        let dots: Vec<[u32; 4]> = (0..200)
            .map(|at| [at % 20 * 30, at / 20 * 30, at % 20 * 30 + 12, at / 20 * 30 + 12])
            .collect();
        let line = find_line(&page(600, 300, &dots)).unwrap();
        assert!(!line.is_clear() && line.candidates.is_empty());
    }
}
