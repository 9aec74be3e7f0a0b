//! Feature vectors shortened by a random projection, and embedded in the plane: principal components
//! and t-SNE.

mod feature_matrix;
mod pca;
mod random_projection;
mod tsne;

pub use self::feature_matrix::{FeatureMatrix, FeatureMatrixError};
pub use self::pca::{PrincipalComponents, principal_components};
pub use self::random_projection::{PROJECTED_DIMENSIONS, random_projection};
pub use self::tsne::{TsneError, tsne};
