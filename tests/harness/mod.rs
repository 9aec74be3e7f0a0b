//! Runs the built program as a user would, and reads the files that it writes.
#![allow(dead_code)] // Every test file uses a part of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Where Debian's package `dataset-fashion-mnist` puts the real files.
pub const FASHION: &str = "/usr/share/datasets/fashion-mnist";

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program, started in the repository's root.
pub fn glyph(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glyph"));
    command.current_dir(root()).args(arguments).stdin(Stdio::null());
    command
}

/// What a program printed and how it ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Ended {
    glyph(arguments).output().unwrap().into()
}

/// Runs the program and insists on success.
pub fn succeed(arguments: &[&str]) -> Ended {
    let ended = run(arguments);
    assert_eq!(ended.code, Some(0), "{arguments:?}\n{}\n{}", ended.stdout, ended.stderr);
    ended
}

/// Runs the program, insists on this exit code and returns its stderr.
pub fn fail(code: i32, arguments: &[&str]) -> String {
    let ended = run(arguments);
    assert_eq!(ended.code, Some(code), "{arguments:?}\n{}\n{}", ended.stdout, ended.stderr);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    ended.stderr
}

/// A folder for one test.
pub struct Workplace {
    folder: tempfile::TempDir,
}

impl Workplace {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in this folder, as an argument.
    pub fn argument(&self, name: &str) -> String {
        self.path(name).into_os_string().into_string().unwrap()
    }

    /// Writes a file and returns its path as an argument.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
        self.argument(name)
    }

    /// Trains `configs/smoke.toml` into the folder `name`.
    pub fn smoke(&self, name: &str, more: &[&str]) -> PathBuf {
        let output = self.argument(name);
        let fixed = ["train", "configs/smoke.toml", "--output", &output, "--quiet"];
        succeed(&[&fixed, more].concat());
        self.path(name)
    }
}

/// The JSON in a file.
pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The weights of a run.
pub fn weights(run: &Path) -> Vec<u8> {
    fs::read(run.join("model.bpk")).unwrap()
}

/// All configs of the repository, relative to its root.
pub fn configs() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["configs", "configs/classic"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                found.push(format!("{folder}/{}", path.file_name().unwrap().display()));
            }
        }
    }
    found.sort();
    found
}
