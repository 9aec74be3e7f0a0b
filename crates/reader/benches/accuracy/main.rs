//! How often pictures are read rightly: digits of MNIST's test split pasted on pages of every kind,
//! untouched, and pages without a digit.
//!
//! `cargo bench -p reader --bench accuracy`; `-- --model FOLDER` measures another model than the released
//! one.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::time::Instant;

use burn::tensor::Device;
use data::ImageSet;
use image::{GrayImage, ImageFormat};
use ink::PixelLimit;
use pictures::{
    Background, Letters, Other, Picture, digit_picture, mnist_test, other_picture, sheet_picture,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;
use reader::{Answer, Prepared, Reader};

const SEED: u64 = 20_261_122;
/// Pictures of each kind of background.
const PER_KIND: usize = 2_000;
/// Pages without a digit of each kind.
const OTHERS: usize = 1_000;

fn main() {
    let reader = Reader::open(&pictures::model(), &Device::flex()).unwrap();
    let test = mnist_test();
    untouched(&reader, &test);
    single_digits(&reader, &test);
    plain_pages(&reader, &test);
    sheets(&reader, &test);
    others(&reader);
}

/// The test split as PNG files, against the same images given to the classifier directly.
fn untouched(reader: &Reader, test: &ImageSet) {
    let images: Vec<_> = (0..test.len()).map(|index| test.image(index).unwrap()).collect();
    let direct = reader.classifier().classify_and_score(&images).unwrap();
    let files: Vec<Vec<u8>> = images.iter().map(|image| png(image.pixels())).collect();
    let start = Instant::now();
    let answers = answer(reader, &files);
    let seconds = start.elapsed().as_secs_f64();
    let same = answers
        .iter()
        .zip(&direct)
        .filter(|(answer, prediction)| answer.prediction() == Some(*prediction));
    let same = same.count();
    let right = count_right(&answers, test.labels());
    println!(
        "untouched MNIST as PNG: {right} of {} right; {same} answers bit for bit those of the classifier; {:.0} pictures/s on one thread",
        test.len(),
        test.len() as f64 / seconds
    );
}

fn single_digits(reader: &Reader, test: &ImageSet) {
    println!(
        "\nsingle digits on pages           right   right but rejected   wrong but not rejected"
    );
    let mut tables: BTreeMap<String, Tally> = BTreeMap::new();
    let mut random = Pcg32::seed_from_u64(SEED);
    for kind in Background::KINDS {
        for _ in 0..PER_KIND {
            let index = random.random_range(0..test.len());
            let digit =
                GrayImage::from_raw(28, 28, test.image(index).unwrap().into_pixels()).unwrap();
            let picture = digit_picture(&digit, kind, &mut random);
            let found = answer(reader, &[picture.encode().0]).remove(0);
            let label = usize::from(test.labels()[index]);
            for row in rows(kind, &picture) {
                tables.entry(row).or_default().add(reader, &found, label);
            }
        }
    }
    for (name, tally) in &tables {
        println!("{name:30} {tally}");
    }
}

/// Every image once on a plain page: what the share of right answers has lost against
/// [`untouched`], the page has cost.
fn plain_pages(reader: &Reader, test: &ImageSet) {
    let mut random = Pcg32::seed_from_u64(SEED);
    let mut tally = Tally::default();
    for (index, label) in test.labels().iter().enumerate() {
        let digit = GrayImage::from_raw(28, 28, test.image(index).unwrap().into_pixels()).unwrap();
        let picture = digit_picture(&digit, "plain", &mut random);
        tally.add(reader, &answer(reader, &[picture.encode().0]).remove(0), usize::from(*label));
    }
    println!("{:30} {tally}", "plain, every image once");
}

/// Plain pages that lie on a table.
fn sheets(reader: &Reader, test: &ImageSet) {
    let mut random = Pcg32::seed_from_u64(SEED);
    let mut tally = Tally::default();
    for _ in 0..OTHERS {
        let index = random.random_range(0..test.len());
        let digit = GrayImage::from_raw(28, 28, test.image(index).unwrap().into_pixels()).unwrap();
        let picture = sheet_picture(&digit, &mut random);
        let found = answer(reader, &[picture.encode().0]).remove(0);
        tally.add(reader, &found, usize::from(test.labels()[index]));
    }
    println!("{:30} {tally}", "on a table");
}

/// The rows of the table that a picture counts in.
fn rows(kind: &str, picture: &Picture) -> [String; 4] {
    let size = match picture.size {
        ..40 => "20 to 39",
        40..100 => "40 to 99",
        100..200 => "100 to 199",
        _ => "200 to 400",
    };
    let polarity = if picture.page.contrast() > 0.0 { "light ink" } else { "dark ink" };
    [
        "all".to_owned(),
        format!("background: {kind}"),
        format!("size: {size} px"),
        format!("polarity: {polarity}"),
    ]
}

fn others(reader: &Reader) {
    let letters = Letters::new();
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').collect();
    let mut random = Pcg32::seed_from_u64(SEED);
    println!("\npages without a digit            rejected");
    for name in ["blank", "noise", "scribble", "letter"] {
        let mut rejected = 0;
        for index in 0..OTHERS {
            let other = match name {
                "blank" => Other::Blank,
                "noise" => Other::Noise,
                "scribble" => Other::Scribble,
                _ => Other::Letter(alphabet[index % alphabet.len()]),
            };
            let picture = other_picture(other, &letters, &mut random);
            let found = answer(reader, &[picture.encode().0]).remove(0);
            rejected += usize::from(is_rejected(reader, &found));
        }
        println!("{name:30} {:6.2} % of {OTHERS}", 100.0 * rejected as f64 / OTHERS as f64);
    }
}

fn answer(reader: &Reader, files: &[Vec<u8>]) -> Vec<Answer> {
    let prepare = |file: &Vec<u8>| reader.prepare(file, PixelLimit::default(), |_, _| ()).unwrap();
    let pictures: Vec<Prepared> = files.iter().map(prepare).collect();
    reader.answer(&pictures).unwrap()
}

fn is_rejected(reader: &Reader, answer: &Answer) -> bool {
    answer.judge(&reader.threshold(None)).rejection().is_some()
}

fn count_right(answers: &[Answer], labels: &[u16]) -> usize {
    let is_right = |(answer, label): &(&Answer, &u16)| {
        answer.prediction().is_some_and(|found| found.class == usize::from(**label))
    };
    answers.iter().zip(labels).filter(is_right).count()
}

fn png(pixels: &[u8]) -> Vec<u8> {
    let digit = GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    digit.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Answers counted.
#[derive(Default)]
struct Tally {
    pictures: usize,
    right: usize,
    right_but_rejected: usize,
    wrong_but_not_rejected: usize,
}

impl Tally {
    fn add(&mut self, reader: &Reader, answer: &Answer, label: usize) {
        let right = answer.prediction().is_some_and(|found| found.class == label);
        let rejected = is_rejected(reader, answer);
        self.pictures += 1;
        self.right += usize::from(right);
        self.right_but_rejected += usize::from(right && rejected);
        self.wrong_but_not_rejected += usize::from(!right && !rejected);
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = |count: usize| 100.0 * count as f64 / self.pictures as f64;
        write!(
            formatter,
            "{:6.2} %   {:6.2} %   {:6.2} %   of {}",
            percent(self.right),
            percent(self.right_but_rejected),
            percent(self.wrong_but_not_rejected),
            self.pictures
        )
    }
}
