//! Outputs and gradients against sums in double precision and finite differences.

use proptest::prelude::*;

use super::reference::{Reference, numbers, relative_error};
use super::*;

const SETS: [Instructions; 3] = [Instructions::Avx512, Instructions::Avx2, Instructions::Portable];

/// Multiples of 1/8: their sums are exact in single precision too, so that both precisions agree on
/// the argmax of every pooling window, ties included.
fn coarse(seed: u64, len: usize) -> Vec<f32> {
    numbers(seed, len).into_iter().map(|value| (value * 8.0).round() / 8.0).collect()
}

/// Forward and all gradients of one convolution, with every instruction set of this machine.
fn check(shape: ConvShape, epilogue: Epilogue, seed: u64) {
    let make = if epilogue.pool { coarse } else { numbers };
    let input = make(seed, shape.batch * shape.image_len());
    let weights = make(seed + 1, shape.features * shape.taps());
    let bias = make(seed + 2, shape.features);
    let reference = Reference { shape, input: &input, weights: &weights, bias: &bias };
    let block = FusedConvolution {
        set: Instructions::best(),
        shape,
        order: WeightOrder::convolution(&shape),
        epilogue,
    };
    let gradient = make(seed + 3, block.output().iter().product());
    let expected: Vec<f64> =
        reference.forward(epilogue).into_iter().map(|(value, _)| value).collect();
    let expected_gradients = reference.gradients(epilogue, &gradient);

    for set in SETS.into_iter().filter(|set| set.is_available()) {
        let block = FusedConvolution { set, ..block };
        let (output, argmax) = block.forward(&input, &weights, &bias, true);
        let what = format!("{set:?} {shape:?} {epilogue:?} seed {seed}");
        assert!(relative_error(&output, &expected) <= 1e-5, "{what}: output");
        let state =
            ForwardState { input: &input, weights: &weights, output: &output, argmax: &argmax };
        let gradient = block.epilogue_backward(&gradient, &state);
        let of_input = block.input_gradient(&state, &gradient);
        let (of_weights, of_bias) = block.weight_gradient(&state, &gradient);
        let found = [("input", of_input), ("weights", of_weights), ("bias", of_bias)];
        for ((name, found), expected) in found.into_iter().zip(&expected_gradients) {
            let error = relative_error(&found, expected);
            assert!(error <= 1e-5, "{what}: gradient of {name} is off by {error}");
        }
    }
}

fn shapes() -> impl Strategy<Value = ConvShape> {
    let channels = prop_oneof![Just(1), Just(2), Just(3), Just(7), Just(16), Just(32), 1..40_usize];
    let features = prop_oneof![Just(1), Just(10), Just(16), Just(33), Just(64), 1..50_usize];
    (1..4_usize, channels, features, [1..8_usize, 1..8], [0..9_usize, 0..9], 1..3_usize, 0..4_usize)
        .prop_map(|(batch, channels, features, kernel, room, stride, padding)| {
            ConvShape {
                batch,
                channels,
                // Large enough for one window of the kernel and one of the pool.
                size: [0, 1].map(|axis| {
                    (kernel[axis] + stride + room[axis]).saturating_sub(2 * padding).max(1)
                }),
                features,
                kernel,
                stride,
                padding,
                groups: 1,
            }
        })
}

/// A depthwise convolution with `multiplier` features per channel.
fn depthwise(shape: ConvShape, multiplier: usize) -> ConvShape {
    let channels = shape.channels.max(2);
    ConvShape { channels, groups: channels, features: channels * multiplier, ..shape }
}

/// A convolution in groups of at least two channels.
fn grouped(shape: ConvShape, groups: usize) -> ConvShape {
    let [channels, features] =
        [shape.channels.max(2), shape.features].map(|count| count.div_ceil(groups) * groups);
    let channels = channels.max(2 * groups);
    ConvShape { channels, features, groups, ..shape }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn agrees_with_double_precision_for_any_shape(
        shape in shapes(),
        relu: bool,
        pool: bool,
        seed in 0..1_000_000_u64,
    ) {
        check(shape, Epilogue { relu, pool }, seed);
    }

    #[test]
    fn depthwise_convolutions_agree_with_double_precision_for_any_shape(
        shape in shapes(),
        multiplier in 1..4_usize,
        relu: bool,
        pool: bool,
        seed in 0..1_000_000_u64,
    ) {
        check(depthwise(shape, multiplier), Epilogue { relu, pool }, seed);
    }

    #[test]
    fn convolutions_in_groups_agree_with_double_precision_for_any_shape(
        shape in shapes(),
        groups in 2..5_usize,
        relu: bool,
        pool: bool,
        seed in 0..1_000_000_u64,
    ) {
        check(grouped(shape, groups), Epilogue { relu, pool }, seed);
    }
}

