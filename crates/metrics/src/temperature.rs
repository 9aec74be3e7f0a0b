//! Temperature scaling: the one number that makes confidences match accuracies.

/// Temperatures that are fitted, at least and at most.
const RANGE: [f64; 2] = [0.05, 20.0];
/// Each halves the interval that holds the logarithm of the temperature.
const BISECTIONS: usize = 50;

/// The temperature T that minimizes the negative log-likelihood of `labels` when logits are divided by
/// it, 0.05 to 20 (Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017,
/// section 4.2). `log_probabilities` are those without a temperature: `[images, classes]`.
///
/// 1 if the images do not determine it: there are none, a number is not finite, or every label is the
/// most probable class, where a lower temperature is always better.
///
/// # Panics
/// When there are not as many numbers for each image, or a label is no class.
#[must_use]
pub fn fit_temperature(log_probabilities: &[f64], labels: &[usize]) -> f64 {
    if labels.is_empty() || !log_probabilities.iter().all(|logarithm| logarithm.is_finite()) {
        return 1.0;
    }
    assert_eq!(log_probabilities.len() % labels.len(), 0, "numbers for each image");
    let [coldest, hottest] = RANGE;
    // The likelihood is a convex function of 1 / T: its slope has one root.
    let slope = |temperature: f64| slope(log_probabilities, labels, 1.0 / temperature);
    if slope(coldest) <= 0.0 {
        return 1.0;
    }
    if slope(hottest) >= 0.0 {
        return hottest;
    }
    let (mut low, mut high) = (coldest.ln(), hottest.ln());
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if slope(middle.exp()) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high).exp()
}

/// The derivative of the negative log-likelihood by the inverse temperature: the sum over the images of
/// the expected logarithm minus that of the label.
fn slope(log_probabilities: &[f64], labels: &[usize], inverse: f64) -> f64 {
    let classes = log_probabilities.len() / labels.len();
    let of_image = |(row, &label): (&[f64], &usize)| {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let [mut sum, mut expected] = [0.0; 2];
        for logarithm in row {
            let weight = (inverse * (logarithm - largest)).exp();
            sum += weight;
            expected += weight * logarithm;
        }
        expected / sum - row[label]
    };
    log_probabilities.chunks(classes).zip(labels).map(of_image).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likelihood(rows: &[f64], labels: &[usize], temperature: f64) -> f64 {
        let classes = rows.len() / labels.len();
        let of_image = |(row, &label): (&[f64], &usize)| {
            let sum: f64 = row.iter().map(|logit| (logit / temperature).exp()).sum();
            sum.ln() - row[label] / temperature
        };
        rows.chunks(classes).zip(labels).map(of_image).sum()
    }

    /// Rows of three logits, and labels that they predict more or less well.
    fn images(sharpness: f64) -> (Vec<f64>, Vec<usize>) {
        let logit = |at: usize| sharpness * ((at * 7919 % 101) as f64 / 50.0 - 1.0);
        let rows: Vec<f64> = (0..600).map(logit).collect();
        let best = |row: &[f64]| (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
        let label = |(at, row)| (best(row) + usize::from(at % 5 == 0)) % 3;
        let labels = rows.chunks(3).enumerate().map(label).collect();
        (rows, labels)
    }

    #[test]
    fn no_other_temperature_has_a_higher_likelihood() {
        for sharpness in [0.5, 2.0, 10.0] {
            let (rows, labels) = images(sharpness);
            let fitted = fit_temperature(&rows, &labels);
            let candidates = (0..2_000).map(|step| 0.05 * (f64::from(step) / 300.0).exp());
            let loss = |temperature: &f64| likelihood(&rows, &labels, *temperature);
            let best = candidates.min_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap();
            assert!((fitted / best).ln().abs() < 4e-3, "{fitted} for {best}");
        }
    }

    #[test]
    fn overconfident_networks_get_a_higher_temperature() {
        let [(cold, labels), (hot, _)] = [images(1.0), images(3.0)];
        let ratio = fit_temperature(&hot, &labels) / fit_temperature(&cold, &labels);
        assert!((ratio - 3.0).abs() < 1e-6, "{ratio}");
    }

    #[test]
    fn images_that_do_not_determine_it_change_nothing() {
        let rows = [-0.1, -2.0, -3.0, -0.05];
        for (rows, labels) in
            [(&rows[..], &[0, 1][..]), (&[], &[]), (&[-0.5, f64::NEG_INFINITY], &[1])]
        {
            assert!((fit_temperature(rows, labels) - 1.0).abs() < 1e-12, "{rows:?}");
        }
        assert!((fit_temperature(&rows, &[1, 0]) - 20.0).abs() < 1e-12);
    }
}
