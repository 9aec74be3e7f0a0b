//! A line of digits: every way to divide its ink into digits.

mod seam;
mod segments;
mod text_line;

use std::ops::Range;

use image::{GrayImage, imageops};

use self::segments::{CutInk, Part};
use self::text_line::{Row, choose_row};
use crate::bounding_box::{InkBox, bounds_above};
use crate::digit::{CLEAR_CONTRAST, CLEAR_SHARE, Chosen, SEARCH, is_normalized, normalize_ink};
use crate::page::{Page, factor_for, reduce};
use crate::sheet::find_sheet;

/// The height that digits have at least when they are cut; smaller ones are enlarged, so that cuts
/// may run within pixels: of 500 numbers with digits that touch, 0.8 % more are read rightly.
const FOCUS: u32 = 64;
/// Paper around the line for the second look, over its digits' height.
const SURROUNDINGS: f32 = 0.5;
/// Pieces of the longest line; more are a texture or noise.
const MOST_PIECES: usize = 80;
/// Width of the longest line over its digits' height.
const LONGEST: f32 = 40.0;
/// Cuts of the longest line; more are a texture.
const MOST_CUTS: usize = 300;
/// Width of the widest digit over the digits' height.
const WIDEST: f32 = 1.6;
/// Pieces that one digit is cut into at most.
const MOST_PIECES_OF_DIGIT: usize = 20;

/// Ink that may be a digit.
#[derive(Clone, Debug)]
pub struct Span {
    /// The segments of the line that it covers.
    pub segments: Range<usize>,
    /// 28×28 pixels, light ink on black: as [`normalize`](crate::normalize) makes a digit.
    pub image: GrayImage,
    /// Where it is in the picture.
    pub bounds: InkBox,
    /// Width over the height of the line's digits.
    pub width: f32,
    /// Height over the height of the line's digits.
    pub height: f32,
    /// Ink that the cuts to its left and to its right cross, in pixels over the digits' height; 0
    /// where there is none.
    pub cut: f32,
}

/// A line of digits.
#[derive(Clone, Debug)]
pub struct InkLine {
    /// Pieces of ink from left to right that no digit is smaller than.
    pub segments: usize,
    /// What may be digits: every few segments that follow one another.
    pub spans: Vec<Span>,
    /// Share of the page's ink, frames and lines apart, that is in the line; 0 to 1.
    pub share: f32,
    /// Distance between ink and paper in grey levels over the level up to which a pixel may be
    /// paper; more than 1.
    pub contrast: f32,
}

impl InkLine {
    /// Whether this is clearly one line of ink on paper, and not a text, a texture or noise; one
    /// that is not has no spans.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        is_clear(self.share, self.contrast) && !self.spans.is_empty()
    }
}

fn is_clear(share: f32, contrast: f32) -> bool {
    share >= CLEAR_SHARE && contrast >= CLEAR_CONTRAST
}

/// Finds the line of digits in a picture. None if there is no ink on the page.
///
/// A picture that is one digit as MNIST has them passes through untouched.
#[must_use]
pub fn find_line(picture: &GrayImage) -> Option<InkLine> {
    if is_normalized(picture) {
        return single(picture);
    }
    let Some(sheet) = find_sheet(picture) else { return find_on_page(picture) };
    let mut line = find_on_page(&sheet.page)?;
    for span in &mut line.spans {
        span.bounds = span.bounds.moved(sheet.bounds.left, sheet.bounds.top);
    }
    Some(line)
}

