//! Numbers as a person writes them, from digits of MNIST.

use std::ops::Range;

use image::{GrayImage, Luma};
use rand::RngExt;
use rand_pcg::Pcg32;

use super::enlarge;
use super::page::normal;

/// Deviation of a digit's size from the number's, as a share of it.
const SIZE_VARIATION: f32 = 0.07;
/// Deviation of a digit's middle from the line, as a share of the size.
const JITTER: f32 = 0.04;
/// Share of the neighbours that touch where some do, besides the one pair that does so always.
const TOUCHING: f64 = 0.25;
/// Columns by which neighbours that touch overlap at most, as a share of the size.
const OVERLAP: f32 = 0.03;
/// Width of a digit over its size, on average.
const DIGIT_WIDTH: f32 = 0.75;
/// Coverage that counts as ink when neighbours are made to touch.
const INK: u8 = 128;

/// How far apart the digits of a number are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// 20 to 30 % of a digit's width between the boxes.
    Wide,
    /// 10 to 20 %.
    Middle,
    /// 0 to 10 %.
    Narrow,
    /// A quarter of the neighbours, one pair at least, overlap by a pixel or more; the others
    /// are [`Self::Narrow`].
    Touching,
}

impl Gap {
    pub const ALL: [Self; 4] = [Self::Wide, Self::Middle, Self::Narrow, Self::Touching];

    /// Shares of a digit's width.
    fn range(self) -> Range<f32> {
        match self {
            Self::Wide => 0.2..0.3,
            Self::Middle => 0.1..0.2,
            Self::Narrow | Self::Touching => 0.0..0.1,
        }
    }
}

/// A number's ink.
pub struct Number {
    /// Coverage, 0 to 255.
    pub ink: GrayImage,
    /// Left, top, width and height of every digit's box.
    pub boxes: Vec<[u32; 4]>,
    /// How many digits touch a neighbour.
    pub touching: usize,
}

/// Writes digits side by side, about `size` pixels high.
pub fn write_number(
    digits: &[GrayImage],
    gap: Gap,
    size: u32,
    is_crisp: bool,
    random: &mut Pcg32,
) -> Number {
    let mut touches: Vec<bool> =
        digits.iter().map(|_| gap == Gap::Touching && random.random_bool(TOUCHING)).collect();
    touches[0] = false;
    if gap == Gap::Touching && !touches.contains(&true) {
        touches[random.random_range(1..digits.len())] = true;
    }
    let middle = i64::from(size);
    let mut ink = GrayImage::new(2 * size * digits.len() as u32, 2 * size);
    let mut boxes: Vec<[u32; 4]> = Vec::new();
    for (digit, is_touching) in digits.iter().zip(&touches) {
        let size = size as f32;
        let own = (size * (1.0 + SIZE_VARIATION * normal(random)).clamp(0.7, 1.3)).round();
        let digit = enlarge(digit, (own as u32).max(8), is_crisp);
        let jitter = (JITTER * size * normal(random)).clamp(-0.2 * size, 0.2 * size) as i64;
        let top = (middle + jitter - i64::from(digit.height() / 2)).max(0) as u32;
        let mut left = boxes.iter().map(|[left, _, width, _]| left + width).max().unwrap_or(0);
        if *is_touching {
            let overlap = 1 + (random.random_range(0.0..OVERLAP) * size) as u32;
            left = touching_left(&ink, &digit, left + size as u32, top).saturating_sub(overlap);
        } else if !boxes.is_empty() {
            left += (random.random_range(gap.range()) * DIGIT_WIDTH * size).round() as u32;
        }
        boxes.push([left, top, digit.width(), digit.height()]);
        for (x, y, level) in digit.enumerate_pixels() {
            let pixel = ink.get_pixel_mut(left + x, top + y);
            *pixel = Luma([pixel.0[0].max(level.0[0])]);
        }
    }
    let left = boxes.iter().map(|found| found[0]).min().unwrap();
    let top = boxes.iter().map(|found| found[1]).min().unwrap();
    let right = boxes.iter().map(|found| found[0] + found[2]).max().unwrap();
    let bottom = boxes.iter().map(|found| found[1] + found[3]).max().unwrap();
    let ink = image::imageops::crop_imm(&ink, left, top, right - left, bottom - top).to_image();
    for found in &mut boxes {
        found[0] -= left;
        found[1] -= top;
    }
    let touching = (0..digits.len())
        .filter(|&at| touches[at] || touches.get(at + 1).is_some_and(|touches| *touches))
        .count();
    Number { ink, boxes, touching }
}

/// The column at which a digit, pushed to the left from `start`, begins to cover ink that is there.
fn touching_left(ink: &GrayImage, digit: &GrayImage, start: u32, top: u32) -> u32 {
    let touches = |left: u32| {
        digit
            .enumerate_pixels()
            .any(|(x, y, level)| level.0[0] >= INK && ink.get_pixel(left + x, top + y).0[0] >= INK)
    };
    (0..=start).rev().find(|&left| touches(left)).map_or(0, |left| left + 1)
}
