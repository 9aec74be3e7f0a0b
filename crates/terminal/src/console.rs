//! Printing results, messages, warnings and errors, and progress bars.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use anyhow::anyhow;
use data::printable;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::arguments::Format;

/// How much to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Answers, warnings and errors; nothing of a training that goes well.
    Quiet,
    /// Messages and progress as well.
    Normal,
    /// Details as well.
    Verbose,
}

/// Prints what a command reports.
pub struct Console {
    format: Format,
    verbosity: Verbosity,
    bar: Option<ProgressBar>,
}

/// The first error of writing to stdout. One for the process, as stdout is.
static STDOUT_ERROR: OnceLock<io::Error> = OnceLock::new();

/// Prints a line of results to stdout, as it is: JSON and CSV quote what they hold. An error does not
/// end what the program does, such as a training; [`check_printed`] reports it at the end.
pub fn print(line: &str) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        let _ = STDOUT_ERROR.set(error); // A later error tells nothing new.
    }
}

/// Whether all results could be printed. A closed pipe is none's fault: its reader has seen enough.
///
/// # Errors
/// When results are missing from stdout, for instance because a disk is full.
pub fn check_printed() -> anyhow::Result<()> {
    match STDOUT_ERROR.get() {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow!("results are missing from the standard output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Text whose lines stay, and whose other control characters are escaped. Names from outside that
/// could break lines are passed through [`printable`] where the text is made.
fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// The same for an error or a warning: whatever it quotes, its later lines are indented, so that none
/// passes for another error.
fn indented_lines(text: &str) -> String {
    let indent = |line: &str| {
        let start = if line.starts_with(' ') { "" } else { "  " };
        format!("\n{start}{}", printable(line))
    };
    let mut lines = text.split('\n');
    let first = lines.next().map(printable).unwrap_or_default().into_owned();
    lines.fold(first, |text, line| text + &indent(line))
}

/// Prints an error with its causes to stderr.
pub fn print_error(error: &anyhow::Error) {
    to_stderr(&format!("error: {}", indented_lines(&error_text(error))));
}

/// An error and those of its causes that it does not quote already.
#[must_use]
pub fn error_text(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

impl Console {
    /// A console that prints results as `format`. Progress bars are shown on terminals only.
    #[must_use]
    pub fn new(format: Format, verbosity: Verbosity) -> Self {
        let live =
            format == Format::Text && verbosity > Verbosity::Quiet && io::stderr().is_terminal();
        Self { format, verbosity, bar: live.then(ProgressBar::hidden) }
    }

    /// Prints a message to stderr, unless quiet.
    pub fn message(&self, text: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.around_bar(|| to_stderr(text));
        }
    }

    /// Prints a message to stderr if verbose.
    pub fn detail(&self, text: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.around_bar(|| to_stderr(text));
        }
    }

    /// Prints a warning to stderr.
    pub fn warning(&self, text: &str) {
        self.around_bar(|| to_stderr(&format!("warning: {}", indented_lines(text))));
    }

    /// Prints a result to stdout: `text`, or `value` as JSON.
    pub fn result(&self, text: &str, value: &impl Serialize) {
        match self.format {
            Format::Text | Format::Csv => self.around_bar(|| print(&printable_lines(text))),
            // Results are plain structs of numbers and strings: they always have a JSON form.
            Format::Json => print(&serde_json::to_string(value).unwrap_or_default()),
        }
    }

    /// Moves the progress bar of a download.
    pub fn download(&mut self, file: &str, received: u64, total: Option<u64>) {
        let Some(bar) = &mut self.bar else { return };
        if bar.is_hidden() || bar.prefix() != file {
            *bar = new_bar(total.unwrap_or(0), "{prefix}  {bar:30} {bytes}/{total_bytes}");
            bar.set_prefix(file.to_owned());
        }
        bar.set_position(received);
        if Some(received) == total {
            bar.finish_and_clear();
        }
    }

    /// Starts a progress bar of `length` steps, called `name`.
    pub fn start_bar(&mut self, name: String, length: u64) {
        if let Some(bar) = &mut self.bar {
            *bar = new_bar(length, "{prefix}  {bar:30} {percent:>3} %  {msg}");
            bar.set_prefix(name);
        }
    }

    /// Moves the progress bar, if one is shown.
    pub fn move_bar(&self, position: u64, message: impl FnOnce() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            bar.set_message(message());
        }
    }

    /// Removes the progress bar, if one is shown.
    pub fn finish_bar(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// How much is printed.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    fn around_bar(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

fn to_stderr(text: &str) {
    let _ = writeln!(io::stderr(), "{}", printable_lines(text));
}

fn new_bar(length: u64, template: &str) -> ProgressBar {
    // The templates are constants of this file; the default style stands in for a wrong one.
    let style = ProgressStyle::with_template(template).map(|style| style.progress_chars("━╸─"));
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_line_passes_for_no_other() {
        assert_eq!(printable_lines("a\u{1b}[2J\nb\r"), "a\\u{1b}[2J\nb\\r");
        assert_eq!(indented_lines("a\nerror: b\n  hint\u{7}"), "a\n  error: b\n  hint\\u{7}");
    }

    #[test]
    fn causes_are_printed_once() {
        let error = anyhow::anyhow!("disk full").context("a: disk full").context("b");
        assert_eq!(error_text(&error), "b: a: disk full");
    }
}
