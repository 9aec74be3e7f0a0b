//! Removal of ruled lines, also where writing touches or crosses them.

use crate::bounding_box::BoundingBox;

use super::Page;

/// Largest thickness of a ruled line, as a share of the page's longer side.
const MAX_THICKNESS: f32 = 0.015;
/// Share of the page's width that a ruled line covers at least, without the columns in which it is
/// crossed by writing.
const MIN_COVERED: f64 = 0.45;
/// Largest slope: photographs turn pages.
const MAX_SLOPE: f64 = 0.5;
/// Shortest piece between two strokes that cross the line, relative to the thickness.
const MIN_PIECE: usize = 3;

/// The ink of one column between two rows; `end` is exclusive.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: u32,
    end: u32,
}

impl Run {
    fn length(self) -> u32 {
        self.end - self.start
    }

    fn centre(self) -> f64 {
        f64::from(self.start + self.end) / 2.0
    }
}

/// Thin runs of successive columns that continue one another.
#[derive(Clone, Debug, Default)]
struct Piece {
    /// Columns and centres.
    points: Vec<(f64, f64)>,
    /// Sum of the runs' lengths.
    area: u32,
}

/// A straight line, `y = at + slope · (x − middle)`.
#[derive(Clone, Copy, Debug)]
struct Straight {
    middle: f64,
    at: f64,
    slope: f64,
}

impl Straight {
    /// The line of least squares through points.
    fn fit<'a>(points: impl Iterator<Item = &'a (f64, f64)> + Clone) -> Self {
        let count = points.clone().count().max(1) as f64;
        let middle = points.clone().map(|point| point.0).sum::<f64>() / count;
        let at = points.clone().map(|point| point.1).sum::<f64>() / count;
        let (covariance, variance) = points.fold((0.0, 0.0), |(covariance, variance), (x, y)| {
            (covariance + (x - middle) * (y - at), variance + (x - middle).powi(2))
        });
        Self { middle, at, slope: if variance > 0.0 { covariance / variance } else { 0.0 } }
    }

    fn at(&self, x: f64) -> f64 {
        self.at + self.slope * (x - self.middle)
    }

    /// The largest distance of a piece's ends and middle from the line.
    fn distance(&self, piece: &Piece) -> f64 {
        let points = &piece.points;
        let ends = [0, points.len() / 2, points.len() - 1].map(|index| points[index]);
        ends.iter().map(|(x, y)| (y - self.at(*x)).abs()).fold(0.0, f64::max)
    }
}

/// Removes the horizontal ruled lines of a page from its ink, and returns their bounding boxes.
///
/// A ruled line is straight, thin and almost as wide as the page. Its columns are removed except
/// where they are much longer than the line is thick: there, a stroke crosses it.
pub fn remove_rulings(page: &mut Page) -> Vec<BoundingBox> {
    let (width, height) = page.mask.dimensions();
    let thickest = ((MAX_THICKNESS * width.max(height) as f32).round() as u32).max(3);
    let columns: Vec<Vec<Run>> = (0..width).map(|x| runs(page, x)).collect();
    let mut pieces = find_pieces(&columns, thickest);
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.points.len()));
    let mut removed = Vec::new();
    while let Some((line, thickness)) = next_line(&mut pieces, f64::from(width)) {
        removed.extend(erase(page, &columns, &line, thickness));
    }
    removed
}

/// The runs of ink in a column, from the top.
fn runs(page: &Page, x: u32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for y in 0..page.mask.height() {
        if page.mask.get_pixel(x, y).0[0] == 0 {
            continue;
        }
        match runs.last_mut().filter(|run| run.end == y) {
            Some(run) => run.end = y + 1,
            None => runs.push(Run { start: y, end: y + 1 }),
        }
    }
    runs
}

/// Runs of at most `thickest` pixels, joined from column to column.
fn find_pieces(columns: &[Vec<Run>], thickest: u32) -> Vec<Piece> {
    let mut done: Vec<Piece> = Vec::new();
    let mut open: Vec<(Run, Piece)> = Vec::new();
    for (x, column) in columns.iter().enumerate() {
        let mut next = Vec::new();
        for &run in column.iter().filter(|run| run.length() <= thickest) {
            let touches =
                |(before, _): &(Run, Piece)| before.start <= run.end && run.start <= before.end;
            let before = open.iter().position(touches).map(|index| open.swap_remove(index).1);
            let mut piece = before.unwrap_or_default();
            piece.points.push((x as f64, run.centre()));
            piece.area += run.length();
            next.push((run, piece));
        }
        done.extend(open.into_iter().map(|(_, piece)| piece));
        open = next;
    }
    done.extend(open.into_iter().map(|(_, piece)| piece));
    done.retain(|piece| {
        piece.points.len() >= (MIN_PIECE * piece.area as usize / piece.points.len()).max(4)
    });
    done
}

