//! Images found by their features: near-duplicates and outliers.
//!
//! Features are compared by the cosine of their angle, row by row against blocks of rows, so that no
//! matrix of all pairs is stored.

mod directions;
mod near_duplicates;
mod outliers;

pub use self::near_duplicates::{NearDuplicate, near_duplicates};
pub use self::outliers::neighbour_distances;
