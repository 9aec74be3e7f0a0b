//! The instructions that each thread uses.

use std::cell::Cell;

use super::Instructions;

thread_local! {
    static CHOICE: Cell<Option<Instructions>> = Cell::new(Some(Instructions::best()));
}

/// Chooses the instructions of the kernels that the calling thread starts from now on, or Burn's
/// own operations with `None`. A thread that never calls this uses [`Instructions::best`].
///
/// The choice is that of the thread that calls an operation: the operation passes it on to the
/// threads that it runs on and to its backward pass. A [`Pipeline`](crate::Pipeline) keeps the
/// choice of the thread that created it.
pub fn use_on_this_thread(choice: Option<Instructions>) {
    CHOICE.set(choice);
}

/// The choice of the calling thread, as [`use_on_this_thread`] made it.
#[must_use]
pub fn used_on_this_thread() -> Option<Instructions> {
    CHOICE.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_affects_its_own_thread_only() {
        let fresh = || std::thread::spawn(used_on_this_thread).join().unwrap();
        assert_eq!(fresh(), Some(Instructions::best()));
        use_on_this_thread(Some(Instructions::Portable));
        assert_eq!(used_on_this_thread(), Some(Instructions::Portable));
        use_on_this_thread(None);
        assert_eq!(used_on_this_thread(), None);
        assert_eq!(fresh(), Some(Instructions::best()));
    }
}
