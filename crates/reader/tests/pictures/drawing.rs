//! Ink that is no digit: letters of a font and scribbles.

use image::GrayImage;
use rand::RngExt;
use rand_pcg::Pcg32;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};
use tiny_skia::{FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

/// The letters of Inter, a font.
pub struct Letters(&'static [u8]);

impl Letters {
    pub fn new() -> Self {
        Self(include_bytes!("../../../charts/fonts/Inter-Regular.otf"))
    }

    /// The letter's coverage where capitals are `height` pixels high, slanted to the right by `slant`
    /// of its height; and how far it reaches below the baseline.
    pub fn draw_on_line(&self, letter: char, height: f32, slant: f32) -> (GrayImage, f32) {
        let scale = height / CAPITALS;
        let path = self.outline(letter);
        let path = path.transform(Transform::from_row(scale, 0.0, slant * scale, -scale, 0.0, 0.0));
        let path = path.unwrap();
        let bounds = path.bounds();
        let place = Transform::from_translate(-bounds.left(), -bounds.top());
        let pixels = |length: f32| length.ceil().max(1.0) as u32;
        let drawn = coverage(pixels(bounds.width()), pixels(bounds.height()), |pixmap, ink| {
            pixmap.fill_path(&path, ink, FillRule::Winding, place, None);
        });
        (drawn, bounds.bottom())
    }

    /// The letter's coverage, the longer side of its box `size` pixels.
    pub fn draw(&self, letter: char, size: u32) -> GrayImage {
        let path = self.outline(letter);
        let bounds = path.bounds();
        let scale = size as f32 / bounds.width().max(bounds.height());
        // A font's y points up.
        let place = Transform::from_row(
            scale,
            0.0,
            0.0,
            -scale,
            -bounds.left() * scale,
            bounds.bottom() * scale,
        );
        let pixels = |length: f32| (length * scale).ceil().max(1.0) as u32;
        coverage(pixels(bounds.width()), pixels(bounds.height()), |pixmap, ink| {
            pixmap.fill_path(&path, ink, FillRule::Winding, place, None);
        })
    }

    fn outline(&self, letter: char) -> Path {
        let font = FontRef::new(self.0).unwrap();
        let glyph = font.charmap().map(letter).unwrap();
        let outline = font.outline_glyphs().get(glyph).unwrap();
        let mut pen = Pen(PathBuilder::new());
        outline
            .draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut pen)
            .unwrap();
        pen.0.finish().unwrap()
    }
}

/// Height of Inter's capitals, in its units.
const CAPITALS: f32 = 2_048.0;

struct Pen(PathBuilder);

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.quad_to(cx, cy, x, y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.cubic_to(ax, ay, bx, by, x, y);
    }
    fn close(&mut self) {
        self.0.close();
    }
}

/// Two to eight bows of a pen that never leaves the page, within `size`×`size` pixels.
pub fn scribble(size: u32, random: &mut Pcg32) -> GrayImage {
    let width = size as f32 * random.random_range(0.06..0.14);
    let path = bows(size as f32, width, random);
    let stroke =
        Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    coverage(size, size, |pixmap, ink| {
        pixmap.stroke_path(&path, ink, &stroke, Transform::identity(), None);
    })
}

fn bows(size: f32, width: f32, random: &mut Pcg32) -> Path {
    let mut path = PathBuilder::new();
    let count = random.random_range(2..=8);
    let mut place = || random.random_range(width / 2.0..size - width / 2.0);
    path.move_to(place(), place());
    for _ in 0..count {
        path.cubic_to(place(), place(), place(), place(), place(), place());
    }
    path.finish().unwrap()
}

pub fn coverage(width: u32, height: u32, draw: impl Fn(&mut Pixmap, &Paint)) -> GrayImage {
    let mut pixmap = Pixmap::new(width, height).unwrap();
    draw(&mut pixmap, &Paint { anti_alias: true, ..Paint::default() });
    let alphas = pixmap.pixels().iter().map(|pixel| pixel.alpha()).collect();
    GrayImage::from_raw(width, height, alphas).unwrap()
}
