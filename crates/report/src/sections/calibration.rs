//! The reliability diagram.

use charts::ReliabilityBin;
use metrics::Calibration;

use crate::builder::Builder;
use crate::{ReportError, ReportInput};

pub(crate) fn add(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    let calibration = Calibration::of(input.predictions);
    let bins: Vec<ReliabilityBin> = calibration
        .bins
        .iter()
        .map(|bin| ReliabilityBin {
            low: bin.low,
            high: bin.high,
            count: bin.count as u64,
            confidence: bin.mean_confidence.unwrap_or(f64::NAN),
            accuracy: bin.accuracy.unwrap_or(f64::NAN),
        })
        .collect();
    report.page.heading("Calibration");
    report.picture(
        "reliability.png",
        charts::reliability_diagram(&bins, calibration.expected_error.unwrap_or(0.0)),
        "A model is well calibrated if, for example, 90 % of the predictions with a confidence of \
         90 % are correct.",
        "A reliability diagram",
    )
}
