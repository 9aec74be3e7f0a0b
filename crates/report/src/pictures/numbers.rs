//! How numbers are written.

/// A whole number with commas between groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
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

/// A number up to 1 with four decimals, or more where only they tell it from 1.
pub(crate) fn below_one(value: f64) -> String {
    for decimals in 4..7 {
        let text = format!("{value:.decimals$}");
        if value >= 1.0 || !text.starts_with('1') {
            return text;
        }
    }
    String::from("> 0.999999")
}

/// A share from 0 to 1 in percent, with one decimal, which no error is rounded away from.
pub(crate) fn percent(share: f64) -> String {
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
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
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
        assert_eq!(below_one(0.5), "0.5000");
        assert_eq!(below_one(0.99998), "0.99998");
        assert_eq!(below_one(1.0), "1.0000");
        assert_eq!(below_one(0.999_999_99), "> 0.999999");
        assert_eq!(percent(0.9996), "> 99.9 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0001), "< 0.1 %");
        assert_eq!(percent(0.256), "25.6 %");
    }
}
