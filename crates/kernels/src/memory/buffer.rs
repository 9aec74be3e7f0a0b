//! Memory for kernels: aligned to cache lines and reused across calls.

use std::cell::RefCell;
use std::mem::MaybeUninit;

/// A cache line. Vectors that straddle two lines take longer to load.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A growable array of numbers, aligned to cache lines.
#[derive(Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Buffer of {} numbers", self.as_slice().len())
    }
}

impl Buffer {
    /// A buffer of `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self { lines: vec![Line([0.0; 16]); len.div_ceil(16)] }
    }

    /// The first `len` numbers, with arbitrary values from earlier use.
    pub fn take(&mut self, len: usize) -> &mut [f32] {
        let lines = len.div_ceil(16);
        if self.lines.len() < lines {
            self.lines.resize(lines, Line([0.0; 16]));
        }
        &mut self.as_mut_slice()[..len]
    }

    /// All numbers, a multiple of 16.
    pub fn as_slice(&self) -> &[f32] {
        // SAFETY: a line is 16 numbers without padding.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.lines.len() * 16) }
    }

    /// All numbers, a multiple of 16.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        let len = self.lines.len() * 16;
        // SAFETY: a line is 16 numbers without padding.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), len) }
    }
}

/// Memory that a thread keeps across calls.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Images with padding.
    pub images: Buffer,
    /// Nonzero gradients.
    pub values: Buffer,
    /// Where the window of each nonzero gradient starts.
    pub starts: Vec<u32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Calls `work` with this thread's scratch memory. `work` must not start parallel work: while the
/// thread waits, rayon could give it another kernel's work, which would ask for the same memory.
pub(crate) fn with_scratch<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    SCRATCH.with_borrow_mut(work)
}

/// A vector of `len` values that `fill` writes. Some kernels take no longer than zeroing it first
/// would.
///
/// # Safety
/// `fill` must write every value of the slice that it is given.
pub(crate) unsafe fn filled<T: Copy>(
    len: usize,
    fill: impl FnOnce(&mut [MaybeUninit<T>]),
) -> Vec<T> {
    let mut values = Vec::with_capacity(len);
    fill(&mut values.spare_capacity_mut()[..len]);
    // SAFETY: the caller guarantees that `fill` wrote the first `len` values.
    unsafe { values.set_len(len) };
    values
}

/// Sets all values to zero, after which they may be read.
pub(crate) fn zeroed(values: &mut [MaybeUninit<f32>]) -> &mut [f32] {
    values.fill(MaybeUninit::new(0.0));
    // SAFETY: every value has been written just now.
    unsafe { &mut *(std::ptr::from_mut(values) as *mut [f32]) }
}
