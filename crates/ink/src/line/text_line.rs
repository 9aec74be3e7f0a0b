//! Which of the ink is a line of digits.

use crate::bounding_box::InkBox;
use crate::components::{LEAST_AREA, Piece, Pieces};
use crate::page::Page;

/// Height over width of the flattest number: eight digits that touch; lines are flatter.
const FLATTEST: f32 = 0.1;
/// Heights of digits over that of the heaviest piece: less is a part of one, or a comma, more is
/// something else.
const HEIGHTS: std::ops::Range<f32> = 0.35..2.5;
/// Share of the lower one's height at which neighbours stand side by side.
const BESIDE: f32 = 0.5;
/// Height of a digit and its parts over the digits' at most; more is of another line.
const TALLEST: f32 = 1.5;
/// Width over the digits' height from which a low piece is a dash or underlines a digit.
const DASH: f32 = 0.8;
/// Area of a part over the square of the digits' height; less is a speck.
const LEAST_PART: f32 = 0.006;
/// Gap between a part and its digit over the digits' height.
const WIDEST_GAP: f32 = 0.25;

/// A line of digits.
#[derive(Clone, Debug)]
pub struct Row {
    /// Around each digit, or several that touch, with the parts beside them; from left to right.
    pub bodies: Vec<InkBox>,
    /// For every pixel of the page 1 more than the index of its body; 0 for paper and other ink.
    labels: Vec<u32>,
    /// Pixels in a row of the page.
    width: usize,
    /// Around all bodies.
    pub bounds: InkBox,
    /// The digits' height in pixels.
    pub height: f32,
    /// Share of the page's ink, frames and lines apart, that is in the row; 0 to 1.
    pub share: f32,
}

impl Row {
    /// Index of the body that a pixel of the page is part of.
    pub fn body_at(&self, x: u32, y: u32) -> Option<usize> {
        let label = self.labels[y as usize * self.width + x as usize] as usize;
        label.checked_sub(1)
    }
}

/// Chooses the line of digits: the heaviest piece, and what stands beside it to the left and to
/// the right, each piece beside the one before. None if there is nothing but specks.
#[must_use]
pub fn choose_row(page: &Page) -> Option<Row> {
    let found = Pieces::find(&page.mask, &page.ink);
    let pieces = &found.pieces;
    let is_flat =
        |piece: &Piece| (piece.bounds.height() as f32) < FLATTEST * piece.bounds.width() as f32;
    let is_ink = |piece: &Piece| !piece.is_ruled && !is_flat(piece);
    let candidates = (0..pieces.len()).filter(|&index| is_ink(&pieces[index]));
    let main = candidates
        .clone()
        .max_by_key(|&index| pieces[index].mass)
        .or_else(|| (0..pieces.len()).max_by_key(|&index| pieces[index].mass))
        .filter(|&index| pieces[index].area >= LEAST_AREA)?;
    let first = pieces[main].bounds;
    let mut bodies: Vec<usize> = candidates
        .filter(|&index| {
            let share = pieces[index].bounds.height() as f32 / first.height() as f32;
            index == main || HEIGHTS.contains(&share)
        })
        .collect();
    bodies.sort_by_key(|&index| (pieces[index].bounds.middle(), index));
    let start = bodies.iter().position(|&index| index == main)?;
    let (left, right) = bodies.split_at(start);
    let mut bodies = follow(pieces, left.iter().rev().copied(), first);
    bodies.reverse();
    bodies.extend(follow(pieces, right.iter().copied(), first));
    let height = median_height(pieces, &bodies);
    bodies.retain(|&index| {
        let share = pieces[index].bounds.height() as f32 / height;
        HEIGHTS.contains(&share)
    });
    // The body of each piece: bars and broken strokes belong to the nearest.
    let mut owners: Vec<Option<usize>> = vec![None; pieces.len()];
    for (body, &index) in bodies.iter().enumerate() {
        owners[index] = Some(body);
    }
    for (index, piece) in pieces.iter().enumerate() {
        if owners[index].is_none() && is_part(piece, height) {
            owners[index] = nearest(piece, pieces, &bodies, height);
        }
    }
    let mut boxes: Vec<InkBox> = bodies.iter().map(|&index| pieces[index].bounds).collect();
    let mut mass = 0;
    for (piece, owner) in pieces.iter().zip(&owners) {
        if let Some(body) = *owner {
            boxes[body] = boxes[body].union(&piece.bounds);
            mass += piece.mass;
        }
    }
    let bounds = boxes.iter().copied().reduce(|all, one| all.union(&one))?;
    let all: u64 = pieces.iter().filter(|piece| is_ink(piece)).map(|piece| piece.mass).sum();
    let share = (mass as f32 / all.max(1) as f32).min(1.0);
    let label = |piece: &u32| match owners.get((*piece as usize).wrapping_sub(1)) {
        Some(Some(body)) => *body as u32 + 1,
        _ => 0,
    };
    let labels = found.labels.iter().map(label).collect();
    Some(Row { bodies: boxes, labels, width: page.mask.width() as usize, bounds, height, share })
}

