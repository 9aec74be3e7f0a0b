//! Black-box tests of `glyph serve`: every route, every answer, every error.
#![allow(clippy::unwrap_used)]

#[path = "harness/drawing.rs"]
mod drawing;
#[path = "harness/service.rs"]
mod service;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use drawing::{Page, encoded};
use image::{GrayImage, ImageFormat, Luma};
use serde_json::{Value, json};
use service::{Request, Server, root, run};

fn seven() -> Vec<u8> {
    Page::with_digit('7').png()
}

/// A seven in MNIST's form.
fn normalized() -> GrayImage {
    GrayImage::from_fn(28, 28, |x, y| {
        let is_ink = (4..7).contains(&y) && (8..20).contains(&x)
            || (6..24).contains(&y) && x.abs_diff(20 - (y - 4) / 2) < 2;
        Luma([if is_ink { 255 } else { 0 }])
    })
}

fn pixels(image: &GrayImage) -> Value {
    let rows: Vec<&[u8]> = image.as_raw().chunks(image.width() as usize).collect();
    json!({ "pixels": rows })
}

fn post_json(server: &Server, body: &str) -> service::Response {
    server.send(&Request::post("/api/predict", "application/json", body.as_bytes()))
}

/// A model folder without a report.
fn bare_model(folder: &Path) -> String {
    fs::create_dir(folder).unwrap();
    for file in ["model.json", "model.bpk"] {
        fs::copy(root().join("artifacts/cnn").join(file), folder.join(file)).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

#[test]
fn every_picture_format_is_answered() {
    let server = Server::start(&[]);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let picture = Page::with_digit('4').encoded(format);
        for media_type in [format.to_mime_type(), "application/octet-stream"] {
            let request = Request::post("/api/predict", media_type, &picture);
            let answer = server.send(&request).answer();
            assert_eq!(answer["answer"], "4", "{format:?}");
            assert!(answer["confidence"].as_f64().unwrap() > 0.7);
            assert_eq!((&answer["rejected"], &answer["reason"]), (&json!(false), &Value::Null));
        }
    }
}

#[test]
fn a_query_selects_what_is_returned() {
    let server = Server::start(&[]);
    let all = server.post("/api/predict", &seven()).answer();
    assert_eq!(all["classes"].as_array().unwrap().len(), 10);
    assert_eq!((&all["classes"][0]["class"], &all["input"]), (&json!("7"), &Value::Null));
    let some = server.post("/api/predict?top_k=2&input=true", &seven()).answer();
    assert_eq!(some["classes"].as_array().unwrap().len(), 2);
    let input = some["input"].as_array().unwrap();
    assert!(input.len() == 28 && input.iter().all(|row| row.as_array().unwrap().len() == 28));
    let strict = server.post("/api/predict?threshold=1", &seven()).answer();
    assert_eq!((&strict["answer"], &strict["reason"]), (&json!("?"), &json!("unsure")));
    assert_eq!(strict["class"], "7");
    for wrong in ["top_k=0", "top_k=x", "threshold=2", "input=maybe", "topk=3"] {
        server.post(&format!("/api/predict?{wrong}"), &seven()).problem(400);
    }
}

#[test]
fn a_blank_page_is_rejected() {
    let server = Server::start(&[]);
    let blank = Page::new(100, 80).png();
    let answer = server.post("/api/predict?input=true", &blank).answer();
    assert_eq!((&answer["answer"], &answer["reason"]), (&json!("?"), &json!("blank")));
    assert_eq!(answer["classes"], json!([]));
    for field in ["class", "confidence", "input"] {
        assert_eq!(answer[field], Value::Null, "{field}");
    }
}

#[test]
fn pixels_and_a_file_with_the_same_pixels_get_the_same_answer() {
    let server = Server::start(&[]);
    let mut shifted = GrayImage::new(28, 28);
    image::imageops::replace(&mut shifted, &normalized(), 3, 1);
    for image in [normalized(), shifted, GrayImage::new(28, 28)] {
        let file = server.post("/api/predict", &encoded(&image.clone().into(), ImageFormat::Png));
        let numbers = post_json(&server, &pixels(&image).to_string());
        assert_eq!(numbers.answer(), file.answer());
    }
}

/// A page with a 4 to the left of a 7.
fn forty_seven() -> Page {
    let mut page = Page::new(320, 160);
    page.draw('4', 60.0, 30.0, 100.0);
    page.draw('7', 180.0, 30.0, 100.0);
    page
}

#[test]
fn a_line_of_digits_is_read() {
    let server = Server::start(&[]);
    let picture = forty_seven().png();
    for path in ["/api/read", "/api/models/cnn/read"] {
        let answer = server.post(&format!("{path}?top_k=2&input=true"), &picture).answer();
        assert_eq!((&answer["text"], &answer["rejected"]), (&json!("47"), &json!(false)));
        let digits = answer["digits"].as_array().unwrap();
        for (digit, (class, left)) in digits.iter().zip([("4", 60), ("7", 180)]) {
            assert_eq!((&digit["answer"], &digit["class"]), (&json!(class), &json!(class)));
            let number = |field: &str| digit[field].as_i64().unwrap();
            assert!((number("left") - left).abs() < 15, "{digit}");
            assert!((number("width") - 65).abs() < 20, "{digit}");
            assert!((number("top") - 25).abs() < 15 && (number("height") - 110).abs() < 20);
            assert_eq!(digit["classes"].as_array().unwrap().len(), 2);
            assert_eq!(digit["input"].as_array().unwrap().len(), 28);
        }
    }
    let strict = server.post("/api/read?threshold=1", &picture).answer();
    assert_eq!((&strict["text"], &strict["reason"]), (&json!("??"), &json!("unsure")));
    let blank = server.post("/api/read", &Page::new(100, 80).png()).answer();
    assert_eq!((&blank["text"], &blank["digits"]), (&json!(""), &json!([])));
    server.post("/api/read", b"no picture").problem(422);
}

#[test]
fn marks_and_lines_are_answered() {
    let server = Server::start(&[]);
    let answer = server.post("/api/read", &Page::with_number("-7.14").png()).answer();
    assert_eq!((&answer["text"], &answer["rejected"]), (&json!("-7.14"), &json!(false)));
    let kinds: Vec<&Value> =
        answer["marks"].as_array().unwrap().iter().map(|mark| &mark["kind"]).collect();
    assert_eq!(kinds, ["minus", "point"]);
    let page = server.post("/api/read", &Page::with_lines(&["71", "47"]).png()).answer();
    assert_eq!((&page["text"], &page["reason"]), (&json!("71\n47"), &json!("lines")));
    for (line, text) in page["lines"].as_array().unwrap().iter().zip(["71", "47"]) {
        assert_eq!((&line["text"], &line["rejected"]), (&json!(text), &json!(false)));
    }
    assert_eq!(page["digits"][2]["line"], 2);
}

#[test]
fn a_line_of_pixels_may_be_of_any_size() {
    let server = Server::start(&[]);
    let grey = image::DynamicImage::from(forty_seven().image).into_luma8();
    let file = server.post("/api/read", &encoded(&grey.clone().into(), ImageFormat::Png));
    let body = pixels(&grey).to_string();
    let request = Request::post("/api/read", "application/json", body.as_bytes());
    let numbers = server.send(&request);
    assert_eq!(numbers.answer(), file.answer());
    assert_eq!(numbers.answer()["text"], "47");
}

#[test]
fn malformed_pixels_are_rejected() {
    let server = Server::start(&[]);
    for (body, status) in [
        ("{", 400),
        ("", 400),
        ("{\"pixels\": [[0]]}", 422),
        ("{\"pixels\": [[300]]}", 422),
        ("{\"pixel\": [[0]]}", 422),
        ("[]", 422),
    ] {
        post_json(&server, body).problem(status);
    }
    let size = post_json(&server, &pixels(&GrayImage::new(30, 28)).to_string()).problem(422);
    assert!(size.contains("28 rows of 30") && size.contains("28 of 28"), "{size}");
}

#[test]
fn several_pictures_are_answered_in_order() {
    let server = Server::start(&[]);
    let (four, seven) = (Page::with_digit('4').png(), seven());
    let pictures = [("a.png", &four[..]), ("b.txt", b"no picture"), ("../c.png", &seven)];
    let answers = server.send(&Request::form("/api/predict?top_k=1", &pictures)).answers();
    let shown: Vec<_> = answers.iter().map(|answer| (&answer["name"], &answer["answer"])).collect();
    assert_eq!(shown[0], (&json!("a.png"), &json!("4")));
    assert_eq!(shown[2], (&json!("../c.png"), &json!("7")));
    assert_eq!(answers[1]["name"], "b.txt");
    assert!(answers[1]["error"].as_str().unwrap().contains("not a picture"));
}

#[test]
fn malformed_forms_are_rejected() {
    let server = Server::start(&[]);
    let form = |media_type: &str, body: &[u8]| {
        server.send(&Request::post("/api/predict", media_type, body))
    };
    form("multipart/form-data", b"--xyz--").problem(400);
    form("multipart/form-data; boundary=abc", b"--xyz\r\n\r\nx\r\n--xyz--\r\n").problem(400);
    let whole = Request::form("/api/predict", &[("a.png", &seven())]).body;
    form("multipart/form-data; boundary=xyz", &whole[..whole.len() / 2]).problem(400);
    form("multipart/form-data; boundary=xyz", b"--xyz--\r\n").problem(422);
    let text: &[u8] = b"no picture";
    let bad = server.send(&Request::form("/api/predict", &[("a", text), ("b", text)])).problem(422);
    assert!(bad.contains("a: ") && bad.contains("b: "), "{bad}");
    let many = vec![("a", text); 65];
    let many = server.send(&Request::form("/api/predict", &many)).problem(413);
    assert!(many.contains("64 pictures"), "{many}");
}

#[test]
fn files_that_are_not_pictures_are_rejected() {
    let server = Server::start(&[]);
    let png = seven();
    for body in [&b""[..], b"no picture", &png[..png.len() / 2], &[0xFF; 1000]] {
        server.post("/api/predict", body).problem(422);
    }
    let kind = Request::post("/api/predict", "text/plain", &png);
    assert!(server.send(&kind).problem(415).contains("image/*"));
    server.send(&Request::new("POST", "/api/predict").with("Content-Length", "0")).problem(415);
}

#[test]
fn every_unknown_route_and_method_is_a_problem() {
    let server = Server::start(&[]);
    for path in ["/nowhere", "/api", "/api/models/none/model", "/page.html", "/../Cargo.toml"] {
        server.get(path).problem(404);
    }
    let unknown = server.post("/api/models/c%20n/predict", &seven()).problem(404);
    assert!(unknown.contains("\"c n\"") && unknown.contains("cnn"), "{unknown}");
    for (method, path, allow) in [
        ("GET", "/api/predict", "POST"),
        ("DELETE", "/api/models", "GET,HEAD"),
        ("POST", "/", "GET,HEAD"),
    ] {
        let response = server.send(&Request::new(method, path));
        response.problem(405);
        assert_eq!(response.header("allow"), Some(allow), "{method} {path}");
    }
}

#[test]
fn a_model_describes_itself() {
    let server = Server::start(&[]);
    let model = server.get("/api/model").json();
    assert_eq!((&model["name"], &model["parameters"]), (&json!("cnn"), &json!(241_930)));
    assert_eq!(model["input"], json!({"channels": 1, "height": 28, "width": 28}));
    assert_eq!(model["test"]["images"], 10_000);
    assert!(model["validation"]["accuracy"].as_f64().unwrap() > 0.99);
    assert_eq!(server.get("/api/models").json(), json!({ "models": [model] }));
    assert_eq!(server.get("/api/models/cnn/model").json(), model);
    let picture = server.get(model["confusion_matrix"].as_str().unwrap());
    assert_eq!(picture.header("content-type"), Some("image/png"));
    let file = root().join("artifacts/cnn/plots/confusion_matrix.png");
    assert_eq!(picture.body, fs::read(file).unwrap());
}

#[test]
fn models_are_selected_by_name() {
    let place = tempfile::tempdir().unwrap();
    let bare = bare_model(&place.path().join("my model"));
    let server = Server::start(&["--model", &bare, "--model", "artifacts/cnn"]);
    let listed = server.get("/api/models").json();
    let names: Vec<&Value> =
        listed["models"].as_array().unwrap().iter().map(|model| &model["name"]).collect();
    assert_eq!(names, ["my model", "cnn"]);
    let first = server.get("/api/model").json();
    assert_eq!(first, server.get("/api/models/my%20model/model").json());
    for field in ["test", "confusion_matrix"] {
        assert_eq!(first[field], Value::Null, "{field}");
    }
    server.get("/api/models/my%20model/confusion_matrix.png").problem(404);
    for (path, name) in [
        ("/api/predict", "my model"),
        ("/api/models/my%20model/predict", "my model"),
        ("/api/models/cnn/predict", "cnn"),
    ] {
        let response = server.post(path, &seven());
        assert_eq!(response.answer()["answer"], "7");
        assert_eq!(response.json()["model"], name);
    }
}

#[test]
#[cfg(unix)]
fn a_link_in_a_model_folder_publishes_no_other_file() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("strange");
    let model = bare_model(&folder);
    fs::create_dir(folder.join("plots")).unwrap();
    let secret = root().join("artifacts/cnn/plots/confusion_matrix.png");
    let link = folder.join("plots/confusion_matrix.png");
    std::os::unix::fs::symlink(secret.canonicalize().unwrap(), link).unwrap();
    let server = Server::start(&["--model", &model]);
    server.get("/api/confusion_matrix.png").problem(404);
    assert_eq!(server.get("/api/model").json()["confusion_matrix"], Value::Null);
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(log.contains("plots/confusion_matrix.png") && log.contains("link"), "{log}");
}

