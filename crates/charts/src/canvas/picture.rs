//! A finished picture.

use tiny_skia::Pixmap;

use crate::error::PictureError;

/// Pixels per point: a picture shown 800 points wide is sharp on high-resolution screens and paper.
pub(crate) const PIXELS_PER_POINT: f32 = 2.0;

/// A finished picture, which can be encoded as PNG.
#[derive(Clone, Debug)]
pub struct Picture {
    pub(crate) pixmap: Pixmap,
}

impl Picture {
    /// The width at which to show it, in points; the PNG has twice as many pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.pixmap.width() / PIXELS_PER_POINT as u32
    }

    /// The height at which to show it, in points; the PNG has twice as many pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.pixmap.height() / PIXELS_PER_POINT as u32
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`PictureError::Encode`] if the encoder fails.
    pub fn png(&self) -> Result<Vec<u8>, PictureError> {
        self.pixmap.encode_png().map_err(|error| PictureError::Encode(Box::new(error)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Checks that the PNG has the size of the picture and the expected width, and that it contains
    /// dark pixels, such as text.
    pub(crate) fn assert_drawn(picture: &Picture, width: f32) {
        let decoded = Pixmap::decode_png(&picture.png().unwrap()).unwrap();
        assert_eq!(picture.width(), width as u32);
        assert_eq!(decoded.width(), picture.width() * 2);
        assert_eq!(decoded.height(), picture.height() * 2);
        let dark = decoded.pixels().iter().filter(|pixel| pixel.red() < 60).count();
        assert!(dark > 1000, "{dark} dark pixels");
    }
}
