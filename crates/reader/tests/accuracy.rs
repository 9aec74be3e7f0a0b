//! Pictures of every kind are read with the expected accuracy; `benches/accuracy` measures more.

#![allow(clippy::unwrap_used)]

mod pictures;

use std::io::Cursor;

use burn::tensor::Device;
use data::ImageSet;
use image::{GrayImage, ImageFormat};
use ink::PixelLimit;
use pictures::{
    Background, Gap, KINDS, Letters, Other, Paper, digit_picture, guess, mnist_test,
    number_picture, other_picture, random_digits, sheet_picture, written_page,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;
use reader::{Answer, DEFAULT_THRESHOLD, Judgement, Reader, Rejection};

fn reader() -> Reader {
    Reader::open(&pictures::model(), &Device::flex()).unwrap()
}

fn digit(set: &ImageSet, index: usize) -> GrayImage {
    GrayImage::from_raw(28, 28, set.image(index).unwrap().into_pixels()).unwrap()
}

fn answer(reader: &Reader, file: &[u8]) -> Answer {
    let prepared = reader.prepare(file, PixelLimit::default(), |_, _| ()).unwrap();
    reader.answer(&[prepared]).unwrap().remove(0)
}

fn is_rejected(reader: &Reader, answer: &Answer) -> bool {
    answer.judge(&reader.threshold(None)).rejection().is_some()
}

#[test]
fn png_files_get_the_same_predictions_as_raw_images() {
    let (reader, test) = (reader(), mnist_test());
    let images: Vec<_> = (0..1_000).map(|index| test.image(index).unwrap()).collect();
    let direct = reader.classifier().classify_and_score(&images).unwrap();
    for (index, prediction) in direct.into_iter().enumerate() {
        let mut png = Cursor::new(Vec::new());
        digit(&test, index).write_to(&mut png, ImageFormat::Png).unwrap();
        assert_eq!(answer(&reader, png.get_ref()).prediction(), Some(&prediction), "image {index}");
    }
}

#[test]
fn digits_on_pages_of_every_kind_are_read() {
    const PER_KIND: usize = 200;
    let (reader, test, mut random) = (reader(), mnist_test(), Pcg32::seed_from_u64(1));
    for kind in Background::KINDS {
        let mut right = 0;
        for _ in 0..PER_KIND {
            let index = random.random_range(0..test.len());
            let picture = digit_picture(&digit(&test, index), kind, &mut random);
            let found = answer(&reader, &picture.encode().0);
            right += usize::from(
                found.judge(&reader.threshold(None)).class() == Some(test.labels()[index].into()),
            );
        }
        assert!(right * 100 >= PER_KIND * 96, "{kind}: {right} of {PER_KIND} right");
    }
}

#[test]
fn digits_on_a_sheet_on_a_table_are_read() {
    const SHEETS: usize = 60;
    let (reader, test, mut random) = (reader(), mnist_test(), Pcg32::seed_from_u64(6));
    let right = (0..SHEETS)
        .filter(|_| {
            let index = random.random_range(0..test.len());
            let picture = sheet_picture(&digit(&test, index), &mut random);
            let found = answer(&reader, &picture.encode().0);
            found.judge(&reader.threshold(None)).class() == Some(test.labels()[index].into())
        })
        .count();
    assert!(right * 100 >= SHEETS * 85, "{right} of {SHEETS} right");
}

#[test]
fn blank_pages_and_noise_are_rejected() {
    const PAGES: usize = 100;
    let (reader, letters, mut random) = (reader(), Letters::new(), Pcg32::seed_from_u64(2));
    for other in [Other::Blank, Other::Noise] {
        let rejected = (0..PAGES)
            .filter(|_| {
                let page = other_picture(other, &letters, &mut random);
                is_rejected(&reader, &answer(&reader, &page.encode().0))
            })
            .count();
        assert!(rejected >= PAGES * 9 / 10, "{other:?}: {rejected} of {PAGES} rejected");
    }
}

#[test]
fn a_threshold_of_one_rejects_what_is_not_certain() {
    let (reader, test) = (reader(), mnist_test());
    let mut png = Cursor::new(Vec::new());
    digit(&test, 0).write_to(&mut png, ImageFormat::Png).unwrap();
    let prepared = reader.prepare(png.get_ref(), PixelLimit::default(), |_, _| ()).unwrap();
    let answers = reader.answer(&[prepared]).unwrap();
    assert_eq!(
        answers[0].judge(&reader.threshold(Some(1.0))),
        Judgement::Rejected(Rejection::Unsure)
    );
    assert_eq!(answers[0].prediction().unwrap().class, usize::from(test.labels()[0]));
}

#[test]
fn numbers_are_read_by_the_gaps_between_their_digits() {
    const PER_KIND: usize = 12;
    let (reader, test, mut random) = (reader(), mnist_test(), Pcg32::seed_from_u64(3));
    for (gap, least) in [(Gap::Wide, 90), (Gap::Middle, 90), (Gap::Narrow, 88), (Gap::Touching, 72)]
    {
        let mut right = 0;
        for kind in Background::KINDS {
            for _ in 0..PER_KIND {
                let (expected, digits) = random_digits(&test, &mut random);
                let (picture, _) = number_picture(&digits, gap, kind, &mut random);
                let reading = reader.read(&picture.encode().0, PixelLimit::default()).unwrap();
                right += usize::from(guess(&reading) == expected);
            }
        }
        let count = PER_KIND * Background::KINDS.len();
        assert!(right * 100 >= count * least, "{gap:?}: {right} of {count} right");
    }
}

/// Pages of a kind: how many are read rightly, how many as another number without doubt, and how many
/// there are.
fn read_pages(reader: &Reader, kind: &str, paper: Paper, random: &mut Pcg32) -> [usize; 3] {
    const PER_BACKGROUND: usize = 8;
    let (test, letters) = (mnist_test(), Letters::new());
    let (_, forms) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
    let [mut right, mut different, mut pages] = [0; 3];
    for background in Background::KINDS.iter().cycle().take(PER_BACKGROUND * 5) {
        let (picture, written) = written_page((&test, &letters), forms, paper, background, random);
        let reading = reader.read(&picture.encode().0, PixelLimit::default()).unwrap();
        let judgement = reading.judge(DEFAULT_THRESHOLD);
        if judgement.rejection.is_none() {
            let is_right = judgement.text(reader.classifier().class_names()) == written;
            right += usize::from(is_right);
            different += usize::from(!is_right);
        }
        pages += 1;
    }
    [right, different, pages]
}

#[test]
fn marks_and_lines_are_read_and_other_numbers_are_not_returned() {
    let (reader, mut random) = (reader(), Pcg32::seed_from_u64(7));
    for (kind, paper, least) in [
        ("decimal point", Paper::Plain, 70),
        ("decimal comma", Paper::Plain, 60),
        ("negative", Paper::Plain, 70),
        ("date", Paper::Plain, 40),
        ("two lines", Paper::Plain, 60),
        ("three lines", Paper::Ruled, 30),
    ] {
        let [right, different, pages] = read_pages(&reader, kind, paper, &mut random);
        assert!(right * 100 >= pages * least, "{kind}: {right} of {pages} right");
        assert!(different * 100 <= pages * 8, "{kind}: {different} of {pages} other numbers");
    }
}

#[test]
fn letters_make_a_line_unsure() {
    let (reader, mut random) = (reader(), Pcg32::seed_from_u64(8));
    for (kind, most) in [("a letter among digits", 30), ("a word before a number", 8)] {
        let [_, different, pages] = read_pages(&reader, kind, Paper::Plain, &mut random);
        assert!(different * 100 <= pages * most, "{kind}: {different} of {pages} other numbers");
    }
}

#[test]
fn most_pairs_of_touching_digits_are_rejected() {
    const PAIRS: usize = 100;
    let (reader, test, mut random) = (reader(), mnist_test(), Pcg32::seed_from_u64(6));
    let mut rejected = 0;
    for _ in 0..PAIRS {
        let pair = [0, 1].map(|_| digit(&test, random.random_range(0..test.len())));
        let (picture, _) = number_picture(&pair, Gap::Touching, "plain", &mut random);
        rejected += usize::from(is_rejected(&reader, &answer(&reader, &picture.encode().0)));
    }
    assert!(rejected * 10 >= PAIRS * 7, "{rejected} of {PAIRS} rejected");
}

#[test]
fn boxes_of_digits_are_where_the_digits_are() {
    let (reader, test, mut random) = (reader(), mnist_test(), Pcg32::seed_from_u64(4));
    for _ in 0..10 {
        let (expected, digits) = random_digits(&test, &mut random);
        let (picture, number) = number_picture(&digits, Gap::Wide, "plain", &mut random);
        let reading = reader.read(&picture.encode().0, PixelLimit::default()).unwrap();
        let digits = &reading.lines[0].digits;
        assert_eq!(digits.len(), expected.len());
        let slack = picture.size / 10 + 2;
        for (digit, [left, top, width, height]) in digits.iter().zip(number.boxes) {
            let (found, [right, bottom]) = (digit.bounds, [left + width, top + height]);
            let sides = [found.left, found.top, found.right, found.bottom];
            let drawn = [left, top, right, bottom];
            let is_near = sides.iter().zip(drawn).all(|(a, b)| a.abs_diff(b) <= slack);
            assert!(is_near, "{sides:?} for {drawn:?}");
        }
    }
}

#[test]
fn pages_without_ink_have_no_digits_and_noise_is_rejected() {
    const PAGES: usize = 50;
    let (reader, letters, mut random) = (reader(), Letters::new(), Pcg32::seed_from_u64(5));
    for other in [Other::Blank, Other::Noise] {
        let rejected = (0..PAGES)
            .filter(|_| {
                let page = other_picture(other, &letters, &mut random);
                let file = page.encode().0;
                let reading = reader.read(&file, PixelLimit::default()).unwrap();
                reading.judge(DEFAULT_THRESHOLD).rejection.is_some()
            })
            .count();
        assert!(rejected >= PAGES * 9 / 10, "{other:?}: {rejected} of {PAGES} rejected");
    }
}
