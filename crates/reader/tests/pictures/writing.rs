//! Written lines: digits of MNIST with the marks, letters and spaces between them.

use data::ImageSet;
use image::{GrayImage, Luma, imageops};
use rand::RngExt;
use rand_pcg::Pcg32;
use tiny_skia::{LineCap, PathBuilder, Stroke, Transform};

use super::drawing::{Letters, coverage};
use super::page::normal;
use super::{Picture, enlarge, paste, random_size, table};

/// Kinds of pages, with what they show; `9` is any digit, `a` any letter, `\n` a new line.
pub const KINDS: [(&str, &[&str]); 9] = [
    ("whole numbers", &["999", "99999"]),
    ("decimal point", &["9.9", "9.99", "99.9", "9.99999", "999.99"]),
    ("decimal comma", &["9,9", "99,99", "9,999"]),
    ("negative", &["-9", "-99", "-999", "-9.99"]),
    ("date", &["99/99/9999", "9/9/99", "9999-99-99", "99.99.9999"]),
    ("a letter among digits", &["99a9", "a999", "999a", "9a9a9"]),
    ("a word before a number", &["aaaa 999", "aaa 99", "aaaaa 9999"]),
    ("two lines", &["999\n999", "9999\n99", "99.9\n-99"]),
    ("three lines", &["999\n999\n999", "9999\n99\n999", "99.9\n999\n-99"]),
];

/// What lies under the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    Plain,
    /// Printed with horizontal lines.
    Ruled,
    /// Ruled, and photographed on a table.
    Photographed,
}

/// A page of a kind, and its text with `?` for each letter.
pub fn written_page(
    (set, letters): (&ImageSet, &Letters),
    forms: &[&str],
    paper: Paper,
    background: &str,
    random: &mut Pcg32,
) -> (Picture, String) {
    let form = forms[random.random_range(0..forms.len())];
    let size = random_size(random).max(32);
    let is_crisp = random.random();
    let thickness = size as f32 * random.random_range(0.07..0.13);
    let lines: Vec<(GrayImage, String)> = form
        .split('\n')
        .map(|form| write_line((set, letters), form, size, thickness, is_crisp, random))
        .collect();
    let text: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
    let text = text.join("\n");
    let spacing = random.random_range(1.5..2.2) * size as f32;
    let width = lines.iter().map(|(line, _)| line.width()).max().unwrap();
    let margin = if paper == Paper::Plain { 0 } else { size / 2 };
    let height = 2 * size + (spacing * (lines.len() - 1) as f32) as u32;
    let mut ink = GrayImage::new(width + 2 * margin, height + 2 * margin);
    for (at, (line, _)) in lines.iter().enumerate() {
        let indent = random.random_range(0..=(width - line.width()).min(size));
        let top = margin + (at as f32 * spacing) as u32;
        lay(&mut ink, line, margin + indent, top);
    }
    if paper != Paper::Plain {
        let rule_width = (size as f32 * random.random_range(0.015..0.04)).max(1.0) as u32;
        let strength = random.random_range(90..=200);
        for at in 0..lines.len() {
            // Around the baseline, which is 1.5 sizes below the top of the line's picture.
            let baseline = margin as f32 + at as f32 * spacing + 1.5 * size as f32;
            let top = (baseline + size as f32 * random.random_range(0.0..0.15)) as u32;
            for (x, y) in
                (0..ink.width()).flat_map(|x| (top..top + rule_width).map(move |y| (x, y)))
            {
                if y < ink.height() {
                    let pixel = ink.get_pixel_mut(x, y);
                    *pixel = Luma([pixel.0[0].max(strength)]);
                }
            }
        }
    }
    let picture = paste(&trim(&ink), size, background, is_crisp, random);
    if paper != Paper::Photographed {
        return (picture, text);
    }
    let image = table::lay_on_table(&picture.image, picture.page.paper, random);
    (Picture { image, ..picture }, text)
}

