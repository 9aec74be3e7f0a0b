//! The allocator of programs that train.

pub use mimalloc::MiMalloc as Allocator;

/// The option `purge_delay` of mimalloc, which its crate does not name; the number is that of the
/// versions 2 and 3 (`mi_option_e` in mimalloc.h).
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Makes [`Allocator`] keep the memory of freed tensors for the next training step.
///
/// By default, mimalloc returns large blocks to the operating system after 10 ms. Every training
/// step would then wait for it to clear the same pages again.
pub fn keep_freed_memory() {
    // SAFETY: setting an option has no requirements; an unknown one is ignored.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) };
}
