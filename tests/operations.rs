//! Black-box tests of what operators of `glyph serve` rely on: tokens, the address for metrics, and
//! models that are loaded again.
#![allow(clippy::unwrap_used)]

#[path = "harness/drawing.rs"]
mod drawing;
#[path = "harness/service.rs"]
mod service;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use drawing::Page;
use serde_json::{Value, json};
use service::{Request, Response, Server, TIMEOUT, root, run};

const TOKEN: &str = "correct-horse-battery";
const OTHER: &str = "another-token-0123456";

/// A folder with a file of tokens.
fn tokens(text: &str) -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("tokens");
    fs::write(&path, text).unwrap();
    (place, path.to_str().unwrap().to_owned())
}

fn with_token(request: Request, token: &str) -> Request {
    request.with("Authorization", &format!("Bearer {token}"))
}

fn status_with(server: &Server, path: &str, token: &str) -> u16 {
    server.send(&with_token(Request::get(path), token)).status()
}

/// A copy of the released model whose classes have another name in front.
fn write_model(folder: &Path, prefix: &str) {
    let released = root().join("artifacts/cnn");
    let mut card: Value =
        serde_json::from_slice(&fs::read(released.join("model.json")).unwrap()).unwrap();
    for name in card["class_names"].as_array_mut().unwrap() {
        *name = format!("{prefix}{}", name.as_str().unwrap()).into();
    }
    fs::create_dir_all(folder).unwrap();
    fs::copy(released.join("model.bpk"), folder.join("model.bpk")).unwrap();
    fs::write(folder.join("model.json"), card.to_string()).unwrap();
}

