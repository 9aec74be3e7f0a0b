//! A sheet of paper that lies on a table.

use image::{Rgb, RgbImage};
use rand::RngExt;
use rand_pcg::Pcg32;

use super::page::{luminance, normal};

/// Least distance of the table's luminance from the paper's, in grey levels.
const LEAST_CONTRAST: f32 = 60.0;

/// Lays a sheet on a table of another colour with a grain: turned by up to 20 degrees either way,
/// and seen from a side, so that it becomes narrower by up to a fifth.
pub fn lay_on_table(sheet: &RgbImage, paper: [f32; 3], random: &mut Pcg32) -> RgbImage {
    let table = loop {
        let colour = [(); 3].map(|()| random.random_range(0.0..=255.0));
        if (luminance(colour) - luminance(paper)).abs() >= LEAST_CONTRAST {
            break colour;
        }
    };
    let (width, height) = (sheet.width() as f32, sheet.height() as f32);
    let angle = random.random_range(-20.0_f32..20.0).to_radians();
    let narrowing = random.random_range(-0.2..0.2);
    let margin = random.random_range(1.1..1.6);
    let reach =
        |along: f32, across: f32| (along * angle.cos().abs() + across * angle.sin().abs()) * margin;
    let (wide, high) = (reach(width, height), reach(height, width));
    let (period, grain) = (random.random_range(4.0..30.0), random.random_range(0.0..12.0));
    RgbImage::from_fn(wide as u32, high as u32, |x, y| {
        let (x, y) = (x as f32 + 0.5 - wide / 2.0, y as f32 + 0.5 - high / 2.0);
        // Where on the sheet that is, from its middle: farther rows are narrower.
        let down = y * angle.cos() - x * angle.sin();
        let along = (x * angle.cos() + y * angle.sin()) / (1.0 - narrowing * down / height);
        let noise = normal(random) * 2.0;
        let wood = grain * (y / period).sin();
        let bare = table.map(|level| level + wood);
        let colour = sample(sheet, along + width / 2.0, down + height / 2.0, bare);
        Rgb(colour.map(|level| (level + noise).round().clamp(0.0, 255.0) as u8))
    })
}

/// The sheet's colour at a place, between its pixels; outside of it that of the table.
fn sample(sheet: &RgbImage, x: f32, y: f32, table: [f32; 3]) -> [f32; 3] {
    let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
    let pixel = |column: f32, row: f32| {
        let is_sheet = column >= 0.0 && row >= 0.0;
        let found = sheet.get_pixel_checked(column as u32, row as u32).filter(|_| is_sheet);
        found.map_or(table, |pixel| pixel.0.map(f32::from))
    };
    let (right, down) = (x - 0.5 - left, y - 0.5 - top);
    [0, 1, 2].map(|channel| {
        let row = |row: f32| {
            (1.0 - right) * pixel(left, row)[channel] + right * pixel(left + 1.0, row)[channel]
        };
        (1.0 - down) * row(top) + down * row(top + 1.0)
    })
}
