//! `glyph read`: the number on a page, digit by digit.
#![allow(clippy::unwrap_used)]

#[path = "harness/drawing.rs"]
mod drawing;
mod harness;

use std::io::Write;
use std::process::Stdio;

use drawing::{Page, encoded};
use harness::{Workplace, fail, glyph, run, succeed};
use image::{GrayImage, ImageFormat, Luma};
use serde_json::Value;

const MODEL: &str = "artifacts/cnn";

fn read(more: &[&str]) -> String {
    succeed(&[&["read", "--model", MODEL], more].concat()).stdout
}

fn json(file: &str, more: &[&str]) -> Value {
    serde_json::from_str(&read(&[&[file, "--format", "json"], more].concat())).unwrap()
}

#[test]
fn numbers_are_read_in_the_order_named() {
    let place = Workplace::new();
    let numbers = ["7", "14", "4711", "7147414"];
    let files: Vec<String> = numbers
        .iter()
        .map(|number| place.write(&format!("{number}.png"), Page::with_number(number).png()))
        .collect();
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let stdout = read(&names);
    for ((line, file), number) in stdout.lines().zip(&files).zip(numbers) {
        assert!(line.starts_with(&format!("{file}: {number}  ")), "{line}");
    }
    assert_eq!(stdout.lines().count(), numbers.len());
}

#[test]
fn text_holds_the_confidence_of_the_number_and_of_every_digit() {
    let place = Workplace::new();
    let file = place.write("471.png", Page::with_number("471").png());
    let line = read(&[&file]);
    let rest = line.trim_end().strip_prefix(&format!("{file}: 471  ")).unwrap();
    let (whole, digits) = rest.split_once(" %  [").unwrap();
    let digits: Vec<(&str, &str)> = digits
        .strip_suffix(']')
        .unwrap()
        .split(", ")
        .map(|digit| digit.strip_suffix(" %").unwrap().split_once(' ').unwrap())
        .collect();
    assert_eq!(digits.iter().map(|digit| digit.0).collect::<String>(), "471");
    let product: f64 = digits.iter().map(|digit| digit.1.parse::<f64>().unwrap() / 100.0).product();
    assert!((whole.parse::<f64>().unwrap() - 100.0 * product).abs() < 0.05, "{line}");
}

#[test]
fn json_holds_the_box_of_every_digit() {
    let place = Workplace::new();
    let mut page = Page::new(400, 200);
    let places = [('7', 40.0), ('1', 130.0), ('4', 210.0)];
    for (digit, left) in places {
        page.draw(digit, left, 50.0, 100.0);
    }
    let file = place.write("714.png", page.png());
    let line = json(&file, &[]);
    assert_eq!((&line["file"], &line["text"]), (&Value::from(file), &Value::from("714")));
    assert_eq!(line["reason"], Value::Null);
    let digits = line["digits"].as_array().unwrap();
    assert_eq!(digits.len(), 3);
    for (digit, (name, left)) in digits.iter().zip(places) {
        let number = |key: &str| digit[key].as_f64().unwrap();
        assert_eq!(
            (&digit["answer"], &digit["class"]),
            (&Value::from(name.to_string()), &digit["answer"])
        );
        assert!((number("top") - 45.0).abs() <= 3.0, "{digit}");
        assert!((number("height") - 110.0).abs() <= 6.0, "{digit}");
        assert!(
            (number("left")..=number("left") + number("width")).contains(&f64::from(left + 30.0)),
            "{digit}"
        );
        assert!(number("confidence") > 0.7, "{digit}");
    }
}

