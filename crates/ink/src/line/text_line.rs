//! Selection of a line of digits among all ink on a page.

use crate::bounding_box::BoundingBox;
use crate::components::{Component, Components, MIN_AREA};
use crate::page::Page;

/// Smallest ratio of height to width of digits, for eight digits that touch; ruling lines are
/// flatter.
const MIN_ASPECT: f32 = 0.1;
/// Heights of digits, relative to the component with the most ink. Lower components are parts of
/// digits or commas.
const HEIGHTS: std::ops::Range<f32> = 0.35..2.5;
/// Neighbours on one line overlap vertically by at least this share of the lower one's height.
const MIN_OVERLAP: f32 = 0.5;
/// Largest height of a digit with its parts, relative to the digits' height; higher parts belong to
/// another line.
const MAX_HEIGHT: f32 = 1.5;
/// Largest width of a part, relative to the digits' height; wider parts are dashes or underlines.
const MAX_WIDTH: f32 = 0.8;
/// Smallest area of a part, relative to the square of the digits' height; smaller ones are specks.
const MIN_PART: f32 = 0.006;
/// Largest gap between a part and its digit, relative to the digits' height.
const MAX_GAP: f32 = 0.25;

/// A line of digits on a page.
#[derive(Clone, Debug)]
pub struct TextLine {
    /// The blobs from left to right: each is a digit, or several that touch, with the parts beside
    /// them.
    pub blobs: Vec<BoundingBox>,
    /// For each pixel of the page the index of its blob plus 1; 0 for paper and other ink.
    labels: Vec<u32>,
    /// Width of the page in pixels.
    width: usize,
    /// The smallest rectangle that contains all blobs.
    pub bounds: BoundingBox,
    /// The digits' height in pixels.
    pub height: f32,
    /// The line's share of the page's ink without frames and ruling lines; 0 to 1.
    pub share: f32,
}

impl TextLine {
    /// Index of the blob that contains a pixel of the page; none for paper and other ink.
    pub fn blob_at(&self, x: u32, y: u32) -> Option<usize> {
        let label = self.labels[y as usize * self.width + x as usize] as usize;
        label.checked_sub(1)
    }
}

/// Finds the line of digits: the component with the most ink, then, to the left and to the right,
/// each component that overlaps the previous one vertically. None if there are only specks.
#[must_use]
pub fn find_text_line(page: &Page) -> Option<TextLine> {
    let found = Components::find(&page.mask, &page.ink);
    let components = &found.all;
    let is_flat = |component: &Component| {
        (component.bounds.height() as f32) < MIN_ASPECT * component.bounds.width() as f32
    };
    let is_ink = |component: &Component| !component.is_ruling && !is_flat(component);
    let candidates = (0..components.len()).filter(|&index| is_ink(&components[index]));
    let main = candidates
        .clone()
        .max_by_key(|&index| components[index].mass)
        .or_else(|| (0..components.len()).max_by_key(|&index| components[index].mass))
        .filter(|&index| components[index].area >= MIN_AREA)?;
    let first = components[main].bounds;
    let mut blobs: Vec<usize> = candidates
        .filter(|&index| {
            let share = components[index].bounds.height() as f32 / first.height() as f32;
            index == main || HEIGHTS.contains(&share)
        })
        .collect();
    blobs.sort_by_key(|&index| (components[index].bounds.middle(), index));
    let start = blobs.iter().position(|&index| index == main)?;
    let (left, right) = blobs.split_at(start);
    let mut blobs = follow(components, left.iter().rev().copied(), first);
    blobs.reverse();
    blobs.extend(follow(components, right.iter().copied(), first));
    let height = median_height(components, &blobs);
    blobs.retain(|&index| {
        let share = components[index].bounds.height() as f32 / height;
        HEIGHTS.contains(&share)
    });
    // The blob of each component: bars and broken strokes belong to the nearest one.
    let mut owners: Vec<Option<usize>> = vec![None; components.len()];
    for (blob, &index) in blobs.iter().enumerate() {
        owners[index] = Some(blob);
    }
    for (index, component) in components.iter().enumerate() {
        if owners[index].is_none() && is_part(component, height) {
            owners[index] = nearest(component, components, &blobs, height);
        }
    }
    let mut boxes: Vec<BoundingBox> = blobs.iter().map(|&index| components[index].bounds).collect();
    let mut mass = 0;
    for (component, owner) in components.iter().zip(&owners) {
        if let Some(blob) = *owner {
            boxes[blob] = boxes[blob].union(&component.bounds);
            mass += component.mass;
        }
    }
    let bounds = boxes.iter().copied().reduce(|all, one| all.union(&one))?;
    let all: u64 = components
        .iter()
        .filter(|component| is_ink(component))
        .map(|component| component.mass)
        .sum();
    let share = (mass as f32 / all.max(1) as f32).min(1.0);
    let label = |component: &u32| match owners.get((*component as usize).wrapping_sub(1)) {
        Some(Some(blob)) => *blob as u32 + 1,
        _ => 0,
    };
    let labels = found.labels.iter().map(label).collect();
    Some(TextLine {
        blobs: boxes,
        labels,
        width: page.mask.width() as usize,
        bounds,
        height,
        share,
    })
}

/// Whether a component that is too low for a digit is neither a speck nor a dash.
fn is_part(component: &Component, height: f32) -> bool {
    !component.is_ruling
        && component.bounds.width() as f32 <= MAX_WIDTH * height
        && component.area as f32 >= MIN_PART * height * height
}

