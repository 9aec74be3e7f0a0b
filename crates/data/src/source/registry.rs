//! All sources. A new one is a line here.

use super::definition::Source;
use super::{fashion_mnist, folder, idx, mnist, npz};

/// All sources, in the order in which messages list them.
pub(crate) const REGISTRY: &[&Source] =
    &[&mnist::SOURCE, &fashion_mnist::SOURCE, &idx::SOURCE, &npz::SOURCE, &folder::SOURCE];

/// The names of all sources.
pub(crate) const NAMES: &[&str] = &{
    let mut names = [""; REGISTRY.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = REGISTRY[index].name;
        index += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_written_with_hyphens() {
        let unique: BTreeSet<&str> = NAMES.iter().copied().collect();
        assert_eq!(unique.len(), REGISTRY.len());
        for name in unique {
            let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(name.bytes().all(is_allowed) && !name.is_empty(), "{name}");
        }
    }
}