#[test]
fn csv_has_a_row_for_every_digit_and_one_for_a_blank_page() {
    let place = Workplace::new();
    let number = place.write("my \"number\", 14.png", Page::with_number("14").png());
    let blank = place.write("blank.png", Page::new(80, 80).png());
    let stdout = read(&[&number, &blank, "--format", "csv"]);
    let mut table = csv::Reader::from_reader(stdout.as_bytes());
    assert_eq!(
        table.headers().unwrap().iter().collect::<Vec<_>>().join(","),
        "file,line,text,position,answer,class,confidence,reason,left,top,width,height"
    );
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for (row, (position, digit)) in rows.iter().zip([("1", "1"), ("2", "4")]) {
        assert_eq!((&row[0], &row[1], &row[2]), (number.as_str(), "1", "14"));
        assert_eq!((&row[3], &row[4]), (position, digit));
    }
    assert_eq!(
        (&rows[2][0], &rows[2][2], &rows[2][7], &rows[2][11]),
        (blank.as_str(), "", "blank", "")
    );
}

#[test]
fn digits_that_touch_are_told_apart() {
    let place = Workplace::new();
    let mut page = Page::new(400, 200);
    // The bar of the 4 reaches the 7's foot.
    page.draw('4', 60.0, 50.0, 100.0);
    page.draw('7', 108.0, 48.0, 100.0);
    let file = place.write("47.png", page.png());
    assert_eq!(json(&file, &[])["text"], "47");
}

#[test]
fn lines_and_specks_are_ignored() {
    let place = Workplace::new();
    let mut page = Page::with_number("714");
    let (width, height) = page.image.dimensions();
    for x in 0..width {
        page.image.put_pixel(x, height - 9, image::Rgb([30, 35, 80]));
        page.image.put_pixel(x, height - 8, image::Rgb([30, 35, 80]));
    }
    for (x, y) in [(5, 5), (6, 5), (5, 6), (width / 2, 6)] {
        page.image.put_pixel(x, y, image::Rgb([30, 35, 80]));
    }
    let file = place.write("714.png", page.png());
    assert_eq!(json(&file, &[])["text"], "714");
}

#[test]
fn a_digit_below_the_threshold_is_a_question_mark() {
    let place = Workplace::new();
    let file = place.write("71.png", Page::with_number("71").png());
    let line = json(&file, &["--threshold", "1"]);
    assert_eq!((&line["text"], &line["reason"]), (&Value::from("??"), &Value::from("unsure")));
    assert_eq!(
        (&line["digits"][0]["answer"], &line["digits"][0]["class"]),
        (&Value::from("?"), &Value::from("7"))
    );
}

#[test]
fn marks_between_digits_are_shown() {
    let place = Workplace::new();
    for number in ["7.14", "7,14", "-47", "14/7/1", "-1.7", "147-4"] {
        let file = place.write("number.png", Page::with_number(number).png());
        let line = json(&file, &[]);
        assert_eq!(
            (&line["text"], &line["reason"]),
            (&Value::from(number), &Value::Null),
            "{line}"
        );
    }
    let file = place.write("7.14.png", Page::with_number("7.14").png());
    let mark = &json(&file, &[])["marks"][0];
    assert_eq!(
        (&mark["kind"], &mark["position"], &mark["line"]),
        (&"point".into(), &1.into(), &1.into())
    );
    let left = mark["left"].as_i64().unwrap();
    assert!((150..170).contains(&left), "{mark}");
}

#[test]
fn a_blot_beside_a_digit_or_a_mark_out_of_place_makes_the_line_unsure() {
    let place = Workplace::new();
    let mut page = Page::new(360, 180);
    for (digit, left) in [('7', 50.0), ('4', 170.0), ('7', 250.0)] {
        page.draw(digit, left, 35.0, 100.0);
    }
    // A blot at the digits' top may be a piece of a digit.
    page.draw('.', 75.0, -150.0, 200.0);
    let file = place.write("dot.png", page.png());
    let line = json(&file, &[]);
    assert_eq!((&line["text"], &line["reason"]), (&"?47".into(), &"unsure".into()), "{line}");
    let file = place.write("end.png", Page::with_number("47-").png());
    let line = json(&file, &[]);
    assert_eq!((&line["text"], &line["reason"]), (&"47-".into(), &"mark".into()), "{line}");
}

