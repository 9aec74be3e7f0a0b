//! How durations are written.

use std::time::Duration;

/// `8.4 s`, `2 min 05 s` or `1 h 02 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=59 => format!("{:.1} s", duration.as_secs_f64()),
        60..=3599 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        for (seconds, text) in [(8.44, "8.4 s"), (125.0, "2 min 05 s"), (3725.0, "1 h 02 min")] {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), text);
        }
    }
}
