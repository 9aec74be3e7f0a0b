//! Whole numbers, by the gaps between their digits.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use data::ImageSet;
use ink::PixelLimit;
use rand::SeedableRng;
use rand_pcg::Pcg32;
use reader::{DEFAULT_THRESHOLD, Reader, Reading};

use crate::pictures::{Background, Gap, Number, guess, number_picture, random_digits};

/// Numbers of each gap on each kind of background, unless the arguments say otherwise.
pub const PER_KIND: usize = 100;

/// Numbers of 2 to 8 digits.
pub fn numbers(reader: &Reader, set: &ImageSet, seed: u64, per_kind: usize) {
    println!(
        "\nnumbers of 2 to 8 digits         right   as many digits   right but rejected   wrong but not rejected   digits that touch"
    );
    let mut tables: BTreeMap<String, Tally> = BTreeMap::new();
    let mut random = Pcg32::seed_from_u64(seed);
    let mut seconds = 0.0;
    for gap in Gap::ALL {
        for kind in Background::KINDS {
            for _ in 0..per_kind {
                let (text, digits) = random_digits(set, &mut random);
                let (picture, number) = number_picture(&digits, gap, kind, &mut random);
                let file = picture.encode().0;
                let start = Instant::now();
                let reading = reader.read(&file, PixelLimit::default()).unwrap();
                seconds += start.elapsed().as_secs_f64();
                for row in rows(gap, kind, &number) {
                    tables.entry(row).or_default().add(&reading, &text, &number);
                }
            }
        }
    }
    for (name, tally) in &tables {
        println!("{name:30} {tally}");
    }
    let count = (Gap::ALL.len() * Background::KINDS.len() * per_kind) as f64;
    println!("{:.0} ms per number", 1_000.0 * seconds / count);
}

/// The rows of the table that a number counts in.
fn rows(gap: Gap, kind: &str, number: &Number) -> [String; 3] {
    let (gap, group) = match gap {
        Gap::Wide => ("20 to 30 %", "with gaps"),
        Gap::Middle => ("10 to 20 %", "with gaps"),
        Gap::Narrow => ("0 to 10 %", "with gaps"),
        Gap::Touching => ("some touch", "some touch"),
    };
    [
        format!("gap: {gap}"),
        format!("{group}: {} digits", number.boxes.len()),
        format!("{group}: {kind}"),
    ]
}

/// Numbers counted.
#[derive(Default)]
struct Tally {
    numbers: usize,
    right: usize,
    right_length: usize,
    right_but_rejected: usize,
    wrong_but_not_rejected: usize,
    digits: usize,
    touching: usize,
}

impl Tally {
    fn add(&mut self, reading: &Reading, text: &str, number: &Number) {
        let read = guess(reading);
        let judgement = reading.judge_one_line(DEFAULT_THRESHOLD);
        let (is_right, is_rejected) = (read == text, judgement.rejection.is_some());
        self.numbers += 1;
        self.right += usize::from(is_right);
        self.right_length += usize::from(read.chars().count() == text.len());
        self.right_but_rejected += usize::from(is_right && is_rejected);
        self.wrong_but_not_rejected += usize::from(!is_right && !is_rejected);
        self.digits += number.boxes.len();
        self.touching += number.touching;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |count: usize| 100.0 * count as f64 / self.numbers as f64;
        write!(
            formatter,
            "{:6.2} %   {:6.2} %         {:6.2} %             {:6.2} %                 {:6.2} %   of {}",
            percent(self.right),
            percent(self.right_length),
            percent(self.right_but_rejected),
            percent(self.wrong_but_not_rejected),
            100.0 * self.touching as f64 / self.digits as f64,
            self.numbers
        )
    }
}
