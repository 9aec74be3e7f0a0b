//! The outline of a sheet of paper on a thumbnail of the picture.

use image::{GrayImage, Luma};
use imageproc::contrast::otsu_level;
use imageproc::geometry::convex_hull;
use imageproc::point::Point;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::polygon::{Corner, area_of, centre_of, largest_quadrilateral, row_within, sides, turn};

/// Smallest area of a sheet, as a share of the picture.
const MIN_AREA: f64 = 0.15;
/// Smallest share of a sheet that is not ink.
const MIN_PAPER: f64 = 0.75;
/// Smallest area of the largest quadrilateral whose corners are on the outline, as a share of the
/// sheet's area: 1 for a rectangle in perspective, less where corners are bent or outside the
/// picture, 2 / π for a ring or a disc.
const MIN_QUADRILATERAL: f64 = 0.85;
/// Smallest share of the outline inside the picture; a shadow has an edge on one side only.
const MIN_OUTLINE: f64 = 0.4;
/// Smallest share of that outline with a sharp edge; light changes gradually.
const MIN_SHARP: f64 = 0.9;
/// A sharp edge: the smallest change in grey levels, and the distance in pixels to either side of
/// the outline over which it is measured.
const EDGE: (f64, f64) = (25.0, 2.0);
/// Smallest difference between a sheet and its ink, in grey levels. A "sheet" without ink may be a
/// stroke.
const MIN_INK: f64 = 20.0;
/// Width, in pixels of the thumbnail, of the sheet's edge, where pixels mix with the surroundings.
const RIM: f64 = 2.0;

/// The outline of the sheet without its rim. The sheet is lighter than `level` if `light`, else
/// darker. None if there is no sheet, or no ink on it.
pub fn find_outline(thumbnail: &GrayImage, level: u8, light: bool) -> Option<Vec<Corner>> {
    let (width, height) = thumbnail.dimensions();
    let mut mask = thumbnail.clone();
    mask.iter_mut().for_each(|pixel| *pixel = u8::from((*pixel > level) == light));
    let labels = connected_components(&mask, Connectivity::Four, Luma([0]));
    let mut areas = vec![0_u32; labels.len() + 1];
    labels.iter().for_each(|&label| areas[label as usize] += u32::from(label > 0));
    let (sheet, &area) = areas.iter().enumerate().max_by_key(|(_, area)| **area)?;
    if f64::from(area) < MIN_AREA * f64::from(width * height) {
        return None;
    }
    let points: Vec<Point<i32>> = labels
        .enumerate_pixels()
        .filter(|(_, _, label)| label.0[0] as usize == sheet)
        .map(|(x, y, _)| Point::new(x.cast_signed(), y.cast_signed()))
        .collect();
    let hull: Vec<Corner> =
        convex_hull(points).iter().map(|point| (f64::from(point.x), f64::from(point.y))).collect();
    let whole = area_of(&hull);
    let is_sheet = hull.len() > 3
        && f64::from(area) >= MIN_PAPER * whole
        && largest_quadrilateral(&hull) >= MIN_QUADRILATERAL * whole
        && is_sharp(thumbnail, &hull, light);
    let outline = is_sheet.then(|| without_rim(&hull))??;
    has_ink(thumbnail, &outline).then_some(outline)
}

/// Whether enough of the outline is inside the picture and has a sharp edge.
fn is_sharp(picture: &GrayImage, hull: &[Corner], light: bool) -> bool {
    let (step, reach) = EDGE;
    let (mut all, mut within, mut sharp) = (0.0, 0.0, 0.0);
    let level = |x: f64, y: f64| {
        let is_within = x >= 0.0 && y >= 0.0;
        let pixel = picture.get_pixel_checked(x.round() as u32, y.round() as u32);
        pixel.filter(|_| is_within).map(|level| f64::from(level.0[0]))
    };
    for (start, end) in sides(hull) {
        let (across, down) = (end.0 - start.0, end.1 - start.1);
        let length = across.hypot(down);
        // The outward normal; its sign depends on the order of the corners.
        let sign = turn(start, end, centre_of(hull)).signum();
        let (right, below) = (sign * down / length * reach, -sign * across / length * reach);
        for at in 0..length as u32 {
            let part = (f64::from(at) + 0.5) / length;
            let (x, y) = (start.0 + part * across, start.1 + part * down);
            all += 1.0;
            let (Some(outside), Some(inside)) =
                (level(x + right, y + below), level(x - right, y - below))
            else {
                continue;
            };
            within += 1.0;
            let change = if light { inside - outside } else { outside - inside };
            sharp += f64::from(u8::from(change >= step));
        }
    }
    within >= MIN_OUTLINE * all && sharp >= MIN_SHARP * within
}

/// The outline moved inwards by the rim. None if the sheet is narrower than the rim.
fn without_rim(hull: &[Corner]) -> Option<Vec<Corner>> {
    let centre = centre_of(hull);
    let distances = sides(hull).map(|(start, end)| {
        turn(start, end, centre).abs() / (end.0 - start.0).hypot(end.1 - start.1)
    });
    let nearest = distances.fold(f64::INFINITY, f64::min);
    let factor = 1.0 - RIM / nearest;
    let inwards = |corner: &Corner| {
        (centre.0 + factor * (corner.0 - centre.0), centre.1 + factor * (corner.1 - centre.1))
    };
    (factor > 0.0).then(|| hull.iter().map(inwards).collect())
}

/// Whether there is ink on the sheet.
fn has_ink(thumbnail: &GrayImage, outline: &[Corner]) -> bool {
    let mut levels = Vec::new();
    for y in 0..thumbnail.height() {
        let Some((left, right)) = row_within(outline, f64::from(y)) else { continue };
        let columns = left.ceil() as u32..=right.floor() as u32;
        levels.extend(
            columns.filter_map(|x| thumbnail.get_pixel_checked(x, y)).map(|pixel| pixel.0[0]),
        );
    }
    let Some(row) = GrayImage::from_raw(levels.len() as u32, 1, levels) else { return false };
    let level = otsu_level(&row);
    let mean = |light: bool| {
        let class = || row.iter().filter(|pixel| (**pixel > level) == light);
        let sum: f64 = class().map(|pixel| f64::from(*pixel)).sum();
        sum / class().count() as f64
    };
    // NaN, and thus false, where all pixels are equal.
    mean(true) - mean(false) >= MIN_INK
}
