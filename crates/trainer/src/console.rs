//! What a person or a program sees of a run. Results go to stdout, talk to stderr; both go to the
//! run's log.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use model::Backend;
use serde::Serialize;

use crate::layer_table::grouped;
use crate::metrics::{EpochFigures, SplitFigures, Tally};

/// How much to say, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Nothing but errors.
    Quiet,
    /// One JSON object per epoch and one at the end.
    Json,
    /// Sentences, and a progress bar on a terminal.
    Text,
}

/// Talks about one run.
pub struct Console {
    verbosity: Verbosity,
    bar: Option<ProgressBar>,
}

/// Prints an error with its causes.
pub fn complain(error: &anyhow::Error) {
    let text = with_causes(error);
    log::error!("{text}");
    to_stderr(&format!("error: {text}"));
}

/// An error and those causes that it does not quote already.
pub fn with_causes(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Prints a line of results.
pub fn print(line: &str) {
    to_stdout(line);
}

/// Prints what `trainer devices` shows.
pub fn print_devices(backends: &[Backend]) {
    let row = |name: &str, description: &str| to_stdout(&format!("{name:<10} {description}"));
    for backend in backends {
        match &backend.devices {
            None => row(backend.name, &format!("not compiled in (--features {})", backend.name)),
            Some(devices) if devices.is_empty() => row(backend.name, "no device found"),
            Some(devices) => {
                for device in devices {
                    row(&device.name, &device.description);
                }
            }
        }
    }
}

impl Console {
    pub fn new(verbosity: Verbosity) -> Self {
        let live = verbosity == Verbosity::Text && io::stderr().is_terminal();
        Self { verbosity, bar: live.then(ProgressBar::hidden) }
    }

    /// Says something in passing.
    pub fn say(&self, text: &str) {
        for line in text.lines() {
            log::info!("{line}");
        }
        if self.verbosity == Verbosity::Text {
            self.around_bar(|| to_stderr(text));
        }
    }

    /// Says that something may be wrong, even when nobody wants to hear the rest.
    pub fn warn(&self, text: &str) {
        log::warn!("{text}");
        self.around_bar(|| to_stderr(&format!("warning: {text}")));
    }

    /// A progress bar over the bytes of a download.
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

    /// Starts the progress bar of an epoch of `images` training images.
    pub fn start_epoch(&mut self, epoch: usize, epochs: usize, images: u64) {
        if let Some(bar) = &mut self.bar {
            *bar = new_bar(images, "epoch {prefix}  {bar:30} {percent:>3} %  {msg}");
            bar.set_prefix(format!("{epoch}/{epochs}"));
        }
    }

    /// Moves the progress bar: the images of this epoch so far, how fast they went, and how long
    /// the run will still take.
    pub fn progress(&self, tally: &Tally, images_per_second: f64, left: Duration) {
        if let Some(bar) = &self.bar {
            bar.set_position(tally.images());
            bar.set_message(format!(
                "loss {:.4}  accuracy {:.2} %  {} images/s  {} left",
                tally.loss(),
                100.0 * tally.accuracy(),
                grouped(images_per_second as u64),
                duration(left),
            ));
        }
    }

    /// Reports a complete epoch.
    pub fn epoch(&self, figures: &EpochFigures, epochs: usize, is_best: bool) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let EpochFigures { epoch, train, validation, .. } = figures;
        let line = format!(
            "epoch {epoch:>width$}/{epochs}  train: {}  validation: {}  {} images/s  {}{}",
            split(train),
            split(validation),
            grouped(train.images_per_second as u64),
            duration(Duration::from_secs_f64(train.seconds + validation.seconds)),
            if is_best { "  best" } else { "" },
            width = epochs.to_string().len(),
        );
        self.result(&line, figures);
    }

    /// Reports a result: as text, or as the JSON of `value`.
    pub fn result(&self, text: &str, value: &impl Serialize) {
        log::info!("{text}");
        match self.verbosity {
            Verbosity::Quiet => {}
            Verbosity::Text => to_stdout(text),
            // Figures are plain structs of numbers and strings: they always have a JSON form.
            Verbosity::Json => to_stdout(&serde_json::to_string(value).unwrap_or_default()),
        }
    }

    /// Says that the run was stopped; as JSON, its report so far.
    pub fn interrupted(&self, text: &str, report: &impl Serialize) {
        self.say(text);
        if self.verbosity == Verbosity::Json {
            self.result(text, report);
        }
    }

    fn around_bar(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

/// Prints lines. A closed pipe is no reason to stop a training, so errors are dropped.
fn to_stdout(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn to_stderr(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn new_bar(length: u64, template: &str) -> ProgressBar {
    // The templates are constants of this file; the default style stands in for a wrong one.
    let style = ProgressStyle::with_template(template).map(|style| style.progress_chars("━╸─"));
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn split(figures: &SplitFigures) -> String {
    format!("loss {:.4}, {:.2} %", figures.loss, 100.0 * figures.accuracy)
}

/// `8.4 s`, `2 min 05 s` or `1 h 02 min`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=59 => format!("{:.1} s", duration.as_secs_f64()),
        60..=3599 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once() {
        let error = anyhow::anyhow!("disk full").context("a: disk full").context("b");
        assert_eq!(with_causes(&error), "b: a: disk full");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, text) in [(8.44, "8.4 s"), (125.0, "2 min 05 s"), (3725.0, "1 h 02 min")] {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), text);
        }
    }
}
