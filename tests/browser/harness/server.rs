//! `glyph serve`, which can stop and restart.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::program::Program;

/// The repository's root.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A server of the default model.
pub struct Server {
    program: Option<Program>,
    /// `127.0.0.1:PORT`.
    address: String,
    /// Requires the tokens of this file after the next restart.
    pub token_file: Option<PathBuf>,
}

impl Server {
    pub fn start() -> Self {
        let mut server =
            Self { program: None, address: "127.0.0.1:0".to_owned(), token_file: None };
        server.restart();
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Kills the server, as a crash would.
    pub fn stop(&mut self) {
        self.program = None;
    }

    /// Starts the server on its previous address.
    pub fn restart(&mut self) {
        let path = env::var_os("GLYPH_PROGRAM")
            .expect("GLYPH_PROGRAM must be the absolute path of the built program glyph");
        let mut command = Command::new(path);
        command.args(["serve", "--quiet", "--bind", &self.address]).current_dir(ROOT);
        if let Some(file) = &self.token_file {
            command.arg("--token-file").arg(file);
        }
        let mut program = Program::start(&mut command);
        self.address = program.line_after("http://");
        self.program = Some(program);
    }
}
