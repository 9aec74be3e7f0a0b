//! What people see on a terminal: progress, tables, answers, and the options that every program has.
//!
//! Results go to stdout, messages to stderr. This is the only library that prints, and only the
//! programs `glyph` and `trainer` call the parts of it that do.

mod arguments;
mod console;
mod corruption_table;
mod csv_line;
mod labels_line;
mod layer_table;
mod metrics_table;
mod prediction_line;
mod ranked_class;
mod reading_line;
mod text_table;
mod time;
mod training;

pub use arguments::{ComputeArguments, Format, OutputArguments, text_or_json};
pub use console::{Console, Verbosity, check_printed, error_text, print, print_error};
pub use corruption_table::corruption_table;
pub use labels_line::LabelsLine;
pub use layer_table::layer_table;
pub use metrics_table::{metrics_table, score_line, test_metrics_table};
pub use prediction_line::PredictionLine;
pub use reading_line::ReadingLine;
pub use text_table::text_table;
pub use time::duration;
pub use training::{JsonObserver, LogObserver, TextObserver};
