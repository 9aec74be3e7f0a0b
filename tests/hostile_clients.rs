//! Hostile clients: the server survives them and serves others meanwhile.
#![allow(clippy::unwrap_used)]

#[path = "harness/drawing.rs"]
mod drawing;
#[path = "harness/service.rs"]
mod service;

use std::io::Write;
use std::net::Shutdown;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use drawing::{Page, encoded};
#[cfg(target_os = "linux")]
use image::codecs::png::PngEncoder;
#[cfg(target_os = "linux")]
use image::{ExtendedColorType, ImageEncoder};
use image::{GrayImage, ImageFormat, Luma};
use service::{Connection, Request, Server};

const SECOND: Duration = Duration::from_secs(1);

fn seven() -> Vec<u8> {
    Page::with_digit('7').png()
}

/// Checks that other clients get their answers.
fn check_others(server: &Server) {
    let start = Instant::now();
    assert_eq!(server.post("/api/predict", &seven()).answer()["answer"], "7");
    assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
}

/// A request that takes the server seconds: many large pictures that compress to few bytes.
fn heavy() -> Request {
    let mut page = Page::new(4000, 3000);
    page.draw('7', 1000.0, 500.0, 2000.0);
    let picture = encoded(&page.image.clone().into(), ImageFormat::Png);
    Request::form("/api/predict?top_k=1", &vec![("heavy.png", &picture[..]); 32])
}

/// Sends a slow request, and returns when the server processes it.
fn start_slow(server: &Server, request: &Request) -> Connection {
    let mut connection = server.connect();
    connection.start(request);
    server.wait_for_metric("glyph_queue_pictures", |depth| depth > 0.0);
    connection
}

