//! How the windows of a convolution lie in memory, and in which order they are visited.

use super::padding::PaddedLayout;
use super::shape::ConvShape;
use crate::epilogue::Epilogue;

/// The order in which the positions of an output are visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Row after row.
    Rows,
    /// By 2×2 pooling window: upper left, upper right, lower left, lower right.
    Pools,
}

impl Order {
    /// The order that `epilogue` needs.
    pub fn of(epilogue: Epilogue) -> Self {
        if epilogue.pool { Self::Pools } else { Self::Rows }
    }
}

/// Where the window of an output position starts in an image laid out `[height, width, channels]`
/// with its padding, and which numbers belong to it: `rows` runs of `run` numbers, `row_stride`
/// apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowLayout {
    /// The images with their padding.
    pub layout: PaddedLayout,
    /// Steps of the window, down and right.
    pub stride: usize,
    output: [usize; 2],
    /// Rows of a window.
    pub rows: usize,
    /// Numbers in a row of a window.
    pub run: usize,
    /// Distance from one row of a window to the next.
    pub row_stride: usize,
}

impl WindowLayout {
    pub fn new(shape: &ConvShape) -> Self {
        let padded = shape.size.map(|side| side + 2 * shape.padding);
        let layout = PaddedLayout::new(shape.size, shape.padding, padded, shape.channels);
        Self {
            layout,
            stride: shape.stride,
            output: shape.output_size(),
            rows: shape.kernel[0],
            run: shape.kernel[1] * shape.channels,
            row_stride: layout.row_len(),
        }
    }

    /// Numbers from the start of a window to its end.
    pub fn reach(&self) -> usize {
        (self.rows - 1) * self.row_stride + self.run
    }

    /// Positions of one image that `order` visits.
    pub fn positions(&self, order: Order) -> usize {
        match order {
            Order::Rows => self.output[0] * self.output[1],
            Order::Pools => 4 * (self.output[0] / 2) * (self.output[1] / 2),
        }
    }

    /// Where the windows of `images` consecutive padded images start, in the given order.
    pub fn starts(&self, images: usize, order: Order) -> Vec<u32> {
        let at = |row: usize, column: usize| {
            row * self.stride * self.row_stride + column * self.stride * self.layout.channels
        };
        let one: Vec<usize> = match order {
            Order::Rows => (0..self.output[0])
                .flat_map(|row| (0..self.output[1]).map(move |column| at(row, column)))
                .collect(),
            Order::Pools => (0..self.output[0] / 2)
                .flat_map(|row| (0..self.output[1] / 2).map(move |column| (row, column)))
                .flat_map(|(row, column)| {
                    [0, 1, 2, 3].map(|corner| at(2 * row + corner / 2, 2 * column + corner % 2))
                })
                .collect(),
        };
        (0..images)
            .flat_map(|image| {
                one.iter().map(move |start| (image * self.layout.image_len() + start) as u32)
            })
            .collect()
    }
}

/// Images in a chunk, which one thread works on at once: enough positions to fill whole register
/// tiles, few enough to stay in a core's cache and to give every thread several chunks.
pub(crate) fn chunk_len(positions: usize, batch: usize, threads: usize) -> usize {
    /// About twenty tiles.
    const POSITIONS: usize = 240;
    /// The largest tile; the smaller ones divide it.
    const TILE: usize = 12;
    let wanted = POSITIONS.div_ceil(positions.max(1));
    let share = batch.div_ceil(4 * threads);
    let whole_tiles =
        (1..TILE).find(|images| (images * positions).is_multiple_of(TILE)).unwrap_or(TILE);
    wanted.min(share).next_multiple_of(whole_tiles).clamp(1, batch.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ConvShape = ConvShape {
        batch: 2,
        channels: 2,
        size: [3, 4],
        features: 5,
        kernel: [3, 2],
        stride: 1,
        padding: 1,
        groups: 1,
    };

    #[test]
    fn pools_visit_four_neighbours_in_turn_and_leave_out_odd_rows() {
        let windows =
            WindowLayout::new(&ConvShape { padding: 0, channels: 1, kernel: [1, 1], ..SHAPE });
        assert_eq!(windows.starts(1, Order::Pools), [0, 1, 4, 5, 2, 3, 6, 7]);
        assert_eq!(windows.positions(Order::Pools), 8);
        assert_eq!(windows.starts(2, Order::Rows).len(), 2 * 12);
    }
}
