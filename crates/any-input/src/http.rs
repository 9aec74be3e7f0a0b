//! HTTP requests to the server.

use std::str;
use std::sync::OnceLock;
use std::time::Duration;

use clap::Parser;
use model::{Compute, ComputeOptions, ModelFiles};
use serde_json::Value;
use server::{InProcessServer, ServeOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::runtime::Builder;
use tokio::time::timeout;

/// The released model.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../artifacts/cnn");

/// Size of the pipe's buffer, in bytes.
const BUFFER: usize = 1 << 16;

/// How long the client waits for an answer before it closes its side of the connection, whether its
/// request was complete or not. Most answers take a millisecond.
const TIMEOUT: Duration = Duration::from_millis(20);
/// The same for a request that is complete, which the server answers and closes the connection,
/// however busy the machine is.
const COMPLETE_TIMEOUT: Duration = Duration::from_mins(1);

/// Any bytes that a client sends over one connection.
///
/// # Panics
///
/// If the server's answer is not HTTP, or has the status 500.
pub fn http(bytes: &[u8]) {
    answer(bytes, TIMEOUT);
}

/// Any bytes as a request for inference in the Open Inference Protocol: its JSON up to the first NUL
/// byte, and binary tensors behind it.
///
/// # Panics
///
/// As [`http`], or if the answer is neither an error nor one row of outputs for each picture.
pub fn kserve(bytes: &[u8]) {
    let json_length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let binary = bytes.get(json_length + 1..).unwrap_or_default();
    let head = format!(
        "POST /v2/models/cnn/infer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {}\r\nInference-Header-Content-Length: {json_length}\r\n\r\n",
        json_length + binary.len()
    );
    let request = [head.as_bytes(), &bytes[..json_length], binary].concat();
    let answer = answer(&request, COMPLETE_TIMEOUT);
    let split = answer.windows(4).position(|end| end == b"\r\n\r\n").expect("headers end");
    let (head, body) = (&answer[..split], &answer[split + 4..]);
    // Binary outputs follow the JSON, which is the first value of the body.
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
    let value = values.next().expect("a body").expect("the body starts with JSON");
    if head.starts_with(b"HTTP/1.1 200") {
        for output in value["outputs"].as_array().expect("a list of outputs") {
            let pictures = output["shape"][0].as_u64().expect("a number of pictures");
            assert!((1..=64).contains(&pictures), "{value}");
        }
    } else {
        assert!(value["error"].is_string(), "{value}");
    }
}

fn answer(bytes: &[u8], patience: Duration) -> Vec<u8> {
    static SERVER: OnceLock<InProcessServer> = OnceLock::new();
    let server = SERVER.get_or_init(start);
    let runtime = Builder::new_current_thread().enable_time().build();
    let answer =
        runtime.expect("a runtime can be built").block_on(converse(server, bytes, patience));
    let status = str::from_utf8(&answer[..answer.len().min(12)]).expect("a status line");
    assert!(status.is_empty() || status.starts_with("HTTP/1."), "{status}");
    assert!(!status.ends_with(" 500"), "{}", String::from_utf8_lossy(&answer));
    answer
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: ServeOptions,
}

fn start() -> InProcessServer {
    // Most inputs of the corpus name the host `a`.
    let arguments = [
        "serve",
        "--timeout",
        "1",
        "--max-pixels",
        "65536",
        "--allowed-host",
        "a",
        "--trusted-proxy",
        "127.0.0.1",
    ];
    let CommandLine { options } =
        CommandLine::try_parse_from(arguments).expect("the arguments are valid");
    let compute = Compute::open(&ComputeOptions::default()).expect("a device can be opened");
    InProcessServer::start(&options, &[ModelFiles::in_folder(MODEL)], compute)
        .expect("the released model can be served")
}

async fn converse(server: &InProcessServer, bytes: &[u8], patience: Duration) -> Vec<u8> {
    let (mut client, connection) = duplex(bytes.len().max(BUFFER));
    client.write_all(bytes).await.expect("the pipe has room");
    tokio::join!(server.serve_connection(connection), listen(client, patience)).1
}

/// Everything that the server sends.
async fn listen(mut client: DuplexStream, patience: Duration) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut is_closed = false;
    loop {
        match timeout(patience, client.read_buf(&mut answer)).await {
            Ok(Ok(1..)) => {}
            Ok(_) => return answer,
            Err(_) if is_closed => {}
            Err(_) => {
                is_closed = true;
                client.shutdown().await.expect("a pipe can be closed");
            }
        }
    }
}
