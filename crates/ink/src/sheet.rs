//! A sheet that lies on something else, such as paper on a table: what is around it is no ink.

use image::{GrayImage, Luma, imageops};
use imageproc::contrast::otsu_level;
use imageproc::filter::median_filter;
use imageproc::geometry::convex_hull;
use imageproc::point::Point;
use imageproc::region_labelling::{Connectivity, connected_components};

use crate::InkBox;
use crate::background::fit_surface;

/// The longer side of the thumbnail that the sheet is searched on.
const THUMBNAIL: u32 = 128;
/// The longer side of the smallest picture that may show a sheet and what it lies on.
const SMALLEST: u32 = 64;
/// Least share of the picture that a sheet covers.
const LEAST_AREA: f64 = 0.15;
/// Least share of a sheet that is not ink.
const LEAST_PAPER: f64 = 0.75;
/// Least share of a sheet's area that four of its corners span: 1 of a rectangle in perspective, less
/// of one whose corners lie outside the picture or are bent, 2 / π of a ring or a disc.
const LEAST_SQUARE: f64 = 0.85;
/// Least share of the outline that lies within the picture: a shadow has an edge on one side.
const LEAST_OUTLINE: f64 = 0.4;
/// Least share of that outline at which the level changes at once: light changes slowly.
const LEAST_SHARP: f64 = 0.9;
/// What "at once" means: by so many levels between so many pixels inside and outside.
const EDGE: (f64, f64) = (25.0, 2.0);
/// Least distance in levels between a sheet and what stands on it: one without ink may be a stroke.
const INK: f64 = 20.0;
/// Pixels of the thumbnail at a sheet's edge that belong half to what is beside it.
const RIM: f64 = 2.0;

/// A corner, in pixels.
type Corner = (f64, f64);

/// A sheet cut out of a picture.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The rectangle around the sheet; in its corners, the sheet's own light goes on.
    pub page: GrayImage,
    /// Where the rectangle is in the picture.
    pub bounds: InkBox,
}

/// Cuts out the sheet that a picture shows; none if it shows none, or one without ink.
#[must_use]
pub fn find_sheet(picture: &GrayImage) -> Option<Sheet> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest < SMALLEST {
        return None;
    }
    let side = |length: u32| (length * THUMBNAIL.min(longest) / longest).max(1);
    let thumbnail = imageops::thumbnail(picture, side(width), side(height));
    let thumbnail = median_filter(&thumbnail, 1, 1);
    let level = otsu_level(&thumbnail);
    let outline =
        [true, false].into_iter().find_map(|light| find_outline(&thumbnail, level, light))?;
    Some(cut_out(picture, &thumbnail, &outline))
}

/// The outline of the sheet, which is lighter or darker than `level`, without its rim.
fn find_outline(thumbnail: &GrayImage, level: u8, light: bool) -> Option<Vec<Corner>> {
    let (width, height) = thumbnail.dimensions();
    let mut mask = thumbnail.clone();
    mask.iter_mut().for_each(|pixel| *pixel = u8::from((*pixel > level) == light));
    let labels = connected_components(&mask, Connectivity::Four, Luma([0]));
    let mut areas = vec![0_u32; labels.len() + 1];
    labels.iter().for_each(|&label| areas[label as usize] += u32::from(label > 0));
    let (sheet, &area) = areas.iter().enumerate().max_by_key(|(_, area)| **area)?;
    if f64::from(area) < LEAST_AREA * f64::from(width * height) {
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
        && f64::from(area) >= LEAST_PAPER * whole
        && largest_quadrilateral(&hull) >= LEAST_SQUARE * whole
        && is_sharp(thumbnail, &hull, light);
    let outline = is_sheet.then(|| without_rim(&hull))??;
    has_ink(thumbnail, &outline).then_some(outline)
}

/// Twice the signed area of a triangle.
fn turn(a: Corner, b: Corner, c: Corner) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Area of a convex polygon.
fn area_of(hull: &[Corner]) -> f64 {
    let triangles = hull.windows(2).map(|pair| turn(hull[0], pair[0], pair[1]).abs());
    triangles.sum::<f64>() / 2.0
}

/// Area of the largest quadrilateral whose corners are some of the hull's.
fn largest_quadrilateral(hull: &[Corner]) -> f64 {
    let count = hull.len();
    let mut largest: f64 = 0.0;
    for first in 0..count {
        for third in first + 2..count {
            let farthest = |corners: &[Corner]| {
                let areas =
                    corners.iter().map(|&corner| turn(hull[first], hull[third], corner).abs());
                areas.fold(0.0, f64::max)
            };
            let outer = farthest(&hull[third + 1..]).max(farthest(&hull[..first]));
            largest = largest.max(farthest(&hull[first + 1..third]) + outer);
        }
    }
    largest / 2.0
}

/// The pairs of neighbouring corners.
fn sides(hull: &[Corner]) -> impl Iterator<Item = (Corner, Corner)> {
    hull.iter().copied().zip(hull.iter().copied().cycle().skip(1))
}

fn centre_of(hull: &[Corner]) -> Corner {
    let count = hull.len() as f64;
    let sum = hull.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
    (sum.0 / count, sum.1 / count)
}

/// Whether enough of the outline lies within the picture, and the level changes at it at once.
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
        // Outwards; which way that is depends on how the corners are ordered.
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
    within >= LEAST_OUTLINE * all && sharp >= LEAST_SHARP * within
}

