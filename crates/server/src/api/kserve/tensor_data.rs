//! A tensor's elements in JSON: flat or nested lists of numbers or of strings.

use std::fmt;

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The elements, flattened in row-major order.
#[derive(Debug, PartialEq)]
pub enum TensorData {
    Numbers(Vec<f32>),
    Strings(Vec<String>),
}

impl<'de> Deserialize<'de> for TensorData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut numbers, mut strings) = (Vec::new(), Vec::new());
        List(&mut numbers, &mut strings).deserialize(deserializer)?;
        match (numbers.is_empty(), strings.is_empty()) {
            (false, false) => Err(D::Error::custom("`data` has numbers and strings")),
            (_, false) => Ok(Self::Strings(strings)),
            _ => Ok(Self::Numbers(numbers)),
        }
    }
}

/// Appends the elements of a list.
struct List<'a>(&'a mut Vec<f32>, &'a mut Vec<String>);

/// Appends an element, or those of a list.
struct Element<'a>(&'a mut Vec<f32>, &'a mut Vec<String>);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(Element(self.0, self.1))
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a number, a string or a list of them")
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.0.push(number as f32);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.0.push(number as f32);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.0.push(number as f32);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.1.push(text.to_owned());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Element(&mut *self.0, &mut *self.1))?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<TensorData, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn nested_and_flat_lists_are_the_same() {
        let numbers = TensorData::Numbers(vec![0.0, 0.5, -1.0, 255.0]);
        assert_eq!(parse("[0, 0.5, -1, 255]").unwrap(), numbers);
        assert_eq!(parse("[[[0, 0.5]], [[-1, 255]]]").unwrap(), numbers);
        let strings = TensorData::Strings(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(parse(r#"[["a"], "b"]"#).unwrap(), strings);
        assert_eq!(parse("[]").unwrap(), TensorData::Numbers(Vec::new()));
    }

    #[test]
    fn other_elements_are_refused() {
        for json in ["1", "\"a\"", "[null]", "[true]", "[{}]", r#"[1, "a"]"#, "[1"] {
            assert!(parse(json).is_err(), "{json}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(parse(&deep).unwrap_err().contains("recursion"));
    }
}
