//! Lines of digits, segmented into candidates for digits.
//!
//! A line is over-segmented: there are more segments than digits, and each run of a few segments
//! that may be one digit is a candidate. A classifier decides which candidates are the digits.

mod broken;
mod marks;
mod seam;
mod segments;
mod text_line;

use std::ops::Range;

use image::{GrayImage, imageops};

pub use self::marks::{Mark, MarkKind};
use self::segments::{Region, Segmentation};
use self::text_line::{MAX_LINES, TextLine, TextMark, find_text_lines};
use crate::bounding_box::{BoundingBox, bounds_above};
use crate::components::Components;
use crate::digit::{DigitMask, MIN_CONTRAST, SEARCH_SIDE, is_normalized, to_mnist_form};
use crate::page::{Page, downscale, downscale_factor, remove_rulings};
use crate::sheet::find_sheet;

/// Smallest height of digits, in pixels, when a line is segmented. Smaller digits are enlarged, so
/// that seams between touching digits have sub-pixel accuracy.
const MIN_HEIGHT: u32 = 64;
/// Margin around the line when it is processed again, relative to its digits' height.
const MARGIN: f32 = 0.5;
/// Smallest share of a page's ink that its lines have; textures and noise have less.
const MIN_SHARE: f32 = 0.5;
/// Largest number of blobs in a line; textures and noise have more.
const MAX_BLOBS: usize = 80;
/// Largest number of blobs on a page.
const MAX_BLOBS_OF_PAGE: usize = 150;
/// Largest width of a line, relative to its digits' height.
const MAX_LENGTH: f32 = 40.0;
/// Largest number of segments on a page; textures have more.
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
    /// Whether its ink may be a mark, such as a slash, or have one beside it.
    pub is_doubtful: bool,
}

/// A line of digits and its segmentation.
#[derive(Clone, Debug)]
pub struct InkLine {
    /// Number of segments from left to right; a digit consists of one or more of them.
    pub segments: usize,
    /// The candidates for digits: runs of successive segments.
    pub candidates: Vec<Candidate>,
    /// What stands between the digits, from left to right. No candidate reaches across a mark.
    pub marks: Vec<Mark>,
    /// The line's position in the picture.
    pub bounds: BoundingBox,
}

/// The lines of digits on a page.
#[derive(Clone, Debug)]
pub struct InkPage {
    /// From top to bottom.
    pub lines: Vec<InkLine>,
    /// Ink that belongs to no line, and ruled lines, in the picture's coordinates.
    pub ignored: Vec<Ignored>,
    /// The lines' share of the page's ink without frames and ruling lines; 0 to 1.
    pub share: f32,
    /// Difference between ink and paper divided by the noise floor, of the palest line; above 1.
    pub contrast: f32,
}

/// Ink that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The smallest rectangle that contains it.
    pub bounds: BoundingBox,
    /// Whether it is a ruled line.
    pub is_ruling: bool,
}

impl InkPage {
    /// Whether these are clearly lines of digits on paper, and not text, a texture or noise. A page
    /// that is not clear has no lines.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        is_clear(self.share, self.contrast) && !self.lines.is_empty()
    }

    fn unclear(share: f32, contrast: f32) -> Self {
        Self { lines: Vec::new(), ignored: Vec::new(), share, contrast }
    }

    fn move_by(&mut self, right: u32, down: u32) {
        for line in &mut self.lines {
            line.bounds = line.bounds.moved(right, down);
            for candidate in &mut line.candidates {
                candidate.bounds = candidate.bounds.moved(right, down);
            }
            for mark in &mut line.marks {
                mark.bounds = mark.bounds.moved(right, down);
            }
        }
        for ignored in &mut self.ignored {
            ignored.bounds = ignored.bounds.moved(right, down);
        }
    }
}

fn is_clear(share: f32, contrast: f32) -> bool {
    share >= MIN_SHARE && contrast >= MIN_CONTRAST
}

