//! The report of an evaluation: figures and pictures on one HTML page.
//!
//! [`Report`] draws what there is to say about a model's predictions and puts it on a [`Page`], which
//! needs no other files. The crate reads and writes none.

mod evaluation_report;
mod page;

pub use evaluation_report::{ImageFeatures, Report, ReportError, ReportInput, ReportPicture};
pub use page::{Page, PageError, Table};
