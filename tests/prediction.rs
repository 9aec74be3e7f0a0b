//! `glyph predict`: answers for any picture, and clear errors for files that are none.
#![allow(clippy::unwrap_used)]

#[path = "harness/drawing.rs"]
mod drawing;
mod harness;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use drawing::{Page, encoded};
use harness::{Workplace, fail, glyph, root, run, succeed};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, GrayImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;

const MODEL: &str = "artifacts/cnn";

fn predict(more: &[&str]) -> String {
    succeed(&[&["predict", "--model", MODEL], more].concat()).stdout
}

#[test]
fn every_format_is_read_in_the_order_named() {
    let place = Workplace::new();
    let formats = [
        ("png", ImageFormat::Png),
        ("jpg", ImageFormat::Jpeg),
        ("bmp", ImageFormat::Bmp),
        ("gif", ImageFormat::Gif),
        ("tiff", ImageFormat::Tiff),
        ("webp", ImageFormat::WebP),
    ];
    let digits = ['7', '1', '4', '7', '1', '4'];
    let mut files = Vec::new();
    for ((ending, format), digit) in formats.iter().zip(digits) {
        files.push(
            place.write(&format!("{digit}.{ending}"), Page::with_digit(digit).encoded(*format)),
        );
    }
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let answers: Vec<String> = predict(&names)
        .lines()
        .zip(&files)
        .map(|(line, file)| line.strip_prefix(&format!("{file}: ")).unwrap()[..1].to_owned())
        .collect();
    assert_eq!(answers.concat(), "714714");
}

#[test]
fn folders_are_read_with_all_folders_in_them() {
    let place = Workplace::new();
    for (name, digit) in [("b/1.png", '1'), ("a.png", '4'), ("b/c/7.png", '7')] {
        place.write(&format!("pages/{name}"), Page::with_digit(digit).png());
    }
    place.write("pages/notes.txt", "no picture");
    let folder = place.argument("pages");
    let stdout = predict(&[&folder]);
    let answers: Vec<&str> =
        stdout.lines().map(|line| line.strip_prefix(&folder).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[0].starts_with("/a.png: 4"), "{stdout}");
    assert!(answers[1].starts_with("/b/1.png: 1"), "{stdout}");
    assert!(answers[2].starts_with("/b/c/7.png: 7"), "{stdout}");
}

