//! The epilogue of a layer, made of Burn's own operations.

use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Tensor, activation};

use crate::epilogue::Epilogue;

/// Applies `epilogue` to `map`, `[batch, channels, height, width]`.
pub(super) fn followed_by(map: Tensor<4>, epilogue: Epilogue) -> Tensor<4> {
    let map = if epilogue.pool { max_pool2d(map, MaxPoolOptions::new([2; 2])) } else { map };
    if epilogue.relu { activation::relu(map) } else { map }
}
