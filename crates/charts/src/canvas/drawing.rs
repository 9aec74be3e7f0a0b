//! The canvas: draws lines, areas, text and images, in points from the top left.

use tiny_skia::{
    FillRule, FilterQuality, Mask, Paint, Path, PathBuilder, Pixmap, PixmapPaint,
    PremultipliedColorU8, Transform,
};

use super::area::Area;
use super::color::Color;
use super::font::{self, CAPITAL_HEIGHT};
use super::image_view::ImageView;
use super::picture::{PIXELS_PER_POINT, Picture};
use super::style::{Align, LineStyle, TextStyle};
use crate::error::PictureError;

/// The largest width and height of a picture in points. The pixels of the largest picture take 256 MB.
const LARGEST_SIDE: f32 = 4000.0;

/// Points of a line that are closer than this are merged: curves over ten thousand images have many.
const RESOLUTION: f32 = 0.2;

/// Text that does not fit is scaled down at most to this fraction of its size.
const SMALLEST_TEXT_SCALE: f32 = 0.85;

/// A picture being drawn.
pub(crate) struct Canvas {
    pixmap: Pixmap,
    clip: Option<Mask>,
}

impl Canvas {
    /// An empty canvas of `width` by `height` points, filled with `color`.
    pub fn new(width: f32, height: f32, color: Color) -> Result<Self, PictureError> {
        let too_large = PictureError::TooLarge { width, height, limit: LARGEST_SIDE };
        if width > LARGEST_SIDE || height > LARGEST_SIDE {
            return Err(too_large);
        }
        let side = |points: f32| points.ceil() as u32 * PIXELS_PER_POINT as u32;
        let mut pixmap = Pixmap::new(side(width), side(height)).ok_or(too_large)?;
        pixmap.fill(tiny_skia::Color::from_rgba8(color.red, color.green, color.blue, color.alpha));
        Ok(Self { pixmap, clip: None })
    }

    pub fn finish(self) -> Picture {
        Picture { pixmap: self.pixmap }
    }

    /// Calls `draw`, which draws only inside `area`.
    pub fn clipped(&mut self, area: Area, draw: impl FnOnce(&mut Self)) {
        let mut mask = Mask::new(self.pixmap.width(), self.pixmap.height());
        if let (Some(mask), Some(rect)) = (&mut mask, area.rect()) {
            let path = PathBuilder::from_rect(rect);
            mask.fill_path(&path, FillRule::Winding, true, scale());
        }
        let outer = std::mem::replace(&mut self.clip, mask);
        draw(self);
        self.clip = outer;
    }

    pub fn fill(&mut self, area: Area, color: Color) {
        if let Some(rect) = area.rect() {
            self.fill_path(&PathBuilder::from_rect(rect), color);
        }
    }

    pub fn frame(&mut self, area: Area, style: LineStyle) {
        if let Some(rect) = area.rect() {
            self.stroke_path(&PathBuilder::from_rect(rect), style);
        }
    }

    pub fn polygon(&mut self, points: &[[f32; 2]], color: Color) {
        if let Some(path) = polyline(points, true) {
            self.fill_path(&path, color);
        }
    }

    pub fn line(&mut self, points: &[[f32; 2]], style: LineStyle) {
        if let Some(path) = polyline(points, false) {
            self.stroke_path(&path, style);
        }
    }

    pub fn disc(&mut self, [x, y]: [f32; 2], radius: f32, color: Color) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.fill_path(&path, color);
        }
    }

    /// Draws text with its baseline through `place`.
    pub fn text(&mut self, place: [f32; 2], text: &str, style: TextStyle) {
        if let Some((path, transform)) = text_path(place, text, style) {
            self.pixmap.fill_path(
                &path,
                &paint(style.color),
                FillRule::Winding,
                transform,
                self.clip.as_ref(),
            );
        }
    }

    /// Draws text whose capital letters are vertically centred on the point.
    pub fn centered_text(&mut self, [x, y]: [f32; 2], text: &str, style: TextStyle) {
        self.text([x, y + style.size * CAPITAL_HEIGHT / 2.0], text, style);
    }

    /// Draws text that is at most `room` points wide: scaled down a little if that suffices, otherwise
    /// truncated with an ellipsis.
    pub fn fitted_text(&mut self, place: [f32; 2], room: f32, text: &str, style: TextStyle) {
        let shrunk = (room / style.width(text)).clamp(SMALLEST_TEXT_SCALE, 1.0);
        let style = style.sized(style.size * shrunk);
        self.text(place, &font::fit(text, room, style.size, style.weight), style);
    }

    /// Draws text with an outline in the colour `halo`, readable over lines and points.
    pub fn haloed_text(&mut self, [x, y]: [f32; 2], text: &str, style: TextStyle, halo: Color) {
        let place = [x, y + style.size * CAPITAL_HEIGHT / 2.0];
        if let Some((path, transform)) = text_path(place, text, style) {
            let stroke = LineStyle::solid(halo, 3.5).stroke();
            let clip = self.clip.as_ref();
            self.pixmap.stroke_path(&path, &paint(halo), &stroke, transform, clip);
        }
        self.text(place, text, style);
    }

    /// Draws an image scaled to `area`: enlarged pixels keep sharp edges, shrunk ones are averaged.
    pub fn image(&mut self, image: &ImageView, area: Area) {
        self.pixels(image.width(), image.colors(), area);
    }

    /// Draws colours, row by row, scaled to `area`.
    pub fn pixels(&mut self, width: usize, colors: impl Iterator<Item = [u8; 3]>, area: Area) {
        let colors: Vec<_> = colors
            .filter_map(|[red, green, blue]| {
                PremultipliedColorU8::from_rgba(red, green, blue, u8::MAX)
            })
            .collect();
        let height = colors.len() / width;
        let Some(mut pixmap) = Pixmap::new(width as u32, height as u32) else {
            return;
        };
        pixmap.pixels_mut().copy_from_slice(&colors);
        let (x, y) = (area.width / width as f32, area.height / height as f32);
        let transform = Transform::from_scale(x, y).post_translate(area.left, area.top);
        let quality = if x * PIXELS_PER_POINT < 1.0 {
            FilterQuality::Bilinear
        } else {
            FilterQuality::Nearest
        };
        let paint = PixmapPaint { quality, ..PixmapPaint::default() };
        let transform = transform.post_concat(scale());
        self.pixmap.draw_pixmap(0, 0, pixmap.as_ref(), &paint, transform, self.clip.as_ref());
    }

    fn fill_path(&mut self, path: &Path, color: Color) {
        let clip = self.clip.as_ref();
        self.pixmap.fill_path(path, &paint(color), FillRule::Winding, scale(), clip);
    }

    fn stroke_path(&mut self, path: &Path, style: LineStyle) {
        let (paint, stroke) = (paint(style.color), style.stroke());
        self.pixmap.stroke_path(path, &paint, &stroke, scale(), self.clip.as_ref());
    }
}

