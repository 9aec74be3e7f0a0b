//! Ctrl-C: the first one asks the run to stop after its step, the second one ends the program.

use burn::train::Interrupter;

use crate::INTERRUPTED;

/// Stops `interrupter` on the first Ctrl-C (or SIGTERM) and exits on the second.
pub fn listen(interrupter: &Interrupter) -> Result<(), ctrlc::Error> {
    let interrupter = interrupter.clone();
    ctrlc::set_handler(move || {
        if interrupter.should_stop() {
            std::process::exit(i32::from(INTERRUPTED));
        }
        interrupter.stop(Some("Ctrl-C"));
    })
}
