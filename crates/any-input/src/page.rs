//! Pages of grey levels: extraction of one digit, and segmentation of lines of digits.

use image::GrayImage;
use ink::{BoundingBox, find_lines};
use reader::Preparation;

use crate::MNIST;
use crate::picture::check_input;

/// Largest number of pixels of a page that is searched for lines, which takes about ten times as
/// long as the search for one digit.
const MAX_LINE_PIXELS: usize = 600;

/// Any bytes as grey levels of a page, row by row; the first byte is its width minus 1.
///
/// # Panics
///
/// As [`picture`](crate::picture()), and if a line's candidates are not images of digits, or they or
/// its marks are not inside the page.
pub fn page(bytes: &[u8]) {
    let Some((&width, levels)) = bytes.split_first() else { return };
    let width = usize::from(width) + 1;
    let height = levels.len() / width;
    let levels = levels[..width * height].to_vec();
    let page = GrayImage::from_raw(width as u32, height as u32, levels);
    let page = page.expect("as many levels as the page has pixels");
    if page.len() <= MAX_LINE_PIXELS {
        check_lines(&page);
    }
    check_input(&Preparation::INK.prepare_grey(page, MNIST, |_, _| ()), MNIST);
}

fn check_lines(page: &GrayImage) {
    let Some(found) = find_lines(page) else { return };
    assert!((0.0..=1.0).contains(&found.share), "{}", found.share);
    for ignored in &found.ignored {
        check_inside(&ignored.bounds, page);
    }
    for line in &found.lines {
        check_inside(&line.bounds, page);
        for mark in &line.marks {
            check_inside(&mark.bounds, page);
        }
        for span in &line.candidates {
            assert_eq!(span.image.dimensions(), (28, 28));
            assert!(span.segments.start < span.segments.end && span.segments.end <= line.segments);
            check_inside(&span.bounds, page);
        }
    }
}

fn check_inside(bounds: &BoundingBox, page: &GrayImage) {
    assert!(bounds.left < bounds.right && bounds.right <= page.width());
    assert!(bounds.top < bounds.bottom && bounds.bottom <= page.height());
}