/// The outline moved inwards by the rim; none if the sheet is not wider.
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

/// Whether something on the sheet stands out from it.
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
    // Not a number where all pixels are alike.
    mean(true) - mean(false) >= INK
}

/// From where to where a convex polygon covers a row.
fn row_within(outline: &[Corner], y: f64) -> Option<(f64, f64)> {
    let crossings = sides(outline).filter_map(|(start, end)| {
        let share = (y - start.1) / (end.1 - start.1);
        (0.0..=1.0).contains(&share).then_some(start.0 + share * (end.0 - start.0))
    });
    let (left, right) = crossings
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(left, right), x| (left.min(x), right.max(x)));
    (left <= right).then_some((left, right))
}

/// The rectangle around the sheet, with what is not the sheet painted over.
fn cut_out(picture: &GrayImage, thumbnail: &GrayImage, outline: &[Corner]) -> Sheet {
    let across = f64::from(picture.width()) / f64::from(thumbnail.width());
    let down = f64::from(picture.height()) / f64::from(thumbnail.height());
    let surface = light_of(thumbnail, outline);
    // From the picture's pixels to the thumbnail's: the middle of each is half a pixel inside.
    let place = |at: usize, scale: f64| ((at as f64 + 0.5) / scale - 0.5).max(0.0);
    let nearest = |at: f64, length: u32| (at.round() as usize).min(length as usize - 1);
    let bounds = bounds_of(outline, (across, down), picture.dimensions());
    let mut page = bounds.crop(picture);
    for (y, row) in page.rows_mut().enumerate() {
        let y = place(bounds.top as usize + y, down);
        let (left, right) = row_within(outline, y).unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
        let start = nearest(y, thumbnail.height()) * thumbnail.width() as usize;
        for (x, pixel) in row.enumerate() {
            let x = place(bounds.left as usize + x, across);
            if x < left || x > right {
                let level = surface[start + nearest(x, thumbnail.width())];
                pixel.0[0] = level.round().clamp(0.0, 255.0) as u8;
            }
        }
    }
    Sheet { page, bounds }
}

/// The sheet's level everywhere on the thumbnail, also beyond its edge.
fn light_of(thumbnail: &GrayImage, outline: &[Corner]) -> Vec<f64> {
    let is_sheet: Vec<bool> = (0..thumbnail.height())
        .flat_map(|y| {
            let row = row_within(outline, f64::from(y));
            (0..thumbnail.width()).map(move |x| {
                row.is_some_and(|(left, right)| (left..=right).contains(&f64::from(x)))
            })
        })
        .collect();
    fit_surface(thumbnail, &is_sheet)
}