fn scale() -> Transform {
    Transform::from_scale(PIXELS_PER_POINT, PIXELS_PER_POINT)
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(color.red, color.green, color.blue, color.alpha);
    paint
}

/// The outline of a text at the origin, and the transform that moves it to its place.
fn text_path([x, y]: [f32; 2], text: &str, style: TextStyle) -> Option<(Path, Transform)> {
    let start = match style.align {
        Align::Start => 0.0,
        Align::Middle => -style.width(text) / 2.0,
        Align::End => -style.width(text),
    };
    let path = font::outline(text, style.size, style.weight, [start, 0.0])?;
    let transform = Transform::from_rotate(style.angle).post_translate(x, y).post_concat(scale());
    Some((path, transform))
}

fn polyline(points: &[[f32; 2]], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let mut last: Option<[f32; 2]> = None;
    for (index, &[x, y]) in points.iter().enumerate() {
        match last {
            None => builder.move_to(x, y),
            Some([before, above]) => {
                let near = (x - before).abs() + (y - above).abs() < RESOLUTION;
                if near && index + 1 < points.len() {
                    continue;
                }
                builder.line_to(x, y);
            }
        }
        last = Some([x, y]);
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::theme;

    fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
        let color = picture.pixmap.pixel(x, y).unwrap();
        [color.red(), color.green(), color.blue()]
    }

    #[test]
    fn text_has_dark_pixels() {
        let mut canvas = Canvas::new(100.0, 20.0, theme::PAPER).unwrap();
        canvas.text([10.0, 15.0], "Text", theme::TEXT);
        let picture = canvas.finish();
        let dark = |pixel: &tiny_skia::PremultipliedColorU8| pixel.red() < 128;
        let inked = picture.pixmap.pixels().iter().filter(|pixel| dark(pixel)).count();
        assert!((60..1000).contains(&inked), "{inked} dark pixels");
        assert_eq!(pixel(&picture, 4, 20), [255; 3]);
    }

    #[test]
    fn enlarged_image_keeps_square_pixels() {
        let mut canvas = Canvas::new(8.0, 4.0, theme::PAPER).unwrap();
        let image = ImageView::new(3, 1, 2, &[200, 0, 100, 0, 0, 50]).unwrap();
        canvas.image(&image, Area { left: 0.0, top: 0.0, width: 8.0, height: 4.0 });
        let picture = canvas.finish();
        assert_eq!(pixel(&picture, 7, 4), [200, 100, 0]);
        assert_eq!(pixel(&picture, 8, 4), [0, 0, 50]);
    }

    #[test]
    fn nothing_is_drawn_outside_a_clip() {
        let mut canvas = Canvas::new(8.0, 4.0, theme::PAPER).unwrap();
        let left = Area { left: 0.0, top: 0.0, width: 4.0, height: 4.0 };
        canvas.clipped(left, |canvas| canvas.fill(left.grown(4.0), theme::INK));
        let picture = canvas.finish();
        assert_ne!(pixel(&picture, 3, 3), [255; 3]);
        assert_eq!(pixel(&picture, 12, 3), [255; 3]);
    }

    #[test]
    fn canvas_that_is_too_large_or_empty_is_refused() {
        for (width, height) in [(800.0, 1e6), (1e6, 800.0), (0.0, 10.0)] {
            let canvas = Canvas::new(width, height, theme::PAPER);
            assert!(matches!(canvas, Err(PictureError::TooLarge { .. })));
        }
    }
}
