//! Memory for kernels: aligned to cache lines, and reused from call to call.

use std::cell::RefCell;
use std::mem::MaybeUninit;

/// A cache line. Vectors that straddle two lines take twice as long to load.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A growable run of numbers, aligned to cache lines.
#[derive(Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
}

impl Buffer {
    /// A buffer of `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self { lines: vec![Line([0.0; 16]); len.div_ceil(16)] }
    }

    /// The first `len` numbers; what stands in them is left from earlier use.
    pub fn take(&mut self, len: usize) -> &mut [f32] {
        let lines = len.div_ceil(16);
        if self.lines.len() < lines {
            self.lines.resize(lines, Line([0.0; 16]));
        }
        &mut self.numbers_mut()[..len]
    }

    /// All numbers, a multiple of 16.
    pub fn numbers(&self) -> &[f32] {
        // SAFETY: a line is 16 numbers without padding.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.lines.len() * 16) }
    }

    /// All numbers, a multiple of 16.
    pub fn numbers_mut(&mut self) -> &mut [f32] {
        let len = self.lines.len() * 16;
        // SAFETY: a line is 16 numbers without padding.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), len) }
    }
}

/// Memory that a thread keeps from call to call.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Images with padding.
    pub images: Buffer,
    /// Live gradients.
    pub values: Buffer,
    /// Where each live gradient's window starts.
    pub places: Vec<u32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Lends this thread's scratch memory to `work`, which must not start parallel work: the thread
/// could be handed another kernel's work, and ask for the same memory, while it waits.
pub(crate) fn with_scratch<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    SCRATCH.with_borrow_mut(work)
}

/// A vector of `len` values, all written by `fill`: zeroing them first would cost as much as some
/// kernels do.
///
/// # Safety
/// `fill` must write every value of the slice that it is given.
pub(crate) unsafe fn filled<T: Copy>(
    len: usize,
    fill: impl FnOnce(&mut [MaybeUninit<T>]),
) -> Vec<T> {
    let mut values = Vec::with_capacity(len);
    fill(&mut values.spare_capacity_mut()[..len]);
    // SAFETY: the caller vouches that `fill` wrote the first `len` values.
    unsafe { values.set_len(len) };
    values
}

/// Sets all values to zero, after which they may be read.
pub(crate) fn zeroed(values: &mut [MaybeUninit<f32>]) -> &mut [f32] {
    values.fill(MaybeUninit::new(0.0));
    // SAFETY: every value has been written just now.
    unsafe { &mut *(std::ptr::from_mut(values) as *mut [f32]) }
}