/// The rectangle around an outline on the thumbnail, in pixels of the picture.
fn bounds_of(outline: &[Corner], scale: (f64, f64), (width, height): (u32, u32)) -> InkBox {
    let reach = |side: fn(&Corner) -> f64, scale: f64, length: u32| {
        let least = outline.iter().map(side).fold(f64::INFINITY, f64::min);
        let most = outline.iter().map(side).fold(0.0, f64::max);
        // Never empty, and within the picture.
        let start = ((least * scale) as u32).min(length - 1);
        (start, (((most + 1.0) * scale) as u32).clamp(start + 1, length))
    };
    let (left, right) = reach(|corner| corner.0, scale.0, width);
    let (top, bottom) = reach(|corner| corner.1, scale.1, height);
    InkBox { left, top, right, bottom }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of 400×300 pixels of level `around`, with a slanting sheet of 220 and a stroke of 40.
    fn page(around: u8, ink: u8) -> GrayImage {
        GrayImage::from_fn(400, 300, |x, y| {
            let (x, y) = (f64::from(x) - 180.0, f64::from(y) - 150.0);
            let (along, across) = (x + 0.15 * y, y - 0.15 * x);
            let is_stroke = along.abs() < 8.0 && across.abs() < 40.0;
            let is_sheet = along.abs() < 120.0 && across.abs() < 80.0;
            Luma([if is_stroke {
                ink
            } else if is_sheet {
                220
            } else {
                around
            }])
        })
    }

    /// That there is nothing but the sheet of [`page`] with its stroke.
    fn assert_cut_out(Sheet { page, bounds }: &Sheet) {
        assert!(bounds.left.abs_diff(50) < 12 && bounds.right.abs_diff(310) < 12, "{bounds:?}");
        for (x, y, pixel) in page.enumerate_pixels() {
            let (x, y) = (x + bounds.left, y + bounds.top);
            if x.abs_diff(180) > 40 || y.abs_diff(150) > 60 {
                assert!(pixel.0[0].abs_diff(220) < 4, "{x}, {y}: {pixel:?}");
            }
        }
        assert_eq!(page.get_pixel(180 - bounds.left, 150 - bounds.top).0[0], 40);
    }

    #[test]
    fn paper_goes_on_beyond_the_edge_of_the_sheet() {
        assert_cut_out(&find_sheet(&page(60, 40)).unwrap());
    }

    #[test]
    fn dark_sheets_are_sheets_too() {
        let mut negative = page(60, 40);
        imageops::invert(&mut negative);
        let mut sheet = find_sheet(&negative).unwrap();
        imageops::invert(&mut sheet.page);
        assert_cut_out(&sheet);
    }

    #[test]
    fn a_sheet_without_ink_may_be_a_stroke() {
        assert!(find_sheet(&page(60, 220)).is_none());
    }

    #[test]
    fn rings_are_no_sheets() {
        let ring = GrayImage::from_fn(300, 300, |x, y| {
            let distance = (f64::from(x) - 150.0).hypot(f64::from(y) - 150.0);
            Luma([if distance < 110.0 && distance > 25.0 { 230 } else { 20 }])
        });
        assert!(find_sheet(&ring).is_none());
    }

    #[test]
    fn light_that_fades_is_no_edge() {
        let fading = GrayImage::from_fn(400, 300, |x, y| {
            let is_stroke = (80..100).contains(&x) && (100..200).contains(&y);
            Luma([if is_stroke { 10 } else { 240 - (x / 2) as u8 }])
        });
        assert!(find_sheet(&fading).is_none());
    }

    #[test]
    fn a_shadow_is_no_table() {
        let shadow = GrayImage::from_fn(400, 300, |x, y| {
            let is_stroke = (80..100).contains(&x) && (100..200).contains(&y);
            Luma([if is_stroke {
                30
            } else if x + y / 8 < 250 {
                220
            } else {
                120
            }])
        });
        assert!(find_sheet(&shadow).is_none());
    }

    #[test]
    fn pictures_of_any_size_are_looked_at() {
        for (width, height) in [(0, 0), (1, 1), (64, 1), (1, 900), (3000, 2)] {
            assert!(find_sheet(&GrayImage::new(width, height)).is_none());
        }
    }
}
