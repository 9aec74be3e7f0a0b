//! Paths through ink from the top to the bottom, along which touching digits may be cut.

use std::ops::Range;

use image::GrayImage;

/// What a step aside costs, in pixels of full ink: where there is no ink, seams run straight.
const STEP_ASIDE: f32 = 0.05;
/// Distance over the digits' height within which one seam is enough.
const APART: f32 = 0.06;
/// The rows through which seams are looked for, over the height of the piece.
const ROWS: [f32; 3] = [0.25, 0.5, 0.75];
/// Ink between two seams over the square of the digits' height; with less, one is enough.
const LEAST_BETWEEN: f32 = 0.01;
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

/// The seams of least ink, from left to right by their middles; some may cross others.
///
/// `ink` is a piece, `full` the level of full ink, `height` that of the digits. Through every
/// pixel goes a best path, found by dynamic programming from the top and from the bottom; those
/// of a few rows that are better than their neighbours are the seams.
#[must_use]
pub fn find_seams(ink: &GrayImage, full: f32, height: f32) -> Vec<Seam> {
    let (width, rows) = (ink.width() as usize, ink.height() as usize);
    let costs: Vec<f32> =
        ink.as_raw().iter().map(|&level| (f32::from(level) / full).min(1.0)).collect();
    let row = |y: usize| &costs[y * width..(y + 1) * width];
    let down = walk((0..rows).map(row), width);
    let up = walk((0..rows).rev().map(row), width);
    let apart = ((APART * height) as usize).max(1);
    let mut seams = Vec::new();
    for share in ROWS {
        let y = ((share * rows as f32) as usize).min(rows.saturating_sub(1));
        let (above, below) = (&down[..=y], &up[..rows - y]);
        let (Some(from_top), Some(from_bottom)) = (above.last(), below.last()) else { continue };
        let through: Vec<f32> = (0..width)
            .map(|x| from_top.costs[x] + from_bottom.costs[x] - costs[y * width + x])
            .collect();
        for x in minima(&through, apart) {
            if through[x] <= MOST_INK * height {
                let mut columns = trace(above, x);
                columns.reverse();
                columns.extend(trace(below, x).into_iter().skip(1));
                seams.push(Seam { columns, ink: through[x] });
            }
        }
    }
    seams.sort_by(|left, right| left.ink.total_cmp(&right.ink));
    let least = LEAST_BETWEEN * height * height;
    let mut kept: Vec<Seam> = Vec::new();
    for seam in seams {
        if kept.iter().all(|other| ink_between(&costs, width, &seam, other) >= least) {
            kept.push(seam);
        }
    }
    kept.sort_by_key(|seam| seam.columns[rows / 2]);
    kept
}

/// The pixels of full ink that are on one side of a seam and on the other of another.
fn ink_between(costs: &[f32], width: usize, one: &Seam, other: &Seam) -> f32 {
    let columns = one.columns.iter().zip(&other.columns).enumerate();
    columns
        .map(|(y, (&left, &right))| {
            let (start, end) = (left.min(right) as usize, left.max(right) as usize);
            costs[y * width + start..y * width + end].iter().sum::<f32>()
        })
        .sum()
}

/// The best paths from an edge to the pixels of a row.
struct Reach {
    /// For every column, the ink that the path to it crosses.
    costs: Vec<f32>,
    /// For every column, that of the row before from which the path came.
    origins: Vec<u32>,
}

/// The best paths to every row from the first.
fn walk<'a>(rows: impl Iterator<Item = &'a [f32]>, width: usize) -> Vec<Reach> {
    let mut reached: Vec<Reach> = Vec::new();
    for costs in rows {
        let Some(Reach { costs: before, .. }) = reached.last() else {
            reached.push(Reach { costs: costs.to_vec(), origins: Vec::new() });
            continue;
        };
        let mut reach = Reach { costs: costs.to_vec(), origins: Vec::with_capacity(width) };
        for (x, cost) in reach.costs.iter_mut().enumerate() {
            let mut from = (before[x], x);
            for aside in [x.checked_sub(1), Some(x + 1).filter(|&right| right < width)] {
                let Some(aside) = aside else { continue };
                if before[aside] + STEP_ASIDE < from.0 {
                    from = (before[aside] + STEP_ASIDE, aside);
                }
            }
            *cost += from.0;
            reach.origins.push(from.1 as u32);
        }
        reached.push(reach);
    }
    reached
}

/// The columns of the best path to `x` in the last row, back to the first.
fn trace(reached: &[Reach], x: usize) -> Vec<u32> {
    let mut at = x as u32;
    let mut columns = vec![at];
    for reach in reached.iter().skip(1).rev() {
        at = reach.origins[at as usize];
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
