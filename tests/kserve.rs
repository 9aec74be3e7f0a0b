//! Black-box tests of the Open Inference Protocol (`KServe` v2). `tests/check_kserve.py` checks it with
//! Triton's own client.
#![allow(clippy::unwrap_used)]

#[path = "harness/drawing.rs"]
mod drawing;
#[path = "harness/service.rs"]
mod service;

use drawing::Page;
use image::{GrayImage, Luma};
use serde_json::{Value, json};
use service::{Request, Response, Server};

const INFER: &str = "/v2/models/cnn/infer";

/// A seven in MNIST's form.
fn seven() -> GrayImage {
    GrayImage::from_fn(28, 28, |x, y| {
        let is_ink = (4..7).contains(&y) && (8..20).contains(&x)
            || (6..24).contains(&y) && x.abs_diff(20 - (y - 4) / 2) < 2;
        Luma([if is_ink { 255 } else { 0 }])
    })
}

fn infer(server: &Server, request: &Value) -> Response {
    let body = request.to_string();
    server.send(&Request::post(INFER, "application/json", body.as_bytes()))
}

/// Posts JSON with bytes behind it.
fn infer_binary(server: &Server, request: &Value, binary: &[u8]) -> Response {
    let head = request.to_string();
    let body = [head.as_bytes(), binary].concat();
    let request = Request::post(INFER, "application/octet-stream", &body)
        .with("Inference-Header-Content-Length", &head.len().to_string());
    server.send(&request)
}

fn pixels(image: &GrayImage) -> Value {
    json!({ "name": "pixels", "datatype": "UINT8", "shape": [1, 1, 28, 28], "data": image.as_raw() })
}

fn error(response: &Response, status: u16) -> String {
    assert_eq!(response.status(), status, "{}", response.text());
    assert_eq!(response.header("content-type"), Some("application/json"));
    response.json()["error"].as_str().unwrap().to_owned()
}

#[test]
fn the_server_and_its_models_describe_themselves() {
    let server = Server::start(&[]);
    let description = server.get("/v2").json();
    assert_eq!(description["extensions"], json!(["binary_tensor_data"]));
    assert_eq!(server.get("/v2/health/live").json(), json!({ "live": true }));
    assert_eq!(server.get("/v2/health/ready").json(), json!({ "ready": true }));
    let ready = server.get("/v2/models/cnn/ready").json();
    assert_eq!(ready, json!({ "name": "cnn", "ready": true }));
    let model = server.get("/v2/models/cnn").json();
    let shown = |list: &str| -> Vec<(String, String, Value)> {
        let tensors = model[list].as_array().unwrap().iter();
        let text = |tensor: &Value, key: &str| tensor[key].as_str().unwrap().to_owned();
        tensors
            .map(|tensor| (text(tensor, "name"), text(tensor, "datatype"), tensor["shape"].clone()))
            .collect()
    };
    let row = |name: &str, datatype: &str, shape: Value| (name.into(), datatype.into(), shape);
    let tensor = json!([-1, 1, 28, 28]);
    let inputs = [
        row("picture", "BYTES", json!([-1])),
        row("pixels", "UINT8", tensor.clone()),
        row("levels", "FP32", tensor),
    ];
    assert_eq!(shown("inputs"), inputs);
    let outputs =
        [row("probabilities", "FP32", json!([-1, 10])), row("label", "BYTES", json!([-1]))];
    assert_eq!(shown("outputs"), outputs);
}