/// A line of two sizes' height, with the baseline at one and a half, and its text.
fn write_line(
    (set, letters): (&ImageSet, &Letters),
    form: &str,
    size: u32,
    thickness: f32,
    is_crisp: bool,
    random: &mut Pcg32,
) -> (GrayImage, String) {
    let mut ink = GrayImage::new(2 * size * (form.len() as u32 + 1), 2 * size);
    let baseline = 1.5 * size as f32;
    let mut right = 0_u32;
    let mut text = String::new();
    let gap = random.random_range(0.08..0.25);
    let full = size as f32;
    for symbol in form.chars() {
        let left = right + (full * (gap + random.random_range(0.0..0.06))) as u32;
        let (drawn, top) = match symbol {
            '9' => {
                let index = random.random_range(0..set.len());
                text.push_str(&set.labels()[index].to_string());
                let digit =
                    GrayImage::from_raw(28, 28, set.image(index).unwrap().into_pixels()).unwrap();
                let own = (full * (1.0 + 0.07 * normal(random)).clamp(0.8, 1.2)) as u32;
                let digit = enlarge(&digit, own, is_crisp);
                let jitter = (0.03 * full * normal(random)).clamp(-0.1 * full, 0.1 * full);
                let top = baseline - digit.height() as f32 + jitter;
                (digit, top)
            }
            'a' => {
                text.push('?');
                let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').collect();
                // Those that no one can tell from a digit are left out.
                let letter = loop {
                    let letter = alphabet[random.random_range(0..alphabet.len())];
                    if !"IOloSsZzBqgb".contains(letter) {
                        break letter;
                    }
                };
                let (drawn, below) =
                    letters.draw_on_line(letter, full, random.random_range(-0.1..0.3));
                let top = baseline - drawn.height() as f32 + below;
                (drawn, top)
            }
            ' ' => {
                text.push(' ');
                right += (full * random.random_range(1.0..1.6)) as u32;
                continue;
            }
            mark => {
                text.push(mark);
                let (drawn, below) = draw_mark(mark, full, thickness, random);
                let top = baseline - drawn.height() as f32 + below;
                (drawn, top)
            }
        };
        lay(&mut ink, &drawn, left, top.max(0.0) as u32);
        right = right.max(left + drawn.width());
    }
    let ink = imageops::crop_imm(&ink, 0, 0, right, 2 * size).to_image();
    (ink, text)
}

/// A mark's coverage, and how far it reaches below the baseline.
fn draw_mark(mark: char, size: f32, thickness: f32, random: &mut Pcg32) -> (GrayImage, f32) {
    let mut between = |least: f32, most: f32| size * random.random_range(least..most);
    // Width and height of the stroke's path, and the height of its lower end over the baseline.
    let (across, down, above) = match mark {
        '.' => (0.01, 0.01, between(-0.02, 0.04)),
        ',' => (-between(0.03, 0.1), between(0.15, 0.28), -between(0.12, 0.2)),
        '-' => (between(0.3, 0.6), between(-0.04, 0.04), between(0.4, 0.55)),
        '/' => {
            let down = between(1.2, 1.5);
            (-down * between(0.25, 0.6) / size, down, -between(0.1, 0.25))
        }
        other => unreachable!("{other} is no mark"),
    };
    let thickness = if mark == '.' { thickness * 1.3 } else { thickness };
    let half = thickness / 2.0 + 1.0;
    let (width, height) = (f32::abs(across) + 2.0 * half, f32::abs(down) + 2.0 * half);
    let mut path = PathBuilder::new();
    let start = |along: f32, length: f32| if along < 0.0 { length - half } else { half };
    let (x, y) = (start(across, width), start(down, height));
    path.move_to(x, y);
    path.line_to(x + across, y + down);
    let path = path.finish().unwrap();
    let stroke = Stroke { width: thickness, line_cap: LineCap::Round, ..Stroke::default() };
    let drawn = coverage(width.ceil() as u32, height.ceil() as u32, |pixmap, ink| {
        pixmap.stroke_path(&path, ink, &stroke, Transform::identity(), None);
    });
    (drawn, -above)
}

/// Lays ink over ink; what does not fit is left out.
fn lay(ink: &mut GrayImage, drawn: &GrayImage, left: u32, top: u32) {
    for (x, y, level) in drawn.enumerate_pixels() {
        if let Some(pixel) = ink.get_pixel_mut_checked(left + x, top + y) {
            pixel.0[0] = pixel.0[0].max(level.0[0]);
        }
    }
}

/// Without the empty rows and columns around the ink.
fn trim(ink: &GrayImage) -> GrayImage {
    let places = || ink.enumerate_pixels().filter(|(_, _, level)| level.0[0] > 0);
    let (left, right) = (places().map(|at| at.0).min(), places().map(|at| at.0).max());
    let (top, bottom) = (places().map(|at| at.1).min(), places().map(|at| at.1).max());
    let (Some(left), Some(right), Some(top), Some(bottom)) = (left, right, top, bottom) else {
        return ink.clone();
    };
    imageops::crop_imm(ink, left, top, right + 1 - left, bottom + 1 - top).to_image()
}
