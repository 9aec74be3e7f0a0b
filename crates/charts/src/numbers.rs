//! How numbers are written.

/// A whole number with commas between groups of three digits.
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

/// Decimals with which numbers up to 1 are written: four, or as many more as it takes to tell all of
/// them from 1.
pub fn decimals(values: impl Iterator<Item = f64>) -> usize {
    let nearest = values.filter(|value| *value < 1.0).fold(0.0, f64::max);
    match 1.0 - nearest {
        missing if missing > 5e-5 => 4,
        missing if missing > 5e-6 => 5,
        _ => 6,
    }
}

/// A share from 0 to 1 in percent, with one decimal, which no error is rounded away from.
pub fn percent(share: f64) -> String {
    let rounded = format!("{:.1} %", share * 100.0);
    match rounded.as_str() {
        "100.0 %" if share < 1.0 => String::from("> 99.9 %"),
        "100.0 %" => String::from("100 %"),
        "0.0 %" if share > 0.0 => String::from("< 0.1 %"),
        "0.0 %" => String::from("0 %"),
        _ => rounded,
    }
}

/// "1 image", "2 images".
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count as u64), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(10_000), "10,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn almost_one_is_not_rounded_to_one() {
        assert_eq!(decimals([0.5, 1.0, 0.9999].into_iter()), 4);
        assert_eq!(decimals([0.5, 0.99998].into_iter()), 5);
        assert_eq!(decimals([0.999_999_999].into_iter()), 6);
        assert_eq!(percent(0.9996), "> 99.9 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0001), "< 0.1 %");
        assert_eq!(percent(0.256), "25.6 %");
    }
}
