//! Segmentation of a line of digits: the boundaries at which one digit may end and the next begin.

use std::ops::Range;

use image::{GrayImage, Luma};

use super::seam::{Seam, find_seams};
use super::text_line::TextLine;
use crate::bounding_box::{BoundingBox, bounds_above};
use crate::digit::full_level;
use crate::page::Page;

/// Blobs narrower than this, relative to the digits' height, are one digit.
const MIN_WIDTH: f32 = 0.35;

/// A boundary at which one digit may end and the next begin: before a blob, or inside it.
#[derive(Clone, Debug)]
struct Boundary {
    /// Index of the blob.
    blob: usize,
    /// The path through the blob; none for the boundary before the blob.
    seam: Option<Seam>,
}

/// A line and all its boundaries from left to right. The first one is before all ink.
#[derive(Clone, Debug)]
pub struct Segmentation<'a> {
    page: &'a Page,
    line: &'a TextLine,
    boundaries: Vec<Boundary>,
}

/// The ink between two boundaries.
#[derive(Clone, Debug)]
pub struct Region {
    /// The smallest rectangle that contains it.
    pub bounds: BoundingBox,
    /// White where the ink is, within the bounds.
    pub mask: GrayImage,
}

impl<'a> Segmentation<'a> {
    /// Finds the boundaries between blobs and the seams inside blobs that may be several digits.
    pub fn new(page: &'a Page, line: &'a TextLine) -> Self {
        let full = full_level(&page.ink, &page.mask).max(1.0);
        let mut boundaries = Vec::new();
        for (blob, bounds) in line.blobs.iter().enumerate() {
            boundaries.push(Boundary { blob, seam: None });
            if bounds.width() as f32 >= MIN_WIDTH * line.height {
                let own = blob_ink(page, line, blob);
                let seams = find_seams(&own, full, line.height);
                boundaries
                    .extend(seams.into_iter().map(|seam| Boundary { blob, seam: Some(seam) }));
            }
        }
        Self { page, line, boundaries }
    }

    /// Number of segments: the regions between successive boundaries.
    pub fn len(&self) -> usize {
        self.boundaries.len()
    }

    /// Index of the boundary before a blob; after the last blob, the number of segments.
    pub fn start_of(&self, blob: usize) -> usize {
        let is_start = |boundary: &Boundary| boundary.blob == blob && boundary.seam.is_none();
        self.boundaries.iter().position(is_start).unwrap_or(self.len())
    }

    /// Whether one of a candidate's blobs may be a mark.
    pub fn is_doubtful(&self, candidate: Range<usize>) -> bool {
        self.boundaries[candidate].iter().any(|boundary| self.line.doubtful[boundary.blob])
    }

    /// The ink that a boundary crosses, in pixels of full ink.
    pub fn crossed_ink(&self, boundary: usize) -> f32 {
        self.boundaries
            .get(boundary)
            .and_then(|boundary| boundary.seam.as_ref())
            .map_or(0.0, |seam| seam.ink)
    }

    /// The region from one boundary to another. None if it has no ink.
    pub fn region(&self, candidate: Range<usize>) -> Option<Region> {
        let (start, end) =
            (self.boundaries.get(candidate.start)?, self.boundaries.get(candidate.end));
        let last = match end {
            Some(Boundary { blob, seam: Some(_) }) => blob + 1,
            Some(Boundary { blob, seam: None }) => *blob,
            None => self.line.blobs.len(),
        };
        let blobs = self.line.blobs.get(start.blob..last)?;
        let around = blobs.iter().copied().reduce(|all, one| all.union(&one))?;
        let is_inside = |x: u32, y: u32| {
            let Some(blob) = self.line.blob_at(x, y) else { return false };
            let is_left_of = |boundary: &Boundary| match &boundary.seam {
                _ if blob != boundary.blob => blob < boundary.blob,
                None => false,
                Some(seam) => {
                    let bounds = self.line.blobs[blob];
                    x - bounds.left < seam.columns[(y - bounds.top) as usize]
                }
            };
            !is_left_of(start) && end.is_none_or(is_left_of)
        };
        let mask = GrayImage::from_fn(around.width(), around.height(), |x, y| {
            Luma([if is_inside(around.left + x, around.top + y) { 255 } else { 0 }])
        });
        let within = bounds_above(&mask, 0)?;
        Some(Region { bounds: within.moved(around.left, around.top), mask: within.crop(&mask) })
    }

    /// The page that the line is on.
    pub fn page(&self) -> &Page {
        self.page
    }
}

/// The differences from the background of one blob's ink, within its bounds; 0 for all other
/// pixels.
fn blob_ink(page: &Page, line: &TextLine, blob: usize) -> GrayImage {
    let BoundingBox { left, top, .. } = line.blobs[blob];
    let (width, height) = (line.blobs[blob].width(), line.blobs[blob].height());
    GrayImage::from_fn(width, height, |x, y| {
        let is_own = line.blob_at(left + x, top + y) == Some(blob);
        Luma([if is_own { page.ink.get_pixel(left + x, top + y).0[0] } else { 0 }])
    })
}

#[cfg(test)]
mod tests {
    use super::super::text_line::find_text_lines;

    use super::*;

    /// A page with two blocks joined by a thin bridge, and a block by itself.
    fn page() -> Page {
        let ink = GrayImage::from_fn(200, 80, |x, y| {
            let block = [20..45, 65..90, 120..150].iter().any(|block| block.contains(&x));
            let bridge = (45..65).contains(&x) && (38..42).contains(&y);
            Luma([if (10..70).contains(&y) && block || bridge { 200 } else { 0 }])
        });
        Page { mask: ink.clone(), ink, noise_floor: 10, contrast: 10.0 }
    }

    #[test]
    fn regions_between_all_boundaries_are_all_of_the_ink() {
        let page = page();
        let line = find_text_lines(&page).lines.remove(0);
        let segmentation = Segmentation::new(&page, &line);
        let regions: Vec<Region> =
            (0..segmentation.len()).filter_map(|at| segmentation.region(at..at + 1)).collect();
        let area = |mask: &GrayImage| mask.iter().filter(|level| **level > 0).count();
        assert_eq!(
            regions.iter().map(|region| area(&region.mask)).sum::<usize>(),
            area(&page.mask)
        );
        assert!(regions.len() >= 3);
        let all = segmentation.region(0..segmentation.len()).unwrap();
        assert_eq!((all.bounds, area(&all.mask)), (line.bounds, area(&page.mask)));
    }

    #[test]
    fn boundary_through_a_bridge_crosses_its_thickness_and_a_gap_nothing() {
        let page = page();
        let line = find_text_lines(&page).lines.remove(0);
        let segmentation = Segmentation::new(&page, &line);
        let costs: Vec<f32> =
            (0..=segmentation.len()).map(|at| segmentation.crossed_ink(at)).collect();
        assert!(costs.iter().any(|cost| (cost - 4.0).abs() < 0.1), "{costs:?}");
        assert!(costs[0].abs() < 1e-6 && costs[segmentation.len()].abs() < 1e-6);
    }
}
