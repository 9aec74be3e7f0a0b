//! The sizes of a map, and its 2×2 pooling windows.

use crate::epilogue::Epilogue;

/// The sizes of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapShape {
    pub batch: usize,
    pub channels: usize,
    /// Height and width.
    pub size: [usize; 2],
}

impl MapShape {
    /// Numbers in an image.
    pub fn image_len(&self) -> usize {
        self.size[0] * self.size[1] * self.channels
    }

    /// Numbers of a channel.
    pub fn count(&self) -> usize {
        self.batch * self.size[0] * self.size[1]
    }

    /// Numbers in an image after `epilogue`.
    pub fn output_len(&self, epilogue: Epilogue) -> usize {
        let [height, width] = epilogue.output_size(self.size);
        height * width * self.channels
    }
}

/// The four positions, `[channels]` each, of the pooling window that makes output `index`.
#[inline(always)]
pub(super) fn window<'a>(shape: &MapShape, image: &'a [f32], index: usize) -> [&'a [f32]; 4] {
    let [_, width] = shape.size;
    let (row, column) = (index / (width / 2), index % (width / 2));
    [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(down, right)| {
        let at = (2 * row + down) * width + 2 * column + right;
        &image[at * shape.channels..][..shape.channels]
    })
}