#[test]
fn a_full_queue_rejects_at_once() {
    let server = Server::start(&["--queue", "1"]);
    let mut busy = start_slow(&server, &heavy());
    let start = Instant::now();
    let refused = server.post("/api/predict", &seven());
    assert!(refused.problem(503).contains("waiting"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(start.elapsed() < SECOND / 2, "{:?}", start.elapsed());
    let answers = busy.read().unwrap().answers();
    assert!(answers.len() == 32 && answers.iter().all(|answer| answer["answer"] == "7"));
    check_others(&server);
    assert!((server.metric("glyph_refused_requests_total") - 1.0).abs() < 1e-9);
}

#[test]
fn forms_of_large_pictures_leave_room_for_others() {
    let server = Server::start(&[]);
    let page = encoded(&GrayImage::from_pixel(4096, 4096, Luma([255])).into(), ImageFormat::Png);
    let form = Request::form("/api/predict?top_k=1", &vec![("large.png", &page[..]); 64]);
    let first = start_slow(&server, &form);
    let mut others: Vec<Connection> = (0..3).map(|_| server.connect()).collect();
    for connection in &mut others {
        connection.start(&form);
    }
    for connection in &mut others {
        assert!(connection.read().unwrap().problem(503).contains("too many pixels"));
    }
    for _ in 0..20 {
        check_others(&server);
    }
    assert!(server.metric("glyph_queue_pictures") > 0.0, "the form was ready too soon");
    drop(first);
}

#[test]
fn requests_past_their_deadline_fail() {
    let server = Server::start(&["--timeout", "1"]);
    let start = Instant::now();
    let late = server.send(&heavy());
    assert!(late.problem(503).contains("1 s"));
    assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
}

#[test]
fn requests_of_disconnected_clients_are_dropped() {
    let server = Server::start(&["--queue", "1"]);
    let connection = start_slow(&server, &heavy());
    drop(connection);
    let start = Instant::now();
    server.wait_for_metric("glyph_queue_pictures", |depth| depth < 1.0);
    assert!(start.elapsed() < 2 * SECOND, "{:?}", start.elapsed());
    check_others(&server);
}

#[test]
fn a_body_with_a_too_large_content_length_is_not_read() {
    let server = Server::start(&[]);
    let mut connection = server.connect();
    let announced = Request::new("POST", "/api/predict")
        .with("Content-Type", "image/png")
        .with("Content-Length", "100000000");
    let refused = connection.send(&announced);
    assert!(refused.problem(413).contains("8000000"));
    assert_eq!(refused.header("connection"), Some("close"));
}

#[test]
fn a_client_that_sends_a_hundred_megabytes_gets_the_error() {
    let server = Server::start(&[]);
    let part = vec![b'x'; 1_000_000];
    for chunked in [false, true] {
        let mut connection = server.connect();
        let request = Request::new("POST", "/api/predict").with("Content-Type", "image/png");
        let request = if chunked {
            request.with("Transfer-Encoding", "chunked")
        } else {
            request.with("Content-Length", "100000000")
        };
        connection.start(&request);
        for _ in 0..100 {
            if chunked {
                connection.write(format!("{:x}\r\n", part.len()).as_bytes());
            }
            connection.write(&part);
            if chunked {
                connection.write(b"\r\n");
            }
        }
        connection.read().unwrap().problem(413);
        #[cfg(target_os = "linux")]
        assert!(server.memory("VmHWM") < 150, "{} MB", server.memory("VmHWM"));
    }
    check_others(&server);
}

#[test]
fn the_command_line_sets_the_body_limit() {
    let seven = seven();
    let limit = seven.len().to_string();
    let server = Server::start(&["--max-body", &limit]);
    assert_eq!(server.post("/api/predict", &seven).answer()["answer"], "7");
    server.post("/api/predict", &[&seven[..], b"x"].concat()).problem(413);
}

#[test]
fn incomplete_bodies_time_out() {
    let server = Server::start(&["--timeout", "1"]);
    let request = Request::post("/api/predict", "image/png", &seven());
    let mut half = server.connect();
    half.write(&[request.head.as_bytes(), b"\r\n", &request.body[..20]].concat());
    check_others(&server);
    let refused = half.read().unwrap();
    assert!(refused.problem(408).contains("1 s"));
    assert!(half.is_closed_within(5 * SECOND));
}

#[test]
fn a_broken_connection_does_not_affect_others() {
    let server = Server::start(&[]);
    let request = Request::post("/api/predict", "image/png", &seven());
    let mut half = server.connect();
    half.write(&[request.head.as_bytes(), b"\r\n", &request.body[..20]].concat());
    half.stream.shutdown(Shutdown::Both).unwrap();
    server.wait_for_metric("glyph_connections", |open| open < 2.0);
    check_others(&server);
}

#[test]
fn slow_headers_time_out() {
    let server = Server::start(&["--timeout", "1"]);
    let mut slow = server.connect();
    let start = Instant::now();
    for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaaaaaaaaa" {
        if slow.stream.write_all(&[*byte]).is_err() {
            break;
        }
        sleep(SECOND / 20);
    }
    assert!(slow.is_closed_within(5 * SECOND));
    assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
    check_others(&server);
}

#[test]
fn idle_connections_time_out() {
    let server = Server::start(&["--timeout", "1"]);
    let mut silent = server.connect();
    let mut kept = server.connect();
    assert_eq!(kept.send(&Request::get("/healthz")).text(), "ok");
    assert!(silent.is_closed_within(5 * SECOND) && kept.is_closed_within(5 * SECOND));
}

#[test]
fn busy_connections_stay_open() {
    let server = Server::start(&["--timeout", "1"]);
    let mut kept = server.connect();
    for _ in 0..8 {
        assert_eq!(kept.send(&Request::get("/healthz")).text(), "ok");
        sleep(SECOND / 4);
    }
}

#[test]
fn idle_connections_are_evicted_for_new_ones() {
    let server = Server::start(&["--max-connections", "50"]);
    let idle: Vec<Connection> = (0..400).map(|_| server.connect()).collect();
    check_others(&server);
    // And 32 for health checks.
    assert!(server.metric("glyph_connections") <= 82.0);
    drop(idle);
    check_others(&server);
}

/// A connection whose request lacks the rest of its body.
fn connect_and_stall(server: &Server) -> Connection {
    let request = Request::post("/api/predict", "image/png", &seven());
    let mut connection = server.connect();
    connection.write(&[request.head.as_bytes(), b"\r\n", &request.body[..1]].concat());
    connection
}

#[test]
fn connections_that_wait_for_a_body_are_evicted_for_new_ones() {
    let server = Server::start(&["--max-connections", "50"]);
    let stalled: Vec<Connection> = (0..200).map(|_| connect_and_stall(&server)).collect();
    check_others(&server);
    assert_eq!(server.get("/healthz").text(), "ok");
    drop(stalled);
    check_others(&server);
}

#[test]
fn health_is_answered_while_all_connections_are_busy() {
    // A batch that waits to be full keeps the only connection busy.
    let server = Server::start(&["--max-connections", "1", "--wait", "10000"]);
    let mut busy = server.connect();
    busy.start(&Request::post("/api/predict", "image/png", &seven()));
    let start = Instant::now();
    for path in ["/healthz", "/readyz"] {
        let health = server.get(path);
        assert_eq!((health.text(), health.header("connection")), ("ok".to_owned(), Some("close")));
    }
    assert!(start.elapsed() < 2 * SECOND, "{:?}", start.elapsed());
    let refused = server.get("/api/model");
    assert!(refused.problem(503).contains("connections"));
    assert_eq!(busy.read().unwrap().answer()["answer"], "7");
}

#[test]
fn bodies_below_the_minimum_rate_are_refused() {
    let server = Server::start(&[]);
    let mut slow = server.connect();
    let request = Request::post("/api/predict", "image/png", &[0; 1000]);
    slow.write(&[request.head.as_bytes(), b"\r\n"].concat());
    let mut writing = slow.stream.try_clone().unwrap();
    let start = Instant::now();
    scope(|scope| {
        scope.spawn(move || {
            while writing.write_all(b"x").is_ok() && start.elapsed() < 20 * SECOND {
                sleep(SECOND / 10);
            }
        });
        assert!(slow.read().unwrap().problem(408).contains("1000 bytes per second"));
        assert!(start.elapsed() < 20 * SECOND, "{:?}", start.elapsed());
        drop(slow);
    });
}

#[test]
#[cfg(unix)]
fn fewer_connections_are_accepted_than_descriptors_allow() {
    let server = Server::with_descriptors(100, &[]);
    let idle: Vec<Connection> = (0..200).map(|_| server.connect()).collect();
    check_others(&server);
    drop(idle);
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(log.contains("--max-connections 1000") && log.contains("limit of 100"), "{log}");
    assert!(!log.contains("cannot accept"), "{log}");
}

#[test]
fn endless_headers_are_rejected() {
    let server = Server::start(&[]);
    let mut connection = server.connect();
    connection.write(b"GET / HTTP/1.1\r\nX-Long: ");
    let _ = connection.stream.write_all(&vec![b'a'; 1_000_000]);
    assert_eq!(connection.read().map(|response| response.status()), Some(431));
    check_others(&server);
}

#[test]
fn bytes_that_are_not_http_are_rejected() {
    let server = Server::start(&[]);
    for noise in [&b"\x16\x03\x01\x02\x00\x01\x00\x01"[..], b"hello\r\n\r\n", &[0xFF; 100]] {
        let mut connection = server.connect();
        connection.write(noise);
        let status = connection.read().map(|response| response.status());
        assert!(status.is_none_or(|status| status == 400), "{status:?}");
    }
    check_others(&server);
}

#[test]
fn decompression_bombs_are_rejected_before_decoding() {
    let server = Server::start(&[]);
    let mut bomb = encoded(&GrayImage::new(1, 1).into(), ImageFormat::Bmp);
    // Width and height in a BMP's header.
    for at in [18, 22] {
        bomb[at..at + 4].copy_from_slice(&60_000_u32.to_le_bytes());
    }
    let refused = server.post("/api/predict", &bomb).problem(422);
    assert!(refused.contains("60000×60000"), "{refused}");
    check_others(&server);
    let strict = Server::start(&["--max-pixels", "31999"]);
    assert!(strict.post("/api/predict", &seven()).problem(422).contains("200×160"));
}

/// A picture of 28×28 pixels and about 120 kB whose colour profile has 120 MB when decompressed.
#[cfg(target_os = "linux")]
fn with_large_profile() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(vec![0; 120_000_000]).unwrap();
    encoder.write_image(&[255; 28 * 28], 28, 28, ExtendedColorType::L8).unwrap();
    assert!(file.len() < 1_000_000, "{} bytes", file.len());
    file
}

