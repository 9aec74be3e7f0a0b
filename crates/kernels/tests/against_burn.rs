//! Every operation against its equivalent in Burn: output and all gradients.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used)] // A test says enough by failing.

use burn::module::Param;
use burn::nn::GroupNormConfig;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::module::{batch_norm, batch_norm_train, conv2d, linear, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use kernels::{Epilogue, Pipeline, Window};
use proptest::prelude::*;

const EPSILON: f64 = 1e-5;

/// Multiples of 1/8 between -1 and 1: exact sums, so that both sides agree on the argmax of pools.
fn numbers<const D: usize>(seed: u64, shape: [usize; D], device: &Device) -> Tensor<D> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let values = (0..shape.iter().product()).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 40) % 17) as f32 / 8.0 - 1.0
    });
    Tensor::from_data(TensorData::new(values.collect::<Vec<f32>>(), shape), device)
}

/// The largest difference, as a share of the largest number.
fn error<const D: usize>(found: Tensor<D>, expected: Tensor<D>) -> f64 {
    assert_eq!(found.dims(), expected.dims());
    let [found, expected] =
        [found, expected].map(|tensor| tensor.into_data().try_into_vec::<f32>().unwrap());
    let scale = expected.iter().fold(1e-6_f32, |scale, value| scale.max(value.abs()));
    let pairs = found.iter().zip(&expected);
    f64::from(pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / scale)
}

fn followed_by(map: Tensor<4>, epilogue: Epilogue) -> Tensor<4> {
    let map = if epilogue.pool { max_pool2d(map, MaxPoolOptions::new([2; 2])) } else { map };
    if epilogue.relu { activation::relu(map) } else { map }
}

/// Runs both functions on the same inputs, and compares outputs and gradients of a weighted sum.
fn compare<const O: usize, const W: usize>(
    seed: u64,
    [input, scale, shift]: [Vec<usize>; 3],
    ours: impl Fn(Tensor<4>, Tensor<W>, Tensor<1>) -> Tensor<O>,
    burns: impl Fn(Tensor<4>, Tensor<W>, Tensor<1>) -> Tensor<O>,
    tolerance: f64,
) {
    let device = Device::flex().autodiff();
    let shape = |dims: Vec<usize>| -> [usize; 4] { dims.try_into().unwrap() };
    let input = numbers(seed, shape(input), &device).require_grad();
    let scale = numbers::<W>(seed + 1, scale.try_into().unwrap(), &device).require_grad();
    let shift = numbers::<1>(seed + 2, shift.try_into().unwrap(), &device).require_grad();
    let run = |function: &dyn Fn(Tensor<4>, Tensor<W>, Tensor<1>) -> Tensor<O>| {
        let output = function(input.clone(), scale.clone(), shift.clone());
        let weights = numbers(seed + 3, output.dims(), &device);
        let gradients = (output.clone() * weights).sum().backward();
        (
            output.inner(),
            input.grad(&gradients).unwrap(),
            scale.grad(&gradients).unwrap(),
            shift.grad(&gradients).unwrap(),
        )
    };
    let (found, expected) = (run(&ours), run(&burns));
    for (name, error) in [
        ("output", error(found.0, expected.0)),
        ("gradient of the input", error(found.1, expected.1)),
        ("gradient of the weights", error(found.2, expected.2)),
        ("gradient of the bias", error(found.3, expected.3)),
    ] {
        assert!(error <= tolerance, "{name} is off by {error}");
    }
}

