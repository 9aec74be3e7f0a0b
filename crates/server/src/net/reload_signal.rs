//! The signal that asks the server to read its files again.

use std::io;

use tokio::sync::watch;

/// SIGHUP, counted. Elsewhere than on Unix, it never comes.
#[derive(Debug)]
pub struct ReloadSignal {
    received: watch::Receiver<u64>,
}

impl ReloadSignal {
    /// Listens from now on, on the current runtime: the signal no longer ends the process.
    ///
    /// # Errors
    ///
    /// If no signal handler can be installed.
    pub fn listen() -> io::Result<Self> {
        let (sender, received) = watch::channel(0);
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut hangups = signal(SignalKind::hangup())?;
            tokio::spawn(async move {
                while hangups.recv().await.is_some() {
                    sender.send_modify(|count| *count += 1);
                }
            });
        }
        #[cfg(not(unix))]
        drop(sender);
        Ok(Self { received })
    }

    /// Changes with each signal; the value is how many there have been.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.received.clone()
    }
}
