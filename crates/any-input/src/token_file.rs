//! Files of access tokens.

use server::Tokens;

/// Any bytes as a file of tokens.
///
/// # Panics
///
/// If a file that is accepted has no token, accepts an empty one, or does not know the token of each
/// of its lines.
pub fn token_file(bytes: &[u8]) {
    let lines = || {
        let text = str::from_utf8(bytes).unwrap_or_default();
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    };
    let Ok(tokens) = Tokens::parse(bytes) else { return };
    assert!(lines().next().is_some());
    assert_eq!(tokens.names().count(), lines().count());
    assert_eq!(tokens.find(""), None);
    for (index, line) in lines().enumerate() {
        let token = line.split_once(':').map_or(line, |(_, token)| token.trim());
        assert_eq!(tokens.find(token), Some(index));
    }
}