/// Takes the pieces of one ruled line, the longest piece first. Pieces that do not make a line are
/// dropped.
fn next_line(pieces: &mut Vec<Piece>, width: f64) -> Option<(Straight, f64)> {
    while !pieces.is_empty() {
        let seed = pieces.remove(0);
        let thickness = f64::from(seed.area) / seed.points.len() as f64;
        let mut line = Straight::fit(seed.points.iter());
        let mut members: Vec<usize> = Vec::new();
        // The slope of a short piece is uncertain: near pieces first, then those that the longer
        // line reaches.
        for round in 1..=3 {
            let reach = width * f64::from(round) / 3.0;
            members = (0..pieces.len())
                .filter(|&index| {
                    let piece = &pieces[index];
                    let apart = (piece.points[0].0 - line.middle).abs();
                    apart <= reach && line.distance(piece) <= 1.5 * thickness + 1.0 + 0.005 * apart
                })
                .collect();
            let of_members = members.iter().flat_map(|&index| pieces[index].points.iter());
            line = Straight::fit(seed.points.iter().chain(of_members));
        }
        let covered = seed.points.len()
            + members.iter().map(|&index| pieces[index].points.len()).sum::<usize>();
        if covered as f64 >= MIN_COVERED * width && line.slope.abs() <= MAX_SLOPE {
            for index in members.into_iter().rev() {
                pieces.remove(index);
            }
            return Some((line, thickness));
        }
    }
    None
}

/// Removes the thin runs along a line. None if there are none left.
fn erase(
    page: &mut Page,
    columns: &[Vec<Run>],
    line: &Straight,
    thickness: f64,
) -> Option<BoundingBox> {
    let height = page.mask.height();
    let mut bounds: Option<BoundingBox> = None;
    for (x, column) in columns.iter().enumerate() {
        let at = line.at(x as f64);
        let is_of_line = |run: &&Run| {
            f64::from(run.length()) <= 2.0 * thickness + 1.0
                && (run.centre() - at).abs() <= 1.5 * thickness + 1.0
        };
        let x = x as u32;
        for run in column.iter().filter(is_of_line) {
            // The line's edges are paler than the mask's threshold.
            for y in run.start.saturating_sub(2)..(run.end + 2).min(height) {
                if (run.start..run.end).contains(&y) || page.mask.get_pixel(x, y).0[0] == 0 {
                    page.mask.get_pixel_mut(x, y).0[0] = 0;
                    page.ink.get_pixel_mut(x, y).0[0] = 0;
                }
            }
            let own = BoundingBox { left: x, top: run.start, right: x + 1, bottom: run.end };
            bounds = Some(bounds.map_or(own, |all| all.union(&own)));
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// A page with ink where `is_ink` says so.
    fn page(is_ink: impl Fn(u32, u32) -> bool) -> Page {
        let mask = GrayImage::from_fn(300, 120, |x, y| Luma([if is_ink(x, y) { 200 } else { 0 }]));
        Page { ink: mask.clone(), mask, noise_floor: 10, contrast: 10.0 }
    }

    fn is_stroke(x: u32, y: u32) -> bool {
        (100..110).contains(&x) && (20..100).contains(&y)
    }

    fn is_line(x: u32, y: u32) -> bool {
        // Two pixels thick, ten lower at the right.
        (5..295).contains(&x) && (80 + x / 30..82 + x / 30).contains(&y)
    }

    #[test]
    fn a_slanting_line_is_removed_and_the_stroke_that_crosses_it_stays() {
        let mut found = page(|x, y| is_stroke(x, y) || is_line(x, y));
        let rulings = remove_rulings(&mut found);
        assert_eq!(rulings.len(), 1);
        assert_eq!((rulings[0].left, rulings[0].right), (5, 295));
        assert_eq!(found.mask, page(is_stroke).mask);
    }

    #[test]
    fn short_strokes_stay() {
        let is_dash = |x: u32, y: u32| (150..220).contains(&x) && (60..64).contains(&y);
        let mut found = page(|x, y| is_stroke(x, y) || is_dash(x, y));
        assert!(remove_rulings(&mut found).is_empty());
        assert_eq!(found.mask, page(|x, y| is_stroke(x, y) || is_dash(x, y)).mask);
    }
}