/// Of the blobs near a component, the one that shares the most columns with it.
fn nearest(
    component: &Component,
    components: &[Component],
    blobs: &[usize],
    height: f32,
) -> Option<usize> {
    let shared = |bounds: &BoundingBox| {
        let end = bounds.right.min(component.bounds.right);
        i64::from(end) - i64::from(bounds.left.max(component.bounds.left))
    };
    (0..blobs.len())
        .filter(|&blob| {
            let bounds = components[blobs[blob]].bounds;
            bounds.gap(&component.bounds) as f32 <= MAX_GAP * height
                && bounds.union(&component.bounds).height() as f32 <= MAX_HEIGHT * height
        })
        .max_by_key(|&blob| shared(&components[blobs[blob]].bounds))
}

/// Each component that overlaps the previous one vertically.
fn follow(
    components: &[Component],
    indices: impl Iterator<Item = usize>,
    first: BoundingBox,
) -> Vec<usize> {
    let mut before = first;
    let mut line = Vec::new();
    for index in indices {
        let bounds = components[index].bounds;
        let shared = bounds.bottom.min(before.bottom).saturating_sub(bounds.top.max(before.top));
        let lower = bounds.height().min(before.height());
        if shared as f32 >= MIN_OVERLAP * lower as f32 {
            line.push(index);
            before = bounds;
        }
    }
    line
}

/// The median height of the components, weighted by their widths.
fn median_height(components: &[Component], blobs: &[usize]) -> f32 {
    let mut heights: Vec<(u32, u32)> = blobs
        .iter()
        .map(|&index| (components[index].bounds.height(), components[index].bounds.width()))
        .collect();
    heights.sort_unstable();
    let half = heights.iter().map(|(_, width)| width).sum::<u32>() / 2;
    let mut seen = 0;
    let median = heights.iter().find(|(_, width)| {
        seen += width;
        seen > half
    });
    median.map_or(1.0, |(height, _)| *height as f32)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// The line on a page of 300×120 pixels with filled rectangles (left, top, right, bottom).
    fn line(rectangles: &[[u32; 4]]) -> Option<TextLine> {
        let ink = GrayImage::from_fn(300, 120, |x, y| {
            let inside = |&[left, top, right, bottom]: &[u32; 4]| {
                (left..right).contains(&x) && (top..bottom).contains(&y)
            };
            Luma([if rectangles.iter().any(inside) { 200 } else { 0 }])
        });
        find_text_line(&Page { mask: ink.clone(), ink, noise_floor: 10, contrast: 10.0 })
    }

    fn lefts(rectangles: &[[u32; 4]]) -> Vec<u32> {
        line(rectangles).unwrap().blobs.iter().map(|blob| blob.left).collect()
    }

    const DIGITS: [[u32; 4]; 3] = [[150, 32, 180, 82], [60, 30, 80, 80], [100, 35, 130, 85]];

    #[test]
    fn digits_are_ordered_from_left_to_right() {
        let found = line(&DIGITS).unwrap();
        assert_eq!(found.blobs.iter().map(|blob| blob.left).collect::<Vec<_>>(), [60, 100, 150]);
        assert!((found.height - 50.0).abs() < 0.1 && found.share > 0.99);
        assert_eq!((found.blob_at(110, 50), found.blob_at(90, 50)), (Some(1), None));
    }

    #[test]
    fn specks_rulings_dashes_and_other_lines_are_left_out() {
        for other in [
            [20, 50, 22, 52],   // a speck
            [0, 100, 300, 103], // a ruling line
            [50, 90, 190, 94],  // an underline
            [200, 55, 245, 62], // a dash
            [60, 100, 70, 120], // a component below
        ] {
            assert_eq!(lefts(&[&DIGITS[..], &[other]].concat()), [60, 100, 150], "{other:?}");
        }
    }

    #[test]
    fn parts_join_the_digit_below_them() {
        let found = line(&[&DIGITS[..], &[[104, 22, 128, 28]]].concat()).unwrap();
        assert_eq!((found.blobs.len(), found.blobs[1].top), (3, 22));
        assert_eq!(found.blob_at(110, 25), Some(1));
    }

    #[test]
    fn halves_of_a_broken_digit_are_one_blob() {
        // The lower half of a 6 under its stroke: the two do not overlap vertically enough.
        let halves = [[200, 30, 215, 57], [205, 59, 235, 80]];
        let found = line(&[&DIGITS[..], &halves].concat()).unwrap();
        assert_eq!(found.blobs.len(), 4);
        assert_eq!((found.blob_at(205, 40), found.blob_at(230, 70)), (Some(3), Some(3)));
    }

    #[test]
    fn slanting_lines_are_followed() {
        let slanting: Vec<[u32; 4]> =
            (0..6).map(|at| [20 + 45 * at, 10 + 10 * at, 50 + 45 * at, 50 + 10 * at]).collect();
        assert_eq!(lefts(&slanting).len(), 6);
    }

    #[test]
    fn texture_has_a_small_share_and_specks_no_line() {
        let dots: Vec<[u32; 4]> = (0..60)
            .map(|at| [at % 10 * 30, at / 10 * 20, at % 10 * 30 + 9, at / 10 * 20 + 9])
            .collect();
        assert!(line(&dots).unwrap().share < 0.3);
        assert!(line(&[[5, 5, 7, 9]]).is_none() && line(&[]).is_none());
    }
}