/// Finds the lines of digits in a picture and segments them. None if there is no ink on the page.
///
/// A picture that is one digit in MNIST's form already becomes the only candidate, unchanged.
#[must_use]
pub fn find_lines(picture: &GrayImage) -> Option<InkPage> {
    if is_normalized(picture) {
        return single(picture);
    }
    let Some(sheet) = find_sheet(picture) else { return find_on_page(picture) };
    let mut page = find_on_page(&sheet.page)?;
    page.move_by(sheet.bounds.left, sheet.bounds.top);
    Some(page)
}

fn find_on_page(picture: &GrayImage) -> Option<InkPage> {
    let factor = downscale_factor(picture, SEARCH_SIDE);
    let mut page = Page::new(&downscale(picture, factor), &mut |_, _| ());
    let rulings = remove_rulings(&mut page);
    let found = find_text_lines(&page);
    let share = found.share;
    if found.lines.is_empty() {
        return None;
    }
    let blobs: usize = found.lines.iter().map(|line| line.blobs.len()).sum();
    let is_texture = blobs > MAX_BLOBS_OF_PAGE || found.lines.len() == MAX_LINES;
    if share < MIN_SHARE || is_texture || found.lines.iter().any(is_too_long) {
        return Some(InkPage::unclear(share, page.contrast));
    }
    let search = Search { picture, page: &page, factor, lines: &found.lines };
    let mut lines = Vec::new();
    let mut contrast = f32::INFINITY;
    for index in 0..found.lines.len() {
        let (line, of_line) = search.segment(index);
        // After the second pass, because the contrast of small digits on a large page is
        // underestimated.
        contrast = contrast.min(of_line);
        let Some(line) = line.filter(|_| is_clear(share, contrast)) else {
            return Some(InkPage::unclear(share, contrast));
        };
        lines.push(line);
    }
    if lines.iter().map(|line| line.segments).sum::<usize>() > MAX_SEGMENTS {
        return Some(InkPage::unclear(share, contrast));
    }
    let place = Place { factor, finer: 1, left: 0, top: 0, size: picture.dimensions() };
    let ignored =
        |bounds: &BoundingBox, is_ruling: bool| Ignored { bounds: place.of(bounds), is_ruling };
    let other = found.ignored.iter().map(|bounds| ignored(bounds, false));
    let ignored = other.chain(rulings.iter().map(|bounds| ignored(bounds, true))).collect();
    Some(InkPage { lines, ignored, share, contrast })
}

fn single(picture: &GrayImage) -> Option<InkPage> {
    let bounds = bounds_above(picture, 0)?;
    let candidate = Candidate {
        segments: 0..1,
        image: picture.clone(),
        bounds,
        width: bounds.width() as f32 / bounds.height() as f32,
        height: 1.0,
        cut_ink: 0.0,
        is_doubtful: false,
    };
    let line = InkLine { segments: 1, candidates: vec![candidate], marks: Vec::new(), bounds };
    Some(InkPage { lines: vec![line], ignored: Vec::new(), share: 1.0, contrast: 25.5 })
}

fn is_too_long(line: &TextLine) -> bool {
    line.blobs.len() > MAX_BLOBS || line.bounds.width() as f32 > MAX_LENGTH * line.height
}

/// A page on which the lines have been located.
struct Search<'a> {
    picture: &'a GrayImage,
    /// The picture downscaled by `factor`.
    page: &'a Page,
    factor: u32,
    lines: &'a [TextLine],
}