#[test]
fn letters_are_no_digits() {
    let place = Workplace::new();
    let file = place.write("M71.png", Page::with_number("RM71").png());
    let line = json(&file, &[]);
    assert_ne!(line["reason"], Value::Null, "{line}");
    assert!(line["text"].as_str().unwrap().contains('?'), "{line}");
}

#[test]
fn several_lines_are_read_if_they_are_asked_for() {
    let place = Workplace::new();
    let numbers = ["714", "-47", "1.4"];
    let file = place.write("lines.png", Page::with_lines(&numbers).png());
    let stdout = read(&[&file, "--lines"]);
    assert_eq!(stdout.lines().count(), 3, "{stdout}");
    for (number, (line, expected)) in (1..).zip(stdout.lines().zip(numbers)) {
        assert!(line.starts_with(&format!("{file}, line {number}: {expected}  ")), "{line}");
    }
    let page = json(&file, &["--lines"]);
    assert_eq!((&page["text"], &page["reason"]), (&"714\n-47\n1.4".into(), &Value::Null));
    let lines = page["lines"].as_array().unwrap();
    let tops: Vec<i64> = lines.iter().map(|line| line["top"].as_i64().unwrap()).collect();
    assert!(tops.iter().zip([30, 210, 390]).all(|(top, near)| (top - near).abs() < 10), "{tops:?}");
    let csv = read(&[&file, "--lines", "--format", "csv"]);
    assert!(csv.contains(",3,1.4,2,4,4,"), "{csv}");
}

#[test]
fn several_lines_are_no_number() {
    let place = Workplace::new();
    let file = place.write("lines.png", Page::with_lines(&["71", "47"]).png());
    assert_eq!(read(&[&file]), format!("{file}: ?  (2 lines found: use --lines)\n"));
    let page = json(&file, &[]);
    assert_eq!((&page["reason"], &page["lines"][1]["text"]), (&"lines".into(), &"47".into()));
    let csv = read(&[&file, "--format", "csv"]);
    assert!(csv.lines().nth(1).unwrap().contains(",lines,"), "{csv}");
}

#[test]
fn ruled_lines_through_the_digits_are_ignored() {
    let place = Workplace::new();
    let mut page = Page::with_lines(&["714", "471", "147"]);
    let width = page.image.width();
    for (row, x) in (0..3).flat_map(|row| (0..width).map(move |x| (row, x))) {
        for y in 132..134 {
            page.image.put_pixel(x, y + 180 * row, image::Rgb([60, 70, 130]));
        }
    }
    let file = place.write("ruled.png", page.png());
    let found = json(&file, &["--lines"]);
    assert_eq!((&found["text"], &found["reason"]), (&"714\n471\n147".into(), &Value::Null));
    let ignored = found["ignored"].as_array().unwrap();
    assert_eq!(ignored.iter().filter(|ink| ink["reason"] == "ruling").count(), 3, "{found}");
}

#[test]
fn blank_pages_and_noise_have_no_digits() {
    let place = Workplace::new();
    let blank = place.write("blank.png", Page::new(300, 100).png());
    let noise = GrayImage::from_fn(300, 200, |x, y| {
        Luma([((x * 7919 + y * 104_729 + x * y * 31) % 251) as u8])
    });
    let noise = place.write("noise.png", encoded(&noise.into(), ImageFormat::Png));
    for (file, reasons) in [(&blank, &["blank"][..]), (&noise, &["blank", "unclear"])] {
        let line = json(file, &[]);
        assert_eq!(line["text"], "");
        let reason = line["reason"].as_str().unwrap();
        assert!(reasons.contains(&reason), "{line}");
        assert_eq!(
            (&line["digits"], &line["confidence"]),
            (&Value::from(Vec::<Value>::new()), &Value::Null)
        );
        assert_eq!(read(&[file]), format!("{file}: ?  ({reason})\n"));
    }
}

