//! A whole network for inference: weights are packed once, and a few images at a time pass through
//! all layers.
//!
//! A single image runs on the calling thread, without tensors. Larger batches are divided among
//! rayon's threads in chunks whose intermediate maps stay in a core's cache.

use rayon::prelude::*;

use crate::activation::Activation;
use crate::conv::{ConvShape, Convolver, WeightOrder, Window};
use crate::elementwise;
use crate::epilogue::Epilogue;
use crate::memory::filled;
use crate::norm::{self, GroupNormalization, MapShape};
use crate::pool::{Pool, PoolWindow};
use crate::simd::{Instructions, used_on_this_thread};

/// Images that pass through all layers together: as many as the largest register tile has
/// positions, so that linear layers fill it.
const CHUNK: usize = 12;
/// Numbers that a chunk may hold at a time, of 4 bytes each: 16 MiB for each thread. Fewer large
/// images pass together.
const CHUNK_NUMBERS: usize = 1 << 22;

/// A network built layer by layer, with its weights in host memory.
#[derive(Debug)]
pub struct Pipeline {
    set: Instructions,
    /// Channels, height, width.
    input: [usize; 3],
    output: [usize; 3],
    steps: Vec<Step>,
    /// The most numbers that exist for an image while a step runs.
    numbers: usize,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // A network has a handful of steps: boxing them buys nothing.
enum Step {
    Convolution { convolver: Convolver, bias: Vec<f32> },
    Affine { factors: Vec<f32>, summands: Vec<f32>, shape: MapShape, epilogue: Epilogue },
    GroupNorm { block: GroupNormalization, scale: Vec<f32>, shift: Vec<f32> },
    Residual { layers: Pipeline, shortcut: Option<Pipeline>, relu: bool },
    Pool { pool: Pool, window: PoolWindow, channels: usize, size: [usize; 2] },
    GlobalAverage { channels: usize },
    Flatten { channels: usize, positions: usize },
    Activation(Activation),
}

impl Pipeline {
    /// Creates a network without layers for images of `[channels, height, width]`, with the current
    /// [`Instructions`].
    #[must_use]
    pub fn new(input: [usize; 3]) -> Self {
        let set = used_on_this_thread().unwrap_or_else(Instructions::best);
        Self { set, input, output: input, steps: Vec::new(), numbers: 0 }
    }

    /// The shape of the output: `[channels, height, width]`.
    #[must_use]
    pub fn output(&self) -> [usize; 3] {
        self.output
    }

    /// Adds a convolution with `weights`, `[features, channels / groups, kernel, kernel]`, and
    /// `bias`, `[features]`.
    ///
    /// # Panics
    /// Panics if the number of weights does not fit `bias` and the input, or the groups do not
    /// divide channels and features.
    pub fn convolution(
        &mut self,
        weights: &[f32],
        bias: Vec<f32>,
        kernel: usize,
        window: Window,
        epilogue: Epilogue,
    ) {
        let [channels, height, width] = self.output;
        let shape = ConvShape::new(
            [CHUNK, channels, height, width],
            [bias.len(), channels / window.groups.max(1), kernel, kernel],
            window,
        );
        self.push_convolution(&shape, weights, WeightOrder::convolution(&shape), bias, epilogue);
    }

    /// Adds a linear layer over the whole map with `weights`, `[channels · height · width,
    /// features]`, and `bias`, `[features]`.
    ///
    /// # Panics
    /// Panics if the number of weights does not fit `bias` and the input.
    pub fn linear(&mut self, weights: &[f32], bias: Vec<f32>, relu: bool) {
        let [channels, height, width] = self.output;
        let shape = ConvShape::linear(CHUNK, channels, [height, width], bias.len());
        let epilogue = Epilogue { relu, pool: false };
        self.push_convolution(&shape, weights, WeightOrder::linear(&shape), bias, epilogue);
    }

    fn push_convolution(
        &mut self,
        shape: &ConvShape,
        weights: &[f32],
        order: WeightOrder,
        bias: Vec<f32>,
        epilogue: Epilogue,
    ) {
        let convolver = Convolver::new(self.set, shape, order, epilogue, weights, CHUNK);
        let [height, width] = epilogue.output_size(shape.output_size());
        self.push(Step::Convolution { convolver, bias }, [shape.features, height, width], 0);
    }