impl Search<'_> {
    /// Processes a line again at the resolution that it needs, and segments it. Returns the line,
    /// unless it is not found again or has too many segments, and its contrast.
    fn segment(&self, index: usize) -> (Option<InkLine>, f32) {
        let found = &self.lines[index];
        let size = self.picture.dimensions();
        let mut place = Place { factor: self.factor, finer: 1, left: 0, top: 0, size };
        let height = (found.height * self.factor as f32) as u32;
        let resolution = (height / MIN_HEIGHT).max(1);
        let mut again: Option<(Page, TextLine)> = None;
        if resolution != self.factor {
            let margin = (MARGIN * height as f32) as u32;
            let around = found.bounds.enlarged(self.factor).widened(margin, size);
            let region = downscale(&around.crop(self.picture), resolution);
            let page = Page::new(&region, &mut |_, _| ());
            let contrast = page.contrast;
            place = Place { factor: resolution, left: around.left, top: around.top, ..place };
            let to_region = |bounds: &BoundingBox| {
                within(&bounds.enlarged(self.factor), &around).downscaled(resolution)
            };
            again = self.find_again(page, index, to_region);
            if again.is_none() {
                return (None, contrast);
            }
        }
        let (page, text) = again.as_ref().map_or((self.page, found), |(page, text)| (page, text));
        let finer = (MIN_HEIGHT as f32 / text.height).ceil() as u32;
        let finest = if finer > 1 {
            let margin = (MARGIN * text.height) as u32;
            let around = text.bounds.widened(margin, page.ink.dimensions());
            place = place.within(&around, finer);
            let page = page.enlarged(&around, finer);
            let contrast = page.contrast;
            let to_region = |bounds: &BoundingBox| within(bounds, &around).enlarged(finer);
            let found = if again.is_none() {
                self.find_again(page, index, to_region)
            } else {
                find_line_at(page, &to_region(&text.bounds))
            };
            if found.is_none() {
                return (None, contrast);
            }
            found
        } else {
            None
        };
        let (page, text) = finest.as_ref().map_or((page, text), |(page, text)| (page, text));
        (segment_line(page, text, &place), page.contrast)
    }

    /// Finds a line again on a region of the page; `to_region` converts rectangles of the whole page.
    /// The ink of the other lines is removed.
    fn find_again(
        &self,
        mut region: Page,
        index: usize,
        to_region: impl Fn(&BoundingBox) -> BoundingBox,
    ) -> Option<(Page, TextLine)> {
        if self.lines.len() > 1 {
            let boxes = |line: &TextLine| -> Vec<BoundingBox> {
                let marks = line.marks.iter().filter(|mark| mark.kind != MarkKind::Space);
                let all = line.blobs.iter().chain(marks.map(|mark| &mark.bounds));
                all.map(&to_region).collect()
            };
            let others = self.lines.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<BoundingBox> = others.flat_map(|(_, line)| boxes(line)).collect();
            erase_others(&mut region, &boxes(&self.lines[index]), &others);
        }
        remove_rulings(&mut region);
        find_line_at(region, &to_region(&self.lines[index].bounds))
    }
}

/// A rectangle relative to the corner of another one; what is outside of that is cut off.
fn within(bounds: &BoundingBox, around: &BoundingBox) -> BoundingBox {
    let column = |at: u32| at.clamp(around.left, around.right) - around.left;
    let row = |at: u32| at.clamp(around.top, around.bottom) - around.top;
    BoundingBox {
        left: column(bounds.left),
        top: row(bounds.top),
        right: column(bounds.right),
        bottom: row(bounds.bottom),
    }
}

/// Removes the components that are more in the rectangles `others` than in the rectangles `own`.
fn erase_others(page: &mut Page, own: &[BoundingBox], others: &[BoundingBox]) {
    let components = Components::find(&page.mask, &page.ink);
    let shared = |bounds: &BoundingBox, boxes: &[BoundingBox]| -> u64 {
        boxes.iter().map(|other| bounds.shared_area(other)).max().unwrap_or(0)
    };
    let is_other = |bounds: &BoundingBox| shared(bounds, others) > shared(bounds, own);
    let erased: Vec<bool> =
        components.all.iter().map(|component| is_other(&component.bounds)).collect();
    let pixels = page.mask.iter_mut().zip(page.ink.iter_mut()).zip(&components.labels);
    for ((mask, ink), &label) in pixels {
        if label > 0 && erased[label as usize - 1] {
            (*mask, *ink) = (0, 0);
        }
    }
}

