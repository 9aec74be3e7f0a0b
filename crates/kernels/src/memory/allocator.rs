//! The allocator for programs that train.

pub use mimalloc::MiMalloc as Allocator;

/// mimalloc's option `purge_delay`, which its crate does not name; the number is that of the
/// versions 2 and 3 (`mi_option_e` in mimalloc.h).
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Lets [`Allocator`] keep the memory of freed tensors for the next step of training.
///
/// The system's allocator, and mimalloc after 10 ms, give large blocks back: every step would then
/// wait for the operating system to clear the same pages again, 5 to 10 % of a training's time.
pub fn keep_freed_memory() {
    // SAFETY: setting an option has no requirements; an unknown one is ignored.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) };
}
