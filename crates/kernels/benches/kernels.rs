//! The speed of the kernels, compared with the peak of the processor.
//!
//! `cargo bench -p kernels --features flex`
#![allow(clippy::print_stdout)] // The table is the result.
#![allow(clippy::inline_always)] // Else the loop would not be compiled for the instructions chosen.

use std::hint::black_box;
use std::time::Instant;

use burn::tensor::{Device, Distribution, Tensor};
use kernels::{AdamStep, Epilogue, Instructions, Window};
use pulp::{Arch, Simd, WithSimd};

/// As in the trainer: otherwise the system would clear the same pages again for every output.
#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

const BATCH: usize = 128;
/// Height and width of all kernels.
const KERNEL: usize = 3;
/// Calls of which the fastest counts, since other load only adds time.
const REPETITIONS: usize = 20;
/// More than a core's own cache holds, as in larger networks.
const WEIGHTS: usize = 1 << 20;

const NOTHING: Epilogue = Epilogue { relu: false, pool: false };
const RELU: Epilogue = Epilogue { relu: true, pool: false };
const RELU_AND_POOL: Epilogue = Epilogue { relu: true, pool: true };

/// The layers of `configs/classic/keras_cnn.toml`, then those that dominate a residual network.
const LAYERS: [Layer; 7] = [
    Layer::new("1×28×28 → 32, ReLU, pool", [1, 28], 32, Kind::Convolution(0, RELU_AND_POOL)),
    Layer::new("32×13×13 → 64, ReLU, pool", [32, 13], 64, Kind::Convolution(0, RELU_AND_POOL)),
    Layer::new("64×5×5 → 64, ReLU", [64, 5], 64, Kind::Convolution(0, RELU)),
    Layer::new("linear 576 → 64, ReLU", [64, 3], 64, Kind::Linear),
    Layer::new("32×28×28 → 32, padding 1", [32, 28], 32, Kind::Convolution(1, NOTHING)),
    Layer::new("64×14×14 → 64, padding 1", [64, 14], 64, Kind::Convolution(1, NOTHING)),
    Layer::new("64×7×7 → 64, padding 1", [64, 7], 64, Kind::Convolution(1, NOTHING)),
];

/// Depthwise convolutions and one in groups, with padding 1.
const GROUPED_LAYERS: [Layer; 6] = [
    Layer::new("depthwise, 64×14×14", [64, 14], 64, Kind::Grouped(64, 1, NOTHING)),
    Layer::new("depthwise, 64×14×14, stride 2", [64, 14], 64, Kind::Grouped(64, 2, NOTHING)),
    Layer::new(
        "depthwise, 32×28×28, ReLU, pool",
        [32, 28],
        32,
        Kind::Grouped(32, 1, RELU_AND_POOL),
    ),
    Layer::new("depthwise, 64×14×14 → 128", [64, 14], 128, Kind::Grouped(64, 1, NOTHING)),
    Layer::new("4 groups, 64×14×14 → 64", [64, 14], 64, Kind::Grouped(4, 1, NOTHING)),
    Layer::new("32 groups, 64×14×14 → 64", [64, 14], 64, Kind::Grouped(32, 1, NOTHING)),
];

/// A layer with weights.
#[derive(Clone, Copy)]
struct Layer {
    name: &'static str,
    /// Channels, and both height and width.
    input: [usize; 2],
    features: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// With this padding and this epilogue.
    Convolution(usize, Epilogue),
    /// With this number of groups, this stride and this epilogue.
    Grouped(usize, usize, Epilogue),
    /// Over the whole map, with a ReLU.
    Linear,
}

/// The tensor whose gradient is computed. No other tensor is tracked.
#[derive(Clone, Copy)]
enum By {
    Input,
    Weights,
}

fn main() {
    kernels::keep_freed_memory();
    // On one of rayon's threads, as in the trainer.
    rayon::scope(|_| report());
}