/// The line on a page where it is expected.
fn find_line_at(page: Page, expected: &BoundingBox) -> Option<(Page, TextLine)> {
    let lines = find_text_lines(&page).lines.into_iter();
    let line = lines.max_by_key(|line| line.bounds.shared_area(expected))?;
    (!is_too_long(&line)).then_some((page, line))
}

/// The segments of a line on a page. None if there are too many.
fn segment_line(page: &Page, text: &TextLine, place: &Place) -> Option<InkLine> {
    let segmentation = Segmentation::new(page, text);
    if segmentation.len() > MAX_SEGMENTS {
        return None;
    }
    let mark = |mark: &TextMark| Mark {
        kind: mark.kind,
        segment: segmentation.start_of(mark.blob),
        bounds: place.of(&mark.bounds),
    };
    let marks: Vec<Mark> = text.marks.iter().map(mark).collect();
    let candidates = candidates(&segmentation, text.height, &marks, place);
    let bounds = place.of(&text.bounds);
    Some(InkLine { segments: segmentation.len(), candidates, marks, bounds })
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
fn candidates(line: &Segmentation, height: f32, marks: &[Mark], place: &Place) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for start in 0..line.len() {
        for end in start + 1..=line.len().min(start + MAX_SEGMENTS_OF_DIGIT) {
            // A single segment is always a candidate: a blob without seams may be wider than a
            // digit.
            let is_single = end == start + 1;
            if marks.iter().any(|mark| start < mark.segment && mark.segment < end) {
                break;
            }
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
                is_doubtful: line.is_doubtful(start..end),
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
        let page = find_lines(&page(300, 150, &[[60, 40, 72, 110], [130, 42, 142, 108]])).unwrap();
        let line = &page.lines[0];
        assert!(page.is_clear() && page.lines.len() == 1 && line.segments == 2);
        let found: Vec<_> =
            line.candidates.iter().map(|candidate| candidate.segments.clone()).collect();
        assert!(found.contains(&(0..1)) && found.contains(&(1..2)), "{found:?}");
        let first = &line.candidates[0].bounds;
        assert!(first.left.abs_diff(60) <= 1 && first.bottom.abs_diff(110) <= 1, "{first:?}");
    }

    #[test]
    fn small_digits_on_a_large_page_are_processed_again_at_a_higher_resolution() {
        let strokes = [[1_500, 1_000, 1_510, 1_060], [1_550, 1_000, 1_560, 1_060]];
        let page = find_lines(&page(4_000, 3_000, &strokes)).unwrap();
        assert!(page.is_clear(), "share {}, contrast {}", page.share, page.contrast);
        let first = &page.lines[0].candidates[0].bounds;
        assert!(first.left.abs_diff(1_500) <= 1 && first.right.abs_diff(1_510) <= 1, "{first:?}");
    }

    #[test]
    fn small_digits_are_enlarged_and_stay_where_they_are() {
        let page = find_lines(&page(90, 60, &[[30, 20, 33, 40], [50, 22, 53, 41]])).unwrap();
        let line = &page.lines[0];
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
        let page = find_lines(&digit).unwrap();
        let line = &page.lines[0];
        assert_eq!((line.segments, &line.candidates[0].image), (1, &digit));
    }

    #[test]
    fn texture_is_not_clear() {
        let dots: Vec<[u32; 4]> = (0..200)
            .map(|at| [at % 20 * 30, at / 20 * 30, at % 20 * 30 + 12, at / 20 * 30 + 12])
            .collect();
        let page = find_lines(&page(600, 300, &dots)).unwrap();
        assert!(!page.is_clear() && page.lines.is_empty());
    }
}
