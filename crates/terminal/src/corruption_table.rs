//! Accuracy on corrupted images, for a terminal.

use metrics::CorruptionMetrics;
use metrics::numbers::{counted, percent};

use crate::text_table::text_table;

/// Accuracy under each kind and severity, then the means and the worst kind.
#[must_use]
pub fn corruption_table(metrics: &CorruptionMetrics) -> String {
    let (headings, rows) = metrics.table(2, |kind| format!("  {kind}"));
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let worst = metrics.worst.as_ref().map_or_else(String::new, |worst| {
        let accuracy = percent(worst.accuracy, 2);
        format!("  worst at severity {}: {} {accuracy}", worst.severity, worst.name)
    });
    let unseen = metrics.unseen.as_ref().map_or_else(String::new, |unseen| {
        let kinds = counted(unseen.kinds, "kind", "kinds");
        let mean = percent(unseen.mean, 2);
        format!("\nmean over {kinds} that the training's augmentation does not resemble: {mean}")
    });
    format!(
        "accuracy on corrupted images, by severity (without corruption {})\n\n{}\n\
         corruptions: mean {}{worst}{unseen}",
        percent(metrics.clean_accuracy, 2),
        text_table(&headings, &rows),
        percent(metrics.mean, 2),
    )
}

#[cfg(test)]
mod tests {
    use metrics::CorruptionAccuracy;

    use super::*;

    #[test]
    fn kinds_stand_below_their_family_with_what_resembles_them() {
        let kind = |names, accuracy, keys| CorruptionAccuracy::new(names, accuracy, Some(keys));
        let kinds = vec![
            kind(["JPEG", "blur"], [1.0, 0.9, 0.8, 0.7, 0.6], vec!["jpeg"]),
            kind(["fog", "light"], [0.5; 5], Vec::new()),
        ];
        let table = corruption_table(&CorruptionMetrics::new(0.99, kinds.clone()));
        assert!(table.contains("  blur    100.00 %"), "{table}");
        let row = "    JPEG  100.00 %  90.00 %  80.00 %  70.00 %  60.00 %  80.00 %  jpeg";
        assert!(table.contains(row), "{table}");
        assert!(table.contains("mean 65.00 %  worst at severity 3: fog 50.00 %"), "{table}");
        assert!(
            table.ends_with("1 kind that the training's augmentation does not resemble: 50.00 %")
        );
        let unknown =
            kinds.into_iter().map(|kind| CorruptionAccuracy { trained_with: None, ..kind });
        let table = corruption_table(&CorruptionMetrics::new(0.99, unknown.collect()));
        assert!(!table.contains("training"), "{table}");
    }
}