#[test]
fn the_page_is_part_of_the_program() {
    let server = Server::start(&[]);
    for (path, media_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/page.css", "text/css; charset=utf-8"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
    ] {
        let file = server.get(path);
        assert_eq!((file.status(), file.header("content-type")), (200, Some(media_type)));
        let tag = file.header("etag").unwrap();
        let again = server.send(&Request::get(path).with("If-None-Match", tag));
        assert_eq!((again.status(), again.body.len()), (304, 0), "{path}");
        let packed = server.send(&Request::get(path).with("Accept-Encoding", "gzip"));
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
    }
}

#[test]
fn responses_have_security_headers() {
    let server = Server::start(&[]);
    for path in ["/", "/api/model", "/nowhere"] {
        let response = server.get(path);
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
    }
}

#[test]
fn metrics_are_counted() {
    let server = Server::start(&[]);
    server.post("/api/predict", &seven()).answer();
    server.get("/nowhere/1");
    server.get("/nowhere/2");
    let predict = r#"{route="/api/predict",status="200"}"#;
    assert!((server.metric(&format!("glyph_requests_total{predict}")) - 1.0).abs() < 1e-9);
    let none = r#"glyph_requests_total{route="none",status="404"}"#;
    assert!((server.metric(none) - 2.0).abs() < 1e-9);
    assert!((server.metric("glyph_batch_pictures_sum") - 1.0).abs() < 1e-9);
    assert!(server.metric("glyph_uptime_seconds") > 0.0);
    assert!(server.metric("glyph_queue_pictures").abs() < 1e-9);
    assert!(server.metric("glyph_connections") >= 1.0);
}