fn wait_until(what: &str, is_done: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_done() {
        assert!(start.elapsed() < TIMEOUT, "{what}");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn requests_without_a_known_token_are_refused() {
    let (_place, file) = tokens(&format!("# clients\nalice:{TOKEN}\n"));
    let server = Server::start(&["--token-file", &file]);
    let seven = Page::with_digit('7').png();
    let refused = server.post("/api/predict", &seven);
    let detail = refused.problem(401);
    assert!(detail.contains("Authorization: Bearer"), "{detail}");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer realm=\"glyph\""));
    for (path, status) in [
        ("/", 200),
        ("/page.js", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/v2/health/ready", 200),
        ("/api/openapi.json", 200),
        ("/metrics", 401),
        ("/api/models", 401),
        ("/api/models/cnn/confusion_matrix.png", 401),
        ("/v2", 401),
        ("/nowhere", 404),
    ] {
        assert_eq!(server.get(path).status(), status, "{path}");
        let with_token = if status == 401 { 200 } else { status };
        assert_eq!(status_with(&server, path, TOKEN), with_token, "{path}");
        let with_wrong = status_with(&server, path, &TOKEN[1..]);
        assert_eq!(with_wrong, status, "{path}");
    }
    let request = with_token(Request::post("/api/predict", "image/png", &seven), TOKEN);
    assert_eq!(server.send(&request).answer()["answer"], "7");
    let metrics = server.send(&with_token(Request::get("/metrics"), TOKEN)).text();
    assert!(metrics.contains(r#"glyph_token_requests_total{token="alice",outcome="accepted"}"#));
    assert!(!metrics.contains(TOKEN));
    let kserve = server.get("/v2/models/cnn");
    assert_eq!((kserve.status(), kserve.header("www-authenticate").is_some()), (401, true));
    assert!(kserve.json()["error"].as_str().unwrap().contains("token"));
}

#[test]
fn the_log_never_has_a_token() {
    let (_place, file) = tokens(&format!("alice:{TOKEN}"));
    let server = Server::start(&["--token-file", &file]);
    server.send(&with_token(Request::get("/api/models"), TOKEN));
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(log.contains("/api/models") && !log.contains(TOKEN), "{log}");
}

#[test]
fn a_token_has_limits_of_its_own() {
    let (_place, file) = tokens(&format!("alice:{TOKEN}\nbob:{OTHER}"));
    let server = Server::start(&["--token-file", &file, "--token-rate", "3"]);
    let refused: Vec<Response> = (0..50)
        .map(|_| server.send(&with_token(Request::get("/api/models"), TOKEN)))
        .filter(|response| response.status() == 429)
        .collect();
    assert!(!refused.is_empty());
    assert_eq!(refused[0].header("retry-after"), Some("1"));
    assert!(refused[0].problem(429).contains("per second"));
    assert_eq!(status_with(&server, "/api/models", OTHER), 200);
    wait_until("the limit is per second", || status_with(&server, "/api/models", TOKEN) == 200);
}

#[test]
fn a_token_may_have_only_so_many_requests_in_progress() {
    let (_place, file) = tokens(&format!("alice:{TOKEN}\nbob:{OTHER}"));
    let server = Server::start(&["--token-file", &file, "--token-concurrency", "1"]);
    let mut slow = server.connect();
    let post = with_token(Request::post("/api/predict", "image/png", b"12345"), TOKEN);
    let head = [post.head.as_bytes(), b"\r\n", &post.body[..1]].concat();
    slow.write(&head);
    wait_until("the second request is refused", || {
        status_with(&server, "/api/models", TOKEN) == 429
    });
    assert_eq!(status_with(&server, "/api/models", OTHER), 200);
    slow.write(b"2345");
    slow.read().unwrap().problem(422);
    assert_eq!(status_with(&server, "/api/models", TOKEN), 200);
}

#[test]
#[cfg(unix)]
fn tokens_are_read_again_on_sighup_and_a_broken_file_changes_nothing() {
    let (_place, file) = tokens(&format!("alice:{TOKEN}"));
    let server = Server::start(&["--token-file", &file]);
    fs::write(&file, format!("bob:{OTHER}")).unwrap();
    assert_eq!(status_with(&server, "/api/models", OTHER), 401);
    server.signal("HUP");
    wait_until("the file is read again", || status_with(&server, "/api/models", OTHER) == 200);
    assert_eq!(status_with(&server, "/api/models", TOKEN), 401);
    fs::write(&file, "short").unwrap();
    server.signal("HUP");
    sleep(Duration::from_secs(1));
    assert_eq!(status_with(&server, "/api/models", OTHER), 200);
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(log.contains("line 1") && log.contains("the earlier tokens stay valid"), "{log}");
}

#[test]
fn unusable_files_of_tokens_are_usage_errors() {
    for (text, word) in [("", "no token"), ("alice:short", "line 1"), ("a\nb c", "line 1")] {
        let (_place, file) = tokens(text);
        let ended = run(&["--token-file", &file]);
        let error = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{error}");
        assert!(error.contains(word) && error.contains(&file), "{error}");
    }
    let missing = run(&["--token-file", "no/such/file"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
#[cfg(unix)]
fn a_file_of_tokens_that_everybody_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    for (mode, is_warned) in [(0o644, true), (0o640, false)] {
        let (_place, file) = tokens(TOKEN);
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let server = Server::start(&["--token-file", &file]);
        server.signal("TERM");
        let (_, log) = server.wait();
        assert_eq!(log.contains("can read the tokens"), is_warned, "{mode:o} {log}");
    }
}

/// An address that is free now.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn metrics_and_readiness_move_to_their_own_address() {
    let (_place, file) = tokens(TOKEN);
    let admin = free_address();
    let mut server = Server::start(&["--token-file", &file, "--admin-bind", &admin]);
    for (path, status) in [("/metrics", 404), ("/readyz", 404), ("/healthz", 200), ("/", 200)] {
        assert_eq!(status_with(&server, path, TOKEN), status, "{path}");
    }
    server.address = admin;
    for (path, status) in [
        ("/metrics", 200),
        ("/readyz", 200),
        ("/healthz", 200),
        ("/", 404),
        ("/api/models", 404),
        ("/v2", 404),
    ] {
        assert_eq!(server.get(path).status(), status, "{path}");
    }
}

fn class_of_seven(server: &Server) -> String {
    let answer = server.post("/api/predict", &Page::with_digit('7').png()).answer();
    answer["class"].as_str().unwrap().to_owned()
}

#[test]
#[cfg(unix)]
fn a_changed_model_is_loaded_again_and_a_broken_one_is_not() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("signs");
    write_model(&folder, "");
    let server = Server::start(&["--model", folder.to_str().unwrap()]);
    assert_eq!(class_of_seven(&server), "7");
    write_model(&folder, "new ");
    wait_until("the changed model is loaded", || class_of_seven(&server) == "new 7");
    fs::write(folder.join("model.json"), "torn").unwrap();
    let failed = r#"glyph_model_reloads_total{model="signs",result="failed"} 1"#;
    wait_until("the torn model is refused", || server.get("/metrics").text().contains(failed));
    assert_eq!(class_of_seven(&server), "new 7");
    assert_eq!(server.get("/readyz").status(), 200);
    write_model(&folder, "repaired ");
    server.signal("HUP");
    wait_until("the repaired model is loaded", || class_of_seven(&server) == "repaired 7");
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0));
    let failures = log.matches("the earlier model stays").count();
    assert_eq!(failures, 1, "{log}");
}

#[test]
fn a_models_version_is_the_sum_of_its_weights() {
    let server = Server::start(&[]);
    let card = fs::read(root().join("artifacts/cnn/model.json")).unwrap();
    let card: Value = serde_json::from_slice(&card).unwrap();
    let version = card["weights_sha256"].as_str().unwrap();
    assert_eq!(server.get("/api/model").json()["version"], json!(version));
    let name = format!(r#"glyph_model_info{{model="cnn",version="{version}"}}"#);
    assert!((server.metric(&name) - 1.0).abs() < 1e-9);
}
