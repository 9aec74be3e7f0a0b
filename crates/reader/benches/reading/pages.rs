//! Pages with marks, letters and several lines, ruled and photographed ones too.

use std::fmt;

use data::ImageSet;
use ink::PixelLimit;
use rand::SeedableRng;
use rand_pcg::Pcg32;
use reader::{DEFAULT_THRESHOLD, Reader};

use crate::pictures::{Background, KINDS, Letters, Paper, written_page};

/// Pages of each kind on each kind of background, unless the arguments say otherwise.
pub const PER_KIND: usize = 60;

/// Pages of every kind.
pub fn pages(reader: &Reader, set: &ImageSet, seed: u64, per_kind: usize) {
    println!(
        "\npages                                   right   rejected   different number not rejected"
    );
    let letters = Letters::new();
    let mut random = Pcg32::seed_from_u64(seed);
    let ruled = [("ruled, ", Paper::Ruled), ("photographed, ", Paper::Photographed)];
    for (name, forms) in KINDS {
        print_tally(name, Paper::Plain, forms, reader, (set, &letters), per_kind, &mut random);
    }
    for (paper_name, paper) in ruled {
        for (name, forms) in KINDS {
            if ["whole numbers", "three lines"].contains(&name) {
                let name = format!("{paper_name}{name}");
                print_tally(&name, paper, forms, reader, (set, &letters), per_kind, &mut random);
            }
        }
    }
}

fn print_tally(
    name: &str,
    paper: Paper,
    forms: &[&str],
    reader: &Reader,
    drawn_with: (&ImageSet, &Letters),
    per_kind: usize,
    random: &mut Pcg32,
) {
    let mut tally = Tally::default();
    let backgrounds = Background::KINDS;
    for background in backgrounds {
        for _ in 0..per_kind {
            let (picture, text) = written_page(drawn_with, forms, paper, background, random);
            let reading = reader.read(&picture.encode().0, PixelLimit::default()).unwrap();
            let judgement = reading.judge(DEFAULT_THRESHOLD);
            let read = judgement.text(reader.classifier().class_names());
            tally.pages += 1;
            if judgement.rejection.is_some() {
                tally.rejected += 1;
            } else if read == text {
                tally.right += 1;
            } else {
                tally.different += 1;
            }
        }
    }
    println!("{name:36} {tally}");
}

/// Pages counted.
#[derive(Default)]
struct Tally {
    pages: usize,
    right: usize,
    rejected: usize,
    different: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |count: usize| 100.0 * count as f64 / self.pages as f64;
        write!(
            formatter,
            "{:6.2} %   {:6.2} %   {:6.2} %   of {}",
            percent(self.right),
            percent(self.rejected),
            percent(self.different),
            self.pages
        )
    }
}