fn find_on_page(picture: &GrayImage) -> Option<InkLine> {
    let factor = factor_for(picture, SEARCH);
    let mut page = Page::new(&reduce(picture, factor), &mut |_, _| ());
    let mut row = choose_row(&page)?;
    let share = row.share;
    let unclear = |contrast| InkLine { segments: 0, spans: Vec::new(), share, contrast };
    if share < CLEAR_SHARE || is_too_long(&row) {
        return Some(unclear(page.contrast));
    }
    let mut place = Place { factor, finer: 1, left: 0, top: 0, size: picture.dimensions() };
    let height = (row.height * factor as f32) as u32;
    let closer = (height / FOCUS).max(1);
    if closer != factor {
        let margin = (SURROUNDINGS * height as f32) as u32;
        let around = row.bounds.enlarged(factor).widened(margin, picture.dimensions());
        page = Page::new(&reduce(&around.crop(picture), closer), &mut |_, _| ());
        place = Place { factor: closer, left: around.left, top: around.top, ..place };
        let Some(again) = look_again(&page) else { return Some(unclear(page.contrast)) };
        row = again;
    }
    // Not before the second look: small digits on a large page do not show how dark they are.
    if !is_clear(share, page.contrast) {
        return Some(unclear(page.contrast));
    }
    let finer = (FOCUS as f32 / row.height).ceil() as u32;
    if finer > 1 {
        let margin = (SURROUNDINGS * row.height) as u32;
        let around = row.bounds.widened(margin, page.ink.dimensions());
        page = page.enlarged(&around, finer);
        place = place.within(&around, finer);
        let Some(again) = look_again(&page) else { return Some(unclear(page.contrast)) };
        row = again;
    }
    let cut = CutInk::new(&page, &row);
    if cut.len() > MOST_CUTS {
        return Some(unclear(page.contrast));
    }
    let spans = spans(&cut, row.height, &place);
    Some(InkLine { segments: cut.len(), spans, share, contrast: page.contrast })
}

fn single(picture: &GrayImage) -> Option<InkLine> {
    let bounds = bounds_above(picture, 0)?;
    let span = Span {
        segments: 0..1,
        image: picture.clone(),
        bounds,
        width: bounds.width() as f32 / bounds.height() as f32,
        height: 1.0,
        cut: 0.0,
    };
    Some(InkLine { segments: 1, spans: vec![span], share: 1.0, contrast: 25.5 })
}

fn is_too_long(row: &Row) -> bool {
    row.bodies.len() > MOST_PIECES || row.bounds.width() as f32 > LONGEST * row.height
}

/// The line on a page that shows little besides it.
fn look_again(page: &Page) -> Option<Row> {
    choose_row(page).filter(|row| !is_too_long(row))
}

/// Where in the picture the page lies that the line was found on.
#[derive(Clone, Copy)]
struct Place {
    /// The picture's pixels over the page's, before it was enlarged.
    factor: u32,
    /// How many times the page was enlarged.
    finer: u32,
    left: u32,
    top: u32,
    size: (u32, u32),
}

impl Place {
    /// The place of a part of the page that was enlarged.
    fn within(self, around: &InkBox, finer: u32) -> Self {
        let left = self.left + self.factor * around.left;
        let top = self.top + self.factor * around.top;
        Self { finer, left, top, ..self }
    }

    /// A rectangle of the page as one of the picture.
    fn of(&self, bounds: &InkBox) -> InkBox {
        bounds
            .reduced(self.finer)
            .enlarged(self.factor)
            .moved(self.left, self.top)
            .widened(0, self.size)
    }
}

/// Every few pieces that follow one another and may be a digit.
fn spans(cut: &CutInk, height: f32, place: &Place) -> Vec<Span> {
    let mut spans = Vec::new();
    for start in 0..cut.len() {
        for end in start + 1..=cut.len().min(start + MOST_PIECES_OF_DIGIT) {
            // All of a body may be too wide where it has no cuts.
            let is_whole = end == start + 1;
            let Some(part) = cut.part(start..end) else { continue };
            let width = part.bounds.width() as f32 / height;
            if width > WIDEST && !is_whole {
                break;
            }
            let Some(image) = normalize_part(cut.page(), &part) else { continue };
            spans.push(Span {
                segments: start..end,
                image,
                bounds: place.of(&part.bounds),
                width,
                height: part.bounds.height() as f32 / height,
                cut: (cut.ink(start) + cut.ink(end)) / height,
            });
        }
    }
    spans
}

