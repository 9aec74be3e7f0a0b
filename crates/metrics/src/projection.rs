//! Features laid out in the plane: principal components and t-SNE.

mod features;
mod pca;
mod tsne;

pub use self::features::{Features, FeaturesError};
pub use self::pca::{PrincipalComponents, principal_components};
pub use self::tsne::{TsneError, tsne};
