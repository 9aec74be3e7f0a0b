//! Headless Chromium and its driver.

use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use super::page::TIMEOUT;
use super::program::Program;

/// The visible part of a page, in CSS pixels.
#[derive(Clone, Copy)]
pub struct Viewport {
    pub width: u32,
    pub height: u32,
    /// Two pixels for each CSS pixel, touch instead of a mouse.
    pub is_phone: bool,
}

pub const DESKTOP: Viewport = Viewport { width: 1280, height: 800, is_phone: false };
pub const PHONE: Viewport = Viewport { width: 360, height: 740, is_phone: true };

/// A browser with one session; both end when it is dropped.
pub struct Chromium {
    pub client: Client,
    _driver: Driver,
}

impl Chromium {
    /// `None` if no browser is installed and none is required.
    pub async fn start(viewport: Viewport) -> Option<Self> {
        let (Some(browser), Some(driver)) = (find("chromium"), find("chromedriver")) else {
            skip();
            return None;
        };
        let driver = Driver::start(&driver);
        let address = format!("http://localhost:{}", driver.port);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&browser, viewport))
            .connect(&address)
            .await
            .unwrap_or_else(|error| panic!("{} starts no session: {error}", browser.display()));
        Some(Self { client, _driver: driver })
    }

    /// The console's messages since the last call: errors, warnings, policy violations.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(ReadConsole).await.unwrap();
        let message = |entry: &Value| entry["message"].as_str().unwrap().to_owned();
        entries.as_array().unwrap().iter().map(message).collect()
    }
}

/// The driver's process, on a free port.
struct Driver {
    program: Program,
    port: u16,
    /// Profiles and sockets, of which Chromium leaves some behind.
    _folder: TempDir,
}

impl Driver {
    fn start(path: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(path);
        let mut program = Program::start(command.arg("--port=0").env("TMPDIR", folder.path()));
        let port = program.line_after("ChromeDriver was started successfully on port ");
        Self { program, port: port.trim_end_matches('.').parse().unwrap(), _folder: folder }
    }

    /// Stops all browsers, then the driver.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Driver {
    // A driver that is killed would leave its browser behind.
    fn drop(&mut self) {
        if self.shut_down().is_ok() {
            self.program.wait(TIMEOUT);
        }
    }
}

/// Reads the browser's log, an extension of `ChromeDriver` to the standard.
#[derive(Debug)]
struct ReadConsole;

impl WebDriverCompatibleCommand for ReadConsole {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

fn capabilities(browser: &Path, viewport: Viewport) -> Capabilities {
    // Debian's Chromium draws with the processor then, and containers have little shared memory.
    let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    let Viewport { width, height, is_phone } = viewport;
    let metrics = json!({
        "width": width,
        "height": height,
        "pixelRatio": if is_phone { 2 } else { 1 },
        "mobile": is_phone,
        "touch": is_phone,
    });
    let capabilities = json!({
        "goog:chromeOptions": {
            "binary": browser,
            "args": arguments,
            "mobileEmulation": { "deviceMetrics": metrics },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    capabilities.as_object().unwrap().clone()
}

/// The path of a program, if it is installed.
fn find(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Reports once that tests are skipped, bypassing the test runner, which would capture it.
fn skip() {
    static SAID: Once = Once::new();
    const REASON: &str = "no browser: install Debian's packages chromium and chromium-driver";
    assert_ne!(env::var("GLYPH_BROWSER").as_deref(), Ok("required"), "{REASON}");
    let mut stderr = std::io::stderr();
    SAID.call_once(|| writeln!(stderr, "SKIPPED: {REASON}").unwrap());
}