#[test]
fn agrees_with_double_precision_for_the_shapes_of_common_networks() {
    let shape = |channels, size, features, kernel, stride, padding| ConvShape {
        batch: 3,
        channels,
        size: [size; 2],
        features,
        kernel: [kernel; 2],
        stride,
        padding,
        groups: 1,
    };
    for (seed, shape) in [
        shape(1, 28, 32, 3, 1, 0),
        shape(1, 28, 16, 5, 2, 0),
        shape(32, 13, 64, 3, 1, 0),
        shape(64, 5, 64, 3, 1, 0),
        shape(64, 3, 64, 3, 1, 0),
        shape(64, 1, 10, 1, 1, 0),
        shape(32, 14, 64, 3, 2, 1),
        shape(32, 14, 64, 1, 2, 0),
        shape(3, 9, 6, 7, 1, 3),
        // Winograd's algorithm, forward and backward; odd sizes, features beyond whole vectors.
        shape(32, 9, 48, 3, 1, 1),
        shape(48, 8, 35, 3, 1, 0),
        shape(64, 7, 64, 3, 1, 2),
    ]
    .into_iter()
    .enumerate()
    {
        let pools = [false, shape.output_size().map(|side| side / 2).iter().all(|side| *side > 0)];
        for (pool, relu) in [(pools[0], false), (pools[0], true), (pools[1], true)] {
            check(shape, Epilogue { relu, pool }, seed as u64);
        }
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    /// Far below the distance to the nearest kink of a ReLU or pool in this test, and exact in
    /// `f32`.
    const STEP: f32 = 1.0 / 4096.0;
    let shape = ConvShape {
        batch: 2,
        channels: 2,
        size: [5, 4],
        features: 3,
        kernel: [3, 2],
        stride: 1,
        padding: 1,
        groups: 1,
    };
    let shapes = [shape, depthwise(shape, 2), grouped(shape, 2)];
    for ((relu, pool), shape) in [(false, false), (true, false), (true, true)]
        .into_iter()
        .flat_map(|epilogue| shapes.map(|shape| (epilogue, shape)))
    {
        let epilogue = Epilogue { relu, pool };
        let block = FusedConvolution {
            set: Instructions::best(),
            shape,
            order: WeightOrder::convolution(&shape),
            epilogue,
        };
        // Multiples of the step, so that adding a step is exact.
        let make = |seed, len| -> Vec<f32> {
            numbers(seed, len).into_iter().map(|x| (x / STEP).round() * STEP).collect()
        };
        let parameters = [
            make(1, shape.batch * shape.image_len()),
            make(2, shape.features * shape.taps()),
            make(3, shape.features),
        ];
        let gradient = make(4, block.output().iter().product());
        let loss = |[input, weights, bias]: &[Vec<f32>; 3]| -> f64 {
            let output = Reference { shape, input, weights, bias }.forward(epilogue);
            let terms = output.iter().zip(&gradient);
            terms.map(|((value, _), gradient)| value * f64::from(*gradient)).sum()
        };
        let differences: Vec<Vec<f64>> = (0..3)
            .map(|which| {
                let difference = |at: usize| {
                    let moved = [STEP, -STEP].map(|step| {
                        let mut moved = parameters.clone();
                        moved[which][at] += step;
                        loss(&moved)
                    });
                    (moved[0] - moved[1]) / f64::from(2.0 * STEP)
                };
                (0..parameters[which].len()).map(difference).collect()
            })
            .collect();

        for set in SETS.into_iter().filter(|set| set.is_available()) {
            let block = FusedConvolution { set, ..block };
            let [input, weights, bias] = parameters.each_ref().map(Vec::as_slice);
            let (output, argmax) = block.forward(input, weights, bias, true);
            let state = ForwardState { input, weights, output: &output, argmax: &argmax };
            let gradient = block.epilogue_backward(&gradient, &state);
            let of_input = block.input_gradient(&state, &gradient);
            let (of_weights, of_bias) = block.weight_gradient(&state, &gradient);
            for (found, expected) in [of_input, of_weights, of_bias].iter().zip(&differences) {
                let error = relative_error(found, expected);
                assert!(error <= 1e-5, "{set:?} {epilogue:?}: off by {error}");
            }
        }
    }
}

#[test]
fn maps_smaller_than_a_pool_have_no_output_and_zero_gradients() {
    let shape = ConvShape {
        batch: 2,
        channels: 32,
        size: [3, 3],
        features: 5,
        kernel: [3, 3],
        stride: 1,
        padding: 0,
        groups: 1,
    };
    for shape in [shape, depthwise(shape, 1), grouped(shape, 4)] {
        check(shape, Epilogue { relu: true, pool: true }, 1);
    }
}

/// Bit patterns: NaN equals itself, and -0 differs from 0.
fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[test]
fn one_thread_and_three_give_the_same_bits() {
    let shape = |channels, features| ConvShape {
        batch: 35,
        channels,
        size: [9, 11],
        features,
        kernel: [3, 3],
        stride: 1,
        padding: 1,
        groups: 1,
    };
    // The second shape uses Winograd's algorithm.
    for (shape, pool) in [
        (shape(24, 40), false),
        (shape(24, 40), true),
        (shape(48, 32), false),
        (shape(48, 32), true),
        (depthwise(shape(24, 24), 1), false),
        (depthwise(shape(24, 24), 2), true),
        (grouped(shape(24, 40), 4), false),
        (grouped(shape(24, 40), 4), true),
    ] {
        let input = numbers(1, shape.batch * shape.image_len());
        let weights = numbers(2, shape.features * shape.taps());
        let bias = numbers(3, shape.features);
        let order = WeightOrder::convolution(&shape);
        let block = FusedConvolution {
            set: Instructions::best(),
            shape,
            order,
            epilogue: Epilogue { relu: true, pool },
        };
        let gradient = numbers(4, block.output().iter().product());
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (output, argmax) = block.forward(&input, &weights, &bias, true);
                let state = ForwardState {
                    input: &input,
                    weights: &weights,
                    output: &output,
                    argmax: &argmax,
                };
                let gradient = block.epilogue_backward(&gradient, &state);
                let of_input = block.input_gradient(&state, &gradient);
                let (of_weights, of_bias) = block.weight_gradient(&state, &gradient);
                [output.clone(), of_input, of_weights, of_bias].map(|numbers| bits(&numbers))
            })
        };
        assert_eq!(run(1), run(3), "{shape:?}, pool: {pool}");
    }
}
