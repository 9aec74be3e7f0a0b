//! Servers that print their address to stdout and stop with the test.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A running program; killed when dropped.
pub struct Program {
    child: Child,
    // A closed pipe would kill a program that prints to it.
    stdout: BufReader<ChildStdout>,
}

impl Program {
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// Waits for a line on stdout that starts with `start`, and returns its rest.
    pub fn line_after(&mut self, start: &str) -> String {
        let mut said = String::new();
        loop {
            let from = said.len();
            let length = self.stdout.read_line(&mut said).unwrap();
            assert_ne!(length, 0, "it ended without a line that starts with {start:?}:\n{said}");
            if let Some(rest) = said[from..].trim_end().strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    /// Waits until it exits, up to `limit`.
    pub fn wait(&mut self, limit: Duration) {
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < limit {
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
