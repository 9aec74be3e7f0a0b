//! Pictures to measure with, drawn by seed: digits of MNIST and numbers made of them pasted on
//! pages of every kind, and pages without a digit.

#![allow(dead_code, unreachable_pub, unused_imports)] // Each program that includes this uses a part of it.

mod drawing;
mod number;
mod page;
mod table;
mod writing;

use std::io::Cursor;
use std::path::{Path, PathBuf};

use data::{DatasetConfig, ImageSet, InputConfig, LoadedDataset, SplitSize, train_validation};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageFormat, Luma, RgbImage};
use rand::RngExt;
use rand_pcg::Pcg32;
use reader::{Line, LineMark, Reading};

pub use self::drawing::Letters;
pub use self::number::{Gap, Number};
pub use self::page::{Background, Page};
pub use self::writing::{KINDS, Paper, written_page};

/// Smallest and largest size of a digit: the longer side of its box in pixels.
pub const SIZES: [f32; 2] = [20.0, 400.0];

/// MNIST's test split.
pub fn mnist_test() -> ImageSet {
    mnist().test
}

/// The folder of the model to measure: the released one, unless the arguments have `--model FOLDER`.
pub fn model() -> PathBuf {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--model").skip(1);
    let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/robust");
    arguments.next().map_or(released, PathBuf::from)
}

/// The validation images of the released models: to choose thresholds on.
pub fn mnist_validation() -> ImageSet {
    const SEED: u64 = 42;
    let train = mnist().train;
    let split = train_validation(&train, SplitSize::Images(5_000), SEED).unwrap();
    train.select(&split.validation).unwrap()
}

fn mnist() -> LoadedDataset {
    let config = DatasetConfig::new("mnist".parse().unwrap());
    config.load(&InputConfig::default(), 0, &mut |_| ()).unwrap()
}

/// Two to eight digits of a set, and the number that they are.
pub fn random_digits(set: &ImageSet, random: &mut Pcg32) -> (String, Vec<GrayImage>) {
    let count = random.random_range(2..=8);
    let indices: Vec<usize> = (0..count).map(|_| random.random_range(0..set.len())).collect();
    let text = indices.iter().map(|&index| set.labels()[index].to_string()).collect();
    let digit = |&index: &usize| {
        GrayImage::from_raw(28, 28, set.image(index).unwrap().into_pixels()).unwrap()
    };
    (text, indices.iter().map(digit).collect())
}

/// The most probable classes of all digits, with the marks between them, whether they are rejected or
/// not.
pub fn guess(reading: &Reading) -> String {
    let line = |line: &Line| -> String {
        let symbols = (0..=line.digits.len()).map(|position| {
            let marks = line.marks.iter().filter(|mark| mark.position == position);
            let digit = line.digits.get(position);
            let digit = digit.map(|digit| digit.prediction.class.to_string()).unwrap_or_default();
            marks.map(LineMark::text).collect::<String>() + &digit
        });
        symbols.collect()
    };
    reading.lines.iter().map(line).collect::<Vec<String>>().join("\n")
}

/// A picture and what it was made of.
pub struct Picture {
    pub image: RgbImage,
    pub page: Page,
    /// Where the ink's box begins.
    pub left: u32,
    pub top: u32,
    /// The longer side of a digit's box in pixels; 0 of an empty page.
    pub size: u32,
    /// Edges as sharp as a pen's on a scan; else as soft as the enlarged digit's.
    pub is_crisp: bool,
}

impl Picture {
    /// The file's bytes, and its ending.
    pub fn encode(&self) -> (Vec<u8>, &'static str) {
        let mut bytes = Cursor::new(Vec::new());
        if let Background::Jpeg { quality } = self.page.background {
            JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&self.image).unwrap();
            return (bytes.into_inner(), "jpg");
        }
        self.image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        (bytes.into_inner(), "png")
    }
}

/// What a page without a digit shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// Nothing.
    Blank,
    /// Random levels, pixel by pixel or blurred to clouds.
    Noise,
    /// A pen led at random.
    Scribble,
    /// A letter of a font.
    Letter(char),
}

/// Pastes a digit of MNIST (28×28, light ink on black) on a page.
pub fn digit_picture(digit: &GrayImage, background: &str, random: &mut Pcg32) -> Picture {
    let is_crisp = random.random();
    let size = random_size(random);
    paste(&enlarge(digit, size, is_crisp), size, background, is_crisp, random)
}

