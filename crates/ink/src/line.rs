//! A line of digits: every way to divide its ink into digits.

use std::ops::Range;

use image::{GrayImage, Luma};

use crate::InkBox;
use crate::choose::Chosen;
use crate::ink_box::bounds_above;
use crate::normalize::{CLEAR_CONTRAST, CLEAR_SHARE, SEARCH};
use crate::normalized::is_normalized;
use crate::page::{Page, normalize_ink};
use crate::piece::Pieces;
use crate::reduce::{factor_for, reduce};
use crate::row::{Row, choose_row};
use crate::segments::Segments;

/// The height that digits have at least when they are looked at again, if the picture allows.
const FOCUS: u32 = 64;
/// Paper around the line for the second look, over its digits' height.
const SURROUNDINGS: f32 = 0.5;
/// Pieces of the longest line; more are a texture or noise.
const MOST_PIECES: usize = 80;
/// Width of the longest line over its digits' height.
const LONGEST: f32 = 60.0;
/// Width of the widest digit over the digits' height.
const WIDEST: f32 = 1.6;
/// Segments that one digit is cut into at most.
const MOST_SEGMENTS: usize = 12;

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
    /// The widest gap in it, over the digits' height.
    pub gap: f32,
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
    let factor = factor_for(picture, SEARCH);
    let mut page = Page::new(&reduce(picture, factor), &mut |_, _| ());
    let mut found = Pieces::find(&page.mask, &page.ink);
    let mut row = choose_row(&found)?;
    let (share, contrast) = (row.share, page.contrast);
    let unclear = InkLine { segments: 0, spans: Vec::new(), share, contrast };
    if !is_clear(share, contrast) || is_too_long(&row) {
        return Some(unclear);
    }
    let mut place = Place { factor, left: 0, top: 0, size: picture.dimensions() };
    let height = (row.height * factor as f32) as u32;
    let closer = (height / FOCUS).max(1);
    if closer != factor {
        let margin = (SURROUNDINGS * height as f32) as u32;
        let around = row.bounds.enlarged(factor).widened(margin, picture.dimensions());
        page = Page::new(&reduce(&around.crop(picture), closer), &mut |_, _| ());
        found = Pieces::find(&page.mask, &page.ink);
        place = Place { factor: closer, left: around.left, top: around.top, ..place };
        match choose_row(&found) {
            Some(again) if !is_too_long(&again) => row = again,
            _ => return Some(unclear),
        }
    }
    let cut = Segments::cut(&page, &found, &row);
    let spans = spans(&page, &cut, row.height, &place);
    Some(InkLine { segments: cut.segments.len(), spans, share, contrast: page.contrast })
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
        gap: 0.0,
    };
    Some(InkLine { segments: 1, spans: vec![span], share: 1.0, contrast: 25.5 })
}

fn is_too_long(row: &Row) -> bool {
    row.bodies.len() > MOST_PIECES || row.bounds.width() as f32 > LONGEST * row.height
}

/// Where in the picture the page lies that the line was found on.
#[derive(Clone, Copy)]
struct Place {
    factor: u32,
    left: u32,
    top: u32,
    size: (u32, u32),
}

/// Every few segments that follow one another and may be a digit; each segment by itself is one.
fn spans(page: &Page, cut: &Segments, height: f32, place: &Place) -> Vec<Span> {
    let segments = &cut.segments;
    let mut spans = Vec::new();
    for start in 0..segments.len() {
        let mut bounds = segments[start].bounds;
        let mut gap = 0_u32;
        for end in start + 1..=segments.len().min(start + MOST_SEGMENTS) {
            let last = &segments[end - 1];
            gap = gap.max(last.bounds.left.saturating_sub(bounds.right));
            bounds = bounds.union(&last.bounds);
            let width = bounds.width() as f32 / height;
            if width > WIDEST && end > start + 1 {
                break;
            }
            let Some(image) = normalize_span(page, cut, start..end, bounds) else { continue };
            let cuts = segments[start].cut + segments.get(end).map_or(0.0, |next| next.cut);
            spans.push(Span {
                segments: start..end,
                image,
                bounds: bounds
                    .enlarged(place.factor)
                    .moved(place.left, place.top)
                    .widened(0, place.size),
                width,
                height: bounds.height() as f32 / height,
                cut: cuts / height,
                gap: gap as f32 / height,
            });
        }
    }
    spans
}

/// Makes these segments the network's input.
fn normalize_span(
    page: &Page,
    cut: &Segments,
    span: Range<usize>,
    bounds: InkBox,
) -> Option<GrayImage> {
    // As far as a stroke is thickened or fades to paper.
    let margin = bounds.longer_side() / 20 + 2;
    let around = bounds.widened(margin, page.ink.dimensions());
    let labels = span.start as u32 + 1..=span.end as u32;
    let width = page.ink.width() as usize;
    let label_at =
        |x: u32, y: u32| cut.labels[(around.top + y) as usize * width + (around.left + x) as usize];
    let own = |picture: &GrayImage, with_paper: bool| {
        GrayImage::from_fn(around.width(), around.height(), |x, y| {
            let label = label_at(x, y);
            let is_own = labels.contains(&label) || with_paper && label == 0;
            let level = picture.get_pixel(around.left + x, around.top + y).0[0];
            Luma([if is_own { level } else { 0 }])
        })
    };
    let bounds = InkBox {
        left: bounds.left - around.left,
        top: bounds.top - around.top,
        right: bounds.right - around.left,
        bottom: bounds.bottom - around.top,
    };
    let chosen = Chosen { mask: own(&page.mask, false), bounds, share: 1.0 };
    normalize_ink(&own(&page.ink, true), page.paper, &chosen, &mut |_, _| ())
}
