//! The ink of a line of digits in pieces no larger than a digit.

use image::{GrayImage, Luma};

use crate::InkBox;
use crate::even::full_level;
use crate::page::Page;
use crate::piece::Pieces;
use crate::row::Row;
use crate::seam::find_seams;

/// Width over the digits' height below which a piece is one digit, or a part.
const NARROW: f32 = 0.35;

/// Ink between two cuts.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub bounds: InkBox,
    /// Pixels it covers.
    pub area: u64,
    /// The ink that the cut to its left crosses, in pixels of full ink; 0 where there is a gap.
    pub cut: f32,
    /// Index of the piece that it was cut from.
    pub piece: usize,
}

/// The segments of a line, and which one each pixel belongs to.
#[derive(Clone, Debug)]
pub struct Segments {
    /// 0 for paper and other ink; else 1 more than the index of the segment.
    pub labels: Vec<u32>,
    /// From left to right.
    pub segments: Vec<Segment>,
}

impl Segments {
    /// Cuts the pieces of a row wherever digits may touch, and adds the parts to what they lie over.
    pub fn cut(page: &Page, found: &Pieces, row: &Row) -> Self {
        let mut cut = Self { labels: vec![0; found.labels.len()], segments: Vec::new() };
        let full = full_level(&page.ink, &page.mask).max(1.0);
        for &piece in &row.bodies {
            cut.add_body(page, found, piece, full, row.height);
        }
        for &part in &row.parts {
            cut.add_part(found, part);
        }
        cut
    }

    fn add_body(&mut self, page: &Page, found: &Pieces, piece: usize, full: f32, height: f32) {
        let bounds = found.pieces[piece].bounds;
        let width = page.ink.width() as usize;
        let own = GrayImage::from_fn(bounds.width(), bounds.height(), |x, y| {
            let at = (bounds.top + y) as usize * width + (bounds.left + x) as usize;
            Luma([if found.labels[at] as usize == piece + 1 { page.ink.as_raw()[at] } else { 0 }])
        });
        let is_narrow = (bounds.width() as f32) < NARROW * height;
        let seams = if is_narrow { Vec::new() } else { find_seams(&own, full, height) };
        let mut parts: Vec<Option<Segment>> = vec![None; seams.len() + 1];
        let index_at =
            |x: u32, y: u32| seams.iter().take_while(|seam| seam.columns[y as usize] <= x).count();
        let ink = || own.enumerate_pixels().filter(|(_, _, level)| level.0[0] > 0);
        for (x, y, _) in ink() {
            let pixel = InkBox { left: x, top: y, right: x + 1, bottom: y + 1 }
                .moved(bounds.left, bounds.top);
            let part = &mut parts[index_at(x, y)];
            let segment = part.get_or_insert(Segment { bounds: pixel, area: 0, cut: 0.0, piece });
            segment.bounds = segment.bounds.union(&pixel);
            segment.area += 1;
        }
        // Between two segments may lie seams that enclose no ink: the cheapest is the cut.
        let mut labels = vec![0; parts.len()];
        let mut cheapest = f32::INFINITY;
        let first = self.segments.len();
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                cheapest = cheapest.min(seams[index - 1].ink);
            }
            if let Some(mut segment) = part {
                if self.segments.len() > first {
                    segment.cut = cheapest;
                }
                cheapest = f32::INFINITY;
                self.segments.push(segment);
                labels[index] = self.segments.len() as u32;
            }
        }
        for (x, y, _) in ink() {
            let at = (bounds.top + y) as usize * width + (bounds.left + x) as usize;
            self.labels[at] = labels[index_at(x, y)];
        }
    }

    /// Adds a part to the segment that shares most columns with it, or else is nearest.
    fn add_part(&mut self, found: &Pieces, part: usize) {
        let piece = found.pieces[part];
        let shared = |bounds: &InkBox| {
            i64::from(bounds.right.min(piece.bounds.right))
                - i64::from(bounds.left.max(piece.bounds.left))
        };
        let best = (0..self.segments.len()).max_by_key(|&at| shared(&self.segments[at].bounds));
        let Some(best) = best else { return };
        let segment = &mut self.segments[best];
        segment.bounds = segment.bounds.union(&piece.bounds);
        segment.area += piece.area;
        for (label, piece) in self.labels.iter_mut().zip(&found.labels) {
            if *piece as usize == part + 1 {
                *label = best as u32 + 1;
            }
        }
    }
}
