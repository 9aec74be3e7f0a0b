//! Replays the corpus of the fuzz targets; `fuzz/README.md` describes fuzzing.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Passes all files of a corpus to an entry point, and lists those for which it panics.
fn replay(target: &str, entry_point: fn(&[u8])) {
    let files = inside(&corpus().join(target));
    assert!(!files.is_empty(), "corpus/{target} is empty");
    let fails = |file: &PathBuf| catch_unwind(|| entry_point(&fs::read(file).unwrap())).is_err();
    let failed: Vec<_> = files.into_iter().filter(fails).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn idx_files_are_read_or_refused() {
    replay("idx", any_input::idx);
}

#[test]
fn gzipped_idx_files_are_read_or_refused() {
    replay("gzipped_idx", any_input::gzipped_idx);
}

#[test]
fn label_files_are_read_or_refused() {
    replay("label_file", any_input::label_file);
}

#[test]
fn configs_are_accepted_or_refused() {
    replay("config", any_input::config);
}

#[test]
fn overrides_are_accepted_or_refused() {
    replay("overrides", any_input::overrides);
}

#[test]
fn pictures_become_inputs_or_are_refused() {
    replay("picture", any_input::picture);
}

#[test]
fn inference_requests_are_answered_or_refused() {
    replay("kserve", any_input::kserve);
}

#[test]
fn token_files_are_accepted_or_refused() {
    replay("token_file", any_input::token_file);
}

#[test]
fn corrections_are_applied_or_refused() {
    replay("corrections", any_input::corrections);
}

#[test]
fn pages_are_read_or_blank() {
    replay("page", any_input::page);
}

#[test]
fn weights_are_loaded_or_refused() {
    replay("weights", any_input::weights);
}

#[test]
fn cards_are_loaded_or_refused() {
    replay("card", any_input::card);
}

#[test]
fn progress_is_resumed_or_refused() {
    replay("state", any_input::state);
}

#[test]
fn requests_are_answered_or_refused() {
    replay("http", any_input::http);
}

#[test]
fn every_fuzz_target_has_a_corpus() {
    let names = |folder: &Path| -> BTreeSet<_> {
        inside(folder).iter().map(|path| path.file_stem().unwrap().to_owned()).collect()
    };
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    assert_eq!(names(&targets), names(&corpus()));
}
