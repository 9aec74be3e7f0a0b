//! How good a classifier is: labels and probabilities in; figures, pictures and pages out.
//!
//! Knows nothing of tensors, networks or the command line; prints nothing.

mod features;
mod page;
mod pca;
pub mod pictures;
mod predictions;
mod tsne;

pub use features::{Features, FeaturesError};
pub use page::{Page, PageError, Table};
pub use pca::{PrincipalComponents, principal_components};
pub use predictions::{Predictions, PredictionsError};
pub use tsne::{TsneError, tsne};
