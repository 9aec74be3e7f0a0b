//! Writes a multi-label data set made from the built-in MNIST to a folder: pictures of 28×56 pixels with
//! one digit or two, and labels.csv. `cargo run -p data --example write_two_digits -- FOLDER`.
//!
//! Digits of MNIST's training images become training pictures, those of its test images test pictures.
//! A third of the pictures has one digit at a random place, the others two digits, perhaps the same.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use data::{DatasetConfig, ImageSet, InputConfig, write_whole};
use image::{GrayImage, ImageFormat, Luma};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

/// Number of training and of test pictures.
const PICTURES: [usize; 2] = [12_000, 2_000];
/// Side of MNIST's images.
const SIDE: u32 = 28;
/// Width of a picture.
const WIDTH: u32 = 2 * SIDE;
/// How far a digit may be from its half's place, in pixels to either side.
const SHIFT: u32 = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let folder =
        std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: write_two_digits FOLDER")?;
    let source =
        DatasetConfig::new("mnist".parse()?).load(&InputConfig::default(), 0, &mut |_| {})?;
    let mut labels = String::from("file,labels,split\n");
    for ((split, set), pictures) in
        [("train", &source.train), ("test", &source.test)].into_iter().zip(PICTURES)
    {
        write_split(&folder, split, set, pictures, &mut labels)?;
    }
    write_whole(&folder.join("labels.csv"), labels.as_bytes())?;
    Ok(())
}

/// Writes the pictures of a split, and adds a line for each to `labels`. No digit is used twice, so that
/// no digit is in two splits of a data set.
fn write_split(
    folder: &Path,
    split: &str,
    set: &ImageSet,
    pictures: usize,
    labels: &mut String,
) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder.join(split))?;
    let mut random = Pcg32::seed_from_u64(set.len() as u64);
    let mut digits = 0..set.len();
    for number in 0..pictures {
        let mut picture = GrayImage::new(WIDTH, SIDE);
        let is_single = random.random_range(0..3) == 0;
        let places = if is_single {
            vec![random.random_range(0..=SIDE)]
        } else {
            vec![random.random_range(0..=SHIFT), SIDE - random.random_range(0..=SHIFT)]
        };
        let mut classes = Vec::new();
        for left in places {
            let digit = digits.next().ok_or("MNIST has too few images")?;
            draw(&mut picture, &set.pixels(digit)?, left);
            classes.push(set.labels()[digit]);
        }
        classes.sort_unstable();
        classes.dedup();
        let name = format!("{split}/{number:05}.png");
        let mut png = Vec::new();
        picture.write_to(&mut std::io::Cursor::new(&mut png), ImageFormat::Png)?;
        // Synced, thousands of small files would take minutes; the labels are written last.
        fs::write(folder.join(&name), &png)?;
        let classes: Vec<String> = classes.iter().map(u16::to_string).collect();
        writeln!(labels, "{name},{},{split}", classes.join(";"))?;
    }
    Ok(())
}

/// Draws the `SIDE`×`SIDE` pixels of a digit from the column `left` on; where digits overlap, the
/// lighter pixel is kept.
fn draw(picture: &mut GrayImage, pixels: &[u8], left: u32) {
    for (place, &level) in (0..).zip(pixels) {
        let (x, y) = (left + place % SIDE, place / SIDE);
        let Luma([before]) = *picture.get_pixel(x, y);
        picture.put_pixel(x, y, Luma([before.max(level)]));
    }
}
