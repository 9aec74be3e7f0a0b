//! The embedded font: widths and outlines of text.

use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{Path, PathBuilder};

/// Font weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
}

/// Height of capital letters and digits relative to the text's size.
pub(crate) const CAPITAL_HEIGHT: f32 = 0.727;

static REGULAR: LazyLock<FontRef<'static>> =
    LazyLock::new(|| read(include_bytes!("../../fonts/Inter-Regular.otf")));
static SEMI_BOLD: LazyLock<FontRef<'static>> =
    LazyLock::new(|| read(include_bytes!("../../fonts/Inter-SemiBold.otf")));

fn read(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::new(bytes).expect("the embedded font is a font")
}

fn font(weight: Weight) -> &'static FontRef<'static> {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::SemiBold => &SEMI_BOLD,
    }
}

/// Width of a line of text in points. A character that is missing in the font is as wide as
/// the box drawn in its place.
pub(crate) fn width(text: &str, size: f32, weight: Weight) -> f32 {
    glyphs(text, size, weight).map(|(_, advance)| advance).sum()
}

/// `text` if it is at most `room` points wide; otherwise its beginning and an ellipsis.
pub(crate) fn fit(text: &str, room: f32, size: f32, weight: Weight) -> String {
    if width(text, size, weight) <= room {
        return text.to_owned();
    }
    let room = room - width("…", size, weight);
    let mut used = 0.0;
    let kept = text.chars().zip(glyphs(text, size, weight)).take_while(|(_, (_, advance))| {
        used += advance;
        used <= room
    });
    let mut fitted: String = kept.map(|(character, _)| character).collect();
    fitted.truncate(fitted.trim_end().len());
    fitted.push('…');
    fitted
}

/// The outline of a line of text whose baseline starts at `[x, y]`; `None` if the text is blank.
pub(crate) fn outline(text: &str, size: f32, weight: Weight, [x, y]: [f32; 2]) -> Option<Path> {
    let outlines = font(weight).outline_glyphs();
    let mut pen = Pen { path: PathBuilder::new(), x, y };
    for (glyph, advance) in glyphs(text, size, weight) {
        if let Some(glyph) = outlines.get(glyph) {
            let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
            // All embedded glyphs can be drawn; one that could not would leave a gap.
            let _ = glyph.draw(settings, &mut pen);
        }
        pen.x += advance;
    }
    pen.path.finish()
}

fn glyphs(text: &str, size: f32, weight: Weight) -> impl Iterator<Item = (GlyphId, f32)> {
    let characters = font(weight).charmap();
    let metrics = font(weight).glyph_metrics(Size::new(size), LocationRef::default());
    text.chars().map(move |character| {
        let glyph = characters.map(character).unwrap_or_default();
        (glyph, metrics.advance_width(glyph).unwrap_or_default())
    })
}

/// Converts outlines, whose y axis points up, into a path, whose y axis points down.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + x1, self.y - y1, self.x + x, self.y - y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let [x1, x2, x] = [x1, x2, x].map(|x| self.x + x);
        let [y1, y2, y] = [y1, y2, y].map(|y| self.y - y);
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_equal_widths() {
        for weight in [Weight::Regular, Weight::SemiBold] {
            let zero = width("0", 13.0, weight);
            assert!(zero > 4.0);
            for digit in ["1", "4", "7"] {
                assert!((width(digit, 13.0, weight) - zero).abs() < 0.02);
            }
        }
    }

    #[test]
    fn characters_of_class_names_and_labels_have_outlines() {
        let font = font(Weight::Regular).charmap();
        for character in "AZaz09éüßøñçłŠ/-–—…→×±−%&<>\"'✓✗".chars() {
            assert!(font.map(character).is_some(), "{character}");
        }
    }

    #[test]
    fn long_text_is_truncated_to_the_available_width() {
        let text = "a very long class name";
        assert_eq!(fit(text, 500.0, 13.0, Weight::Regular), text);
        let fitted = fit(text, 60.0, 13.0, Weight::Regular);
        assert!(fitted.starts_with("a very") && fitted.ends_with('…'), "{fitted}");
        assert!(width(&fitted, 13.0, Weight::Regular) <= 60.0);
    }

    #[test]
    fn blank_text_has_no_outline() {
        assert!(outline(" ", 13.0, Weight::Regular, [0.0; 2]).is_none());
        assert!(outline("x", 13.0, Weight::Regular, [0.0; 2]).is_some());
    }
}
