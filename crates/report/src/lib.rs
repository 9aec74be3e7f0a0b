//! The report of an evaluation: figures and pictures on one HTML page.
//!
//! [`Report::of`] draws what there is to say about a model's predictions and puts it on a [`Page`],
//! which needs no other files: no network, no scripts. The crate reads and writes no files.

mod builder;
mod error;
mod input;
mod multi_label_input;
mod page;
mod report;
mod sections;

pub use builder::ReportPicture;
pub use error::ReportError;
pub use input::{CorruptionInput, ImageFeatures, ReportInput};
pub use multi_label_input::MultiLabelInput;
pub use page::{Page, PageError, Table};
pub use report::Report;
