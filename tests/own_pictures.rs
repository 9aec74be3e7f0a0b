//! Folders of pictures as people bring them: a model answers for the very files that it was tested on
//! as its test did.
#![allow(clippy::unwrap_used)]

mod harness;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use harness::{Workplace, fail, json, succeed};
use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, GrayImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb, RgbImage,
    Rgba, RgbaImage,
};

/// A network that looks at every pixel.
const NETWORK: &str = r#"
[[model.layers]]
type = "flatten"

[[model.layers]]
type = "linear"
features = CLASSES

[optimizer]
type = "adam"
learning_rate = 0.01

[train]
epochs = 2
batch_size = 8
"#;

/// Writes twelve pictures of each class to `pictures/CLASS/`, and trains on them with these lines in
/// the config.
fn train(
    place: &Workplace,
    classes: &[&str],
    draw: impl Fn(usize, usize) -> (Vec<u8>, &'static str),
    lines: &str,
) -> String {
    for (class, name) in classes.iter().enumerate() {
        for number in 0..12 {
            let (bytes, extension) = draw(class, number);
            place.write(&format!("pictures/{name}/{number}.{extension}"), bytes);
        }
    }
    let network = NETWORK.replace("CLASSES", &classes.len().to_string());
    let dataset =
        "[dataset]\nsource = \"folder\"\npath = \"pictures\"\ntest = 0.5\nvalidation = 0.4\n";
    let config = place.write("config.toml", format!("{dataset}{lines}{network}"));
    let run = place.argument("run");
    succeed(&["train", &config, "--output", &run]).stderr
}

/// Checks that `predict` gives every file of the test split the class and the probability that the
/// test gave it.
fn assert_answers_as_tested(place: &Workplace) {
    let csv = fs::read(place.path("run/predictions.csv")).unwrap();
    let mut tested = BTreeMap::new();
    for row in csv::Reader::from_reader(csv.as_slice()).deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        tested.insert(row["file"].clone(), (row["prediction"].clone(), row["confidence"].clone()));
    }
    assert!(tested.len() > 8, "{}", tested.len());
    let files: Vec<String> =
        tested.keys().map(|file| place.argument(&format!("pictures/{file}"))).collect();
    let mut arguments = vec!["predict", "--model"];
    let model = place.argument("run");
    arguments.extend([model.as_str(), "--format", "json"]);
    arguments.extend(files.iter().map(String::as_str));
    let answers = succeed(&arguments).stdout;
    assert_eq!(answers.lines().count(), tested.len());
    for (line, (file, (class, confidence))) in answers.lines().zip(&tested) {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        // The answer may be rejected: few pictures calibrate these models.
        assert_eq!(answer["classes"][0]["class"], class.as_str(), "{file}");
        let found = format!("{:.6}", answer["confidence"].as_f64().unwrap());
        assert_eq!(&found, confidence, "{file}");
    }
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A level that depends on class, picture and place, with different ends of every side.
fn level(class: usize, number: usize, x: u32, y: u32) -> u8 {
    let wave = (x as usize * (class + 2) + y as usize * (number % 5 + 1)) % 61;
    (wave * 3 + number + if x < 4 { 60 } else { 0 }) as u8
}

fn grey(class: usize, number: usize, width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([level(class, number, x, y)]))
}

fn colours(class: usize, number: usize, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let level = level(class, number, x, y);
        Rgb([level, 255 - level, level / 2 + 20 * class as u8])
    })
}

#[test]
fn photos_turned_by_exif() {
    let place = Workplace::new();
    train(
        &place,
        &["left", "right"],
        |class, number| {
            // Orientations 1 to 8, one after the other; 5 to 8 exchange the sides.
            let orientation = (number % 8 + 1) as u8;
            let (width, height) = if orientation < 5 { (24, 16) } else { (16, 24) };
            let exif =
                [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[orientation], &[0; 7]];
            let mut bytes = Vec::new();
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
            encoder.set_exif_metadata(exif.concat()).unwrap();
            let picture = colours(class, number, width, height);
            encoder.encode_image(&DynamicImage::from(picture)).unwrap();
            (bytes, "jpg")
        },
        "",
    );
    assert_eq!(json(&place.path("run/model.json"))["input"]["width"], 24);
    assert_answers_as_tested(&place);
}