/// Whether a piece is too low for a digit and more than a speck or a dash.
fn is_part(piece: &Piece, height: f32) -> bool {
    !piece.is_ruled
        && piece.bounds.width() as f32 <= DASH * height
        && piece.area as f32 >= LEAST_PART * height * height
}

/// The body that shares most columns with a piece, of those that are near.
fn nearest(piece: &Piece, pieces: &[Piece], bodies: &[usize], height: f32) -> Option<usize> {
    let shared = |bounds: &InkBox| {
        let end = bounds.right.min(piece.bounds.right);
        i64::from(end) - i64::from(bounds.left.max(piece.bounds.left))
    };
    (0..bodies.len())
        .filter(|&body| {
            let bounds = pieces[bodies[body]].bounds;
            bounds.gap(&piece.bounds) as f32 <= WIDEST_GAP * height
                && bounds.union(&piece.bounds).height() as f32 <= TALLEST * height
        })
        .max_by_key(|&body| shared(&pieces[bodies[body]].bounds))
}

/// Those of the pieces that stand beside the one before.
fn follow(pieces: &[Piece], indices: impl Iterator<Item = usize>, first: InkBox) -> Vec<usize> {
    let mut before = first;
    let mut row = Vec::new();
    for index in indices {
        let bounds = pieces[index].bounds;
        let shared = bounds.bottom.min(before.bottom).saturating_sub(bounds.top.max(before.top));
        let lower = bounds.height().min(before.height());
        if shared as f32 >= BESIDE * lower as f32 {
            row.push(index);
            before = bounds;
        }
    }
    row
}

/// The median height, each piece counted as often as it is wide: that of most digits.
fn median_height(pieces: &[Piece], bodies: &[usize]) -> f32 {
    let mut heights: Vec<(u32, u32)> = bodies
        .iter()
        .map(|&index| (pieces[index].bounds.height(), pieces[index].bounds.width()))
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

    /// The row on a page of 300×120 pixels with filled rectangles (left, top, right, bottom).
    fn row(rectangles: &[[u32; 4]]) -> Option<Row> {
        let ink = GrayImage::from_fn(300, 120, |x, y| {
            let inside = |&[left, top, right, bottom]: &[u32; 4]| {
                (left..right).contains(&x) && (top..bottom).contains(&y)
            };
            Luma([if rectangles.iter().any(inside) { 200 } else { 0 }])
        });
        choose_row(&Page { mask: ink.clone(), ink, paper: 10, contrast: 10.0 })
    }

    fn lefts(rectangles: &[[u32; 4]]) -> Vec<u32> {
        row(rectangles).unwrap().bodies.iter().map(|body| body.left).collect()
    }

    const DIGITS: [[u32; 4]; 3] = [[150, 32, 180, 82], [60, 30, 80, 80], [100, 35, 130, 85]];

    #[test]
    fn digits_stand_in_a_row_from_left_to_right() {
        let found = row(&DIGITS).unwrap();
        assert_eq!(found.bodies.iter().map(|body| body.left).collect::<Vec<_>>(), [60, 100, 150]);
        assert!((found.height - 50.0).abs() < 0.1 && found.share > 0.99);
        assert_eq!((found.body_at(110, 50), found.body_at(90, 50)), (Some(1), None));
    }

    #[test]
    fn specks_lines_dashes_and_other_rows_are_left_out() {
        for other in [
            [20, 50, 22, 52],   // a speck
            [0, 100, 300, 103], // a line across the page
            [50, 90, 190, 94],  // an underline
            [200, 55, 245, 62], // a dash
            [60, 100, 70, 120], // something below
        ] {
            assert_eq!(lefts(&[&DIGITS[..], &[other]].concat()), [60, 100, 150], "{other:?}");
        }
    }

    #[test]
    fn parts_join_the_digit_that_they_lie_over() {
        let found = row(&[&DIGITS[..], &[[104, 22, 128, 28]]].concat()).unwrap();
        assert_eq!((found.bodies.len(), found.bodies[1].top), (3, 22));
        assert_eq!(found.body_at(110, 25), Some(1));
    }

    #[test]
    fn halves_of_a_broken_digit_are_one_body() {
        // The lower half of a 6 under its stroke: neither stands beside the other.
        let halves = [[200, 30, 215, 57], [205, 59, 235, 80]];
        let found = row(&[&DIGITS[..], &halves].concat()).unwrap();
        assert_eq!(found.bodies.len(), 4);
        assert_eq!((found.body_at(205, 40), found.body_at(230, 70)), (Some(3), Some(3)));
    }

    #[test]
    fn slanting_rows_are_followed() {
        let slanting: Vec<[u32; 4]> =
            (0..6).map(|at| [20 + 45 * at, 10 + 10 * at, 50 + 45 * at, 50 + 10 * at]).collect();
        assert_eq!(lefts(&slanting).len(), 6);
    }

    #[test]
    fn texture_has_a_small_share_and_specks_no_row() {
        let dots: Vec<[u32; 4]> = (0..60)
            .map(|at| [at % 10 * 30, at / 10 * 20, at % 10 * 30 + 9, at / 10 * 20 + 9])
            .collect();
        assert!(row(&dots).unwrap().share < 0.3);
        assert!(row(&[[5, 5, 7, 9]]).is_none() && row(&[]).is_none());
    }
}