#[test]
fn the_standard_input_is_read() {
    let mut child = glyph(&["predict", "--model", MODEL, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&Page::with_digit('7').png()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("-: 7  "));
}

#[test]
fn json_holds_the_most_probable_classes() {
    let place = Workplace::new();
    let file = place.write("seven.png", Page::with_digit('7').png());
    let line: Value =
        serde_json::from_str(&predict(&[&file, "--format", "json", "--top-k", "10"])).unwrap();
    assert_eq!((&line["file"], &line["answer"]), (&Value::from(file), &Value::from("7")));
    let classes = line["classes"].as_array().unwrap();
    assert_eq!((classes.len(), &classes[0]["class"]), (10, &Value::from("7")));
    assert_eq!(classes[0]["probability"], line["confidence"]);
    let total: f64 = classes.iter().map(|class| class["probability"].as_f64().unwrap()).sum();
    assert!((total - 1.0).abs() < 1e-9, "{total}");
}

#[test]
fn csv_has_a_header_and_quotes_names() {
    let place = Workplace::new();
    let seven = place.write("my \"seven\", new.png", Page::with_digit('7').png());
    let blank = place.write("blank.png", Page::new(80, 80).png());
    let stdout = predict(&[&seven, &blank, "--format", "csv", "--top-k", "2"]);
    let mut table = csv::Reader::from_reader(stdout.as_bytes());
    assert_eq!(
        table.headers().unwrap().iter().collect::<Vec<_>>().join(","),
        "file,answer,confidence,score,reason,class_1,probability_1,class_2,probability_2"
    );
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!((&rows[0][0], &rows[0][1], &rows[0][4]), (seven.as_str(), "7", ""));
    assert_eq!((&rows[1][1], &rows[1][4], &rows[1][5]), ("?", "blank", ""));
}

#[test]
fn what_is_too_uncertain_is_answered_with_a_question_mark() {
    let place = Workplace::new();
    let file = place.write("seven.png", Page::with_digit('7').png());
    let line = predict(&[&file, "--threshold", "1"]);
    assert!(line.starts_with(&format!("{file}: ?  (unsure: 7 ")), "{line}");
}

/// A copy of the model, calibrated to accept what has this score; returns its path.
fn calibrated(place: &Workplace, score_threshold: f64) -> String {
    let mut card: Value =
        serde_json::from_slice(&fs::read(root().join(MODEL).join("model.json")).unwrap()).unwrap();
    card["format_version"] = 3.into();
    card["calibration"] = serde_json::json!({
        "temperature": 1.0,
        "test_time_augmentation_below": -1.0,
        "score_threshold": score_threshold,
    });
    place.write("model/model.json", card.to_string());
    place.write("model/model.bpk", fs::read(root().join(MODEL).join("model.bpk")).unwrap());
    place.argument("model")
}

#[test]
fn the_score_of_a_calibrated_model_decides_and_a_threshold_is_asked_for_in_addition() {
    let place = Workplace::new();
    let file = place.write("seven.png", Page::with_digit('7').png());
    let predict = |score: f64, more: &[&str]| {
        let model = calibrated(&place, score);
        succeed(&[&["predict", "--model", &model, &file], more].concat()).stdout
    };
    for more in [&[][..], &["--threshold", "0"]] {
        let line = predict(1000.0, more);
        assert!(line.starts_with(&format!("{file}: ?  (unlike the training images: 7 ")), "{line}");
    }
    let line: Value = serde_json::from_str(&predict(1000.0, &["--format", "json"])).unwrap();
    assert_eq!(line["reason"], "out_of_distribution");
    let score = line["score"].as_f64().unwrap();
    let accepted = predict(score - 1e-6, &[]);
    assert!(accepted.starts_with(&format!("{file}: 7  ")), "{accepted}");
    let unsure = predict(score - 1e-6, &["--threshold", "1"]);
    assert!(unsure.contains("?  (unsure: 7 "), "{unsure}");
}

#[test]
fn a_threshold_is_a_probability() {
    for threshold in ["1.5", "-0.1", "NaN", "high"] {
        let argument = format!("--threshold={threshold}");
        let error = fail(2, &["predict", "--model", MODEL, "a.png", &argument]);
        assert!(error.contains("a number from 0 to 1"), "{error}");
    }
}

/// Files that are no pictures, and a part of the error about each.
fn bad_files(place: &Workplace) -> Vec<(String, &'static str)> {
    let png = Page::with_digit('7').png();
    let mut bomb = Page::new(40, 30).encoded(ImageFormat::Bmp);
    bomb[18..22].copy_from_slice(&60_000_u32.to_le_bytes());
    bomb[22..26].copy_from_slice(&60_000_u32.to_le_bytes());
    let jpeg = Page::with_digit('7').encoded(ImageFormat::Jpeg);
    vec![
        (place.write("empty.png", []), "the file is empty"),
        (place.write("cut.png", &png[..png.len() / 2]), "cut.png"),
        (place.write("cut.jpg", &jpeg[..jpeg.len() / 2]), "cut off"),
        (place.write("text.png", "no picture at all"), "not a picture"),
        (place.write("bomb.bmp", bomb), "60000×60000"),
        (place.argument("missing.png"), "no such file"),
        (
            place.write("folder/notes.txt", "").replace("/notes.txt", ""),
            "no pictures in this folder",
        ),
    ]
}

#[test]
fn unreadable_files_are_reported_and_skipped() {
    let place = Workplace::new();
    let bad = bad_files(&place);
    let first = place.write("first.png", Page::with_digit('7').png());
    let last = place.write("last.png", Page::with_digit('1').png());
    let mut arguments = vec!["predict", "--model", MODEL, &first];
    arguments.extend(bad.iter().map(|(file, _)| file.as_str()));
    arguments.push(&last);
    let ended = run(&arguments);
    // One of the named files does not exist.
    assert_eq!(ended.code, Some(2));
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(
        lines[0].starts_with(&format!("{first}: 7")) && lines[1].starts_with(&format!("{last}: 1"))
    );
    assert_eq!((lines.len(), ended.stderr.lines().count()), (2, bad.len()), "{}", ended.stderr);
    for (file, reason) in &bad {
        let told = ended.stderr.lines().any(|line| line.contains(file) && line.contains(reason));
        assert!(told, "{file}: {reason}\n{}", ended.stderr);
    }
}

#[test]
#[cfg(unix)]
fn a_dangling_link_in_a_folder_is_reported() {
    let place = Workplace::new();
    place.write("pages/a.png", Page::with_digit('7').png());
    std::os::unix::fs::symlink("nowhere.png", place.path("pages/b.png")).unwrap();
    let ended = run(&["predict", "--model", MODEL, &place.argument("pages")]);
    assert_eq!((ended.code, ended.stdout.lines().count()), (Some(1), 1));
    assert!(ended.stderr.contains("b.png"), "{}", ended.stderr);
}

#[test]
fn unusual_pictures_are_read() {
    let place = Workplace::new();
    let seven = DynamicImage::from(Page::with_digit('7').image);
    let deep = place.write("deep.png", encoded(&seven.to_rgb16().into(), ImageFormat::Png));
    let misnamed = place.write("misnamed.jpg", encoded(&seven, ImageFormat::Png));
    let mut animation = Vec::new();
    let mut encoder = GifEncoder::new(&mut animation);
    for digit in ['7', '1'] {
        let page = DynamicImage::from(Page::with_digit(digit).image);
        encoder.encode_frame(Frame::new(page.to_rgba8())).unwrap();
    }
    drop(encoder);
    let animated = place.write("animated.gif", animation);
    let dot = place.write("dot.png", encoded(&GrayImage::new(1, 1).into(), ImageFormat::Png));
    let stdout = predict(&[&deep, &misnamed, &animated, &dot]);
    let answers: String = stdout
        .lines()
        .map(|line| line.split(": ").nth(1).unwrap().chars().next().unwrap())
        .collect();
    assert_eq!(answers, "777?", "{stdout}");
}

#[test]
fn the_limit_of_pixels_can_be_lowered_and_raised() {
    let place = Workplace::new();
    let file = place.write("seven.png", Page::with_digit('7').png());
    let error = fail(1, &["predict", "--model", MODEL, &file, "--max-pixels", "31999"]);
    assert!(error.contains("200×160") && error.contains("--max-pixels"), "{error}");
    predict(&[&file, "--max-pixels", "32000"]);
}

#[test]
fn steps_are_drawn() {
    let place = Workplace::new();
    let file = place.write("seven.png", Page::with_digit('7').png());
    let again = place.write("again/seven.png", Page::with_digit('1').png());
    let folder = place.argument("steps");
    predict(&[&file, &again, "--show-steps", &folder]);
    for name in ["seven", "seven-2"] {
        let steps = place.path("steps").join(name);
        let input = fs::read_dir(&steps)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_string_lossy().ends_with("normalized.png"))
            .unwrap();
        assert_eq!(image::open(input).unwrap().to_luma8().dimensions(), (28, 28));
        assert!(image::open(steps.join("steps.png")).unwrap().width() > 500);
    }
}

