//! `state.json` of a checkpoint.

use std::time::Duration;

use runs::{RunLength, RunReport, RunState};

/// Any bytes as the progress of a run of 3 epochs of 20 batches.
///
/// # Panics
///
/// If accepted progress is not that of such a run, or gives a report with a time or a figure that
/// cannot be printed.
pub fn state(bytes: &[u8]) {
    let run = RunLength { config_sha256: String::new(), epochs: 3, batches: 20 };
    let Ok(state) = RunState::parse(bytes, &run) else { return };
    assert!(state.step <= 60 && state.batch <= 20 && state.history.len() <= 3);
    assert!(state.epochs_since_best() < 3);
    let mut report = RunReport::new(String::new(), String::new(), 0, String::new());
    report.update(&state);
    assert!(Duration::try_from_secs_f64(report.seconds).is_ok(), "{} s", report.seconds);
    let text = report.to_json().expect("a report has a JSON form");
    serde_json::from_str::<serde_json::Value>(&text).expect("the report is JSON");
}
