//! What the program itself says: its address on stdout, errors on stderr.

use std::io::{self, Write};

/// Prints the address to open. Nobody may be listening: that is no reason to end.
pub fn print_address(url: &str) {
    let _ = writeln!(io::stdout(), "{url}");
}

/// Prints an error with its causes.
pub fn complain(error: &anyhow::Error) {
    let _ = writeln!(io::stderr(), "error: {error:#}");
}