#[test]
#[cfg(target_os = "linux")]
fn metadata_is_not_decompressed() {
    let server = Server::start(&[]);
    let picture = with_large_profile();
    scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| server.post("/api/predict", &picture).answer());
        }
    });
    let memory = server.memory("VmHWM");
    assert!(memory < 150, "{memory} MB");
    check_others(&server);
}

#[test]
#[cfg(target_os = "linux")]
fn memory_is_bounded_with_many_large_bodies() {
    let server = Server::start(&["--timeout", "2", "--max-body", "4000000"]);
    let body = vec![b'x'; 3_900_000];
    let request = Request::post("/api/predict", "image/png", &body);
    let mut held = Vec::new();
    let mut refused = 0;
    scope(|scope| {
        let senders: Vec<_> = (0..60)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = server.connect();
                    // All but the last byte; some are refused while they send.
                    let start = [request.head.as_bytes(), b"\r\n"].concat();
                    let _ = connection.stream.write_all(&start);
                    let _ = connection.stream.write_all(&request.body[1..]);
                    connection
                })
            })
            .collect();
        held.extend(senders.into_iter().map(|sender| sender.join().unwrap()));
        check_others(&server);
    });
    for connection in &mut held {
        match connection.read().map(|response| response.status()) {
            Some(503) => refused += 1,
            other => assert_eq!(other, Some(408)),
        }
    }
    assert!((40..60).contains(&refused), "{refused}");
    let memory = server.memory("VmHWM");
    assert!(memory < 200, "{memory} MB");
    check_others(&server);
}

