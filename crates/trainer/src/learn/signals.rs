//! Ctrl-C and SIGTERM: the first one asks the training to stop after its step, the second one ends
//! the program.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// A signal that asks a training to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// What `kill`, Docker and Kubernetes send.
    Terminate,
}

impl Signal {
    /// The exit code of a program that a signal has stopped: 128 and the signal's number.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        128 + match self {
            Self::Interrupt => SIGINT as u8,
            Self::Terminate => SIGTERM as u8,
        }
    }
}

/// What the handlers have noted; they are set up once per process.
struct Flags {
    any: Arc<AtomicBool>,
    number: Arc<AtomicUsize>,
}

static FLAGS: OnceLock<Flags> = OnceLock::new();

/// Takes note of signals from now on, and forgets those of an earlier training of this process.
pub fn listen() -> io::Result<()> {
    let flags = if let Some(flags) = FLAGS.get() {
        flags
    } else {
        let flags = register()?;
        FLAGS.get_or_init(|| flags)
    };
    flags.any.store(false, Ordering::SeqCst);
    flags.number.store(0, Ordering::SeqCst);
    Ok(())
}

fn register() -> io::Result<Flags> {
    let flags = Flags { any: Arc::default(), number: Arc::default() };
    for signal in [SIGINT, SIGTERM] {
        // Handlers run in the order of their registration: the first signal finds the flag unset.
        flag::register_conditional_shutdown(signal, 128 + signal, flags.any.clone())?;
        flag::register(signal, flags.any.clone())?;
        flag::register_usize(signal, flags.number.clone(), signal as usize)?;
    }
    Ok(flags)
}

/// The signal that has asked the training to stop, if any has.
pub fn received() -> Option<Signal> {
    let number = FLAGS.get()?.number.load(Ordering::SeqCst);
    let signals = [(SIGINT, Signal::Interrupt), (SIGTERM, Signal::Terminate)];
    signals.into_iter().find(|(known, _)| *known as usize == number).map(|(_, signal)| signal)
}
