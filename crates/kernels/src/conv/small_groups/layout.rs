//! How convolutions in small groups lay out channels and weights: every channel of a group becomes a
//! plane in which each feature finds the channel that it reads at its own place.

use crate::conv::pack::WeightOrder;
use crate::conv::shape::ConvShape;
use crate::conv::windows::WindowLayout;
use crate::memory::Buffer;

/// The sizes of a convolution in small groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlaneShape {
    pub shape: ConvShape,
    /// Channels of a group: the number of planes.
    pub planes: usize,
    /// Features of a group: how often a plane repeats a channel.
    repeats: usize,
}

impl PlaneShape {
    pub fn new(shape: &ConvShape) -> Self {
        let ConvShape { channels, features, groups, .. } = *shape;
        Self { shape: *shape, planes: channels / groups, repeats: features / groups }
    }

    /// Numbers in a position of the planes.
    pub fn width(&self) -> usize {
        self.planes * self.shape.features
    }

    /// Whether the only plane is the map as it is.
    pub fn is_plain(&self) -> bool {
        self.planes == 1 && self.repeats == 1
    }

    /// The windows of the planes.
    pub fn windows(&self) -> WindowLayout {
        WindowLayout::new(&ConvShape { channels: self.width(), ..self.shape })
    }

    /// Where the taps of a window lie, from its start: rows, columns, planes.
    pub fn offsets(&self) -> Vec<usize> {
        let ([rows, columns], row_stride) = (self.shape.kernel, self.windows().row_stride);
        let mut offsets = Vec::with_capacity(rows * columns * self.planes);
        for row in 0..rows {
            for column in 0..columns * self.planes {
                offsets.push(row * row_stride + column * self.shape.features);
            }
        }
        offsets
    }

    /// Lays out a map, `[positions, channels]`, as `[positions, planes, features]` in `buffer`, or
    /// returns it as it is where the two are the same.
    pub fn spread<'a>(&self, map: &'a [f32], buffer: &'a mut Buffer) -> &'a [f32] {
        if self.is_plain() {
            return map;
        }
        let spread = buffer.take(map.len() / self.shape.channels * self.width());
        match self.repeats {
            1 => self.spread_by::<1>(map, spread),
            2 => self.spread_by::<2>(map, spread),
            3 => self.spread_by::<3>(map, spread),
            4 => self.spread_by::<4>(map, spread),
            _ => {
                for (from, to) in self.channels(map, spread) {
                    to.chunks_exact_mut(self.repeats)
                        .zip(from)
                        .for_each(|(to, from)| to.fill(*from));
                }
            }
        }
        spread
    }

    /// Spreads a map with `R` features in a group.
    fn spread_by<const R: usize>(&self, map: &[f32], spread: &mut [f32]) {
        for (from, to) in self.channels(map, spread) {
            for (to, from) in to.as_chunks_mut::<R>().0.iter_mut().zip(from) {
                *to = [*from; R];
            }
        }
    }

    /// The channels that every plane of `planes` repeats, and the plane, position by position.
    fn channels<'a>(
        &self,
        map: &'a [f32],
        planes: &'a mut [f32],
    ) -> impl Iterator<Item = (impl Iterator<Item = &'a f32>, &'a mut [f32])> {
        let Self { planes: count, shape, .. } = *self;
        let positions = map.chunks_exact(shape.channels);
        let positions = positions
            .flat_map(move |from| (0..count).map(move |plane| from[plane..].iter().step_by(count)));
        positions.zip(planes.chunks_exact_mut(shape.features))
    }

    /// Undoes [`Self::spread`] for gradients: adds up what the features of a group have in the same
    /// plane.
    pub fn gather(&self, spread: &[f32]) -> Vec<f32> {
        let ConvShape { channels, features, groups, .. } = self.shape;
        let mut map = Vec::with_capacity(spread.len() / self.width() * channels);
        for position in spread.chunks_exact(self.width()) {
            for group in 0..groups {
                for plane in position.chunks_exact(features) {
                    map.push(plane[group * self.repeats..][..self.repeats].iter().sum());
                }
            }
        }
        map
    }

    /// Packs weights as `[tap][feature]`, the features filled up with zeros to whole vectors. The
    /// weight of a feature, plane, row and column is at `index`.
    pub fn pack(
        &self,
        weights: &[f32],
        lanes: usize,
        index: impl Fn([usize; 4]) -> usize,
    ) -> Buffer {
        let ([rows, columns], features) = (self.shape.kernel, self.shape.features);
        let width = features.next_multiple_of(lanes);
        let taps = rows * columns * self.planes;
        let mut packed = Buffer::zeros(taps * width);
        for (tap, packed) in
            packed.as_mut_slice()[..taps * width].chunks_exact_mut(width).enumerate()
        {
            let [row, column, plane] = self.tap(tap);
            for (feature, out) in packed[..features].iter_mut().enumerate() {
                *out = weights[index([feature, plane, row, column])];
            }
        }
        packed
    }

    /// Undoes [`Self::pack`] into weights in the given `order`.
    pub fn unpack(&self, packed: &[f32], lanes: usize, order: WeightOrder) -> Vec<f32> {
        let features = self.shape.features;
        let width = features.next_multiple_of(lanes);
        let mut weights = vec![0.0; features * self.shape.taps()];
        for (tap, packed) in packed.chunks_exact(width).take(self.shape.taps()).enumerate() {
            let [row, column, plane] = self.tap(tap);
            for (feature, weight) in packed[..features].iter().enumerate() {
                weights[order.index([feature, plane, row, column])] = *weight;
            }
        }
        weights
    }

    /// Row, column and plane of a tap.
    fn tap(&self, tap: usize) -> [usize; 3] {
        let (position, columns) = (tap / self.planes, self.shape.kernel[1]);
        [position / columns, position % columns, tap % self.planes]
    }

    /// The convolution of the output's gradient that yields that of the input, at stride 1.
    pub fn backward(&self) -> Option<Self> {
        let ConvShape { kernel: [rows, columns], stride, padding, channels, features, .. } =
            self.shape;
        (stride == 1 && rows == columns && padding < rows).then(|| {
            Self::new(&ConvShape {
                channels: features,
                size: self.shape.output_size(),
                features: channels,
                padding: rows - 1 - padding,
                ..self.shape
            })
        })
    }

    /// Packs weights in the given `order`, those of the convolution whose [`Self::backward`] this is:
    /// the kernel rotated by 180 degrees, channels and features exchanged.
    pub fn pack_backward(&self, weights: &[f32], lanes: usize, order: WeightOrder) -> Buffer {
        let ([rows, columns], repeats) = (self.shape.kernel, self.repeats);
        self.pack(weights, lanes, |[feature, plane, row, column]| {
            let (group, channel) = (feature / repeats, feature % repeats);
            order.index([
                group * self.planes + plane,
                channel,
                rows - 1 - row,
                columns - 1 - column,
            ])
        })
    }
}