    /// Adds a layer that computes `factor · x + summand` for every channel and applies `epilogue`.
    ///
    /// # Panics
    /// Panics unless there are as many factors and summands as channels.
    pub fn affine(&mut self, factors: Vec<f32>, summands: Vec<f32>, epilogue: Epilogue) {
        let [channels, height, width] = self.output;
        assert!(factors.len() == channels && summands.len() == channels);
        let shape = MapShape { batch: 1, channels, size: [height, width] };
        let [height, width] = epilogue.output_size([height, width]);
        let step = Step::Affine { factors, summands, shape, epilogue };
        self.push(step, [channels, height, width], 0);
    }

    /// Adds a layer that normalizes every image by the statistics of its own `groups` of channels,
    /// multiplies every channel by its `scale`, adds its `shift`, and applies `epilogue`.
    ///
    /// # Panics
    /// Panics unless there are as many scales and shifts as channels, which `groups` divides.
    pub fn group_normalization(
        &mut self,
        [scale, shift]: [Vec<f32>; 2],
        groups: usize,
        epsilon: f64,
        epilogue: Epilogue,
    ) {
        let [channels, height, width] = self.output;
        assert!(scale.len() == channels && shift.len() == channels);
        assert!(groups > 0 && channels.is_multiple_of(groups), "groups that divide the channels");
        let shape = MapShape { batch: 1, channels, size: [height, width] };
        let (set, epsilon) = (self.set, epsilon as f32);
        let block = GroupNormalization { set, shape, groups, epsilon, epilogue };
        let [height, width] = epilogue.output_size([height, width]);
        self.push(Step::GroupNorm { block, scale, shift }, [channels, height, width], 0);
    }

    /// Adds a residual block: the output of `layers` plus that of `shortcut`, or plus the block's
    /// input if there is no shortcut.
    ///
    /// # Panics
    /// Panics if the shapes of `layers`, `shortcut` and the input do not match.
    pub fn residual(&mut self, layers: Pipeline, shortcut: Option<Pipeline>, relu: bool) {
        let short = shortcut.as_ref().map_or(self.output, |shortcut| shortcut.output);
        assert!(layers.input == self.output && layers.output == short, "a block that fits");
        let (output, within) = (layers.output, layers.numbers);
        self.push(Step::Residual { layers, shortcut, relu }, output, within);
    }

    /// Adds a pool. A 2×2 max pool behind a convolution or a normalization is faster as their
    /// [`Epilogue`].
    ///
    /// # Panics
    /// Panics if the window does not fit into the map.
    pub fn pool(&mut self, pool: Pool, window: PoolWindow) {
        let [channels, height, width] = self.output;
        let size = [height, width];
        let [height, width] = window.output_size(size);
        self.push(Step::Pool { pool, window, channels, size }, [channels, height, width], 0);
    }

    /// Adds a layer that makes a map one row, channel after channel. Before a linear layer, it is
    /// unnecessary.
    pub fn flatten(&mut self) {
        let [channels, height, width] = self.output;
        let positions = height * width;
        // A map of one position is in a row's order.
        if positions > 1 {
            let step = Step::Flatten { channels, positions };
            self.push(step, [channels * positions, 1, 1], 0);
        }
    }

    /// Adds an activation. A ReLU behind a convolution, a normalization or a linear layer is faster as
    /// their [`Epilogue`].
    pub fn activation(&mut self, activation: Activation) {
        self.push(Step::Activation(activation), self.output, 0);
    }

    /// Adds a layer that computes the mean of every channel.
    pub fn global_average(&mut self) {
        let [channels, ..] = self.output;
        self.push(Step::GlobalAverage { channels }, [channels, 1, 1], 0);
    }

    /// Adds a step with this output, inside of which `within` numbers exist at a time.
    fn push(&mut self, step: Step, output: [usize; 3], within: usize) {
        let [before, after] = [self.output, output].map(|shape| shape.iter().product::<usize>());
        self.numbers = self.numbers.max(before + after + within);
        self.output = output;
        self.steps.push(step);
    }

