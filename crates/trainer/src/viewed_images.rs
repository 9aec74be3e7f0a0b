//! The images of a set as pictures are drawn from them.

use std::borrow::Cow;

use charts::{ImageView, PictureError};
use data::{ImageSet, ImageShape};

/// Bytes of pixels that are read for pictures from a set that stays on disk: 256 MiB.
const MOST_BYTES: usize = 1 << 28;

/// Images of a set, each whole, or reduced if the set stays on disk and has many of them: pictures
/// show them small.
pub struct ViewedImages<'a> {
    shape: ImageShape,
    pixels: Vec<Cow<'a, [u8]>>,
}

impl<'a> ViewedImages<'a> {
    /// The images of `set` at `indices`.
    ///
    /// # Errors
    /// When a picture can no longer be read.
    pub fn new(set: &'a ImageSet, indices: &[usize]) -> anyhow::Result<Self> {
        let factor = if set.is_in_memory() { 1 } else { reduction(set.shape(), indices.len()) };
        if factor == 1 {
            let pixels =
                indices.iter().map(|&index| set.pixels(index)).collect::<Result<_, _>>()?;
            return Ok(Self { shape: set.shape(), pixels });
        }
        let mut pixels = Vec::with_capacity(indices.len());
        let mut shape = set.shape();
        for batch in indices.chunks(256) {
            for image in set.images(batch)? {
                let reduced = image.reduced(factor);
                shape = reduced.shape();
                pixels.push(Cow::Owned(reduced.into_pixels()));
            }
        }
        Ok(Self { shape, pixels })
    }

    /// A view of each image.
    ///
    /// # Errors
    /// When the images have neither one channel nor three.
    pub fn views(&self) -> Result<Vec<ImageView<'_>>, PictureError> {
        let ImageShape { channels, height, width } = self.shape;
        let pixels = self.pixels.iter();
        pixels.map(|pixels| ImageView::new(channels, height, width, pixels)).collect()
    }
}

/// The factor by which both sides shrink, so that `images` need at most [`MOST_BYTES`].
fn reduction(shape: ImageShape, images: usize) -> usize {
    let fits = |factor: &usize| {
        let area = (shape.height / factor).max(1) * (shape.width / factor).max(1);
        area * shape.channels * images <= MOST_BYTES
    };
    let longest = shape.height.max(shape.width);
    (1..=longest).find(fits).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_large_images_are_reduced_and_few_are_not() {
        let shape = ImageShape { channels: 3, height: 512, width: 512 };
        assert_eq!(reduction(shape, 300), 1);
        assert_eq!(reduction(shape, 1000), 2);
        assert_eq!(reduction(shape, 100_000), 18);
    }
}
