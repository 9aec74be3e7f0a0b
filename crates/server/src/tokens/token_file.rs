//! The file of bearer tokens: one on each line, as `name:token` or just `token`.

use std::collections::BTreeSet;
use std::fmt;

use data::sha256;
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

/// Minimum length of a token, in characters: 16 random ones cannot be guessed.
const MIN_LENGTH: usize = 16;
/// Maximum length of a token and of a name, in characters.
const MAX_LENGTH: usize = 256;
/// Maximum number of tokens, because each request is compared with all of them.
const MAX_TOKENS: usize = 1_000;

/// The tokens of a file, in its order. Only their SHA-256 sums are kept.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Vec<Token>);

/// A token's name and sum.
#[derive(Clone, Debug)]
pub struct Token {
    /// The name in the file, or `line-N`. It appears in metrics.
    pub name: String,
    /// SHA-256 of the token, in hexadecimal.
    pub digest: String,
}

/// Why a file of tokens cannot be used. No message shows a token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenFileError {
    /// The file is not text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// There is no token in the file.
    #[error("it has no token: add a line `name:token`, with a token from `openssl rand -hex 32`")]
    Empty,
    /// A line cannot be used.
    #[error("line {line}: {mistake}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        mistake: TokenLineError,
    },
}

/// What is wrong with one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenLineError {
    /// A name is empty, too long, or has other characters than those allowed.
    Name,
    /// A token is too short or too long.
    Length,
    /// A token has characters that a header cannot have.
    Characters,
    /// The name is that of an earlier line.
    SameName,
    /// The token is that of an earlier line.
    SameToken,
    /// There are too many lines.
    TooMany,
}

impl fmt::Display for TokenLineError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => write!(
                formatter,
                "a name has 1 to {MAX_LENGTH} letters, digits, `-`, `_` and `.`: write `name:token`"
            ),
            Self::Length => write!(
                formatter,
                "a token has {MIN_LENGTH} to {MAX_LENGTH} characters: make one with `openssl rand \
                 -hex 32`"
            ),
            Self::Characters => write!(
                formatter,
                "a token has only letters, digits and `-._~+/=` (RFC 6750): make one with `openssl \
                 rand -hex 32`"
            ),
            Self::SameName => formatter.write_str("an earlier line has the same name"),
            Self::SameToken => formatter.write_str("an earlier line has the same token"),
            Self::TooMany => write!(formatter, "the file has more than {MAX_TOKENS} tokens"),
        }
    }
}

impl Tokens {
    /// Parses a file. Blank lines, and lines that start with `#`, are skipped.
    ///
    /// # Errors
    ///
    /// If it is not text, has no token, or a line is malformed or repeats a name or token.
    pub fn parse(file: &[u8]) -> Result<Self, TokenFileError> {
        let text = str::from_utf8(file).map_err(|_| TokenFileError::NotText)?;
        let (mut names, mut digests) = (BTreeSet::new(), BTreeSet::new());
        let mut tokens = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let refuse = |mistake| TokenFileError::Line { line, mistake };
            let token = Token::parse(line, text).map_err(refuse)?;
            if !names.insert(token.name.clone()) {
                return Err(refuse(TokenLineError::SameName));
            }
            if !digests.insert(token.digest.clone()) {
                return Err(refuse(TokenLineError::SameToken));
            }
            if tokens.len() == MAX_TOKENS {
                return Err(refuse(TokenLineError::TooMany));
            }
            tokens.push(token);
        }
        if tokens.is_empty() { Err(TokenFileError::Empty) } else { Ok(Self(tokens)) }
    }

    /// The index of a client's token. The time it takes depends neither on how much of the token is
    /// right nor on which one it is.
    #[must_use]
    pub fn find(&self, presented: &str) -> Option<usize> {
        let digest = sha256(presented.as_bytes());
        let mut found = None;
        for (index, token) in self.0.iter().enumerate() {
            let is_same: Choice = token.digest.as_bytes().ct_eq(digest.as_bytes());
            if bool::from(is_same) {
                found = Some(index);
            }
        }
        found
    }

    /// The tokens, in the file's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Token> {
        self.0.iter()
    }

    /// The tokens' names, in the file's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|token| token.name.as_str())
    }
}

impl Token {
    fn parse(line: usize, text: &str) -> Result<Self, TokenLineError> {
        let (name, token) = match text.split_once(':') {
            Some((name, token)) => (name.trim().to_owned(), token.trim()),
            None => (format!("line-{line}"), text),
        };
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !(1..=MAX_LENGTH).contains(&name.len()) || !name.bytes().all(in_name) {
            return Err(TokenLineError::Name);
        }
        let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if !token.bytes().all(in_token) {
            return Err(TokenLineError::Characters);
        }
        if !(MIN_LENGTH..=MAX_LENGTH).contains(&token.len()) {
            return Err(TokenLineError::Length);
        }
        Ok(Self { name, digest: sha256(token.as_bytes()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn mistake(text: &str) -> (usize, TokenLineError) {
        match Tokens::parse(text.as_bytes()).unwrap_err() {
            TokenFileError::Line { line, mistake } => (line, mistake),
            error => panic!("{error}"),
        }
    }

    #[test]
    fn tokens_are_found_by_their_text() {
        let file = format!("# for tests\n\nalice: {TOKEN}\n{TOKEN}0\r\n");
        let tokens = Tokens::parse(file.as_bytes()).unwrap();
        assert!(tokens.names().eq(["alice", "line-4"]));
        assert_eq!((tokens.find(TOKEN), tokens.find(&format!("{TOKEN}0"))), (Some(0), Some(1)));
        for wrong in ["", "alice", &TOKEN[1..], &format!("{TOKEN}1"), "alice: 0123456789abcdef"] {
            assert_eq!(tokens.find(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn mistakes_name_the_line_and_never_the_token() {
        for (text, line, expected) in [
            (format!("{TOKEN}\nshort"), 2, TokenLineError::Length),
            (format!("# a\n:{TOKEN}"), 2, TokenLineError::Name),
            (format!("a b:{TOKEN}"), 1, TokenLineError::Name),
            (format!("{TOKEN} {TOKEN}"), 1, TokenLineError::Characters),
            (format!("a:{TOKEN}\na:{TOKEN}0"), 2, TokenLineError::SameName),
            (format!("a:{TOKEN}\nb:{TOKEN}"), 2, TokenLineError::SameToken),
        ] {
            assert_eq!(mistake(&text), (line, expected), "{text}");
            let error = Tokens::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(!error.contains(TOKEN) && !error.contains("short"), "{error}");
        }
    }

    #[test]
    fn a_file_without_tokens_is_refused() {
        assert_eq!(Tokens::parse(b"# none\n").unwrap_err(), TokenFileError::Empty);
        assert_eq!(Tokens::parse(&[0xFF; 20]).unwrap_err(), TokenFileError::NotText);
        let many: Vec<String> = (0..=MAX_TOKENS).map(|index| format!("{TOKEN}{index}")).collect();
        assert_eq!(mistake(&many.join("\n")), (MAX_TOKENS + 1, TokenLineError::TooMany));
    }

    #[test]
    fn debug_output_shows_no_token() {
        let tokens = Tokens::parse(TOKEN.as_bytes()).unwrap();
        assert!(!format!("{tokens:?}").contains(TOKEN));
    }
}
