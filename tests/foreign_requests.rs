//! Requests that are not meant for this server, come from pages of other sites, or name their client.
#![allow(clippy::unwrap_used)]

#[path = "harness/drawing.rs"]
mod drawing;
#[path = "harness/service.rs"]
mod service;

use drawing::Page;
use serde_json::{Value, json};
use service::{Request, Response, Server};

/// Sends a request whose head has these lines.
fn send(server: &Server, lines: &[&str]) -> Response {
    let mut connection = server.connect();
    connection.write(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes());
    connection.read().unwrap()
}

fn get_from(server: &Server, host: &str) -> Response {
    send(server, &["GET /api/model HTTP/1.1", &format!("Host: {host}")])
}

#[test]
fn only_the_hosts_of_this_server_are_served() {
    let server = Server::start(&["--allowed-host", "Digits.example"]);
    for host in ["localhost", "LocalHost:99", "127.0.0.1:8080", "[::1]:80", "digits.example:443"] {
        assert_eq!(get_from(&server, host).status(), 200, "{host}");
    }
    let refused = get_from(&server, "evil.example:8080");
    assert!(refused.problem(421).contains("--allowed-host evil.example"));
    let whole = ["GET http://evil.example/api/model HTTP/1.1", "Host: localhost"];
    send(&server, &whole).problem(421);
    assert_eq!(send(&server, &["GET /healthz HTTP/1.1", "Host: probe.example"]).text(), "ok");
}

#[test]
fn any_address_is_served_and_no_foreign_name() {
    let server = Server::start(&[]);
    assert_eq!(get_from(&server, "192.168.1.5:8080").status(), 200);
    get_from(&server, "rebound.example").problem(421);
}

#[test]
fn a_missing_and_a_doubled_host_are_refused() {
    let server = Server::start(&[]);
    let line = "GET /api/model HTTP/1.1";
    assert!(send(&server, &[line]).problem(400).contains("Host is missing"));
    let doubled = send(&server, &[line, "Host: localhost", "Host: localhost"]);
    assert!(doubled.problem(400).contains("more than once"));
    send(&server, &[line, "Host: a b"]).problem(400);
    send(&server, &[line, "Host: me@localhost"]).problem(400);
    // The header is optional in HTTP/1.0.
    assert_eq!(send(&server, &["GET /api/model HTTP/1.0"]).status(), 200);
}

#[test]
fn pages_of_other_sites_cannot_post() {
    let server = Server::start(&[]);
    let seven = Page::with_digit('7').png();
    let post = |name: &str, value: &str| {
        server.send(&Request::post("/api/predict", "image/png", &seven).with(name, value))
    };
    for (name, value) in
        [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")]
    {
        assert!(post(name, value).problem(403).contains("--allowed-host"), "{name}: {value}");
    }
    for (name, value) in [("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin")] {
        assert_eq!(post(name, value).answer()["answer"], "7", "{name}: {value}");
    }
    // A link from another site may open the page.
    let opened = server.send(&Request::get("/").with("Sec-Fetch-Site", "cross-site"));
    assert_eq!(opened.status(), 200);
}

#[test]
#[cfg(unix)]
fn the_log_names_the_client_and_keeps_request_ids_short() {
    for (arguments, expected) in [
        (&["--log-format", "json"][..], "127.0.0.1"),
        (&["--log-format", "json", "--trusted-proxy", "127.0.0.0/8"], "198.51.100.7"),
    ] {
        let server = Server::start(arguments);
        let request = Request::get("/api/model").with("X-Forwarded-For", "1.1.1.1, 198.51.100.7");
        let word = "a".repeat(20_000);
        for id in [word.as_str(), "a b", "{}"] {
            let response = server.send(&request.clone().with("X-Request-Id", id));
            assert_eq!(response.header("x-request-id").unwrap().len(), 36);
        }
        server.get(&format!("/{word}")).problem(404);
        server.signal("TERM");
        let (_, log) = server.wait();
        assert!(log.lines().all(|line| line.len() < 1_000), "{log}");
        let logged = log.lines().find(|line| line.contains("/api/model")).unwrap();
        let logged: Value = serde_json::from_str(logged).unwrap();
        assert_eq!(logged["client"], json!(expected));
    }
}
