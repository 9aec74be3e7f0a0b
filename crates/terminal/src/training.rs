//! A training on the terminal, as JSON lines, and in its log.

use std::time::Duration;

use data::{printable, printable_path};
use metrics::numbers::{grouped, percent};
use model::size_text;
use runs::files::REPORT_PAGE;
use runs::{EpochFigures, Event, Observer, RunReport, SplitFigures, Started, Tally};

use crate::arguments::Format;
use crate::console::{Console, Verbosity, print};
use crate::layer_table::layer_table;
use crate::metrics_table::score_line;
use crate::time::duration;

/// Prints a training for people: results to stdout, messages and progress to stderr.
pub struct TextObserver {
    console: Console,
}

impl TextObserver {
    /// An observer that prints this much.
    #[must_use]
    pub fn new(verbosity: Verbosity) -> Self {
        Self { console: Console::new(Format::Text, verbosity) }
    }
}

impl Observer for TextObserver {
    fn observe(&mut self, event: &Event) -> anyhow::Result<()> {
        let console = &mut self.console;
        match event {
            Event::Download { file, received, total } => {
                console.download(file, *received, *total);
            }
            Event::EpochStarted { epoch, epochs, images } => {
                console.start_bar(format!("epoch {epoch}/{epochs}"), *images);
            }
            Event::Step { tally, images_per_second, remaining } => {
                let message = || progress(tally, *images_per_second, *remaining);
                console.move_bar(tally.images(), message);
            }
            Event::EpochFinished { .. } | Event::Finished { .. } => {
                console.finish_bar();
                if console.verbosity() > Verbosity::Quiet {
                    print(&text(event).unwrap_or_default());
                }
            }
            Event::Warning(warning) => console.warning(warning),
            Event::Started(_)
            | Event::Resumed { .. }
            | Event::Message(_)
            | Event::Interrupted { .. } => console.message(&text(event).unwrap_or_default()),
        }
        Ok(())
    }
}

/// Prints one JSON object per epoch, and the report at the end, to stdout.
pub struct JsonObserver {
    console: Console,
}

impl JsonObserver {
    /// An observer that prints this much beside its objects.
    #[must_use]
    pub fn new(verbosity: Verbosity) -> Self {
        Self { console: Console::new(Format::Json, verbosity) }
    }
}

impl Observer for JsonObserver {
    fn observe(&mut self, event: &Event) -> anyhow::Result<()> {
        match event {
            Event::EpochFinished { history, .. } => {
                if let Some(epoch) = history.last() {
                    self.console.result("", epoch);
                }
            }
            Event::Interrupted { report, .. } | Event::Finished { report, .. } => {
                self.console.result("", report);
            }
            Event::Warning(warning) => self.console.warning(warning),
            Event::Started(_) | Event::Resumed { .. } | Event::Message(_) => {
                self.console.message(&text(event).unwrap_or_default());
            }
            Event::Download { .. } | Event::EpochStarted { .. } | Event::Step { .. } => {}
        }
        Ok(())
    }
}

/// Writes a training to the run's log, through the crate `log`.
pub struct LogObserver;

impl Observer for LogObserver {
    fn observe(&mut self, event: &Event) -> anyhow::Result<()> {
        match (event, text(event)) {
            (Event::Warning(_), Some(text)) => log::warn!("{}", printable(&text)),
            (_, Some(text)) => text.lines().for_each(|line| log::info!("{}", printable(line))),
            (_, None) => {}
        }
        Ok(())
    }
}

/// The text of an event; `None` for mere progress.
fn text(event: &Event) -> Option<String> {
    match event {
        Event::Download { .. } | Event::EpochStarted { .. } | Event::Step { .. } => None,
        Event::Started(started) => Some(introduction(started)),
        Event::Resumed { epoch, step } => {
            Some(format!("resuming in epoch {epoch} after {step} steps"))
        }
        Event::EpochFinished { history, epochs, is_best } => {
            history.last().map(|figures| epoch_line(figures, *epochs, *is_best))
        }
        Event::Warning(text) | Event::Message(text) => Some((*text).to_owned()),
        Event::Interrupted { step, folder, .. } => Some(format!(
            "interrupted after {step} steps, all progress saved; continue with: \
             glyph train --resume {}",
            printable_path(folder)
        )),
        Event::Finished { report, folder } => {
            let mut text = summary(report, &printable_path(folder));
            let page = folder.join(REPORT_PAGE);
            if page.exists() {
                text = [text, printable_path(&page)].join("\nreport: ");
            }
            Some(text)
        }
    }
}

fn introduction(started: &Started) -> String {
    let count = |images: usize| grouped(images as u64);
    format!(
        "{}: {} training, {} validation and {} test images of {}, {} classes\ninput: {}\n{}needs {}\n\
         device {} ({})\nwriting {}",
        started.dataset,
        count(started.train_images),
        count(started.validation_images),
        count(started.test_images),
        started.shape,
        started.classes,
        started.preparation,
        layer_table(started.plan),
        memory_text(started),
        started.device,
        started.device_description,
        printable_path(started.folder),
    )
}

/// What the training needs, and for what.
fn memory_text(started: &Started) -> String {
    let &Started { memory, image_memory: images, .. } = started;
    format!(
        "about {}: {} for weights, gradients and the optimizer, {} for a batch, {} for the images",
        size_text(memory.total().saturating_add(images)),
        size_text(memory.parameters),
        size_text(memory.activations),
        size_text(images),
    )
}

fn progress(tally: &Tally, images_per_second: f64, remaining: Duration) -> String {
    format!(
        "loss {:.4}  accuracy {}  {} images/s  {} left",
        tally.loss(),
        percent(tally.accuracy(), 2),
        grouped(images_per_second as u64),
        duration(remaining),
    )
}

fn epoch_line(figures: &EpochFigures, epochs: usize, is_best: bool) -> String {
    let EpochFigures { epoch, train, validation, .. } = figures;
    let split = |figures: &SplitFigures| {
        format!("loss {:.4}, {}", figures.loss, percent(figures.accuracy, 2))
    };
    format!(
        "epoch {epoch:>width$}/{epochs}  train: {}  validation: {}  {} images/s  {}{}",
        split(train),
        split(validation),
        grouped(train.images_per_second as u64),
        duration(Duration::from_secs_f64(train.seconds + validation.seconds)),
        if is_best { "  best" } else { "" },
        width = epochs.to_string().len(),
    )
}

/// The results; a run that is a fold of an audit has no page.
fn summary(report: &RunReport, folder: &str) -> String {
    let test = report.test.as_ref().map(score_line).unwrap_or_default();
    format!(
        "best epoch {} of {}, trained in {} ({} images/s)\ntest: {test}\nmodel: {folder}",
        report.best_epoch.unwrap_or_default(),
        report.epochs,
        duration(Duration::from_secs_f64(report.seconds)),
        grouped(report.train_images_per_second as u64),
    )
}
