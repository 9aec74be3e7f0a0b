//! What flows between the modules of a network.

use burn::tensor::Tensor;

/// The output of a layer for a batch of images.
#[derive(Clone)]
pub(crate) enum Features {
    /// Feature maps, `[batch, channels, height, width]`.
    Map(Tensor<4>),
    /// Rows of numbers, `[batch, features]`.
    Flat(Tensor<2>),
}

impl Features {
    /// As maps; a row is a map of one position.
    pub(crate) fn map(self) -> Tensor<4> {
        match self {
            Self::Map(map) => map,
            Self::Flat(rows) => {
                let [batch, features] = rows.dims();
                rows.reshape([batch, features, 1, 1])
            }
        }
    }

    /// As rows; a map is flattened.
    pub(crate) fn flat(self) -> Tensor<2> {
        match self {
            Self::Map(map) => map.flatten(1, 3),
            Self::Flat(rows) => rows,
        }
    }
}
