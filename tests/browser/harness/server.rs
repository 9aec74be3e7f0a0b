//! The built server, which can go away and come back.

use std::env;
use std::process::Command;

use super::program::Program;

/// The repository's root.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A server of `artifacts/cnn`.
pub struct Server {
    program: Option<Program>,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Server {
    pub fn start() -> Self {
        let mut server = Self { program: None, address: "127.0.0.1:0".to_owned() };
        server.come_back();
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Ends the server at once, as a crash would.
    pub fn go_away(&mut self) {
        self.program = None;
    }

    /// Starts the server where it was before.
    pub fn come_back(&mut self) {
        let path = env::var_os("GLYPH_SERVER")
            .expect("GLYPH_SERVER must be the absolute path of the built server");
        let mut command = Command::new(path);
        command.args(["--bind", &self.address]).current_dir(ROOT).env("RUST_LOG", "warn");
        let mut program = Program::start(&mut command);
        self.address = program.line_after("http://");
        self.program = Some(program);
    }
}
