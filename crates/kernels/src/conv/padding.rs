//! Zero padding around images.

use std::mem::MaybeUninit;

use crate::memory::Buffer;

/// The layout of padded images, `[height, width, channels]`: `padding` zeros above and to the left,
/// and as many below and to the right as fill `size`, which may also crop the image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaddedLayout {
    /// Height and width of the images.
    image: [usize; 2],
    padding: usize,
    /// Height and width with padding.
    size: [usize; 2],
    /// Numbers at one position.
    pub channels: usize,
}

impl PaddedLayout {
    pub fn new(image: [usize; 2], padding: usize, size: [usize; 2], channels: usize) -> Self {
        Self { image, padding, size, channels }
    }

    /// Numbers in a padded row.
    pub fn row_len(&self) -> usize {
        self.size[1] * self.channels
    }

    /// Numbers in a padded image.
    pub fn image_len(&self) -> usize {
        self.size[0] * self.row_len()
    }

    /// Pads images into `buffer`, or returns them as they are if there is nothing to add.
    pub fn padded<'a>(&self, images: &'a [f32], buffer: &'a mut Buffer) -> &'a [f32] {
        if self.padding == 0 && self.size == self.image {
            return images;
        }
        let count = images.len() / (self.image[0] * self.image[1] * self.channels);
        let padded = buffer.take(count * self.image_len());
        self.pad(images, padded);
        padded
    }

    /// Copies `images` to `padded` and adds the zeros.
    pub fn pad(&self, images: &[f32], padded: &mut [f32]) {
        let Self { image: [height, width], padding, channels, .. } = *self;
        let left = padding * channels;
        let kept = (width * channels).min(self.row_len() - left);
        let images = images.chunks_exact(height * width * channels);
        for (image, padded) in images.zip(padded.chunks_exact_mut(self.image_len())) {
            for (row, out) in padded.chunks_exact_mut(self.row_len()).enumerate() {
                let Some(row) = row.checked_sub(padding).filter(|row| *row < height) else {
                    out.fill(0.0);
                    continue;
                };
                out[..left].fill(0.0);
                out[left..left + kept].copy_from_slice(&image[row * width * channels..][..kept]);
                out[left + kept..].fill(0.0);
            }
        }
    }

    /// Copies one image out of its padding, which must not crop it.
    pub fn crop(&self, padded: &[f32], image: &mut [MaybeUninit<f32>]) {
        let row_len = self.image[1] * self.channels;
        let corner = self.padding * (self.row_len() + self.channels);
        for (row, out) in image.chunks_exact_mut(row_len).enumerate() {
            out.write_copy_of_slice(&padded[corner + row * self.row_len()..][..row_len]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::filled;

    #[test]
    fn cropping_undoes_padding() {
        let layout = PaddedLayout::new([3, 4], 1, [5, 6], 2);
        let images: Vec<f32> = (1..=48).map(|value| value as f32).collect();
        let mut padded = vec![9.0; 2 * layout.image_len()];
        layout.pad(&images, &mut padded);
        assert_eq!(padded.iter().filter(|value| **value == 0.0).count(), padded.len() - 48);
        // SAFETY: cropping writes a whole image.
        let image =
            unsafe { filled(24, |image| layout.crop(&padded[layout.image_len()..], image)) };
        assert_eq!(image, &images[24..]);
    }

    #[test]
    fn no_padding_copies_nothing() {
        let images = [1.0; 12];
        let layout = PaddedLayout::new([3, 4], 0, [3, 4], 1);
        assert_eq!(layout.padded(&images, &mut Buffer::default()).as_ptr(), images.as_ptr());
    }

    #[test]
    fn a_layout_smaller_than_its_image_crops_it() {
        let mut padded = [9.0; 6];
        let images: Vec<f32> = (1..=12).map(|value| value as f32).collect();
        PaddedLayout::new([3, 4], 1, [2, 3], 1).pad(&images, &mut padded);
        assert_eq!(padded.map(|value| value as u8), [0, 0, 0, 0, 1, 2]);
    }
}
