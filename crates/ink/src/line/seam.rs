//! Seams: paths of least ink from top to bottom, along which touching digits are segmented.
//!
//! Found by dynamic programming, as in seam carving (S. Avidan and A. Shamir, "Seam carving for
//! content-aware image resizing", 2007).

use image::GrayImage;

/// Cost of a step sideways, in pixels of full ink: where there is no ink, seams run straight.
const SIDEWAYS: f32 = 0.15;
/// Slants that cost nothing, in columns to the right for each row down: handwriting slants.
const SLANTS: [f32; 3] = [-0.5, 0.0, 0.5];
/// Smallest distance between two minima of the cost, relative to the digits' height.
const MIN_DISTANCE: f32 = 0.06;
/// Rows in which seams are located, relative to the height of the blob.
const ROWS: [f32; 3] = [0.25, 0.5, 0.75];
/// Smallest amount of ink between two seams, relative to the square of the digits' height; of two
/// seams with less between them, the better one is kept.
const MIN_BETWEEN: f32 = 0.02;
/// Largest amount of ink that a seam crosses, relative to the digits' height: three strokes.
const MAX_INK: f32 = 0.5;

/// A path from the top to the bottom of a blob.
#[derive(Clone, Debug, PartialEq)]
pub struct Seam {
    /// For each row, the first column to the right of the seam.
    pub columns: Vec<u32>,
    /// The ink that it crosses, in pixels of full ink.
    pub ink: f32,
}

/// The seams of least ink, from left to right by their middle columns; seams may cross one another.
///
/// `ink` is a blob, `full` the level of full ink, `height` the digits' height in pixels. Dynamic
/// programming from the top and from the bottom finds the best path through each pixel. The seams
/// are the local minima of its cost in a few rows.
#[must_use]
pub fn find_seams(ink: &GrayImage, full: f32, height: f32) -> Vec<Seam> {
    let (width, rows) = (ink.width() as usize, ink.height() as usize);
    if width == 0 || rows == 0 {
        return Vec::new();
    }
    let costs: Vec<f32> =
        ink.as_raw().iter().map(|&level| (f32::from(level) / full).min(1.0)).collect();
    let row = |y: usize| &costs[y * width..(y + 1) * width];
    let apart = ((MIN_DISTANCE * height) as usize).max(1);
    let mut seams = Vec::new();
    for slant in SLANTS {
        let down = find_paths((0..rows).map(row), width, slant);
        let up = find_paths((0..rows).rev().map(row), width, -slant);
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
    seams.retain(|seam| seam.ink <= MAX_INK * height);
    seams.sort_by(|left, right| left.ink.total_cmp(&right.ink));
    let least = MIN_BETWEEN * height * height;
    // A seam beside all of the ink separates nothing.
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

/// The ink between two seams, in pixels of full ink.
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
struct Paths {
    /// For each column, the cost of the path to it.
    costs: Vec<f32>,
    /// For each column, the path's column in the previous row.
    origins: Vec<u32>,
}

/// The best paths from the first row to each row. A path that moves `slant` columns to the right in
/// each row costs no more than the ink that it crosses.
fn find_paths<'a>(rows: impl Iterator<Item = &'a [f32]>, width: usize, slant: f32) -> Vec<Paths> {
    let mut reached: Vec<Paths> = Vec::new();
    for costs in rows {
        let Some(Paths { costs: before, .. }) = reached.last() else {
            reached.push(Paths { costs: costs.to_vec(), origins: Vec::new() });
            continue;
        };
        let mut paths = Paths { costs: costs.to_vec(), origins: Vec::with_capacity(width) };
        for (x, cost) in paths.costs.iter_mut().enumerate() {
            // From the left, straight, from the right.
            let steps = [(x.checked_sub(1), 1.0), (Some(x), 0.0), (Some(x + 1), -1.0)];
            let mut from = (f32::INFINITY, x);
            for (origin, columns) in steps {
                let Some(origin) = origin.filter(|&origin| origin < width) else { continue };
                let cost = before[origin] + SIDEWAYS * f32::abs(columns - slant);
                if cost < from.0 {
                    from = (cost, origin);
                }
            }
            *cost += from.0;
            paths.origins.push(from.1 as u32);
        }
        reached.push(paths);
    }
    reached
}

/// The columns of the best path to `x` in the last row, from the last row to the first.
fn trace(reached: &[Paths], x: usize) -> Vec<u32> {
    let mut at = x as u32;
    let mut columns = vec![at];
    for paths in reached.iter().skip(1).rev() {
        at = paths.origins[at as usize];
        columns.push(at);
    }
    columns
}

/// The positions of local minima within `apart` values on either side; of equal neighbours, the
/// middle.
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

    /// Ink in filled rectangles (left, top, right, bottom) of a blob.
    fn blob(width: u32, height: u32, rectangles: &[[u32; 4]]) -> GrayImage {
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
        let joined = blob(100, 60, &[[0, 0, 40, 60], [60, 0, 100, 60], [40, 30, 60, 34]]);
        let seams = find_seams(&joined, 200.0, 60.0);
        let cut = seams.iter().min_by(|a, b| a.ink.total_cmp(&b.ink)).unwrap();
        assert!((cut.ink - 4.0).abs() < 1e-3, "{}", cut.ink);
        assert!(cut.columns.iter().all(|x| (40..=60).contains(x)), "{:?}", cut.columns);
    }

    #[test]
    fn seam_slants_between_slanted_strokes() {
        // Two strokes with a slant of 45 degrees that touch at one height: no column is free of
        // ink.
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
    fn smallest_blobs_have_no_seams() {
        for (width, height) in [(0, 0), (1, 9), (9, 1), (2, 2)] {
            let full = GrayImage::from_pixel(width, height, Luma([255]));
            assert!(find_seams(&full, 255.0, height.max(1) as f32).is_empty());
        }
    }
}
