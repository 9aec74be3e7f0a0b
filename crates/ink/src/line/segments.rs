//! Where a line of digits may be cut.

use std::ops::Range;

use image::{GrayImage, Luma};

use super::seam::{Seam, find_seams};
use super::text_line::Row;
use crate::bounding_box::{InkBox, bounds_above};
use crate::digit::full_level;
use crate::page::Page;

/// Width over the digits' height below which a body is one digit.
const NARROW: f32 = 0.35;

/// A place at which one digit may end and the next begin: before a body, or within it.
#[derive(Clone, Debug)]
struct Cut {
    /// Index of the body.
    body: usize,
    /// The path through the body; none before it.
    seam: Option<Seam>,
}

/// The ink of a line and all its cuts, from left to right; the first is before all of it.
#[derive(Clone, Debug)]
pub struct CutInk<'a> {
    page: &'a Page,
    row: &'a Row,
    cuts: Vec<Cut>,
}

/// The ink between two cuts.
#[derive(Clone, Debug)]
pub struct Part {
    /// Around it.
    pub bounds: InkBox,
    /// White where it is, within the bounds.
    pub mask: GrayImage,
}

impl<'a> CutInk<'a> {
    /// Looks for cuts wherever digits may touch.
    pub fn new(page: &'a Page, row: &'a Row) -> Self {
        let full = full_level(&page.ink, &page.mask).max(1.0);
        let mut cuts = Vec::new();
        for (body, bounds) in row.bodies.iter().enumerate() {
            cuts.push(Cut { body, seam: None });
            if bounds.width() as f32 >= NARROW * row.height {
                let own = body_ink(page, row, body);
                let seams = find_seams(&own, full, row.height);
                cuts.extend(seams.into_iter().map(|seam| Cut { body, seam: Some(seam) }));
            }
        }
        Self { page, row, cuts }
    }

    /// How many pieces there are if all cuts are made.
    pub fn len(&self) -> usize {
        self.cuts.len()
    }

    /// The ink that a cut crosses, in pixels of full ink.
    pub fn ink(&self, cut: usize) -> f32 {
        self.cuts.get(cut).and_then(|cut| cut.seam.as_ref()).map_or(0.0, |seam| seam.ink)
    }

    /// The ink from one cut to another. None if there is none.
    pub fn part(&self, span: Range<usize>) -> Option<Part> {
        let (start, end) = (self.cuts.get(span.start)?, self.cuts.get(span.end));
        let last = match end {
            Some(Cut { body, seam: Some(_) }) => body + 1,
            Some(Cut { body, seam: None }) => *body,
            None => self.row.bodies.len(),
        };
        let bodies = self.row.bodies.get(start.body..last)?;
        let around = bodies.iter().copied().reduce(|all, one| all.union(&one))?;
        let is_inside = |x: u32, y: u32| {
            let Some(body) = self.row.body_at(x, y) else { return false };
            let is_left_of = |cut: &Cut| match &cut.seam {
                _ if body != cut.body => body < cut.body,
                None => false,
                Some(seam) => {
                    let bounds = self.row.bodies[body];
                    x - bounds.left < seam.columns[(y - bounds.top) as usize]
                }
            };
            !is_left_of(start) && end.is_none_or(is_left_of)
        };
        let mask = GrayImage::from_fn(around.width(), around.height(), |x, y| {
            Luma([if is_inside(around.left + x, around.top + y) { 255 } else { 0 }])
        });
        let within = bounds_above(&mask, 0)?;
        Some(Part { bounds: within.moved(around.left, around.top), mask: within.crop(&mask) })
    }

    pub fn page(&self) -> &Page {
        self.page
    }
}

/// The distance from the paper of one body's ink; 0 elsewhere within its bounds.
fn body_ink(page: &Page, row: &Row, body: usize) -> GrayImage {
    let InkBox { left, top, .. } = row.bodies[body];
    let (width, height) = (row.bodies[body].width(), row.bodies[body].height());
    GrayImage::from_fn(width, height, |x, y| {
        let is_own = row.body_at(left + x, top + y) == Some(body);
        Luma([if is_own { page.ink.get_pixel(left + x, top + y).0[0] } else { 0 }])
    })
}

#[cfg(test)]
mod tests {
    use super::super::text_line::choose_row;

    use super::*;

    /// A page with two blocks joined by a thin bridge, and a block by itself.
    fn page() -> Page {
        let ink = GrayImage::from_fn(200, 80, |x, y| {
            let block = [20..45, 65..90, 120..150].iter().any(|block| block.contains(&x));
            let bridge = (45..65).contains(&x) && (38..42).contains(&y);
            Luma([if (10..70).contains(&y) && block || bridge { 200 } else { 0 }])
        });
        Page { mask: ink.clone(), ink, paper: 10, contrast: 10.0 }
    }

    #[test]
    fn parts_between_all_cuts_are_all_of_the_ink() {
        let page = page();
        let row = choose_row(&page).unwrap();
        let cut = CutInk::new(&page, &row);
        let parts: Vec<Part> = (0..cut.len()).filter_map(|at| cut.part(at..at + 1)).collect();
        let area = |mask: &GrayImage| mask.iter().filter(|level| **level > 0).count();
        assert_eq!(parts.iter().map(|part| area(&part.mask)).sum::<usize>(), area(&page.mask));
        assert!(parts.len() >= 3);
        let all = cut.part(0..cut.len()).unwrap();
        assert_eq!((all.bounds, area(&all.mask)), (row.bounds, area(&page.mask)));
    }

    #[test]
    fn cut_through_a_bridge_costs_its_thickness_and_a_gap_nothing() {
        let page = page();
        let row = choose_row(&page).unwrap();
        let cut = CutInk::new(&page, &row);
        let costs: Vec<f32> = (0..=cut.len()).map(|at| cut.ink(at)).collect();
        assert!(costs.iter().any(|cost| (cost - 4.0).abs() < 0.1), "{costs:?}");
        assert!(costs[0].abs() < 1e-6 && costs[cut.len()].abs() < 1e-6);
    }
}