#[test]
#[cfg(unix)]
fn every_request_is_logged() {
    let server = Server::start(&["--log-format", "json"]);
    let response = server.send(&Request::get("/api/model").with("X-Request-Id", "mine-1"));
    assert_eq!(response.header("x-request-id"), Some("mine-1"));
    let given = server.get("/nowhere").header("x-request-id").unwrap().to_owned();
    server.signal("TERM");
    let (_, log) = server.wait();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let line = |id: &str| lines.iter().find(|line| line["request_id"] == id).unwrap();
    let asked = line("mine-1");
    assert_eq!((&asked["method"], &asked["path"]), (&json!("GET"), &json!("/api/model")));
    assert_eq!((&asked["status"], asked["milliseconds"].is_number()), (&json!(200), true));
    assert_eq!(line(&given)["status"], 404);
}

fn keys(object: &Value) -> BTreeSet<&String> {
    object.as_object().unwrap().keys().collect()
}

#[test]
fn the_openapi_description_matches_the_answers() {
    let server = Server::start(&[]);
    let description = server.get("/api/openapi.json").json();
    let documented = |name: &str| {
        let path = format!("/components/schemas/{name}/properties");
        description.pointer(&path).unwrap_or_else(|| panic!("{path}"))
    };
    let predictions = server.post("/api/predict?input=true", &seven());
    let error: &[u8] = b"no picture";
    let pictures = [("a.png", &seven()[..]), ("b", error)];
    let form = server.send(&Request::form("/api/predict", &pictures)).answers();
    let model = server.get("/api/model").json();
    let readings = server.post("/api/read?input=true", &seven());
    for (name, found) in [
        ("Readings", &readings.json()),
        ("Outcome_ReadingAnswer/oneOf/0", &readings.answer()),
        ("LineAnswer", &readings.answer()["lines"][0]),
        ("DigitAnswer", &readings.answer()["digits"][0]),
        ("Predictions", &predictions.json()),
        ("Outcome_PictureAnswer/oneOf/0", &predictions.answer()),
        ("RankedClass", &predictions.answer()["classes"][0]),
        ("PictureError", &form[1]),
        ("PublicCard", &model),
        ("Input", &model["input"]),
        ("Validation", &model["validation"]),
        ("Split", &model["test"]),
        ("Models", &server.get("/api/models").json()),
        ("ProblemDetails", &server.get("/nowhere").json()),
    ] {
        let mut expected = keys(documented(name));
        if name == "Outcome_PictureAnswer/oneOf/0" {
            // Only models of several labels answer with them.
            expected.retain(|key| *key != "labels");
        }
        assert_eq!(expected, keys(found), "{name}");
    }
}

#[test]
fn start_up_errors_name_the_option() {
    let place = tempfile::tempdir().unwrap();
    let twin = bare_model(&place.path().join("cnn"));
    let busy = Server::start(&[]);
    for (arguments, code, word) in [
        (&["--model", "artifacts/cnn", "--model", &twin][..], 2, "same name"),
        (&["--device", "abacus"], 2, "abacus"),
        (&["--bind", "nowhere"], 2, "--bind"),
        (&["--bind", &busy.address], 1, "--bind"),
        (&["--model", "artifacts/none"], 2, "artifacts/none"),
    ] {
        let ended = run(arguments);
        let text = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), ended.stdout.len()), (Some(code), 0), "{text}");
        assert!(text.contains(word) && !text.contains("panicked"), "{arguments:?}: {text}");
    }
}
