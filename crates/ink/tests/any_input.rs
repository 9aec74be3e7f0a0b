//! Preprocessing does not panic on any input.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::ops::Range;

use image::{GrayImage, ImageFormat, Luma, RgbImage};
use ink::{BoundingBox, Mark, PixelLimit, Step, decode, find_lines, find_sheet, normalize};
use proptest::prelude::*;

const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Bmp,
    ImageFormat::Gif,
    ImageFormat::Tiff,
    ImageFormat::WebP,
];

/// A limit that keeps the tests fast.
const SMALL: PixelLimit = PixelLimit(1 << 16);

fn decode_and_check(bytes: &[u8]) {
    if let Ok(picture) = decode(bytes, SMALL) {
        check(&picture);
    }
}

/// Checks what holds for every picture: the result has 28×28 pixels, and the digit is inside the
/// picture.
fn check(picture: &GrayImage) {
    let mut last = Step::Picture;
    if let Some(found) = normalize(picture, |step, _| last = step) {
        assert_eq!(last, Step::Normalized);
        assert_eq!(found.image.dimensions(), (28, 28));
        assert!(found.bounds.right <= picture.width() && found.bounds.bottom <= picture.height());
        assert!((0.0..=1.0).contains(&found.share), "{}", found.share);
    }
}

/// Checks what holds for every line: its candidates have 28×28 pixels and are inside the picture, as
/// its marks are, and no candidate reaches across a mark.
fn check_lines(picture: &GrayImage) {
    let Some(page) = find_lines(picture) else { return };
    assert!((0.0..=1.0).contains(&page.share), "{}", page.share);
    let is_inside = |bounds: &BoundingBox| {
        bounds.left < bounds.right
            && bounds.right <= picture.width()
            && bounds.top < bounds.bottom
            && bounds.bottom <= picture.height()
    };
    assert!(page.ignored.iter().all(|ignored| is_inside(&ignored.bounds)));
    for line in &page.lines {
        assert!(is_inside(&line.bounds));
        assert!(line.marks.iter().all(|mark| is_inside(&mark.bounds)));
        for candidate in &line.candidates {
            let Range { start, end } = candidate.segments;
            assert_eq!(candidate.image.dimensions(), (28, 28));
            assert!(start < end && end <= line.segments);
            assert!(is_inside(&candidate.bounds));
            let is_across = |mark: &Mark| start < mark.segment && mark.segment < end;
            assert!(!line.marks.iter().any(is_across));
        }
    }
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(24, 31, |x, y| image::Rgb([(x * 9) as u8, (y * 7) as u8, 80]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        decode_and_check(&bytes);
    }

    #[test]
    fn damaged_files_are_refused_or_read(
        format in prop::sample::select(&FORMATS),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        is_cut in prop::bool::weighted(0.2),
    ) {
        let mut bytes = encoded(format);
        for (at, byte) in changes {
            *at.get_mut(&mut bytes) = byte;
        }
        let end = if is_cut { end.index(bytes.len()) } else { bytes.len() };
        decode_and_check(&bytes[..end]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn random_pictures_are_normalized_or_blank(
        (width, height) in prop_oneof![(0..40_u32, 0..40_u32), (0..3_u32, 0..3_000_u32), (0..3_000_u32, 0..3_u32)],
        levels in prop::collection::vec(any::<u8>(), 1..2_000),
        is_sparse in any::<bool>(),
    ) {
        let picture = GrayImage::from_fn(width, height, |x, y| {
            let level = levels[(x * 31 + y * 97) as usize % levels.len()];
            Luma([if is_sparse && level < 200 { 0 } else { level }])
        });
        check(&picture);
    }

    #[test]
    fn lines_of_random_pictures_lie_within_them(
        (width, height) in prop_oneof![(0..40_u32, 0..40_u32), (0..3_u32, 0..3_000_u32), (0..3_000_u32, 0..3_u32)],
        levels in prop::collection::vec(any::<u8>(), 1..2_000),
        is_sparse in any::<bool>(),
    ) {
        check_lines(&GrayImage::from_fn(width, height, |x, y| {
            let level = levels[(x * 31 + y * 97) as usize % levels.len()];
            Luma([if is_sparse && level < 200 { 0 } else { level }])
        }));
    }

    #[test]
    fn lines_of_random_strokes_lie_within_the_page(
        strokes in prop::collection::vec((0..600_u32, 0..200_u32, 1..200_u32, 1..120_u32), 1..40),
    ) {
        check_lines(&GrayImage::from_fn(600, 200, |x, y| {
            let covers = |&(left, top, width, height): &(u32, u32, u32, u32)| {
                (left..left + width).contains(&x) && (top..top + height).contains(&y)
                    && !((left + 4..left + width.max(8) - 4).contains(&x)
                        && (top + 4..top + height.max(8) - 4).contains(&y))
            };
            Luma([if strokes.iter().any(covers) { 20 } else { 230 }])
        }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn pictures_of_any_aspect_ratio_are_processed(
        long in 1_000..1_000_000_u32,
        short in 1..4_u32,
        is_upright in any::<bool>(),
        levels in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let (width, height) = if is_upright { (short, long) } else { (long, short) };
        check_all(&GrayImage::from_fn(width, height, |x, y| {
            Luma([levels[(x / 97 + y / 89) as usize % levels.len()]])
        }));
    }
}

/// The longest sides within the default limit of pixels: `length * 128` exceeds 32 bits.
#[test]
fn the_longest_pictures_are_processed() {
    for (width, height) in [(40_000_000, 1), (1, 40_000_000)] {
        check_all(&GrayImage::from_fn(width, height, |x, y| {
            Luma([if (x + y) % 5_000_000 < 90_000 { 30 } else { 220 }])
        }));
    }
}

fn check_all(picture: &GrayImage) {
    if let Some(sheet) = find_sheet(picture) {
        assert_eq!(sheet.page.dimensions(), (sheet.bounds.width(), sheet.bounds.height()));
    }
    check(picture);
    check_lines(picture);
}

#[test]
fn pictures_of_one_level_are_blank() {
    for level in [0, 1, 127, 255] {
        for (width, height) in [(1, 1), (28, 28), (300, 2), (1_500, 40)] {
            let page = GrayImage::from_pixel(width, height, Luma([level]));
            assert!(normalize(&page, |_, _| ()).is_none(), "{width}×{height} of {level}");
            assert!(find_lines(&page).is_none(), "{width}×{height} of {level}");
        }
    }
}
