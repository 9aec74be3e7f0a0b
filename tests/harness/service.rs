//! Runs the built server and sends raw HTTP to it, so that tests can also send what no ordinary client would.
#![allow(dead_code)] // Every test file uses a part of it.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Timeout of every wait, longer than anything here takes.
pub const TIMEOUT: Duration = Duration::from_mins(1);

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The arguments, with the built-in model `cnn` unless they name others.
fn with_model<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let default: &[&str] = if arguments.contains(&"--model") { &[] } else { &["--model", "cnn"] };
    [arguments, default].concat()
}

/// `glyph serve`, see [`with_model`].
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glyph"));
    command
        .current_dir(root())
        .arg("serve")
        .args(with_model(arguments))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    command
}

/// Runs the server with arguments that make it exit by itself.
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    log: Option<ChildStderr>,
}

impl Server {
    /// Starts a server, see [`with_model`].
    pub fn start(arguments: &[&str]) -> Self {
        Self::spawn(&mut command(&[&["--bind", "127.0.0.1:0"], arguments].concat()))
    }

    /// Starts a server that may open this number of file descriptors.
    #[cfg(unix)]
    pub fn with_descriptors(limit: u32, arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -n {limit}; exec \"$0\" \"$@\""));
        command.arg(env!("CARGO_BIN_EXE_glyph")).args(["serve", "--bind", "127.0.0.1:0"]);
        Self::spawn(command.args(with_model(arguments)).current_dir(root()).env_remove("RUST_LOG"))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = child.stderr.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap_or_else(|| panic!("{line:?}"));
        Self { address: address.to_owned(), child, log }
    }

    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(TIMEOUT)).unwrap();
        Connection { stream }
    }

    /// Sends a request on a new connection.
    pub fn send(&self, request: &Request) -> Response {
        self.connect().send(request)
    }

    pub fn get(&self, path: &str) -> Response {
        self.send(&Request::get(path))
    }

    /// Posts a PNG file.
    pub fn post(&self, path: &str, picture: &[u8]) -> Response {
        self.send(&Request::post(path, "image/png", picture))
    }

    /// The value of the metric with this name and these labels.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name}\n{text}")).parse().unwrap()
    }

    /// Waits until the metric has an expected value.
    pub fn wait_for_metric(&self, name: &str, expected: impl Fn(f64) -> bool) {
        let start = Instant::now();
        while !expected(self.metric(name)) {
            assert!(start.elapsed() < TIMEOUT, "{name} is {}", self.metric(name));
            sleep(Duration::from_millis(5));
        }
    }

    /// Memory of the server in MB; `VmHWM` is its peak.
    #[cfg(target_os = "linux")]
    pub fn memory(&self, field: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        line.unwrap().trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1000
    }

    /// Sends a signal: TERM, INT or HUP.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until the server exits; returns its status and its log.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let mut log = String::new();
        self.log.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request as it is sent.
#[derive(Clone)]
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        Self { head, body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str, media_type: &str, body: &[u8]) -> Self {
        let request = Self::new("POST", path).with("Content-Type", media_type);
        let mut request = request.with("Content-Length", &body.len().to_string());
        request.body = body.to_vec();
        request
    }

    /// A form with several pictures.
    pub fn form(path: &str, pictures: &[(&str, &[u8])]) -> Self {
        let mut body = Vec::new();
        for (name, picture) in pictures {
            let head = format!(
                "--xyz\r\nContent-Disposition: form-data; name=\"picture\"; \
                 filename=\"{name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(picture);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xyz--\r\n");
        Self::post(path, "multipart/form-data; boundary=xyz", &body)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        write!(self.head, "{name}: {value}\r\n").unwrap();
        self
    }
}

/// A connection to the server.
pub struct Connection {
    pub stream: TcpStream,
}

impl Connection {
    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    pub fn send(&mut self, request: &Request) -> Response {
        self.start(request);
        self.read().unwrap()
    }

    /// Sends a request without waiting for the response.
    pub fn start(&mut self, request: &Request) {
        self.write(&[request.head.as_bytes(), b"\r\n", &request.body].concat());
    }

    /// The next response; `None` if the server closes the connection without one.
    pub fn read(&mut self) -> Option<Response> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match self.stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                Ok(_) => return None,
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
        let head = String::from_utf8(head).unwrap();
        let mut response = Response { head, body: Vec::new() };
        if let Some(length) = response.header("content-length") {
            response.body = vec![0; length.parse().unwrap()];
            self.stream.read_exact(&mut response.body).unwrap();
        }
        Some(response)
    }

    /// Whether the server closes the connection within `limit`.
    pub fn is_closed_within(&mut self, limit: Duration) -> bool {
        self.stream.set_read_timeout(Some(limit)).unwrap();
        match self.stream.read(&mut [0; 1024]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// A response.
#[derive(Debug)]
pub struct Response {
    pub head: String,
    pub body: Vec<u8>,
}

impl Response {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks the status 200 and returns the answers.
    pub fn answers(&self) -> Vec<Value> {
        assert_eq!(self.status(), 200, "{}", self.text());
        self.json()["answers"].as_array().unwrap().clone()
    }

    /// Checks that there is one answer and returns it.
    pub fn answer(&self) -> Value {
        let mut answers = self.answers();
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }

    /// Checks for problem details of this status and returns the detail.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert!(!problem["title"].as_str().unwrap().is_empty());
        problem["detail"].as_str().unwrap().to_owned()
    }
}
