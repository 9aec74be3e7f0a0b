//! Feature vectors embedded in the plane: principal components and t-SNE.

mod feature_matrix;
mod pca;
mod tsne;

pub use self::feature_matrix::{FeatureMatrix, FeatureMatrixError};
pub use self::pca::{PrincipalComponents, principal_components};
pub use self::tsne::{TsneError, tsne};
