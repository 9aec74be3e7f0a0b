//! Ctrl-C: the first one asks the run to stop after its step, the second one ends the program.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::train::Interrupter;

use crate::INTERRUPTED;

/// Stops the run that is being trained.
static CURRENT: Mutex<Option<Interrupter>> = Mutex::new(None);

/// Stops `interrupter` on the first Ctrl-C (or SIGTERM) and exits on the second.
pub fn listen(interrupter: &Interrupter) -> Result<(), ctrlc::Error> {
    *current() = Some(interrupter.clone());
    match ctrlc::set_handler(stop) {
        // Set by an earlier training of this process.
        Err(ctrlc::Error::MultipleHandlers) => Ok(()),
        result => result,
    }
}

fn stop() {
    let current = current();
    let Some(interrupter) = current.as_ref() else { return };
    if interrupter.should_stop() {
        std::process::exit(i32::from(INTERRUPTED));
    }
    interrupter.stop(Some("Ctrl-C"));
}

fn current() -> MutexGuard<'static, Option<Interrupter>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}