#[test]
fn black_icons_on_transparency() {
    let place = Workplace::new();
    let icon = |class: usize, number: usize| {
        let icon = RgbaImage::from_fn(20, 20, |x, y| {
            Rgba([0, 0, 0, if level(class, number, x, y) > 120 { 255 } else { x as u8 }])
        });
        (encoded(icon, ImageFormat::Png), "png")
    };
    let printed = train(&place, &["house", "tree"], icon, "");
    assert!(printed.contains("input: the whole picture, stretched, on white\n"), "{printed}");
    assert!(!printed.contains("one color"), "{printed}");
    assert_answers_as_tested(&place);
}

#[test]
fn white_icons_on_a_background_of_their_own() {
    let place = Workplace::new();
    let icon = |class: usize, number: usize| {
        let icon = ImageBuffer::from_fn(20, 20, |x, y| LumaA([255_u8, level(class, number, x, y)]));
        (encoded(icon, ImageFormat::Png), "png")
    };
    let lines = "[input]\nbackground = [20, 60, 90]\nchannels = 3\npolarity = \"invert\"\n";
    let printed = train(&place, &["house", "tree"], icon, lines);
    assert!(printed.contains("stretched, on RGB 20, 60, 90, inverted"), "{printed}");
    assert_answers_as_tested(&place);
}

#[test]
fn grey_textures_of_digit_size_in_folders_with_letters() {
    let place = Workplace::new();
    let texture = |class, number| (encoded(grey(class, number, 28, 28), ImageFormat::Png), "png");
    train(&place, &["A", "B", "C"], texture, "");
    assert_eq!(json(&place.path("run/model.json"))["preparation"]["kind"], "picture");
    assert_answers_as_tested(&place);
}

/// A dark stroke on light paper, of a class and at a place that depend on the picture.
fn letter(class: usize, number: usize) -> (Vec<u8>, &'static str) {
    let (left, top) = (30 + 3 * number as u32, 20 + 2 * number as u32);
    let page = GrayImage::from_fn(120, 90, |x, y| {
        let (x, y) = (x.wrapping_sub(left), y.wrapping_sub(top));
        let is_ink = match class {
            0 => x < 6 && y < 40,
            1 => x < 36 && (y < 6 || (20..26).contains(&y)) || x < 6 && y < 40,
            _ => x < 30 && y < 40 && x.abs_diff(y * 3 / 4) < 5,
        };
        Luma([if is_ink { 25 } else { 225 + (number % 7) as u8 }])
    });
    (encoded(page, ImageFormat::Png), "png")
}

#[test]
fn dark_letters_on_light_paper() {
    let place = Workplace::new();
    train(&place, &["I", "F", "X"], letter, "[input]\nsize = [24, 32]\nfit = \"pad\"\n");
    assert_answers_as_tested(&place);
}

#[test]
fn letters_extracted_as_ink() {
    let place = Workplace::new();
    train(&place, &["I", "F", "X"], letter, "[input]\nkind = \"ink\"\n");
    let card = json(&place.path("run/model.json"));
    assert_eq!(
        (&card["preparation"]["kind"], &card["input"]["width"]),
        (&"ink".into(), &28.into())
    );
    assert_answers_as_tested(&place);
}

#[test]
fn every_format_depth_and_size() {
    for fit in ["stretch", "pad", "crop"] {
        let place = Workplace::new();
        let picture = |class: usize, number: usize| {
            let (width, height) = (20 + 3 * number as u32, 40 - 2 * number as u32);
            let colours = colours(class, number, width, height);
            match number % 6 {
                0 => (encoded(colours, ImageFormat::WebP), "webp"),
                1 => (encoded(colours, ImageFormat::Bmp), "bmp"),
                2 => (encoded(DynamicImage::from(colours).into_rgba8(), ImageFormat::Gif), "gif"),
                3 => (encoded(colours, ImageFormat::Tiff), "tif"),
                4 => {
                    let deep = DynamicImage::from(grey(class, number, width, height)).into_luma16();
                    (encoded(deep, ImageFormat::Png), "png")
                }
                _ => (encoded(colours, ImageFormat::Jpeg), "JPEG"),
            }
        };
        let input = format!("[input]\nsize = 16\nfit = \"{fit}\"\n");
        train(&place, &["one", "two"], picture, &input);
        assert_answers_as_tested(&place);
    }
}

