//! The choice of instructions belongs to the thread that calls an operation.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used)] // A failed unwrap fails the test.

use std::thread;

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};
use kernels::{Epilogue, Instructions, Pipeline, Window, use_on_this_thread};

const WINDOW: Window = Window { stride: 1, padding: 1, groups: 1 };

fn values(seed: u32, len: usize) -> Vec<f32> {
    let value = |index: usize| ((index as f32 + seed as f32) * 0.73).sin();
    (0..len).map(value).collect()
}

fn tensor(seed: u32, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values(seed, shape.iter().product()), shape), device)
}

fn bits(tensor: Tensor<4>) -> Vec<u32> {
    tensor.into_data().iter::<f32>().map(f32::to_bits).collect()
}

/// Output and weight gradient of a convolution, on a new thread: forward with one choice, backward
/// with another.
fn convolve(forward: Option<Instructions>, backward: Option<Instructions>) -> [Vec<u32>; 2] {
    let run = move || {
        let device = Device::flex().autodiff();
        let input = tensor(1, [20, 5, 9, 9], &device);
        let weight = tensor(2, [40, 5, 3, 3], &device).require_grad();
        use_on_this_thread(forward);
        let (input, factors) = (input.clone(), input.clone().sum_dim(1));
        let output = kernels::convolution(input, weight.clone(), None, WINDOW, Epilogue::default());
        use_on_this_thread(backward);
        let gradients = (output.clone() * factors).sum().backward();
        [bits(output.inner()), bits(weight.grad(&gradients).unwrap())]
    };
    thread::spawn(run).join().unwrap()
}

#[test]
fn a_backward_pass_uses_the_instructions_of_its_forward_pass() {
    let portable = Some(Instructions::Portable);
    let best = Some(Instructions::best());
    assert_eq!(convolve(portable, portable), convolve(portable, best));
    assert_eq!(convolve(best, best), convolve(best, portable));
    assert_eq!(convolve(portable, portable), convolve(portable, None));
}

#[test]
fn without_instructions_the_operations_are_burns_own() {
    let run = || {
        let device = Device::flex();
        let [input, weight] = [(1, [4, 5, 9, 9]), (2, [40, 5, 3, 3])]
            .map(|(seed, shape)| tensor(seed, shape, &device));
        assert!(kernels::work_on(&device));
        use_on_this_thread(None);
        assert!(!kernels::work_on(&device));
        let ours =
            kernels::convolution(input.clone(), weight.clone(), None, WINDOW, Epilogue::default());
        let burns = conv2d(input, weight, None, ConvOptions::new([1; 2], [1; 2], [1; 2], 1));
        assert_eq!(bits(ours), bits(burns));
    };
    thread::spawn(run).join().unwrap();
}

/// The worker threads of the pool never call [`use_on_this_thread`], and the thread that calls the
/// operations is outside of the pool.
#[test]
fn worker_threads_use_the_instructions_of_the_calling_thread() {
    let portable = Some(Instructions::Portable);
    let outside = convolve(portable, portable);
    let inside = thread::spawn(|| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(3)
            .start_handler(|_| use_on_this_thread(Some(Instructions::Portable)))
            .build()
            .unwrap();
        pool.install(|| {
            let device = Device::flex();
            let [input, weight] = [(1, [20, 5, 9, 9]), (2, [40, 5, 3, 3])]
                .map(|(seed, shape)| tensor(seed, shape, &device));
            bits(kernels::convolution(input, weight, None, WINDOW, Epilogue::default()))
        })
    });
    assert_eq!(outside[0], inside.join().unwrap());
}

#[test]
fn a_pipeline_keeps_the_instructions_of_the_thread_that_created_it() {
    let run = |creates, runs| {
        use_on_this_thread(creates);
        let mut pipeline = Pipeline::new([5, 9, 9]);
        let (weights, bias) = (values(2, 40 * 5 * 9), values(3, 40));
        pipeline.convolution(&weights, bias, 3, WINDOW, Epilogue::default());
        use_on_this_thread(runs);
        pipeline.run(&values(1, 30 * 5 * 9 * 9))
    };
    let portable = Some(Instructions::Portable);
    let best = Some(Instructions::best());
    let results = thread::spawn(move || [run(portable, portable), run(portable, best)]);
    let [first, second] = results.join().unwrap();
    assert_eq!(first, second);
}
