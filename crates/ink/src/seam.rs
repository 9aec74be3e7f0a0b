//! Paths through ink from the top to the bottom, along which touching digits may be cut.

use std::ops::Range;

use image::GrayImage;

/// What a step aside costs, in pixels of full ink: where there is no ink, seams run straight.
const STEP_ASIDE: f32 = 0.05;
/// Distance over the digits' height within which one seam is enough.
const APART: f32 = 0.06;
/// Ink that a seam crosses at most, over the digits' height: three strokes.
const MOST_INK: f32 = 0.5;

/// A path from the top to the bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct Seam {
    /// The first column to its right, for every row.
    pub columns: Vec<u32>,
    /// What it crosses, in pixels of full ink.
    pub ink: f32,
}

/// The seams of least ink, from left to right; none crosses another.
///
/// `ink` is a piece, `full` the level of full ink, `height` that of the digits. Through every
/// column of the middle row goes a best path, found by dynamic programming; those better than
/// their neighbours are the seams.
#[must_use]
pub fn find_seams(ink: &GrayImage, full: f32, height: f32) -> Vec<Seam> {
    let (width, rows) = (ink.width() as usize, ink.height() as usize);
    if width < 3 || rows == 0 {
        return Vec::new();
    }
    let costs: Vec<f32> =
        ink.as_raw().iter().map(|&level| (f32::from(level) / full).min(1.0)).collect();
    let row = |y: usize| &costs[y * width..(y + 1) * width];
    let middle = rows / 2;
    let (above, from_above) = walk((0..=middle).map(row), width);
    let (below, from_below) = walk((middle..rows).rev().map(row), width);
    let through: Vec<f32> =
        (0..width).map(|x| above[x] + below[x] - costs[middle * width + x]).collect();
    let apart = ((APART * height) as usize).max(1);
    let mut seams: Vec<Seam> = minima(&through, apart)
        .into_iter()
        .filter(|&x| through[x] <= MOST_INK * height)
        .map(|x| {
            let mut columns = trace(&from_above, x);
            columns.reverse();
            columns.extend(trace(&from_below, x).into_iter().skip(1));
            Seam { columns, ink: through[x] }
        })
        .collect();
    // Best paths may run together, but rounding must not let one cross another.
    for index in 1..seams.len() {
        let (before, after) = seams.split_at_mut(index);
        for (column, left) in after[0].columns.iter_mut().zip(&before[index - 1].columns) {
            *column = (*column).max(*left);
        }
    }
    seams
}

/// For each column of the last row, the cost of the best path to it, and for every row but the
/// first from which column the path came.
fn walk<'a>(mut rows: impl Iterator<Item = &'a [f32]>, width: usize) -> (Vec<f32>, Vec<Vec<u32>>) {
    let mut best = rows.next().map(<[f32]>::to_vec).unwrap_or_default();
    let mut origins = Vec::new();
    for costs in rows {
        let mut origin = Vec::with_capacity(width);
        let next = (0..width)
            .map(|x| {
                let mut from = (best[x], x);
                for aside in [x.checked_sub(1), Some(x + 1).filter(|&right| right < width)] {
                    let Some(aside) = aside else { continue };
                    if best[aside] + STEP_ASIDE < from.0 {
                        from = (best[aside] + STEP_ASIDE, aside);
                    }
                }
                origin.push(from.1 as u32);
                from.0 + costs[x]
            })
            .collect();
        origins.push(origin);
        best = next;
    }
    (best, origins)
}

/// The columns of the best path from the last row, at `x`, back to the first.
fn trace(origins: &[Vec<u32>], x: usize) -> Vec<u32> {
    let mut at = x as u32;
    let mut columns = vec![at];
    for origin in origins.iter().rev() {
        at = origin[at as usize];
        columns.push(at);
    }
    columns
}

/// Where a value is less than all within `apart`; the middle of those that are equal.
fn minima(values: &[f32], apart: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < values.len() {
        let run: Range<usize> = at..at
            + values[at..].iter().take_while(|&&v| v <= values[at] && v >= values[at]).count();
        let (left, right) = (run.start.saturating_sub(apart), (run.end + apart).min(values.len()));
        let is_least = values[left..right].iter().all(|value| *value >= values[at]);
        let is_inner = run.start > 0 && run.end < values.len();
        if is_least && is_inner {
            found.push(usize::midpoint(run.start, run.end));
        }
        at = run.end;
    }
    found
}