#[test]
fn all_inputs_with_the_same_pixels_get_the_same_answer() {
    let server = Server::start(&[]);
    let image = seven();
    let json_answer = infer(&server, &json!({ "id": "mine", "inputs": [pixels(&image)] })).json();
    assert_eq!((&json_answer["id"], &json_answer["model_name"]), (&json!("mine"), &json!("cnn")));
    let outputs = &json_answer["outputs"];
    assert_eq!(
        (&outputs[0]["name"], &outputs[0]["shape"]),
        (&json!("probabilities"), &json!([1, 10]))
    );
    assert_eq!((&outputs[1]["name"], &outputs[1]["data"]), (&json!("label"), &json!(["7"])));
    let probabilities = outputs[0]["data"].as_array().unwrap();
    let sum: f64 = probabilities.iter().map(|value| value.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");

    let levels: Vec<f32> = image.as_raw().iter().map(|&level| f32::from(level) / 255.0).collect();
    let bytes: Vec<u8> = levels.iter().flat_map(|level| level.to_le_bytes()).collect();
    let input = json!({
        "name": "levels", "datatype": "FP32", "shape": [1, 1, 28, 28],
        "parameters": { "binary_data_size": bytes.len() },
    });
    let request = json!({ "inputs": [input], "parameters": { "binary_data_output": true } });
    let binary = infer_binary(&server, &request, &bytes);
    assert_eq!(binary.status(), 200, "{}", String::from_utf8_lossy(&binary.body));
    let length: usize = binary.header("inference-header-content-length").unwrap().parse().unwrap();
    let head: Value = serde_json::from_slice(&binary.body[..length]).unwrap();
    assert_eq!(head["outputs"][0]["parameters"]["binary_data_size"], 40);
    let (floats, label) = binary.body[length..].split_at(40);
    assert_eq!(label, b"\x01\0\0\x007");
    for (found, expected) in floats.chunks(4).zip(probabilities) {
        let found = f64::from(f32::from_le_bytes(found.try_into().unwrap()));
        assert!((found - expected.as_f64().unwrap()).abs() < 1e-7, "{found} {expected}");
    }
}

#[test]
fn pictures_take_the_models_own_preparation() {
    let server = Server::start(&[]);
    let pages = [Page::with_digit('4').png(), Page::new(100, 80).png()];
    let mut binary = Vec::new();
    for page in &pages {
        binary.extend((page.len() as u32).to_le_bytes());
        binary.extend(page);
    }
    let input = json!({
        "name": "picture", "datatype": "BYTES", "shape": [2],
        "parameters": { "binary_data_size": binary.len() },
    });
    let answer = infer_binary(&server, &json!({ "inputs": [input] }), &binary).json();
    assert_eq!(answer["outputs"][1]["data"], json!(["4", "?"]));
    let probabilities = answer["outputs"][0]["data"].as_array().unwrap();
    assert!(probabilities[10..].iter().all(|value| value == 0.0), "{answer}");
    let predicted = server.post("/api/predict", &pages[0]).answer();
    let confidence = predicted["confidence"].as_f64().unwrap();
    assert!((probabilities[4].as_f64().unwrap() - confidence).abs() < 1e-6);
}

#[test]
fn a_threshold_and_the_outputs_can_be_chosen() {
    let server = Server::start(&[]);
    let request = json!({
        "inputs": [pixels(&seven())],
        "outputs": [{ "name": "label" }],
        "parameters": { "threshold": 1.0 },
    });
    let answer = infer(&server, &request).json();
    assert_eq!(answer["outputs"].as_array().unwrap().len(), 1);
    assert_eq!(answer["outputs"][0]["data"], json!(["?"]));
}

#[test]
fn errors_have_the_protocols_form() {
    let server = Server::start(&["--max-body", "100000"]);
    let tensor = pixels(&seven());
    let post = |body: &[u8]| server.send(&Request::post(INFER, "application/json", body));
    assert!(error(&post(b"{"), 400).contains("malformed"));
    assert!(error(&post(b"{}"), 400).contains("inputs"));
    assert!(error(&post(&vec![b' '; 100_001]), 413).contains("limit"));
    assert!(error(&infer(&server, &json!({ "inputs": [] })), 400).contains("0 inputs"));
    let logits = json!({ "inputs": [tensor], "outputs": [{ "name": "logits" }] });
    assert!(error(&infer(&server, &logits), 400).contains("logits"));
    let text = json!({ "name": "picture", "datatype": "BYTES", "shape": [1], "data": ["YWI="] });
    assert!(error(&infer(&server, &json!({ "inputs": [text] })), 422).contains("picture 0"));
    let request = Request::post(INFER, "application/json", b"{}");
    let long = request.clone().with("Inference-Header-Content-Length", "3");
    assert!(error(&server.send(&long), 400).contains("2 bytes"));
    let packed = request.with("Content-Encoding", "gzip");
    assert!(error(&server.send(&packed), 415).contains("gzip"));
    assert!(error(&server.get("/v2/models/none"), 404).contains("cnn"));
    assert!(error(&server.get("/v2/models/none/ready"), 404).contains("cnn"));
}