#[test]
fn the_same_pictures_are_evaluated_as_a_folder() {
    let place = Workplace::new();
    train(&place, &["I", "F", "X"], letter, "[input]\nkind = \"ink\"\n");
    let (model, folder) = (place.argument("run"), place.argument("pictures"));
    // Other pictures of some of the classes: matched by name, and all of them evaluated.
    fs::remove_dir_all(place.path("pictures/F")).unwrap();
    let ended = succeed(&["evaluate", &model, "--data", &folder, "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&answer["split"], &answer["images"]), (&"all".into(), &24.into()));
    assert!(answer["accuracy"].as_f64().unwrap() > 0.5, "{}", ended.stdout);
}

#[test]
fn a_model_can_be_told_to_prepare_pictures_otherwise() {
    let place = Workplace::new();
    let texture = |class, number| (encoded(grey(class, number, 28, 28), ImageFormat::Png), "png");
    train(&place, &["A", "B"], texture, "");
    let (model, file) = (place.argument("run"), place.argument("pictures/A/3.png"));
    let inverted = |path: &Path| {
        let mut image = image::open(path).unwrap();
        image.invert();
        image.save(place.path("inverted.png")).unwrap();
        place.argument("inverted.png")
    };
    let predict = |file: &str, more: &[&str]| {
        let fixed = ["predict", file, "--model", &model, "--threshold", "0", "--format", "csv"];
        let answer = succeed(&[&fixed, more].concat()).stdout;
        answer.lines().nth(1).unwrap().split_once(',').unwrap().1.to_owned()
    };
    let other = inverted(Path::new(&file));
    assert_eq!(predict(&other, &["--input", "polarity=invert"]), predict(&file, &[]));
    for (value, part) in [
        ("size=9", "input.size is 9×9: expected it to be absent"),
        ("polarity", "write KEY=VALUE"),
        ("colour=3", "unknown field `colour`"),
        ("fit=squeeze", "unknown variant `squeeze`"),
    ] {
        let message = fail(2, &["predict", &file, "--model", &model, "--input", value]);
        assert!(message.contains("--input: ") && message.contains(part), "{message}");
    }
}

#[test]
fn unreadable_pictures_are_all_listed_and_can_be_skipped() {
    let place = Workplace::new();
    let texture = |class, number| (encoded(grey(class, number, 28, 28), ImageFormat::Png), "png");
    train(&place, &["A", "B"], texture, "");
    place.write("pictures/A/cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF");
    place.write("pictures/B/empty.png", b"");
    place.write("pictures/B/notes.txt", b"not a picture");
    let (config, other) = (place.argument("config.toml"), place.argument("other"));
    let message = fail(1, &["train", &config, "--output", &other]);
    for part in ["2 pictures cannot be used", "A/cut.jpg", "B/empty.png", "skip_unreadable"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!place.path("other").exists());
    let set = ["--set", "dataset.skip_unreadable=true"];
    let ended = succeed(&[&["train", &config, "--output", &other][..], &set].concat());
    assert!(ended.stderr.contains("left out: 2 unreadable pictures"), "{}", ended.stderr);
    assert!(ended.stderr.contains("left out: 1 file of other formats"), "{}", ended.stderr);
}

#[test]
fn a_run_of_a_folder_resumes_with_the_input_that_was_found() {
    let place = Workplace::new();
    let texture = |class, number| (encoded(grey(class, number, 28, 28), ImageFormat::Png), "png");
    train(&place, &["A", "B"], texture, "");
    let config = fs::read_to_string(place.path("run/config.toml")).unwrap();
    for line in ["size = [28, 28]", "channels = 1", "fit = \"stretch\"", "background = 255"] {
        assert!(config.contains(line), "{config}");
    }
    let before = harness::weights(&place.path("run"));
    let again = place.argument("again");
    succeed(&["train", &place.argument("run/config.toml"), "--output", &again, "--quiet"]);
    assert_eq!(harness::weights(&place.path("again")), before);
}

#[test]
fn pictures_that_stay_on_disk_train_the_same_weights_and_report() {
    let place = Workplace::new();
    let texture =
        |class, number| (encoded(colours(class, number, 28, 28), ImageFormat::Png), "png");
    train(&place, &["A", "B"], texture, "");
    let config = place.argument("config.toml");
    let disk = place.argument("disk");
    let set = ["--set", "dataset.in_memory=false", "--set", "train.loader_workers=3"];
    succeed(&[&["train", &config, "--output", &disk, "--quiet"][..], &set].concat());
    assert_eq!(harness::weights(&place.path("disk")), harness::weights(&place.path("run")));
    for file in ["predictions.csv", "plots/class_images.png", "plots/worst_errors.png"] {
        let [one, other] = ["run", "disk"].map(|run| fs::read(place.path(run).join(file)).ok());
        assert_eq!(one, other, "{file}");
    }
}
