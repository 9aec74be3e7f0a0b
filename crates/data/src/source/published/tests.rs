use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::idx_files::NAMES;
use super::*;

const IMAGES: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9];
const LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 1, 3];

fn published() -> [PublishedFile; 4] {
    let small = |name, bytes: &[u8]| PublishedFile {
        name,
        size: bytes.len() as u64 + 100,
        sha256: sha256(bytes).leak(),
    };
    [
        small(NAMES[0], IMAGES),
        small(NAMES[1], LABELS),
        small(NAMES[2], IMAGES),
        small(NAMES[3], LABELS),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn content(path: &str) -> Vec<u8> {
    gzip(if path.contains("images") { IMAGES } else { LABELS })
}

fn ok(path: &str) -> Vec<u8> {
    let body = content(path);
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.into_bytes(), body].concat()
}

/// Serves `reply(path)` to everyone, for as long as the test runs.
fn serve(reply: impl Fn(&str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines =
                BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let request = lines.next().unwrap_or_default();
            lines.find(String::is_empty);
            let path = request.split(' ').nth(1).unwrap_or_default();
            // A client that has seen enough may have closed the connection.
            let _ = stream.write_all(&reply(path));
        }
    });
    url
}

/// Fetches into `folder`, expects a failure that leaves no file behind, and returns its message.
fn failure(url: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let Err(error) = fetch(url, folder.path(), &published(), &mut |_| {}) else {
        panic!("fetched from {url}")
    };
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "left behind after: {error}");
    error.to_string()
}

#[test]
fn files_are_downloaded_once_then_found() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("deep/cache");
    let url = serve(ok);
    let mut seen = Vec::new();
    let files = fetch(&url, &cache, &published(), &mut |download| seen.push(download)).unwrap();
    let source = join(&files, Some(10), &Request::in_test("test", None)).unwrap();
    assert_eq!(
        (source.train.image(0).unwrap().pixels(), source.test.labels()),
        (&[7, 9][..], &[3][..])
    );
    let size = gzip(LABELS).len() as u64;
    assert!(seen.contains(&Download {
        file: format!("{}.gz", NAMES[3]),
        received: size,
        total: Some(size)
    }));
    let mut names: Vec<_> = fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected = NAMES.map(|name| format!("{name}.gz"));
    expected.sort();
    assert_eq!(names, expected);
    fetch("http://127.0.0.1:1", &cache, &published(), &mut |_| panic!("downloaded again")).unwrap();
}

#[test]
fn files_placed_by_hand_are_accepted_plain_or_gzipped() {
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        let bytes = content(name);
        if name.contains("train") {
            fs::write(folder.path().join(format!("{name}.gz")), bytes).unwrap();
        } else {
            fs::write(
                folder.path().join(name),
                if name.contains("images") { IMAGES } else { LABELS },
            )
            .unwrap();
        }
    }
    fetch("http://127.0.0.1:1", folder.path(), &published(), &mut |_| {}).unwrap();
}

#[test]
fn wrong_file_in_the_cache_is_named_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train-images-idx3-ubyte.gz");
    for wrong in [gzip(LABELS), gzip(IMAGES)[..12].to_vec()] {
        fs::write(&path, wrong).unwrap();
        let error =
            fetch("http://127.0.0.1:1", folder.path(), &published(), &mut |_| {}).err().unwrap();
        assert!(matches!(&error, DataError::NotPublished { file, .. } if *file == path), "{error}");
        assert!(path.exists());
    }
}

#[test]
fn missing_page_says_where_to_put_the_file() {
    let message = failure(&serve(|_| {
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
    }));
    assert!(
        message.contains("404") && message.contains("/train-images-idx3-ubyte.gz"),
        "{message}"
    );
    assert!(
        message.contains("put train-images-idx3-ubyte or train-images-idx3-ubyte.gz into"),
        "{message}"
    );
}

#[test]
fn body_that_ends_early_is_refused() {
    failure(&serve(|path| {
        let mut reply = ok(path);
        reply.truncate(reply.len() - 5);
        reply
    }));
}

#[test]
fn other_content_is_refused() {
    let message = failure(&serve(|_| ok("labels")));
    assert!(message.contains("SHA-256") && message.contains("expected"), "{message}");
    let page = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlogin".to_vec();
    failure(&serve(move |_| page.clone()));
}

#[test]
fn endless_body_is_cut_off() {
    let message = failure(&serve(|_| {
        let mut reply = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
        reply.resize(1_000_000, b'x');
        reply
    }));
    assert!(message.contains("larger than"), "{message}");
}

#[test]
fn refused_connection_says_where_to_put_the_file() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let message = failure(&format!("http://127.0.0.1:{port}"));
    assert!(message.contains("by hand"), "{message}");
}

#[test]
fn folder_without_the_files_is_refused_without_a_download() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = PublishedDataset {
        mirror: "http://127.0.0.1:1",
        files: published(),
        class_names: &["a"; 10],
    };
    let error = dataset.load(&mut Request::in_test("test", Some(folder.path()))).err().unwrap();
    assert!(matches!(error, DataError::FileMissing { .. }), "{error}");
}

#[test]
fn mirror_variable_is_named_after_the_source() {
    assert_eq!(mirror_variable("fashion-mnist"), "GLYPH_FASHION_MNIST_URL");
}
