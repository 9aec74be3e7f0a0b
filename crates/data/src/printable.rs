//! Names from outside as text that cannot pass for other text.

use std::borrow::Cow;
use std::path::Path;

/// `text` on one line: control characters, line and paragraph separators, and characters that
/// reverse the direction of writing are escaped as in Rust's strings (`\n`, `\u{1b}`). A terminal
/// would obey them, and a log would gain lines.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unsafe(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// A path for messages, as [`printable`] writes it.
#[must_use]
pub fn printable_path(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}

/// Control characters, the separators of Unicode, and those that Unicode's technical report 36 names
/// in "Bidirectional text spoofing".
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(printable("a\nerror: b\r\u{1b}[2J"), r"a\nerror: b\r\u{1b}[2J");
        assert_eq!(printable("\u{9b}\u{202e}\u{2028}"), r"\u{9b}\u{202e}\u{2028}");
        assert_eq!(printable_path(Path::new("a\tb")), r"a\tb");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["seven.jpg", "Straße 7 „ü“", r"C:\new", "日本", ""] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_line(characters in proptest::collection::vec(any::<char>(), 0..50)) {
            let text = String::from_iter(characters);
            let shown = printable(&text);
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert_eq!(shown.lines().count(), usize::from(!text.is_empty()));
        }
    }
}