fn compare_convolution(
    seed: u64,
    [batch, channels, height, width]: [usize; 4],
    features: usize,
    kernel: usize,
    window: Window,
    epilogue: Epilogue,
) {
    let Window { stride, padding, groups } = window;
    let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], groups);
    compare(
        seed,
        [
            vec![batch, channels, height, width],
            vec![features, channels / groups, kernel, kernel],
            vec![features],
        ],
        |input, weight, bias| kernels::convolution(input, weight, Some(bias), window, epilogue),
        |input, weight, bias| {
            followed_by(conv2d(input, weight, Some(bias), options.clone()), epilogue)
        },
        1e-5,
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn convolution_with_relu_and_pool(
        seed in 0..1_000_000_u64,
        batch in 1..4_usize,
        channels in 1..20_usize,
        room in [2..9_usize, 2..9],
        features in 1..36_usize,
        kernel in 1..8_usize,
        stride in 1..3_usize,
        padding in 0..3_usize,
        relu: bool,
        pool: bool,
    ) {
        let [height, width] = room.map(|room| kernel + room);
        let window = Window { stride, padding: padding.min(kernel / 2), ..Window::default() };
        let epilogue = Epilogue { relu, pool };
        compare_convolution(
            seed, [batch, channels, height, width], features, kernel, window, epilogue,
        );
    }

    #[test]
    fn convolution_in_groups_with_relu_and_pool(
        seed in 0..1_000_000_u64,
        batch in 1..9_usize,
        groups in 2..20_usize,
        group_channels in 1..4_usize,
        group_features in 1..4_usize,
        room in [2..9_usize, 2..9],
        kernel in 1..6_usize,
        stride in 1..3_usize,
        padding in 0..3_usize,
        relu: bool,
        pool: bool,
    ) {
        let [height, width] = room.map(|room| kernel + room);
        let window = Window { stride, padding: padding.min(kernel / 2), groups };
        let (channels, features) = (groups * group_channels, groups * group_features);
        let epilogue = Epilogue { relu, pool };
        compare_convolution(
            seed, [batch, channels, height, width], features, kernel, window, epilogue,
        );
    }

    #[test]
    fn a_pipeline_convolves_in_groups(
        seed in 0..1_000_000_u64,
        images in 1..20_usize,
        groups in 1..20_usize,
        group_channels in 1..4_usize,
        group_features in 1..4_usize,
        side in 4..9_usize,
        relu: bool,
        pool: bool,
    ) {
        let device = Device::flex();
        let (channels, features) = (groups * group_channels, groups * group_features);
        let window = Window { padding: 1, groups, ..Window::default() };
        let epilogue = Epilogue { relu, pool };
        let input = numbers::<4>(seed, [images, channels, side, side], &device);
        let weight = numbers::<4>(seed + 1, [features, group_channels, 3, 3], &device);
        let bias = numbers::<1>(seed + 2, [features], &device);
        let values = |data: TensorData| data.try_into_vec::<f32>().unwrap();
        let mut pipeline = Pipeline::new([channels, side, side]);
        let (weights, biases) = (values(weight.to_data()), values(bias.to_data()));
        pipeline.convolution(&weights, biases, 3, window, epilogue);
        let found = pipeline.run(&values(input.to_data()));
        let options = ConvOptions::new([1; 2], [1; 2], [1; 2], groups);
        let expected = followed_by(conv2d(input, weight, Some(bias), options), epilogue);
        let [_, features, height, width] = expected.dims();
        let found = TensorData::new(found, [images, height, width, features]);
        let found = Tensor::<4>::from_data(found, &device).permute([0, 3, 1, 2]);
        prop_assert!(error(found, expected) <= 1e-5);
    }

    #[test]
    fn linear_layers_over_maps(
        seed in 0..1_000_000_u64,
        batch in 1..20_usize,
        channels in 1..20_usize,
        height in 1..5_usize,
        width in 1..5_usize,
        features in 1..40_usize,
        relu: bool,
    ) {
        compare::<2, 2>(
            seed,
            [
                vec![batch, channels, height, width],
                vec![channels * height * width, features],
                vec![features],
            ],
            |input, weight, bias| kernels::linear(input, weight, Some(bias), relu),
            |input, weight, bias| {
                let output = linear(input.flatten(1, 3), weight, Some(bias));
                if relu { activation::relu(output) } else { output }
            },
            1e-5,
        );
    }

    #[test]
    fn batch_normalization_by_the_batchs_statistics(
        seed in 0..1_000_000_u64,
        batch in 2..6_usize,
        channels in 1..40_usize,
        height in 2..9_usize,
        width in 2..9_usize,
        relu: bool,
        pool: bool,
    ) {
        let epilogue = Epilogue { relu, pool };
        compare::<4, 1>(
            seed,
            [vec![batch, channels, height, width], vec![channels], vec![channels]],
            |input, scale, shift| {
                kernels::normalize_batch(input, scale, shift + 0.01, EPSILON, epilogue).output
            },
            |input, scale, shift| {
                followed_by(batch_norm_train(input, scale, shift + 0.01, EPSILON).output, epilogue)
            },
            1e-4,
        );
    }

    #[test]
    fn group_normalization(
        seed in 0..1_000_000_u64,
        batch in 1..6_usize,
        groups in 1..8_usize,
        group_channels in 1..8_usize,
        height in 2..9_usize,
        width in 2..9_usize,
        relu: bool,
        pool: bool,
    ) {
        let epilogue = Epilogue { relu, pool };
        let channels = groups * group_channels;
        let module = GroupNormConfig::new(groups, channels).with_epsilon(EPSILON);
        let module = module.init(&Device::flex().autodiff());
        compare::<4, 1>(
            seed,
            [vec![batch, channels, height, width], vec![channels], vec![channels]],
            |input, scale, shift| {
                kernels::normalize_groups(input, scale, shift + 0.01, groups, EPSILON, epilogue)
            },
            |input, scale, shift| {
                let mut module = module.clone();
                module.gamma = None;
                module.beta = None;
                module.affine = false;
                let [scale, shift] = [scale, shift + 0.01].map(|row| row.reshape([1, channels, 1, 1]));
                followed_by(module.forward(input) * scale + shift, epilogue)
            },
            1e-4,
        );
    }

    #[test]
    fn batch_normalization_by_given_statistics(
        seed in 0..1_000_000_u64,
        batch in 1..4_usize,
        channels in 1..40_usize,
        side in 2..9_usize,
        relu: bool,
        pool: bool,
    ) {
        let epilogue = Epilogue { relu, pool };
        let statistics = |device: &Device| {
            let mean = numbers::<1>(seed + 7, [channels], device);
            [mean.clone(), mean.powf_scalar(2.0) + 0.5]
        };
        compare::<4, 1>(
            seed,
            [vec![batch, channels, side, side], vec![channels], vec![channels]],
            |input, scale, shift| {
                let statistics = statistics(&input.device());
                kernels::normalize(input, scale, shift + 0.01, statistics, EPSILON, epilogue)
            },
            |input, scale, shift| {
                let [mean, variance] = statistics(&input.device());
                followed_by(batch_norm(input, scale, shift + 0.01, mean, variance, EPSILON), epilogue)
            },
            1e-4,
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn addition_with_relu(
        seed in 0..1_000_000_u64,
        batch in 1..4_usize,
        channels in 1..20_usize,
        side in 1..9_usize,
        relu: bool,
    ) {
        let shape = vec![batch, channels, side, side];
        compare::<4, 4>(
            seed,
            [shape.clone(), shape, vec![1]],
            |left, right, shift| kernels::add(left + shift.unsqueeze(), right, relu),
            |left, right, shift| {
                let sum = left + shift.unsqueeze() + right;
                if relu { activation::relu(sum) } else { sum }
            },
            1e-5,
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn residual_blocks(
        seed in 0..1_000_000_u64,
        batch in 1..4_usize,
        channels in 1..20_usize,
        side in 1..9_usize,
        relu: bool,
        projected: bool,
        nested: bool,
    ) {
        let window = Window { padding: 1, ..Window::default() };
        let ours = |map: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>| {
            let layers = |map: Tensor<4>| {
                kernels::convolution(
                    map,
                    weight.clone(),
                    Some(bias.clone()),
                    window,
                    Epilogue::default(),
                )
            };
            let block = |map| {
                let [long, short] = kernels::fork(map);
                let short = if projected { layers(short) } else { short };
                kernels::add(layers(long), short, relu)
            };
            if !nested {
                return block(map);
            }
            let [long, short] = kernels::fork(map);
            kernels::add(block(long), short, relu)
        };
        let burns = |map: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>| {
            let followed = |sum| if relu { activation::relu(sum) } else { sum };
            let block = |map: Tensor<4>| {
                let options = ConvOptions::new([1; 2], [1; 2], [1; 2], 1);
                let long = conv2d(map.clone(), weight.clone(), Some(bias.clone()), options);
                let short = if projected { long.clone() } else { map };
                followed(long + short)
            };
            if nested { followed(block(map.clone()) + map) } else { block(map) }
        };
        compare::<4, 4>(
            seed,
            [vec![batch, channels, side, side], vec![channels, channels, 3, 3], vec![channels]],
            ours,
            burns,
            1e-5,
        );
    }

    #[test]
    fn cross_entropy(
        seed in 0..1_000_000_u64,
        batch in 1..20_usize,
        classes in 1..20_usize,
        smoothed: bool,
        weighted: bool,
    ) {
        let device = Device::flex().autodiff();
        let loss = CrossEntropyLossConfig::new()
            .with_smoothing(smoothed.then_some(0.2))
            .with_weights(weighted.then(|| (1..=classes).map(|class| class as f32).collect()))
            .init(&device);
        let targets = (0..classes as u8).map(i32::from).cycle().skip(classes / 2).take(batch);
        let targets: Vec<i32> = targets.collect();
        let targets = Tensor::<1, Int>::from_ints(targets.as_slice(), &device);
        let logits = (numbers(seed, [batch, classes], &device) * 5).require_grad();
        let run = |value: Tensor<1>| {
            // Half of it, so that the gradient of the loss is not 1.
            let gradients = (value.clone() * 0.5).backward();
            (value.inner(), logits.grad(&gradients).unwrap())
        };
        let found = run(kernels::cross_entropy(&loss, logits.clone(), targets.clone()));
        let expected = run(loss.forward(logits.clone(), targets));
        prop_assert!(error(found.0, expected.0) <= 1e-5);
        // With one class, or where all are right, all gradients are close to zero: hence an
        // absolute bound.
        let difference = (found.1 - expected.1).abs().max().into_scalar::<f32>();
        prop_assert!(difference <= 1e-6, "gradients are off by {difference}");
    }
}

#[test]
fn cross_entropy_of_numbers_that_are_not_finite_is_that_of_burn() {
    let device = Device::flex().autodiff();
    let loss = CrossEntropyLossConfig::new().init(&device);
    let targets = Tensor::<1, Int>::from_ints([0, 1], &device);
    for row in [[f32::NAN, 0.0], [f32::INFINITY, 0.0], [f32::NEG_INFINITY, 0.0]] {
        let logits = Tensor::<2>::from_floats([row, [1.0, 2.0]], &device).require_grad();
        let ours = kernels::cross_entropy(&loss, logits.clone(), targets.clone());
        let burns = loss.forward(logits, targets.clone());
        let [ours, burns] = [ours, burns].map(|loss| loss.into_scalar::<f32>());
        assert_eq!(ours.classify(), burns.classify(), "{row:?}: {ours}, {burns}");
    }
}

#[test]
fn statistics_are_those_of_burn() {
    let device = Device::flex().autodiff();
    let input = numbers::<4>(5, [4, 19, 7, 5], &device) + 30.0;
    let [scale, shift] = [6, 7].map(|seed| numbers::<1>(seed, [19], &device));
    let ours = kernels::normalize_batch(
        input.clone(),
        scale.clone(),
        shift.clone(),
        EPSILON,
        Epilogue::default(),
    );
    let burns = batch_norm_train(input, scale, shift, EPSILON);
    assert!(error(ours.mean.inner(), burns.mean.inner()) < 1e-6);
    assert!(error(ours.variance.inner(), burns.variance.inner()) < 1e-5);
}

/// Numbers as text, so that NaN equals NaN.
fn as_text(map: Tensor<4>) -> Vec<String> {
    map.into_data().iter::<f32>().map(|number| number.to_string()).collect()
}

#[test]
fn nan_and_infinity_pass_as_through_burns_own_operations() {
    let device = Device::flex();
    // For the second shape, the kernels use Winograd's algorithm.
    for (channels, kernel) in [(1, 1), (32, 3)] {
        for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in 0..4 {
                let mut values = vec![1.0_f32; channels * 36];
                values[7 * (place / 2) + place % 2] = special;
                let shape = [1, channels, 6, 6];
                let input = Tensor::<4>::from_data(TensorData::new(values, shape), &device);
                let weight = Tensor::<4>::ones([channels, channels, kernel, kernel], &device);
                for pool in [false, true] {
                    let epilogue = Epilogue { relu: true, pool };
                    let window = Window { padding: kernel / 2, ..Window::default() };
                    let options = ConvOptions::new([1; 2], [kernel / 2; 2], [1; 2], 1);
                    let (input, weight) = (input.clone(), weight.clone());
                    let ours =
                        kernels::convolution(input.clone(), weight.clone(), None, window, epilogue);
                    let burns = followed_by(conv2d(input, weight, None, options), epilogue);
                    assert_eq!(as_text(ours), as_text(burns), "{special} at {place}, pool: {pool}");
                }
            }
        }
    }
}

#[test]
fn maps_in_burns_own_order_and_views_of_them_are_accepted() {
    let device = Device::flex();
    let whole = numbers::<4>(1, [5, 4, 9, 8], &device);
    let view = whole.slice([1..4, 1..4, 2..9, 1..8]).swap_dims(2, 3);
    let weight = numbers::<4>(2, [6, 3, 3, 3], &device);
    let (window, epilogue) = (Window { padding: 1, ..Window::default() }, Epilogue::default());
    let ours = kernels::convolution(view.clone(), weight.clone(), None, window, epilogue);
    let burns = conv2d(view, weight, None, ConvOptions::new([1; 2], [1; 2], [1; 2], 1));
    assert!(error(ours, burns) < 1e-6);
}

#[test]
fn parameters_that_need_no_gradient_get_none() {
    let device = Device::flex().autodiff();
    let input = numbers::<4>(1, [2, 3, 6, 6], &device);
    let weight = Param::from_tensor(numbers::<4>(2, [4, 3, 3, 3], &device).require_grad());
    let window = Window { padding: 0, ..Window::default() };
    let epilogue = Epilogue { relu: true, pool: true };
    let output = kernels::convolution(input.clone(), weight.val(), None, window, epilogue);
    let gradients = output.sum().backward();
    assert!(weight.val().grad(&gradients).is_some());
    assert!(input.grad(&gradients).is_none());
}

#[test]
#[should_panic(expected = "6 channels in 4 groups to 8 features")]
fn groups_must_divide_channels_and_features() {
    let device = Device::flex();
    let input = numbers::<4>(1, [2, 6, 6, 6], &device);
    let weight = numbers::<4>(2, [8, 1, 3, 3], &device);
    let window = Window { groups: 4, ..Window::default() };
    let _ = kernels::convolution(input, weight, None, window, Epilogue::default());
}

#[test]
fn without_instructions_groups_are_those_of_burn() {
    std::thread::spawn(|| {
        kernels::use_on_this_thread(None);
        let window = Window { padding: 1, groups: 3, ..Window::default() };
        compare_convolution(1, [4, 6, 7, 7], 9, 3, window, Epilogue { relu: true, pool: true });
    })
    .join()
    .unwrap();
}
