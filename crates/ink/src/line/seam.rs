//! Paths through ink from the top to the bottom, along which touching digits may be cut.

use image::GrayImage;

/// What a column aside costs, in pixels of full ink: where there is no ink, seams run straight.
const ASIDE: f32 = 0.15;
/// Columns to the right for every row down that cost nothing: writing leans.
const LEANS: [f32; 3] = [-0.5, 0.0, 0.5];
/// Distance over the digits' height within which one seam is enough.
const APART: f32 = 0.06;
/// The rows through which seams are looked for, over the height of the piece.
const ROWS: [f32; 3] = [0.25, 0.5, 0.75];
/// Ink between two seams over the square of the digits' height; with less, one is enough.
const LEAST_BETWEEN: f32 = 0.02;
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
    if width == 0 || rows == 0 {
        return Vec::new();
    }
    let costs: Vec<f32> =
        ink.as_raw().iter().map(|&level| (f32::from(level) / full).min(1.0)).collect();
    let row = |y: usize| &costs[y * width..(y + 1) * width];
    let apart = ((APART * height) as usize).max(1);
    let mut seams = Vec::new();
    for lean in LEANS {
        let down = walk((0..rows).map(row), width, lean);
        let up = walk((0..rows).rev().map(row), width, -lean);
        for share in ROWS {
            let y = ((share * rows as f32) as usize).min(rows.saturating_sub(1));
            let (above, below) = (&down[..=y], &up[..rows - y]);
            let (Some(from_top), Some(from_bottom)) = (above.last(), below.last()) else {
                continue;
            };
            let through: Vec<f32> = (0..width)
                .map(|x| from_top.costs[x] + from_bottom.costs[x] - costs[y * width + x])
                .collect();
            seams.extend(minima(&through, apart).into_iter().map(|x| {
                let mut columns = trace(above, x);
                columns.reverse();
                columns.extend(trace(below, x).into_iter().skip(1));
                let pixels = columns.iter().enumerate();
                let ink = pixels.map(|(y, &x)| costs[y * width + x as usize]).sum();
                Seam { columns, ink }
            }));
        }
    }
    seams.retain(|seam| seam.ink <= MOST_INK * height);
    seams.sort_by(|left, right| left.ink.total_cmp(&right.ink));
    let least = LEAST_BETWEEN * height * height;
    // A cut beside all of the ink is none.
    let edges = [0, width as u32].map(|x| Seam { columns: vec![x; rows], ink: 0.0 });
    seams.retain(|seam| edges.iter().all(|edge| ink_between(&costs, width, seam, edge) >= least));
    let mut kept: Vec<Seam> = Vec::new();
    for seam in seams {
        let is_new = kept.iter().all(|other| {
            let apart = seam.columns[rows / 2].abs_diff(other.columns[rows / 2]);
            apart as f32 > height || ink_between(&costs, width, &seam, other) >= least
        });
        if is_new {
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

/// The best paths to every row from the first, `lean` columns to the right for every row if that
/// crosses no more ink.
fn walk<'a>(rows: impl Iterator<Item = &'a [f32]>, width: usize, lean: f32) -> Vec<Reach> {
    let mut reached: Vec<Reach> = Vec::new();
    for costs in rows {
        let Some(Reach { costs: before, .. }) = reached.last() else {
            reached.push(Reach { costs: costs.to_vec(), origins: Vec::new() });
            continue;
        };
        let mut reach = Reach { costs: costs.to_vec(), origins: Vec::with_capacity(width) };
        for (x, cost) in reach.costs.iter_mut().enumerate() {
            // From the left, straight, from the right.
            let steps = [(x.checked_sub(1), 1.0), (Some(x), 0.0), (Some(x + 1), -1.0)];
            let mut from = (f32::INFINITY, x);
            for (origin, columns) in steps {
                let Some(origin) = origin.filter(|&origin| origin < width) else { continue };
                let cost = before[origin] + ASIDE * f32::abs(columns - lean);
                if cost < from.0 {
                    from = (cost, origin);
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

/// Where a value is no more than any within `apart`; the middle of those that are equal.
fn minima(values: &[f32], apart: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < values.len() {
        let value = values[start];
        let equal = values[start..].iter().take_while(|other| other.total_cmp(&value).is_eq());
        let end = start + equal.count();
        let near = start.saturating_sub(apart)..(end + apart).min(values.len());
        let is_inner = start > 0 && end < values.len();
        if is_inner && values[near].iter().all(|other| *other >= value) {
            found.push(usize::midpoint(start, end));
        }
        start = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// Ink in filled rectangles (left, top, right, bottom) of a piece.
    fn piece(width: u32, height: u32, rectangles: &[[u32; 4]]) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let inside = |&[left, top, right, bottom]: &[u32; 4]| {
                (left..right).contains(&x) && (top..bottom).contains(&y)
            };
            Luma([if rectangles.iter().any(inside) { 200 } else { 0 }])
        })
    }

    #[test]
    fn seam_goes_through_the_thinnest_ink() {
        // Two blocks, joined by a bridge of 4 pixels.
        let joined = piece(100, 60, &[[0, 0, 40, 60], [60, 0, 100, 60], [40, 30, 60, 34]]);
        let seams = find_seams(&joined, 200.0, 60.0);
        let cut = seams.iter().min_by(|a, b| a.ink.total_cmp(&b.ink)).unwrap();
        assert!((cut.ink - 4.0).abs() < 1e-3, "{}", cut.ink);
        assert!(cut.columns.iter().all(|x| (40..=60).contains(x)), "{:?}", cut.columns);
    }

    #[test]
    fn seam_leans_between_slanted_strokes() {
        // Two strokes that lean by 45 degrees and touch at one height: no column is free of ink.
        let slanted = GrayImage::from_fn(130, 60, |x, y| {
            let along = x + y;
            let is_stroke = (60..72).contains(&along) || (100..112).contains(&along);
            let bridge = (72..100).contains(&along) && (28..32).contains(&y);
            Luma([if is_stroke || bridge { 200 } else { 0 }])
        });
        let seams = find_seams(&slanted, 200.0, 60.0);
        let cut = seams.iter().map(|seam| seam.ink).fold(f32::INFINITY, f32::min);
        assert!(cut <= 6.0, "{cut}");
    }

    #[test]
    fn every_seam_leaves_ink_on_both_sides() {
        let ring = GrayImage::from_fn(60, 80, |x, y| {
            let radius = (x as f32 - 29.5).hypot((y as f32 - 39.5) * 0.75);
            Luma([if (20.0..29.0).contains(&radius) { 255 } else { 0 }])
        });
        for seam in find_seams(&ring, 255.0, 80.0) {
            let left = ring
                .enumerate_pixels()
                .filter(|(x, y, level)| level.0[0] > 0 && *x < seam.columns[*y as usize]);
            let (left, all) = (left.count(), ring.iter().filter(|level| **level > 0).count());
            assert!(left > 60 && left + 60 < all, "{left} of {all}");
        }
    }

    #[test]
    fn smallest_pieces_have_no_seams() {
        for (width, height) in [(0, 0), (1, 9), (9, 1), (2, 2)] {
            let full = GrayImage::from_pixel(width, height, Luma([255]));
            assert!(find_seams(&full, 255.0, height.max(1) as f32).is_empty());
        }
    }
}