fn report() {
    let (set, threads) = (Instructions::best(), rayon::current_num_threads());
    let (alone, peak) = (peak(set, false), peak(set, true));
    println!("{set:?}, {} lanes, {threads} threads, batch {BATCH}", set.lanes());
    println!("peak: {alone:.0} GFLOP/s on one thread, {peak:.0} on all\n");
    println!(
        "{:32}{:>18}{:>18}{:>18}",
        "GFLOP/s (share of the peak)", "forward", "by input", "by weights"
    );
    for layer in LAYERS {
        let seconds = layer.seconds();
        let cells = seconds.map(|seconds| {
            let speed = layer.useful() / seconds / 1e9;
            format!("{speed:.1} ({:.0} %)", 100.0 * speed / peak)
        });
        println!("{:32}{:>18}{:>18}{:>18}", layer.name, cells[0], cells[1], cells[2]);
    }
    println!(
        "\n{:32}{:>18}{:>18}{:>18}",
        "ms (Burn's own operations)", "forward", "by input", "by weights"
    );
    for layer in GROUPED_LAYERS {
        let ours = layer.seconds();
        kernels::use_on_this_thread(None);
        let burns = layer.seconds();
        kernels::use_on_this_thread(Some(set));
        let cell = |of: usize| format!("{:.3} ({:.2})", 1e3 * ours[of], 1e3 * burns[of]);
        println!("{:32}{:>18}{:>18}{:>18}", layer.name, cell(0), cell(1), cell(2));
    }
    println!("\nbatch normalization and ReLU, 32×28×28, forward and backward: {:.1} GB/s", norm());
    println!("a step of Adam, {WEIGHTS} weights: {:.1} GB/s", adam());
    println!(
        "\nFLOP: every useful multiply-add of the plain sums is two, needed or not. Pools make the\n\
         kernels skip work, and so do transformations: a figure above the peak is possible.\n\
         Gradients: less the time that Burn takes to make the ones they start from.\n\
         Bytes: what must be read and written once, in each direction."
    );
}

/// Seconds of the fastest call of `run`. The time for its inputs and for dropping its result does
/// not count.
fn fastest<T, R>(prepare: impl Fn() -> T, run: impl Fn(T) -> R) -> f64 {
    let call = |_| {
        let prepared = prepare();
        let start = Instant::now();
        let result = black_box(run(prepared));
        let seconds = start.elapsed().as_secs_f64();
        drop(result);
        seconds
    };
    (0..REPETITIONS).map(call).fold(f64::INFINITY, f64::min)
}

impl Layer {
    const fn new(name: &'static str, input: [usize; 2], features: usize, kind: Kind) -> Self {
        Self { name, input, features, kind }
    }

    /// Rows and columns of the weights.
    fn weights(self) -> [usize; 2] {
        let [channels, side] = self.input;
        match self.kind {
            Kind::Convolution(..) => [self.features, channels * KERNEL * KERNEL],
            Kind::Grouped(groups, ..) => [self.features, channels / groups * KERNEL * KERNEL],
            Kind::Linear => [channels * side * side, self.features],
        }
    }

    /// Floating-point operations: two for every weight at every position.
    fn useful(self) -> f64 {
        let positions = match self.kind {
            Kind::Convolution(padding, _) => (self.input[1] + 2 * padding + 1 - KERNEL).pow(2),
            Kind::Grouped(_, stride, _) => self.input[1].div_ceil(stride).pow(2),
            Kind::Linear => 1,
        };
        let [rows, columns] = self.weights();
        2.0 * (BATCH * positions * rows * columns) as f64
    }

    /// Seconds of the forward pass, the gradient of the input and that of the weights.
    fn seconds(self) -> [f64; 3] {
        [forward(self), gradient(self, By::Input), gradient(self, By::Weights)]
    }

    /// Input and weights.
    fn tensors(self, device: &Device) -> (Tensor<4>, Tensor<2>) {
        let [channels, side] = self.input;
        let range = Distribution::Uniform(-1.0, 1.0);
        (map([BATCH, channels, side, side], device), Tensor::random(self.weights(), range, device))
    }

    fn run(self, input: Tensor<4>, weights: Tensor<2>) -> Tensor<2> {
        match self.kind {
            Kind::Convolution(padding, epilogue) => {
                let weights = weights.reshape([self.features, self.input[0], KERNEL, KERNEL]);
                let window = Window { padding, ..Window::default() };
                rows(kernels::convolution(input, weights, None, window, epilogue))
            }
            Kind::Grouped(groups, stride, epilogue) => {
                let shape = [self.features, self.input[0] / groups, KERNEL, KERNEL];
                let window = Window { stride, padding: 1, groups };
                rows(kernels::convolution(input, weights.reshape(shape), None, window, epilogue))
            }
            Kind::Linear => kernels::linear(input, weights, None, true),
        }
    }
}

/// A map with the channels last in memory, as a layer before would return it.
fn map([batch, channels, height, width]: [usize; 4], device: &Device) -> Tensor<4> {
    let range = Distribution::Uniform(-1.0, 1.0);
    Tensor::<4>::random([batch, height, width, channels], range, device).permute([0, 3, 1, 2])
}

/// The numbers of a map in the order in memory, without copying. Its gradient lies in memory as a
/// layer behind would return it.
fn rows(map: Tensor<4>) -> Tensor<2> {
    map.permute([0, 2, 3, 1]).flatten(1, 3)
}

/// Seconds of a layer's forward pass.
fn forward(layer: Layer) -> f64 {
    let tensors = layer.tensors(&Device::flex());
    fastest(|| tensors.clone(), |(input, weights)| layer.run(input, weights))
}