#[test]
fn the_standard_input_is_read() {
    let mut child = glyph(&["read", "--model", MODEL, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&Page::with_number("41").png()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("-: 41  "));
}

#[test]
fn unreadable_files_are_reported_and_skipped() {
    let place = Workplace::new();
    let first = place.write("first.png", Page::with_number("71").png());
    let bad = [
        (place.write("empty.png", []), "the file is empty"),
        (place.write("text.png", "no picture at all"), "not a picture"),
        (place.argument("missing.png"), "no such file"),
    ];
    let last = place.write("last.png", Page::with_number("14").png());
    let mut arguments = vec!["read", "--model", MODEL, &first];
    arguments.extend(bad.iter().map(|(file, _)| file.as_str()));
    arguments.push(&last);
    let ended = run(&arguments);
    // One of the named files does not exist.
    assert_eq!((ended.code, ended.stdout.lines().count()), (Some(2), 2));
    assert_eq!(ended.stderr.lines().count(), bad.len(), "{}", ended.stderr);
    for (file, reason) in &bad {
        let told = ended.stderr.lines().any(|line| line.contains(file) && line.contains(reason));
        assert!(told, "{file}: {reason}\n{}", ended.stderr);
    }
}

#[test]
fn the_limit_of_pixels_can_be_lowered() {
    let place = Workplace::new();
    let file = place.write("71.png", Page::with_number("71").png());
    let error = fail(1, &["read", "--model", MODEL, &file, "--max-pixels", "100"]);
    assert!(error.contains("71.png") && error.contains("--max-pixels"), "{error}");
}

#[test]
fn what_was_read_is_drawn() {
    let place = Workplace::new();
    let number = place.write("number.png", Page::with_number("4711").png());
    let blank = place.write("blank.png", Page::new(300, 100).png());
    let folder = place.argument("drawn");
    read(&[&number, &blank, "--annotate", &folder]);
    let drawn = image::open(place.path("drawn/number.png")).unwrap().to_rgb8();
    assert!(drawn.width() >= 960, "{:?}", drawn.dimensions());
    let blue = drawn.pixels().filter(|pixel| pixel.0 == [0x00, 0x72, 0xb2]).count();
    assert!(blue > 1_000, "{blue} pixels of boxes and digits");
    assert!(image::open(place.path("drawn/blank.png")).is_ok());
}

#[test]
fn a_model_of_other_pictures_reads_no_lines() {
    let place = Workplace::new();
    let night = image::RgbImage::from_pixel(12, 10, image::Rgb([20, 20, 60]));
    let day = image::RgbImage::from_pixel(12, 10, image::Rgb([220, 230, 255]));
    for (class, picture) in [("night", night), ("day", day)] {
        for (split, index) in [("train", 0), ("train", 1), ("train", 2), ("test", 0)] {
            place.write(
                &format!("skies/{split}/{class}/{index}.png"),
                encoded(&picture.clone().into(), ImageFormat::Png),
            );
        }
    }
    let config = place.write(
        "skies.toml",
        "seed = 1\n[dataset]\nsource = \"folder\"\npath = \"skies\"\nvalidation = 2\n\
         [[model.layers]]\ntype = \"flatten\"\n[[model.layers]]\ntype = \"linear\"\nfeatures = 2\n\
         [optimizer]\ntype = \"adam\"\nlearning_rate = 0.01\n[schedule]\ntype = \"constant\"\n\
         [train]\nepochs = 1\nbatch_size = 2\n",
    );
    let model = place.argument("model");
    succeed(&["train", &config, "--output", &model, "--quiet"]);
    let file = place.write("71.png", Page::with_number("71").png());
    let error = fail(1, &["read", "--model", &model, &file]);
    assert!(error.contains(&model) && error.contains("cannot read lines of digits"), "{error}");
}