/// Makes a part the network's input.
fn normalize_part(page: &Page, part: &Part) -> Option<GrayImage> {
    // As far as a stroke is thickened or fades to paper.
    let margin = part.bounds.longer_side() / 20 + 2;
    let around = part.bounds.widened(margin, page.ink.dimensions());
    let (left, top) = (part.bounds.left - around.left, part.bounds.top - around.top);
    let mut mask = GrayImage::new(around.width(), around.height());
    imageops::replace(&mut mask, &part.mask, i64::from(left), i64::from(top));
    let mut ink = around.crop(&page.ink);
    for ((level, own), any) in ink.iter_mut().zip(mask.iter()).zip(around.crop(&page.mask).iter()) {
        if *any > 0 && *own == 0 {
            *level = 0;
        }
    }
    let bounds =
        InkBox { left, top, right: left + part.bounds.width(), bottom: top + part.bounds.height() };
    normalize_ink(&ink, page.paper, &Chosen { mask, bounds, share: 1.0 }, &mut |_, _| ())
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
    fn strokes_side_by_side_are_spans_by_themselves() {
        let line = find_line(&page(300, 150, &[[60, 40, 72, 110], [130, 42, 142, 108]])).unwrap();
        assert!(line.is_clear() && line.segments == 2);
        let found: Vec<_> = line.spans.iter().map(|span| span.segments.clone()).collect();
        assert!(found.contains(&(0..1)) && found.contains(&(1..2)), "{found:?}");
        let first = &line.spans[0].bounds;
        assert!(first.left.abs_diff(60) <= 1 && first.bottom.abs_diff(110) <= 1, "{first:?}");
    }

    #[test]
    fn small_digits_on_a_large_page_are_looked_at_closely() {
        let strokes = [[1_500, 1_000, 1_510, 1_060], [1_550, 1_000, 1_560, 1_060]];
        let line = find_line(&page(4_000, 3_000, &strokes)).unwrap();
        assert!(line.is_clear(), "share {}, contrast {}", line.share, line.contrast);
        let first = &line.spans[0].bounds;
        assert!(first.left.abs_diff(1_500) <= 1 && first.right.abs_diff(1_510) <= 1, "{first:?}");
    }

    #[test]
    fn small_digits_are_enlarged_and_stay_where_they_are() {
        let line = find_line(&page(90, 60, &[[30, 20, 33, 40], [50, 22, 53, 41]])).unwrap();
        assert_eq!(line.segments, 2);
        let found: Vec<InkBox> = line.spans.iter().map(|span| span.bounds).collect();
        for expected in [[30, 20, 33, 40], [50, 22, 53, 41]] {
            let is_near = |found: &InkBox| {
                let sides = [found.left, found.top, found.right, found.bottom];
                sides.iter().zip(expected).all(|(a, b): (&u32, u32)| a.abs_diff(b) <= 1)
            };
            assert!(found.iter().any(is_near), "{expected:?} in {found:?}");
        }
    }

    #[test]
    fn normalized_digit_passes_through_untouched() {
        let digit = GrayImage::from_fn(28, 28, |x, y| {
            Luma([if (13..16).contains(&x) && (4..24).contains(&y) { 255 } else { 0 }])
        });
        let line = find_line(&digit).unwrap();
        assert_eq!((line.segments, &line.spans[0].image), (1, &digit));
    }

    #[test]
    fn texture_is_not_clear() {
        let dots: Vec<[u32; 4]> = (0..200)
            .map(|at| [at % 20 * 30, at / 20 * 30, at % 20 * 30 + 12, at / 20 * 30 + 12])
            .collect();
        let line = find_line(&page(600, 300, &dots)).unwrap();
        assert!(!line.is_clear() && line.spans.is_empty());
    }
}