    /// Runs images through all layers. `images` is `[images, channels, height, width]`; the result
    /// is `[images, height, width, channels]` of the output.
    ///
    /// # Panics
    /// Panics if `images` does not hold whole images.
    #[must_use]
    pub fn run(&self, images: &[f32]) -> Vec<f32> {
        let image_len = self.input.iter().product::<usize>();
        assert_eq!(images.len() % image_len, 0, "numbers of whole images");
        let count = images.len() / image_len;
        let chunk = (CHUNK_NUMBERS / self.numbers.max(1)).clamp(1, CHUNK);
        if count <= chunk {
            return self.run_chunk(count, images);
        }
        let outputs = self.output.iter().product::<usize>();
        let mut results = vec![0.0; count * outputs];
        results.par_chunks_mut(chunk * outputs).zip(images.par_chunks(chunk * image_len)).for_each(
            |(results, images)| {
                let count = results.len() / outputs;
                results.copy_from_slice(&self.run_chunk(count, images));
            },
        );
        results
    }

    /// Runs a few images on this thread.
    fn run_chunk(&self, count: usize, images: &[f32]) -> Vec<f32> {
        let [channels, height, width] = self.input;
        if channels == 1 || height * width == 1 {
            return self.run_steps(count, images);
        }
        let mut rotated = vec![0.0; images.len()];
        let size = channels * height * width;
        for (image, rotated) in images.chunks_exact(size).zip(rotated.chunks_exact_mut(size)) {
            for (channel, plane) in image.chunks_exact(height * width).enumerate() {
                for (number, position) in plane.iter().zip(rotated.chunks_exact_mut(channels)) {
                    position[channel] = *number;
                }
            }
        }
        self.run_steps(count, &rotated)
    }

    /// Runs maps with the channels last.
    fn run_steps(&self, count: usize, input: &[f32]) -> Vec<f32> {
        let mut steps = self.steps.iter();
        let Some(first) = steps.next() else { return input.to_vec() };
        let output = first.run(self.set, count, input);
        steps.fold(output, |map, step| step.run(self.set, count, &map))
    }
}

impl Step {
    fn run(&self, set: Instructions, count: usize, input: &[f32]) -> Vec<f32> {
        match self {
            Self::Convolution { convolver, bias } => {
                let len = count * convolver.outputs();
                // SAFETY: convolving writes every number of the output.
                unsafe {
                    filled(len, |output| {
                        convolver.run(input, bias, output, &mut []);
                    })
                }
            }
            Self::Affine { factors, summands, shape, epilogue } => {
                norm::affine(set, shape, *epilogue, [factors, summands], input)
            }
            Self::GroupNorm { block, scale, shift } => {
                block.forward_on_this_thread(input, [scale, shift])
            }
            Self::Residual { layers, shortcut, relu } => {
                let mut sums = layers.run_steps(count, input);
                let short = shortcut.as_ref().map(|shortcut| shortcut.run_steps(count, input));
                for (sum, short) in sums.iter_mut().zip(short.as_deref().unwrap_or(input)) {
                    *sum += short;
                    if *relu {
                        *sum = elementwise::relu_of(*sum);
                    }
                }
                sums
            }
            Self::Pool { pool, window, channels, size } => {
                let [rows, columns] = window.output_size(*size);
                let mut pooled = vec![0.0; count * rows * columns * channels];
                let images = input.chunks_exact(size[0] * size[1] * channels);
                let outputs = pooled.chunks_exact_mut(rows * columns * channels);
                for (image, output) in images.zip(outputs) {
                    window.run(*pool, *size, *channels, image, output);
                }
                pooled
            }
            Self::Flatten { channels, positions } => {
                let image_len = channels * positions;
                let mut rows = vec![0.0; input.len()];
                let images = input.chunks_exact(image_len);
                for (image, row) in images.zip(rows.chunks_exact_mut(image_len)) {
                    for (position, numbers) in image.chunks_exact(*channels).enumerate() {
                        for (channel, number) in numbers.iter().enumerate() {
                            row[channel * positions + position] = *number;
                        }
                    }
                }
                rows
            }
            Self::Activation(activation) => {
                let mut numbers = input.to_vec();
                activation.apply(&mut numbers);
                numbers
            }
            Self::GlobalAverage { channels } => {
                let mut means = vec![0.0; count * channels];
                let image_len = input.len() / count.max(1);
                let share = *channels as f32 / image_len as f32;
                let images = input.chunks_exact(image_len.max(1));
                for (image, means) in images.zip(means.chunks_exact_mut(*channels)) {
                    for position in image.chunks_exact(*channels) {
                        for (mean, number) in means.iter_mut().zip(position) {
                            *mean += number;
                        }
                    }
                    for mean in means {
                        *mean *= share;
                    }
                }
                means
            }
        }
    }
}
