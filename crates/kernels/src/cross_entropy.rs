//! Softmax cross-entropy and its gradient on slices of numbers, in one pass over the logits.

/// The targets of a cross-entropy loss.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    /// The class of each row.
    pub classes: Vec<usize>,
    /// Label smoothing: the share of the probability that is spread over all classes (Szegedy et
    /// al. 2015).
    pub smoothing: f32,
    /// Weight of each class; empty if all classes weigh the same.
    pub weights: Vec<f32>,
}

impl Targets {
    /// The loss of `logits`, `[row][class]`, and its gradient.
    ///
    /// With targets t, weights w and a row's softmax p, the loss is the mean of -Σ wᵢ tᵢ ln pᵢ over
    /// the weights of the rows' classes, and its gradient by logit i p'ᵢ = pᵢ Σ wⱼ tⱼ - wᵢ tᵢ.
    pub fn loss(&self, logits: &[f32]) -> (f32, Vec<f32>) {
        let width = logits.len() / self.classes.len().max(1);
        let weight = |class: usize| self.weights.get(class).copied().unwrap_or(1.0);
        let total: f32 = self.classes.iter().map(|&class| weight(class)).sum();
        let everywhere = self.smoothing / width as f32;
        let all: f32 = (0..width).map(weight).sum();
        let mut gradient = Vec::with_capacity(logits.len());
        let mut loss = 0.0;
        for (row, &class) in logits.chunks_exact(width).zip(&self.classes) {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let first = gradient.len();
            gradient.extend(row.iter().map(|logit| (logit - largest).exp()));
            let probabilities = &mut gradient[first..];
            let sum: f32 = probabilities.iter().sum();
            let logarithm = |logit: f32| logit - largest - sum.ln();
            let here = (1.0 - self.smoothing) * weight(class);
            loss -= here * logarithm(row[class]);
            if everywhere > 0.0 {
                let spread = row.iter().enumerate();
                loss -= everywhere
                    * spread.map(|(class, &logit)| weight(class) * logarithm(logit)).sum::<f32>();
            }
            let factor = (here + everywhere * all) / (sum * total);
            for (class, probability) in probabilities.iter_mut().enumerate() {
                *probability = *probability * factor - everywhere * weight(class) / total;
            }
            probabilities[class] -= here / total;
        }
        (loss / total, gradient)
    }
}
