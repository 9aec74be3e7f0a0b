//! Figures as text: grouped digits, percentages and counts.

/// A whole number with commas between groups of three digits: `10,000`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 image`, `2 images`.
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count as u64), if count == 1 { one } else { many })
}

/// A fraction from 0 to 1 as a percentage with this many decimals: `99.45 %`.
#[must_use]
pub fn percent(fraction: f64, decimals: usize) -> String {
    format!("{:.decimals$} %", 100.0 * fraction)
}

/// A fraction from 0 to 1 as a percentage with one decimal. Only 0 and 1 become `0 %` and `100 %`;
/// values that would round to them become `< 0.1 %` and `> 99.9 %`.
#[must_use]
pub fn bounded_percent(fraction: f64) -> String {
    let rounded = percent(fraction, 1);
    match rounded.as_str() {
        "100.0 %" if fraction < 1.0 => String::from("> 99.9 %"),
        "100.0 %" => String::from("100 %"),
        "0.0 %" if fraction > 0.0 => String::from("< 0.1 %"),
        "0.0 %" => String::from("0 %"),
        _ => rounded,
    }
}

/// Number of decimals for figures from 0 to 1: four, or up to six if fewer would round a figure below
/// 1 to 1.
#[must_use]
pub fn decimals_below_one(figures: impl Iterator<Item = f64>) -> usize {
    let nearest = figures.filter(|figure| *figure < 1.0).fold(0.0, f64::max);
    match 1.0 - nearest {
        missing if missing > 5e-5 => 4,
        missing if missing > 5e-6 => 5,
        _ => 6,
    }
}

/// Whether a table cell is empty, a dash, or starts with a number, with or without a sign. Columns of
/// such cells are right-aligned.
#[must_use]
pub fn is_number(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['+', '-', '−', '±', '<', '>', '≤', '≥', ' ']);
    digits.starts_with(|character: char| character.is_ascii_digit())
        || matches!(cell, "" | "–" | "—")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(10_000), "10,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(counted(1, "image", "images"), "1 image");
        assert_eq!(counted(2_000, "image", "images"), "2,000 images");
    }

    #[test]
    fn almost_one_is_not_rounded_to_one() {
        assert_eq!(decimals_below_one([0.5, 1.0, 0.9999].into_iter()), 4);
        assert_eq!(decimals_below_one([0.5, 0.99998].into_iter()), 5);
        assert_eq!(decimals_below_one([0.999_999_999].into_iter()), 6);
        assert_eq!(bounded_percent(0.9996), "> 99.9 %");
        assert_eq!(bounded_percent(1.0), "100 %");
        assert_eq!(bounded_percent(0.0001), "< 0.1 %");
        assert_eq!(bounded_percent(0.256), "25.6 %");
        assert_eq!(percent(0.9996, 2), "99.96 %");
    }

    #[test]
    fn numbers_may_have_signs_and_units() {
        for cell in ["4", "99.1 %", "< 0.1 %", "−0.5", "± 3 s", "–", ""] {
            assert!(is_number(cell), "{cell}");
        }
        for cell in ["class", "-", "cnn 2"] {
            assert!(!is_number(cell), "{cell}");
        }
    }
}