/// Pastes a digit of MNIST on a plain page that lies on a table; place and size are those on the page.
pub fn sheet_picture(digit: &GrayImage, random: &mut Pcg32) -> Picture {
    let picture = digit_picture(digit, "plain", random);
    let image = table::lay_on_table(&picture.image, picture.page.paper, random);
    Picture { image, ..picture }
}

/// Writes digits of MNIST on a page as one number; the number's boxes are places on the page.
pub fn number_picture(
    digits: &[GrayImage],
    gap: Gap,
    background: &str,
    random: &mut Pcg32,
) -> (Picture, Number) {
    let is_crisp = random.random();
    let size = random_size(random);
    let mut number = number::write_number(digits, gap, size, is_crisp, random);
    let picture = paste(&number.ink, size, background, is_crisp, random);
    for found in &mut number.boxes {
        found[0] += picture.left;
        found[1] += picture.top;
    }
    (picture, number)
}

/// Draws a page that shows no digit.
pub fn other_picture(other: Other, letters: &Letters, random: &mut Pcg32) -> Picture {
    let kinds = Background::KINDS;
    let background = kinds[random.random_range(0..kinds.len())];
    let size = random_size(random);
    match other {
        Other::Blank => paste(&GrayImage::new(size, size), size, background, true, random),
        Other::Noise => noise(size, random),
        Other::Scribble => paste(&drawing::scribble(size, random), size, background, true, random),
        Other::Letter(letter) => paste(&letters.draw(letter, size), size, background, true, random),
    }
}

/// Sizes whose logarithm is uniform: as many from 20 to 40 as from 200 to 400.
fn random_size(random: &mut Pcg32) -> u32 {
    let [least, most] = SIZES.map(f32::ln);
    random.random_range(least..most).exp().round() as u32
}

/// The digit's coverage, the longer side of its box `size` pixels.
fn enlarge(digit: &GrayImage, size: u32, is_crisp: bool) -> GrayImage {
    let ink = || digit.enumerate_pixels().filter(|(_, _, level)| level.0[0] > 0);
    let (left, right) = (ink().map(|at| at.0).min().unwrap(), ink().map(|at| at.0).max().unwrap());
    let (top, bottom) = (ink().map(|at| at.1).min().unwrap(), ink().map(|at| at.1).max().unwrap());
    let (width, height) = (right + 1 - left, bottom + 1 - top);
    let crop = imageops::crop_imm(digit, left, top, width, height).to_image();
    let scale = size as f32 / width.max(height) as f32;
    let pixels = |length: u32| (length as f32 * scale).round().max(1.0) as u32;
    let mut large = imageops::resize(&crop, pixels(width), pixels(height), FilterType::CatmullRom);
    if is_crisp {
        // The ramp of the enlarged edge, a pixel of the small digit, becomes one of the large.
        for level in large.iter_mut() {
            *level = ((f32::from(*level) - 127.5) * scale.max(1.0) + 127.5).clamp(0.0, 255.0) as u8;
        }
    }
    large
}

/// Lays ink (coverage, 0 to 255) of digits of this size at a random place on a random page.
fn paste(
    ink: &GrayImage,
    size: u32,
    background: &str,
    is_crisp: bool,
    random: &mut Pcg32,
) -> Picture {
    let page = Page::random(background, random);
    let mut with_paper =
        |length: u32| length + (size as f32 * random.random_range(0.1..2.0)) as u32 + 2;
    let (width, height) = (with_paper(ink.width()), with_paper(ink.height()));
    let mut coverage = GrayImage::new(width, height);
    let left = random.random_range(0..=width - ink.width());
    let top = random.random_range(0..=height - ink.height());
    imageops::replace(&mut coverage, ink, i64::from(left), i64::from(top));
    let image = page.paint(&coverage, random);
    let is_blank = ink.iter().all(|level| *level == 0);
    Picture { image, page, left, top, size: if is_blank { 0 } else { size }, is_crisp }
}

fn noise(size: u32, random: &mut Pcg32) -> Picture {
    let page = Page::random("plain", random);
    let fine = GrayImage::from_fn(size, size, |_, _| Luma([random.random()]));
    let clouds: bool = random.random();
    let levels = if clouds {
        let coarse = (size / random.random_range(3..30)).max(2);
        let grains = GrayImage::from_fn(coarse, coarse, |_, _| Luma([random.random()]));
        imageops::resize(&grains, size, size, FilterType::CatmullRom)
    } else {
        fine
    };
    Picture { image: page.paint(&levels, random), page, left: 0, top: 0, size: 0, is_crisp: false }
}
