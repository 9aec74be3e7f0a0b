//! Convolution as plain sums in double precision, for tests.

use super::shape::ConvShape;
use crate::epilogue::Epilogue;

/// Pseudo-random numbers between -1 and 1.
pub(crate) fn numbers(seed: u64, len: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        })
        .collect()
}

/// A convolution's tensors: input and output with the channels last, weights `[features, channels,
/// rows, columns]`.
pub(crate) struct Reference<'a> {
    pub shape: ConvShape,
    pub input: &'a [f32],
    pub weights: &'a [f32],
    pub bias: &'a [f32],
}

impl Reference<'_> {
    /// Calls `visit` with the indices of output, input and weight of every product.
    fn for_each_product(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let ConvShape { batch, channels, size, features, kernel, stride, padding, groups } =
            self.shape;
        let of_group = channels / groups;
        let output = self.shape.output_size();
        for image in 0..batch {
            for y in 0..output[0] {
                for x in 0..output[1] {
                    for row in 0..kernel[0] {
                        for column in 0..kernel[1] {
                            let (iy, ix) = (y * stride + row, x * stride + column);
                            if iy < padding
                                || ix < padding
                                || iy - padding >= size[0]
                                || ix - padding >= size[1]
                            {
                                continue;
                            }
                            let at = (image * size[0] + iy - padding) * size[1] + ix - padding;
                            for feature in 0..features {
                                let first = feature / (features / groups) * of_group;
                                for channel in 0..of_group {
                                    visit(
                                        ((image * output[0] + y) * output[1] + x) * features
                                            + feature,
                                        at * channels + first + channel,
                                        ((feature * of_group + channel) * kernel[0] + row)
                                            * kernel[1]
                                            + column,
                                    );
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The output before the epilogue.
    fn sums(&self) -> Vec<f64> {
        let [height, width] = self.shape.output_size();
        let features = self.shape.features;
        let mut sums: Vec<f64> = (0..self.shape.batch * height * width * features)
            .map(|index| f64::from(self.bias[index % features]))
            .collect();
        self.for_each_product(|output, input, weight| {
            sums[output] += f64::from(self.input[input]) * f64::from(self.weights[weight]);
        });
        sums
    }

    /// The output, and for each of its numbers the index of the sum that it is; [`None`] where a
    /// ReLU has made it zero.
    pub fn forward(&self, epilogue: Epilogue) -> Vec<(f64, Option<usize>)> {
        let sums = self.sums();
        let features = self.shape.features;
        let [_, width] = self.shape.output_size();
        let rows = self.shape.output_size()[0];
        let indices: Vec<Vec<usize>> = if epilogue.pool {
            let [pooled_rows, pooled_width] = epilogue.output_size(self.shape.output_size());
            (0..self.shape.batch * pooled_rows * pooled_width * features)
                .map(|index| {
                    let (position, feature) = (index / features, index % features);
                    let (row, x) = (position / pooled_width, position % pooled_width);
                    let (image, y) = (row / pooled_rows, row % pooled_rows);
                    [(0, 0), (0, 1), (1, 0), (1, 1)]
                        .map(|(down, right)| {
                            ((image * rows + 2 * y + down) * width + 2 * x + right) * features
                                + feature
                        })
                        .to_vec()
                })
                .collect()
        } else {
            (0..sums.len()).map(|index| vec![index]).collect()
        };
        indices
            .into_iter()
            .map(|window| {
                let largest_at = window.into_iter().fold(None, |best: Option<usize>, index| {
                    Some(best.filter(|best| sums[index] <= sums[*best]).unwrap_or(index))
                });
                let index = largest_at.expect("a window is not empty");
                let is_zero = epilogue.relu && sums[index] <= 0.0;
                if is_zero { (0.0, None) } else { (sums[index], Some(index)) }
            })
            .collect()
    }

    /// The gradients of input, weights and bias.
    pub fn gradients(&self, epilogue: Epilogue, gradient: &[f32]) -> [Vec<f64>; 3] {
        let mut of_sums = vec![0.0; self.sums().len()];
        for (&(_, index), &value) in self.forward(epilogue).iter().zip(gradient) {
            if let Some(index) = index {
                of_sums[index] += f64::from(value);
            }
        }
        let mut of_input = vec![0.0; self.input.len()];
        let mut of_weights = vec![0.0; self.weights.len()];
        let mut of_bias = vec![0.0; self.bias.len()];
        self.for_each_product(|output, input, weight| {
            of_input[input] += of_sums[output] * f64::from(self.weights[weight]);
            of_weights[weight] += of_sums[output] * f64::from(self.input[input]);
        });
        for (index, value) in of_sums.iter().enumerate() {
            of_bias[index % self.shape.features] += value;
        }
        [of_input, of_weights, of_bias]
    }
}

/// The largest difference, as a share of the largest expected number.
pub(crate) fn relative_error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1e-30_f64, |scale, value| scale.max(value.abs()));
    let largest = found
        .iter()
        .zip(expected)
        .map(|(found, expected)| (f64::from(*found) - expected).abs())
        .fold(0.0, f64::max);
    largest / scale
}
