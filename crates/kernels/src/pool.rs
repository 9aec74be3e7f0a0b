//! Pools over any square window, which are not fused with a layer, on slices of numbers.

/// How a pool's window slides over a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolWindow {
    /// Side of the square window, in pixels; above 0.
    pub kernel: usize,
    /// Step of the window, in pixels; above 0.
    pub stride: usize,
    /// Border on every side, in pixels; at most half of the kernel.
    pub padding: usize,
}

/// What a pool takes of every window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// The largest number; NaN counts as the largest, and the border as the smallest.
    Max,
    /// The mean, in which the border counts as zeros.
    Average,
}

impl PoolWindow {
    /// Windows along `side` pixels.
    fn places(self, side: usize) -> usize {
        (side + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// Height and width of the output, given those of the input.
    ///
    /// # Panics
    /// Panics if the window does not fit into the input with its border.
    pub(crate) fn output_size(self, size: [usize; 2]) -> [usize; 2] {
        let Self { kernel, stride, padding } = self;
        assert!(kernel > 0 && stride > 0 && padding <= kernel / 2, "a window: {self:?}");
        assert!(size.iter().all(|side| side + 2 * padding >= kernel), "a window that fits");
        size.map(|side| self.places(side))
    }

    /// The pixels of the window at a place, within `side` pixels.
    fn range(self, place: usize, side: usize) -> std::ops::Range<usize> {
        let start = place * self.stride;
        let end = (start + self.kernel).saturating_sub(self.padding).min(side);
        start.saturating_sub(self.padding)..end
    }

    /// Pools one image, `[height, width, channels]` of this size.
    pub(crate) fn run(
        self,
        pool: Pool,
        [height, width]: [usize; 2],
        channels: usize,
        input: &[f32],
        output: &mut [f32],
    ) {
        let [rows, columns] = [self.places(height), self.places(width)];
        let share = 1.0 / (self.kernel * self.kernel) as f32;
        for (index, output) in output.chunks_exact_mut(channels).enumerate() {
            let (row, column) = (index / columns, index % columns);
            debug_assert!(row < rows);
            output.fill(if pool == Pool::Max { f32::NEG_INFINITY } else { 0.0 });
            for y in self.range(row, height) {
                for x in self.range(column, width) {
                    let position = &input[(y * width + x) * channels..][..channels];
                    let pairs = output.iter_mut().zip(position);
                    match pool {
                        Pool::Max => pairs.for_each(|(largest, &number)| {
                            let is_larger = number > *largest || number.is_nan();
                            *largest = if is_larger { number } else { *largest };
                        }),
                        Pool::Average => pairs.for_each(|(sum, number)| *sum += number),
                    }
                }
            }
            if pool == Pool::Average {
                for sum in output {
                    *sum *= share;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pools a map of one channel and 3×3 pixels.
    fn pooled(pool: Pool, window: PoolWindow, input: [f32; 9]) -> Vec<f32> {
        let [rows, columns] = window.output_size([3, 3]);
        let mut output = vec![0.0; rows * columns];
        window.run(pool, [3, 3], 1, &input, &mut output);
        output
    }

    const INPUT: [f32; 9] = [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0, -9.0];

    #[test]
    fn windows_overlap_and_leave_out_what_does_not_fit() {
        let window = PoolWindow { kernel: 2, stride: 1, padding: 0 };
        assert_eq!(pooled(Pool::Max, window, INPUT), [-1.0, -2.0, -4.0, -5.0]);
        assert_eq!(pooled(Pool::Average, window, INPUT), [-3.0, -4.0, -6.0, -7.0]);
        let window = PoolWindow { kernel: 2, stride: 2, padding: 0 };
        assert_eq!(pooled(Pool::Max, window, INPUT), [-1.0]);
    }

    #[test]
    fn the_border_is_zero_for_means_and_nothing_for_maxima() {
        let window = PoolWindow { kernel: 2, stride: 2, padding: 1 };
        assert_eq!(pooled(Pool::Max, window, INPUT), [-1.0, -2.0, -4.0, -5.0]);
        assert_eq!(pooled(Pool::Average, window, INPUT), [-0.25, -1.25, -2.75, -7.0]);
    }

    #[test]
    fn nan_counts_as_the_largest() {
        let mut input = INPUT;
        input[1] = f32::NAN;
        let window = PoolWindow { kernel: 3, stride: 1, padding: 0 };
        assert!(pooled(Pool::Max, window, input)[0].is_nan());
        assert!(pooled(Pool::Average, window, input)[0].is_nan());
    }
}
