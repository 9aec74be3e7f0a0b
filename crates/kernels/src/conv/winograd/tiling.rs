//! How the tiles of Winograd's algorithm lie in images.

use pulp::Simd;

use crate::conv::padding::PaddedLayout;
use crate::conv::shape::ConvShape;
use crate::epilogue::Epilogue;
use crate::simd::{load, store};

/// Elements of a patch.
pub(super) const ELEMENTS: usize = 16;

/// Distance from one element of transformed tiles to the next. It is one cache line longer than
/// needed, because a cache holds few lines whose addresses differ by a multiple of 4096 bytes.
pub(super) fn element_stride(tiles: usize, channels: usize) -> usize {
    tiles * channels + 16
}

/// How the tiles of a padded image lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiling {
    pub shape: ConvShape,
    pub epilogue: Epilogue,
    /// Tiles down and right.
    pub tiles: [usize; 2],
    /// The images with the padding that their tiles cover.
    pub layout: PaddedLayout,
}

impl Tiling {
    pub fn new(shape: &ConvShape, epilogue: Epilogue) -> Self {
        let output = shape.output_size();
        // A pool drops an odd last row or column, and so do the tiles.
        let tiles = output.map(|side| if epilogue.pool { side / 2 } else { side.div_ceil(2) });
        let needed = tiles.map(|tiles| 2 * tiles + 2);
        // Without padding, tiles inside the image need no copy of it.
        let direct = shape.padding == 0 && needed[0] <= shape.size[0] && needed[1] <= shape.size[1];
        let size = if direct { shape.size } else { needed };
        let layout = PaddedLayout::new(shape.size, shape.padding, size, shape.channels);
        Self { shape: *shape, epilogue, tiles, layout }
    }

    /// Number of tiles in the padded images.
    pub fn count(&self, padded: &[f32]) -> usize {
        padded.len() / self.layout.image_len() * self.tiles[0] * self.tiles[1]
    }

    /// The image, row and column of a tile.
    pub fn locate(&self, index: usize) -> [usize; 3] {
        let [down, right] = self.tiles;
        [index / (down * right), index / right % down, index % right]
    }

    /// Transforms the patch of tile `index`. Its elements, a number for each channel, go to `to`,
    /// `element_stride` numbers apart.
    #[inline(always)]
    pub fn transform_patch<S: Simd>(
        &self,
        simd: S,
        padded: &[f32],
        index: usize,
        to: &mut [f32],
        element_stride: usize,
    ) {
        let channels = self.shape.channels;
        let row_len = self.layout.row_len();
        let [image, row, column] = self.locate(index);
        let start = image * self.layout.image_len() + 2 * row * row_len + 2 * column * channels;
        let patch = &padded[start..start + 3 * row_len + 4 * channels];
        assert!(channels.is_multiple_of(S::F32_LANES));
        assert!(to.len() >= (ELEMENTS - 1) * element_stride + channels);
        // (a, b, c, d) → (a - c, b + c, c - b, b - d)
        let turn = |[a, b, c, d]: [S::f32s; 4]| {
            [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
        };
        for channel in (0..channels).step_by(S::F32_LANES) {
            // SAFETY: the patch was sliced above and the room in `to` checked; channels come in
            // whole vectors.
            unsafe {
                let rows: [[S::f32s; 4]; 4] = std::array::from_fn(|row| {
                    let from = patch.as_ptr().add(row * row_len + channel);
                    turn(std::array::from_fn(|column| load(simd, from.add(column * channels))))
                });
                let to = to.as_mut_ptr().add(channel);
                for column in 0..4 {
                    let values = turn(std::array::from_fn(|row| rows[row][column]));
                    for (row, value) in values.into_iter().enumerate() {
                        store(simd, to.add((row * 4 + column) * element_stride), value);
                    }
                }
            }
        }
    }
}
