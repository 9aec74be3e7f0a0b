//! The current tokens, and their replacement when the file is read again.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use data::read_regular;
use thiserror::Error;

use crate::tokens::token_file::{TokenFileError, Tokens};
use crate::tokens::token_limits::{TokenLimits, TokenUsage};

/// Maximum size of the file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A file of tokens that cannot be read or used.
#[derive(Debug, Error)]
#[error("--token-file {path}: {reason}")]
pub struct TokenStoreError {
    path: String,
    reason: Reason,
}

#[derive(Debug, Error)]
enum Reason {
    #[error("{0}")]
    Read(io::Error),
    #[error("{0}")]
    Content(TokenFileError),
}

/// The tokens of a file.
#[derive(Debug)]
pub struct TokenStore {
    path: PathBuf,
    limits: TokenLimits,
    current: RwLock<Arc<KnownTokens>>,
}

/// Tokens, and what each has used of its limits.
#[derive(Debug, Default)]
struct KnownTokens {
    tokens: Tokens,
    /// As many as there are tokens.
    accounts: Vec<Account>,
}

/// A token's name and what it has used.
#[derive(Clone, Debug)]
pub struct Account {
    pub name: Arc<str>,
    pub usage: Arc<TokenUsage>,
}

impl TokenStore {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or a line is malformed.
    pub fn open(path: &Path, limits: TokenLimits) -> Result<Self, TokenStoreError> {
        let store = Self { path: path.to_owned(), limits, current: RwLock::default() };
        store.reload()?;
        Ok(store)
    }

    /// Reads the file again, and returns the number of its tokens. Tokens that stay in the file keep
    /// what they have used of their limits.
    ///
    /// # Errors
    ///
    /// As [`Self::open`]; the tokens then stay as they are.
    pub fn reload(&self) -> Result<usize, TokenStoreError> {
        let refuse = |reason| TokenStoreError { path: self.path.display().to_string(), reason };
        let file = read(&self.path).map_err(|error| refuse(Reason::Read(error)))?;
        let tokens = Tokens::parse(&file).map_err(|error| refuse(Reason::Content(error)))?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(KnownTokens::new(tokens, &current, self.limits));
        Ok(current.accounts.len())
    }

    /// The account of a client's token, if it is known.
    pub fn find(&self, presented: &str) -> Option<Account> {
        let current = {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&current)
        };
        let index = current.tokens.find(presented)?;
        current.accounts.get(index).cloned()
    }
}

impl KnownTokens {
    fn new(tokens: Tokens, earlier: &Self, limits: TokenLimits) -> Self {
        let known: BTreeMap<&str, &Arc<TokenUsage>> = earlier
            .tokens
            .iter()
            .zip(&earlier.accounts)
            .map(|(token, account)| (token.digest.as_str(), &account.usage))
            .collect();
        let accounts = tokens
            .iter()
            .map(|token| Account {
                name: token.name.as_str().into(),
                usage: match known.get(token.digest.as_str()) {
                    Some(usage) => Arc::clone(usage),
                    None => Arc::new(TokenUsage::new(limits)),
                },
            })
            .collect();
        Self { tokens, accounts }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = read_regular(path, MAX_BYTES)?;
    warn_if_public(path)?;
    Ok(file)
}

#[cfg(unix)]
fn warn_if_public(path: &Path) -> io::Result<()> {
    let permissions = path.metadata()?.permissions();
    if std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o004 != 0 {
        let file = path.display();
        tracing::warn!(%file, "every user of this machine can read the tokens: chmod o-r");
    }
    Ok(())
}

#[cfg(not(unix))]
fn warn_if_public(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const OLD: &str = "old-token-0123456789";
    const NEW: &str = "new-token-0123456789";

    fn store(text: &str, limits: TokenLimits) -> (tempfile::TempDir, PathBuf, TokenStore) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        fs::write(&path, text).unwrap();
        let store = TokenStore::open(&path, limits).unwrap();
        (folder, path, store)
    }

    #[test]
    fn a_file_is_read_again() {
        let (_folder, path, store) = store(&format!("a:{OLD}"), TokenLimits::default());
        assert_eq!(&*store.find(OLD).unwrap().name, "a");
        fs::write(&path, format!("b:{NEW}")).unwrap();
        assert_eq!(store.reload().unwrap(), 1);
        assert!(store.find(OLD).is_none() && store.find(NEW).is_some());
    }

    #[test]
    fn a_broken_file_leaves_the_tokens_as_they_are() {
        let (_folder, path, store) = store(OLD, TokenLimits::default());
        for broken in ["", "short"] {
            fs::write(&path, broken).unwrap();
            let error = store.reload().unwrap_err().to_string();
            assert!(error.contains("--token-file") && error.contains("tokens"), "{error}");
            assert!(store.find(OLD).is_some());
        }
        fs::remove_file(&path).unwrap();
        store.reload().unwrap_err();
        assert!(store.find(OLD).is_some());
    }

    #[test]
    fn a_token_that_stays_keeps_its_usage() {
        let limits = TokenLimits { rate: None, concurrency: Some(1) };
        let (_folder, path, store) = store(&format!("a:{OLD}"), limits);
        let _busy = store.find(OLD).unwrap().usage.begin_request().unwrap();
        fs::write(&path, format!("b:{NEW}\nrenamed:{OLD}")).unwrap();
        store.reload().unwrap();
        assert_eq!(&*store.find(OLD).unwrap().name, "renamed");
        assert!(store.find(OLD).unwrap().usage.begin_request().is_err());
        assert!(store.find(NEW).unwrap().usage.begin_request().is_ok());
    }

    #[test]
    fn only_regular_files_of_bounded_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &Path| TokenStore::open(path, TokenLimits::default()).unwrap_err();
        open(folder.path());
        let large = folder.path().join("large");
        fs::write(&large, vec![b'#'; MAX_BYTES as usize + 1]).unwrap();
        assert!(open(&large).to_string().contains("1048576 bytes"));
    }
}
