//! The sizes of a convolution.

/// How the kernel of a convolution moves over its input, and which channels it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Steps of the kernel, down and right.
    pub stride: usize,
    /// Zeros around the input, on every side.
    pub padding: usize,
    /// Groups of channels, from 1 to the number of channels, which it divides as it does that of the
    /// features. The features of a group read the channels of the same group only. As many groups as
    /// channels make a depthwise convolution.
    pub groups: usize,
}

impl Default for Window {
    /// Stride 1, no padding, one group.
    fn default() -> Self {
        Self { stride: 1, padding: 0, groups: 1 }
    }
}

/// The sizes of a two-dimensional convolution over a batch of feature maps.
///
/// A linear layer is the convolution whose kernel covers the whole map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    /// Images in the batch.
    pub batch: usize,
    /// Channels of the input.
    pub channels: usize,
    /// Height and width of the input.
    pub size: [usize; 2],
    /// Channels of the output.
    pub features: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Steps of the kernel, down and right.
    pub stride: usize,
    /// Zeros around the input, on every side.
    pub padding: usize,
    /// Groups of channels and features.
    pub groups: usize,
}

impl ConvShape {
    /// A convolution of maps `[batch, channels, height, width]` with weights `[features, channels /
    /// groups, kernel height, kernel width]`.
    ///
    /// # Panics
    /// Panics if the groups do not divide channels and features, or the weights have another number
    /// of channels.
    pub(crate) fn new(
        [batch, channels, height, width]: [usize; 4],
        [features, group_channels, kernel_height, kernel_width]: [usize; 4],
        window: Window,
    ) -> Self {
        let Window { stride, padding, groups } = window;
        assert!(
            groups > 0 && features.is_multiple_of(groups) && group_channels * groups == channels,
            "a convolution of {channels} channels in {groups} groups to {features} features, with \
             weights for {group_channels} channels"
        );
        let (size, kernel) = ([height, width], [kernel_height, kernel_width]);
        Self { batch, channels, size, features, kernel, stride, padding, groups }
    }

    /// A linear layer over maps of `size`.
    pub(crate) fn linear(batch: usize, channels: usize, size: [usize; 2], features: usize) -> Self {
        Self { batch, channels, size, features, kernel: size, stride: 1, padding: 0, groups: 1 }
    }

    /// Height and width of the output.
    #[must_use]
    pub fn output_size(&self) -> [usize; 2] {
        [0, 1]
            .map(|axis| (self.size[axis] + 2 * self.padding - self.kernel[axis]) / self.stride + 1)
    }

    /// Numbers in one image of the input.
    #[must_use]
    pub fn image_len(&self) -> usize {
        self.size[0] * self.size[1] * self.channels
    }

    /// Weights of one feature.
    #[must_use]
    pub fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.channels / self.groups
    }

    /// Which channels the features read.
    pub(crate) fn grouping(&self) -> Grouping {
        /// With more channels, laying out the planes costs more than vectors across groups save.
        const SMALL: usize = 4;
        match self.groups {
            1 => Grouping::Dense,
            groups if self.channels / groups <= SMALL => Grouping::SmallGroups,
            _ => Grouping::LargeGroups,
        }
    }

    /// The sizes of the weights.
    pub(crate) fn weights(&self) -> WeightShape {
        WeightShape {
            features: self.features,
            rows: self.kernel[0],
            columns: self.kernel[1],
            channels: self.channels / self.groups,
        }
    }
}

/// Which channels the features of a convolution read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// All features read all channels.
    Dense,
    /// The features of a group read its few channels: one in depthwise convolutions.
    SmallGroups,
    /// The features of a group read its many channels.
    LargeGroups,
}

/// The sizes of the weights: `[features, rows, columns, channels of a group]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightShape {
    pub features: usize,
    pub rows: usize,
    pub columns: usize,
    pub channels: usize,
}

impl WeightShape {
    /// Weights of one feature.
    pub fn taps(&self) -> usize {
        self.rows * self.columns * self.channels
    }
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
    fn output_sizes_count_the_steps_of_the_kernel() {
        assert_eq!(SHAPE.output_size(), [3, 5]);
        assert_eq!(ConvShape { stride: 2, ..SHAPE }.output_size(), [2, 3]);
    }
}