/// Seconds of one of a layer's gradients.
fn gradient(layer: Layer, by: By) -> f64 {
    let (input, weights) = layer.tensors(&Device::flex().autodiff());
    let (input, weights) = match by {
        By::Input => (input.require_grad(), weights),
        By::Weights => (input, weights.require_grad()),
    };
    let graph = || layer.run(input.clone(), weights.clone());
    let ones = ones(graph().dims());
    fastest(graph, |output| (output.backward(), output)) - ones
}

/// Seconds that Burn needs for the gradient of ones at the start of a backward pass.
fn ones([rows, columns]: [usize; 2]) -> f64 {
    let device = Device::flex().autodiff();
    let leaf = Tensor::<2>::zeros([1, rows * columns], &device).require_grad();
    fastest(|| leaf.clone().reshape([rows, columns]), |output| (output.backward(), output))
}

/// GB/s of batch normalization: forward reads and writes a map, backward reads two and writes one.
fn norm() -> f64 {
    let (device, shape) = (Device::flex().autodiff(), [BATCH, 32, 28, 28]);
    let input = map(shape, &device).require_grad();
    let [scale, shift] = [0, 1].map(|_| Tensor::<1>::ones([shape[1]], &device).require_grad());
    let seconds = fastest(
        || (input.clone(), scale.clone(), shift.clone()),
        |(input, scale, shift)| {
            let output = rows(kernels::normalize_batch(input, scale, shift, 1e-5, RELU).output);
            (output.backward(), output)
        },
    );
    let numbers = shape.iter().product::<usize>();
    let bytes = (5 * size_of::<f32>() * numbers) as f64;
    bytes / (seconds - ones([BATCH, numbers / BATCH])) / 1e9
}

/// GB/s of Adam: weights and both means are read and written, gradients read.
fn adam() -> f64 {
    let step = AdamStep {
        learning_rate: 1e-3,
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-8,
        l2: 0.0,
        decay: 0.0,
        time: 1,
    };
    // New tensors for every call: shared ones would be copied first.
    let tensor = || Tensor::<1>::ones([WEIGHTS], &Device::flex());
    let seconds = fastest(
        || ([tensor(), tensor(), tensor()], tensor()),
        #[allow(clippy::result_large_err)]
        |(parameter, gradient)| kernels::adam_step(parameter, gradient, &step),
    );
    (7 * size_of::<f32>() * WEIGHTS) as f64 / seconds / 1e9
}

/// GFLOP/s of independent multiply-adds, on one thread or on all.
fn peak(set: Instructions, all: bool) -> f64 {
    let run = |()| -> f64 {
        if all { rayon::broadcast(|_| dispatch(set)).into_iter().sum() } else { dispatch(set) }
    };
    run(()) / fastest(|| (), run) / 1e9
}

/// Runs [`MultiplyAdds`] with the instructions of the kernels; pulp alone would choose the best.
fn dispatch(set: Instructions) -> f64 {
    #[cfg(target_arch = "x86_64")]
    match (set, pulp::x86::V3::try_new(), pulp::x86::V2::try_new()) {
        (Instructions::Avx2, Some(simd), _) => return Simd::vectorize(simd, MultiplyAdds),
        (Instructions::Portable, _, Some(simd)) => return Simd::vectorize(simd, MultiplyAdds),
        _ => {}
    }
    let _ = set;
    Arch::new().dispatch(MultiplyAdds)
}

/// Enough chains of multiply-adds that none waits for the one before it. Returns the number of
/// operations.
struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        // As many as fit into the registers beside the two factors.
        if S::REGISTER_COUNT >= 32 { chains::<S, 24>(simd) } else { chains::<S, 12>(simd) }
    }
}

#[inline(always)]
fn chains<S: Simd, const N: usize>(simd: S) -> f64 {
    const ROUNDS: usize = 500_000;
    let [factor, summand] = [0.999, 0.001].map(|number| simd.splat_f32s(black_box(number)));
    // All different, since the compiler would compute equal ones once.
    let mut sums: [S::f32s; N] = std::array::from_fn(|n| simd.splat_f32s(black_box(n as f32)));
    for _ in 0..ROUNDS {
        for sum in &mut sums {
            // SSE has no such instruction: pulp calls a library function for every lane.
            *sum = if cfg!(target_arch = "x86_64") && S::F32_LANES == 4 {
                simd.add_f32s(simd.mul_f32s(*sum, factor), summand)
            } else {
                simd.mul_add_e_f32s(*sum, factor, summand)
            };
        }
    }
    for sum in sums {
        black_box(simd.reduce_sum_f32s(sum));
    }
    2.0 * (ROUNDS * N * S::F32_LANES) as f64
}