#[test]
#[cfg(unix)]
fn shutdown_completes_requests_in_progress() {
    for signal in ["TERM", "INT"] {
        let server = Server::start(&["--timeout", "300", "--shutdown-grace", "300"]);
        let mut idle = server.connect();
        assert_eq!(idle.send(&Request::get("/readyz")).text(), "ok");
        let mut late = server.connect();
        late.write(b"GET /readyz HTTP/1.1\r\n");
        let mut busy = start_slow(&server, &heavy());
        server.signal(signal);
        assert!(idle.is_closed_within(SECOND));
        late.write(b"Host: localhost\r\n\r\n");
        assert!(late.read().unwrap().problem(503).contains("shutting down"));
        assert!(std::net::TcpStream::connect(&server.address).is_err());
        assert_eq!(busy.read().unwrap().answers().len(), 32);
        let (status, log) = server.wait();
        assert_eq!(status.code(), Some(0), "{log}");
    }
}

#[test]
#[cfg(unix)]
fn stuck_clients_do_not_delay_shutdown() {
    let server = Server::start(&["--timeout", "1"]);
    let mut half = server.connect();
    half.write(
        b"POST /api/predict HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\n",
    );
    let _silent = server.connect();
    sleep(SECOND / 10);
    let start = Instant::now();
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
}

#[test]
#[cfg(unix)]
fn a_stuck_body_delays_shutdown_by_the_grace_only() {
    let server = Server::start(&["--shutdown-grace", "1"]);
    let _stuck = connect_and_stall(&server);
    sleep(SECOND / 10);
    let start = Instant::now();
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("--shutdown-grace"), "{log}");
    assert!(start.elapsed() < 4 * SECOND, "{:?}", start.elapsed());
}

#[test]
#[cfg(unix)]
fn a_draining_server_is_not_ready_and_answers() {
    let server = Server::start(&["--drain-delay", "60"]);
    assert_eq!(server.get("/readyz").text(), "ok");
    server.signal("TERM");
    let start = Instant::now();
    while server.get("/readyz").status() == 200 {
        assert!(start.elapsed() < 10 * SECOND);
    }
    server.get("/readyz").problem(503);
    assert_eq!(server.get("/healthz").text(), "ok");
    check_others(&server);
    server.signal("TERM");
    assert_eq!(server.wait().0.code(), Some(1));
}

#[test]
#[cfg(unix)]
fn a_hangup_does_not_end_the_server() {
    let server = Server::start(&[]);
    server.signal("HUP");
    check_others(&server);
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("SIGHUP"), "{log}");
}

#[test]
#[cfg(unix)]
fn a_second_signal_stops_at_once() {
    let server = Server::start(&[]);
    let _busy = start_slow(&server, &heavy());
    server.signal("INT");
    let start = Instant::now();
    while std::net::TcpStream::connect(&server.address).is_ok() {
        assert!(start.elapsed() < 5 * SECOND);
    }
    server.signal("INT");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("second signal"), "{log}");
}
