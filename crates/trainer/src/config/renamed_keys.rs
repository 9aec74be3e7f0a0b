//! Keys that earlier versions had under other names, so that an old config gets a useful error.

use toml::Table;

/// A key that no longer exists.
pub struct RenamedKey {
    /// Its dotted path.
    pub key: &'static str,
    /// What has become of it.
    pub problem: &'static str,
}

/// Keys of version 0.1.
const RENAMED: [RenamedKey; 2] = [
    RenamedKey {
        key: "dataset.name",
        problem: "dataset.name is now dataset.source: rename the key",
    },
    RenamedKey {
        key: "cuts",
        problem: "[cuts] is now [line_negatives], its key rough is now partial, and wrong is now \
                  invalid: rename them",
    },
];

/// The first renamed key that `config` has.
pub fn find_renamed_key(config: &Table) -> Option<&'static RenamedKey> {
    RENAMED.iter().find(|renamed| has_key(config, renamed.key))
}

fn has_key(config: &Table, key: &str) -> bool {
    match key.split_once('.') {
        None => config.contains_key(key),
        Some((section, key)) => config
            .get(section)
            .and_then(toml::Value::as_table)
            .is_some_and(|table| has_key(table, key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&'static str> {
        find_renamed_key(&toml::from_str(text).unwrap()).map(|renamed| renamed.key)
    }

    #[test]
    fn old_keys_are_found_and_new_ones_pass() {
        assert_eq!(found("[dataset]\nname = 'mnist'"), Some("dataset.name"));
        assert_eq!(found("dataset = { name = 'mnist' }"), Some("dataset.name"));
        assert_eq!(found("[cuts]\nrough = 0.1"), Some("cuts"));
        assert_eq!(found("name = 'mnist'\ndataset = 3\n[model]\ncuts = 1"), None);
        assert_eq!(found("[dataset]\nsource = 'mnist'\n[line_negatives]\npartial = 0.1"), None);
    }
}
