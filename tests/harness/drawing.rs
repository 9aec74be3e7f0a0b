//! Digits drawn with a pen, and the files they are saved as.
#![allow(dead_code)] // Every test file uses a part of it.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A page with dark digits, each drawn as a line through points from (0, 0) to (1, 1).
pub struct Page {
    pub image: RgbImage,
}

const SEVEN: &[(f32, f32)] = &[(0.0, 0.05), (0.95, 0.0), (0.35, 1.0)];
const ONE: &[(f32, f32)] = &[(0.55, 0.0), (0.4, 1.0)];
const FOUR: &[(f32, f32)] = &[(0.1, 0.0), (0.0, 0.5), (0.9, 0.55), (0.85, 0.05), (0.8, 1.0)];

const POINT: &[(f32, f32)] = &[(0.5, 0.97), (0.5, 1.0)];
const COMMA: &[(f32, f32)] = &[(0.5, 0.93), (0.4, 1.2)];
const MINUS: &[(f32, f32)] = &[(0.1, 0.5), (0.8, 0.5)];
const SLASH: &[(f32, f32)] = &[(0.9, -0.18), (0.2, 1.18)];
const LETTER_R: &[(f32, f32)] =
    &[(0.0, 1.0), (0.0, 0.0), (0.9, 0.05), (0.9, 0.5), (0.0, 0.5), (0.9, 1.0)];
const LETTER_M: &[(f32, f32)] = &[(0.0, 1.0), (0.0, 0.0), (0.5, 0.6), (1.0, 0.0), (1.0, 1.0)];

impl Page {
    pub fn new(width: u32, height: u32) -> Self {
        Self { image: RgbImage::from_pixel(width, height, Rgb([235, 232, 225])) }
    }

    /// A page of 200×160 pixels with this digit: 1, 4 or 7.
    pub fn with_digit(digit: char) -> Self {
        let mut page = Self::new(200, 160);
        page.draw(digit, 60.0, 30.0, 100.0);
        page
    }

    /// A page with digits side by side, 100 pixels high: of 1, 4 and 7.
    pub fn with_number(number: &str) -> Self {
        Self::with_lines(&[number])
    }

    /// Lines of 1, 4, 7, `.`, `,`, `-`, `/`, R and M; the page leaves room around them.
    pub fn with_lines(lines: &[&str]) -> Self {
        let longest = lines.iter().map(|line| line.len()).max().unwrap_or(0);
        let mut page = Self::new(80 * longest as u32 + 80, 180 * lines.len() as u32);
        for (row, line) in lines.iter().enumerate() {
            for (index, digit) in line.chars().enumerate() {
                page.draw(digit, 50.0 + 80.0 * index as f32, 35.0 + 180.0 * row as f32, 100.0);
            }
        }
        page
    }

    /// Draws a digit whose box has this corner and height.
    pub fn draw(&mut self, digit: char, left: f32, top: f32, height: f32) {
        let points = match digit {
            '1' => ONE,
            '4' => FOUR,
            '7' => SEVEN,
            '.' => POINT,
            ',' => COMMA,
            '-' => MINUS,
            '/' => SLASH,
            'R' => LETTER_R,
            'M' => LETTER_M,
            other => panic!("no drawing of {other}"),
        };
        let place = |(x, y): (f32, f32)| (left + 0.6 * height * x, top + height * y);
        let radius = 0.05 * height;
        for line in points.windows(2) {
            let (from, to) = (place(line[0]), place(line[1]));
            for (x, y, pixel) in self.image.enumerate_pixels_mut() {
                if distance((x as f32, y as f32), from, to) <= radius {
                    *pixel = Rgb([30, 35, 80]);
                }
            }
        }
    }

    pub fn encoded(&self, format: ImageFormat) -> Vec<u8> {
        encoded(&self.image.clone().into(), format)
    }

    pub fn png(&self) -> Vec<u8> {
        self.encoded(ImageFormat::Png)
    }
}

pub fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// From a point to a line between two others.
fn distance(point: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let along = (to.0 - from.0, to.1 - from.1);
    let off = (point.0 - from.0, point.1 - from.1);
    let share = (off.0 * along.0 + off.1 * along.1) / (along.0 * along.0 + along.1 * along.1);
    let share = share.clamp(0.0, 1.0);
    (off.0 - share * along.0).hypot(off.1 - share * along.1)
}