#[test]
fn models_of_other_pictures_take_them_scaled() {
    let place = Workplace::new();
    for (class, colour) in [("night", [20, 20, 60]), ("day", [220, 230, 255])] {
        for split in ["train", "test"] {
            for index in 0..12_u8 {
                let shade = colour.map(|level: u8| level.saturating_add(index));
                let picture = RgbImage::from_pixel(12, 10, Rgb(shade));
                place.write(
                    &format!("skies/{split}/{class}/{index}.png"),
                    encoded(&picture.into(), ImageFormat::Png),
                );
            }
        }
    }
    let config = place.write(
        "skies.toml",
        "seed = 1\n[dataset]\nsource = \"folder\"\npath = \"skies\"\nvalidation = 4\n\
         [[model.layers]]\ntype = \"flatten\"\n[[model.layers]]\ntype = \"linear\"\nfeatures = 2\n\
         [optimizer]\ntype = \"adam\"\nlearning_rate = 0.01\n[schedule]\ntype = \"constant\"\n\
         [train]\nepochs = 20\nbatch_size = 4\n",
    );
    let model = place.argument("model");
    succeed(&["train", &config, "--output", &model, "--quiet"]);
    let large = RgbImage::from_pixel(300, 200, Rgb([225, 235, 255]));
    let picture = place.write("large.png", encoded(&large.into(), ImageFormat::Png));
    let line = succeed(&["predict", "--model", &model, &picture]).stdout;
    assert!(line.contains(": day  "), "{line}");
    let error =
        fail(1, &["predict", "--model", &model, &picture, "--show-steps", &place.argument("s")]);
    assert!(error.contains("--show-steps"), "{error}");
}
