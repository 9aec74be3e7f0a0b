//! Configs, and their overrides on the command line.

use std::str;

use trainer::check_config;

use crate::MNIST;

/// The number of classes of MNIST.
const CLASSES: usize = 10;

/// A config that uses most features.
const SMOKE: &str = include_str!("../../../configs/smoke.toml");

/// Any bytes as a config file.
///
/// # Panics
///
/// If an accepted config is refused, or read as another one, after it was resolved and written.
pub fn config(bytes: &[u8]) {
    // Reading a file that is not UTF-8 fails.
    if let Ok(text) = str::from_utf8(bytes) {
        check(text, &[]);
    }
}

/// Any lines as the values of `--set`, in order.
///
/// # Panics
///
/// As [`config`].
pub fn overrides(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        let overrides: Vec<String> = text.split('\n').map(str::to_owned).collect();
        check(SMOKE, &overrides);
    }
}

fn check(text: &str, overrides: &[String]) {
    let Ok(resolved) = check_config(text, overrides, MNIST, CLASSES) else { return };
    match check_config(&resolved, &[], MNIST, CLASSES) {
        Ok(again) => assert_eq!(again, resolved),
        Err(error) => panic!("the resolved config is refused: {error:#}\n{resolved}"),
    }
}
