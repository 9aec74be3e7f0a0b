//! Detection of a sheet of paper on another surface, such as a table, so that the surroundings are
//! not taken for ink.

mod outline;
mod polygon;

use image::{GrayImage, imageops};
use imageproc::contrast::otsu_level;
use imageproc::filter::median_filter;

use self::outline::find_outline;
use self::polygon::{Corner, row_within};
use crate::bounding_box::BoundingBox;
use crate::page::fit_surface;

/// The longer side, in pixels, of the thumbnail on which the sheet is detected.
const THUMBNAIL: u32 = 128;
/// Pictures whose longer side is below this many pixels are not searched for a sheet.
const MIN_SIDE: u32 = 64;
/// A sheet of paper, cropped from a picture.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The sheet's bounding box. Pixels outside the sheet have the level that its own light would
    /// have there.
    pub page: GrayImage,
    /// The bounding box's position in the picture.
    pub bounds: BoundingBox,
}

/// Crops the sheet that a picture shows. None if it shows no sheet, or one without ink.
#[must_use]
pub fn find_sheet(picture: &GrayImage) -> Option<Sheet> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest < MIN_SIDE {
        return None;
    }
    // In 64 bits: a side has up to 67 million pixels.
    let side = |length: u32| {
        let scaled = u64::from(length) * u64::from(THUMBNAIL.min(longest)) / u64::from(longest);
        (scaled as u32).max(1)
    };
    let thumbnail = imageops::thumbnail(picture, side(width), side(height));
    let thumbnail = median_filter(&thumbnail, 1, 1);
    let level = otsu_level(&thumbnail);
    let outline =
        [true, false].into_iter().find_map(|light| find_outline(&thumbnail, level, light))?;
    Some(crop_sheet(picture, &thumbnail, &outline))
}

/// The sheet's bounding box, with everything outside the sheet painted over.
fn crop_sheet(picture: &GrayImage, thumbnail: &GrayImage, outline: &[Corner]) -> Sheet {
    let across = f64::from(picture.width()) / f64::from(thumbnail.width());
    let down = f64::from(picture.height()) / f64::from(thumbnail.height());
    let surface = light_of(thumbnail, outline);
    // From the picture's coordinates to the thumbnail's; a pixel's centre is half a pixel inside
    // it.
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

/// The sheet's level at every pixel of the thumbnail, extrapolated beyond the sheet's edge.
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

/// The bounding box of an outline on the thumbnail, in pixels of the picture.
fn bounds_of(outline: &[Corner], scale: (f64, f64), (width, height): (u32, u32)) -> BoundingBox {
    let reach = |side: fn(&Corner) -> f64, scale: f64, length: u32| {
        let least = outline.iter().map(side).fold(f64::INFINITY, f64::min);
        let most = outline.iter().map(side).fold(0.0, f64::max);
        // Not empty, and inside the picture.
        let start = ((least * scale) as u32).min(length - 1);
        (start, (((most + 1.0) * scale) as u32).clamp(start + 1, length))
    };
    let (left, right) = reach(|corner| corner.0, scale.0, width);
    let (top, bottom) = reach(|corner| corner.1, scale.1, height);
    BoundingBox { left, top, right, bottom }
}

#[cfg(test)]
mod tests {
    use image::Luma;

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

    /// Checks that nothing is left but the sheet of [`page`] with its stroke.
    fn assert_cropped(Sheet { page, bounds }: &Sheet) {
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
    fn paper_is_extrapolated_beyond_the_edge_of_the_sheet() {
        assert_cropped(&find_sheet(&page(60, 40)).unwrap());
    }

    #[test]
    fn dark_sheets_are_detected() {
        let mut negative = page(60, 40);
        imageops::invert(&mut negative);
        let mut sheet = find_sheet(&negative).unwrap();
        imageops::invert(&mut sheet.page);
        assert_cropped(&sheet);
    }

    #[test]
    fn a_sheet_without_ink_may_be_a_stroke() {
        assert!(find_sheet(&page(60, 220)).is_none());
    }

    #[test]
    fn rings_are_not_sheets() {
        let ring = GrayImage::from_fn(300, 300, |x, y| {
            let distance = (f64::from(x) - 150.0).hypot(f64::from(y) - 150.0);
            Luma([if distance < 110.0 && distance > 25.0 { 230 } else { 20 }])
        });
        assert!(find_sheet(&ring).is_none());
    }

    #[test]
    fn fading_light_is_not_an_edge() {
        let fading = GrayImage::from_fn(400, 300, |x, y| {
            let is_stroke = (80..100).contains(&x) && (100..200).contains(&y);
            Luma([if is_stroke { 10 } else { 240 - (x / 2) as u8 }])
        });
        assert!(find_sheet(&fading).is_none());
    }

    #[test]
    fn a_shadow_is_not_an_edge() {
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
    fn pictures_of_any_size_are_accepted() {
        for (width, height) in [(0, 0), (1, 1), (64, 1), (1, 900), (3000, 2)] {
            assert!(find_sheet(&GrayImage::new(width, height)).is_none());
        }
    }
}
