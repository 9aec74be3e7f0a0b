//! Softmax cross-entropy and its gradient, in one pass over the logits.

use burn::nn::loss::CrossEntropyLoss;
use burn::tensor::{Int, Tensor};

/// Computes `loss` of `logits`, `[batch, classes]`, and `targets`, `[batch]`: a mean in nats,
/// `[1]`.
#[must_use]
pub fn cross_entropy(
    loss: &CrossEntropyLoss,
    logits: Tensor<2>,
    targets: Tensor<1, Int>,
) -> Tensor<1> {
    #[cfg(feature = "flex")]
    if loss.logits && loss.pad_tokens.is_none() && crate::flex::instructions_for(&logits).is_some()
    {
        return crate::flex::cross_entropy(loss, logits, targets);
    }
    loss.forward(logits, targets)
}
