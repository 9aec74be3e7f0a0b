//! `glyph init` and `glyph train DIR`: from a folder of pictures to a model, without a config.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;
use std::path::Path;

use harness::{Workplace, fail, json, root, run, succeed};
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;
use serde_json::Value;

/// The kinds of pictures that people bring.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Coloured shapes on coloured backgrounds, in several sizes and ratios, as PNG and JPEG.
    Signs,
    /// Black shapes on transparency.
    Icons,
    /// Grey textures of 28×28 pixels, stored in colour files.
    Textures,
    /// Dark letters on light paper.
    Letters,
    /// Colours of 224×224 pixels.
    Photos,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Signs, Self::Icons, Self::Textures, Self::Letters, Self::Photos];

    fn classes(self) -> [&'static str; 4] {
        match self {
            Self::Letters => ["H", "L", "T", "X"],
            Self::Textures => ["A", "B", "C", "D"],
            _ => ["circle", "cross", "square", "triangle"],
        }
    }

    fn draw(self, class: usize, random: &mut Pcg32) -> DynamicImage {
        match self {
            Self::Signs => {
                let size = (random.random_range(40..90), random.random_range(40..90));
                colours(class, size, 0.55..0.85, random)
            }
            Self::Photos => colours(class, (224, 224), 0.3..0.6, random),
            Self::Icons => {
                let side = random.random_range(24..64);
                let shape = Shape::new(class, 0.6..0.9, random);
                RgbaImage::from_fn(side, side, |x, y| {
                    let alpha = if shape.covers((side, side), (x, y)) { 255 } else { 0 };
                    Rgba([0, 0, 0, alpha])
                })
                .into()
            }
            Self::Textures => textures(class, random),
            Self::Letters => letters(class, random),
        }
    }

    fn extension(self, number: usize) -> &'static str {
        if matches!(self, Self::Signs | Self::Photos) && number.is_multiple_of(2) {
            "jpg"
        } else {
            "png"
        }
    }

    /// Writes pictures of every class to `pictures/CLASS/`.
    fn write(self, place: &Workplace, per_class: usize) -> String {
        let mut random = Pcg32::seed_from_u64(7);
        for (class, name) in self.classes().iter().enumerate() {
            let folder = place.path("pictures").join(name);
            fs::create_dir_all(&folder).unwrap();
            for number in 0..per_class {
                let file = folder.join(format!("{number}.{}", self.extension(number)));
                self.draw(class, &mut random).save(file).unwrap();
            }
        }
        place.argument("pictures")
    }
}

/// A circle, a cross, a square or a triangle at a random place.
struct Shape {
    class: usize,
    centre: (f32, f32),
    radius: f32,
}

impl Shape {
    fn new(class: usize, radius: std::ops::Range<f32>, random: &mut Pcg32) -> Self {
        let radius = random.random_range(radius);
        let mut shift = || random.random_range(-0.8..0.8) * (1.0 - radius);
        Self { class, centre: (shift(), shift()), radius }
    }

    fn covers(&self, size: (u32, u32), at: (u32, u32)) -> bool {
        let place = |at: u32, side: u32| 2.0 * (at as f32 + 0.5) / side as f32 - 1.0;
        let x = (place(at.0, size.0) - self.centre.0) / self.radius;
        let y = (place(at.1, size.1) - self.centre.1) / self.radius;
        let (wide, high) = (x.abs(), y.abs());
        match self.class {
            0 => x * x + y * y < 0.85,
            1 => wide.min(high) < 0.25 && wide.max(high) < 0.9,
            2 => wide.max(high) < 0.8,
            _ => y < 0.7 && y > 2.0 * wide - 0.9,
        }
    }
}

fn colours(
    class: usize,
    size: (u32, u32),
    radius: std::ops::Range<f32>,
    random: &mut Pcg32,
) -> DynamicImage {
    let shape = Shape::new(class, radius, random);
    let mut colour = || [0; 3].map(|_: u8| random.random_range(0..200_u8));
    let (ink, paper) = (colour(), colour());
    RgbImage::from_fn(size.0, size.1, |x, y| {
        let (ink, lighter) = if shape.covers(size, (x, y)) { (ink, 55) } else { (paper, 0) };
        Rgb(ink.map(|level| level / 2 + 2 * lighter + random.random_range(0..30)))
    })
    .into()
}

fn textures(class: usize, random: &mut Pcg32) -> DynamicImage {
    let (wave, phase) = (random.random_range(0.7..1.4_f32), random.random_range(0.0..6.0_f32));
    GrayImage::from_fn(28, 28, |x, y| {
        let along = match class {
            0 => x as f32,
            1 => y as f32,
            2 => (x + y) as f32 * 0.7,
            _ => (x as f32 - y as f32) * 0.7,
        };
        let level = 120.0 + 70.0 * (wave * along + phase).sin();
        Luma([level as u8 + random.random_range(0..40)])
    })
    .into()
}

fn letters(class: usize, random: &mut Pcg32) -> DynamicImage {
    let (left, top) = (random.random_range(4..10), random.random_range(4..10));
    let (wide, high) = (random.random_range(14..22_i32), random.random_range(16..22_i32));
    let (ink, thick) = (random.random_range(10..80), random.random_range(1..3));
    let level = |x: i32, y: i32| {
        let (x, y) = (x - left, y - top);
        if !(0..wide).contains(&x) || !(0..high).contains(&y) {
            return 235;
        }
        let near = |value: i32, line: i32| (value - line).abs() <= thick;
        let diagonal = wide * y / high;
        let is_ink = match class {
            0 => near(x, thick) || near(x, wide - 1 - thick) || near(y, high / 2),
            1 => near(x, thick) || near(y, high - 1 - thick),
            2 => near(y, thick) || near(x, wide / 2),
            _ => near(x, diagonal) || near(x, wide - 1 - diagonal),
        };
        if is_ink { ink } else { 235 }
    };
    let image = GrayImage::from_fn(32, 32, |x, y| {
        Luma([level(x.cast_signed(), y.cast_signed()) + random.random_range(0..12)])
    });
    image.into()
}

/// The choices of `glyph init --format json`, by key.
fn choice(answer: &Value, key: &str) -> Value {
    let choices = answer["choices"].as_array().unwrap();
    let found = choices.iter().find(|choice| choice["key"] == key);
    found.map_or(Value::Null, |choice| choice["value"].clone())
}

fn init(folder: &str) -> Value {
    let text = succeed(&["init", folder, "--format", "json"]).stdout;
    serde_json::from_str(&text).unwrap()
}

fn accuracy(run: &Path) -> f64 {
    json(&run.join("report.json"))["test"]["accuracy"].as_f64().unwrap()
}

#[test]
fn every_kind_of_pictures_gets_a_config_that_trains_as_it_stands() {
    for kind in Kind::ALL {
        let place = Workplace::new();
        let folder = kind.write(&place, 8);
        let answer = init(&folder);
        assert_eq!(answer["survey"]["pictures"], 32, "{kind:?}");
        let (channels, fit, background) = match kind {
            // Their borders are of any colour.
            Kind::Signs => ("3", "\"pad\"", None),
            Kind::Icons => ("1", "\"stretch\"", Some("255")),
            Kind::Textures | Kind::Letters => ("1", "\"stretch\"", Some("")),
            Kind::Photos => ("3", "\"stretch\"", Some("")),
        };
        let found = |key| choice(&answer, key).as_str().unwrap_or_default().to_owned();
        assert_eq!(found("input.channels"), channels, "{kind:?}");
        assert_eq!(found("input.fit"), fit, "{kind:?}");
        let is_expected = |level| found("input.background") == level;
        assert!(background.is_none_or(is_expected), "{kind:?}");
        let side: usize = found("input.size").parse().unwrap();
        let expected = match kind {
            Kind::Signs | Kind::Icons => 30..=64,
            Kind::Textures => 28..=28,
            Kind::Letters => 32..=32,
            Kind::Photos => 64..=64,
        };
        assert!(expected.contains(&side), "{kind:?}: {side}");
        let run = place.argument("run");
        let config = place.argument("pictures/glyph.toml");
        succeed(&["train", &config, "--output", &run, "--quiet", "--set", "train.epochs=1"]);
        assert!(place.path("run/model.bpk").is_file(), "{kind:?}");
    }
}

#[test]
fn a_folder_of_pictures_trains_in_one_step() {
    let place = Workplace::new();
    let folder = Kind::Textures.write(&place, 30);
    fs::write(place.path("pictures/A/cut.png"), b"no picture").unwrap();
    let run = place.argument("run");
    let ended = succeed(&["train", &folder, "--output", &run, "--set", "train.epochs=12"]);
    for part in [
        "pictures: 120 in 4 classes, 30 to 30 in each",
        "chosen: input.size = 28: all pictures have this size",
        "chosen: model.layers: ",
        "warning: 1 file cannot be read: training goes on without: A/cut.png: not a picture",
    ] {
        assert!(ended.stderr.contains(part) || ended.stdout.contains(part), "{}", ended.stderr);
    }
    assert!(accuracy(&place.path("run")) > 0.9, "{}", ended.stdout);
    assert!(!place.path("pictures/glyph.toml").exists(), "nothing is written to the user's folder");
    // The run says all that was chosen, and how it was overridden.
    let config: toml::Table =
        toml::from_str(&fs::read_to_string(place.path("run/config.toml")).unwrap()).unwrap();
    assert_eq!(config["train"]["epochs"].as_integer(), Some(12));
    assert_eq!(config["input"]["channels"].as_integer(), Some(1));
    assert_eq!(config["dataset"]["skip_unreadable"].as_bool(), Some(true));
    // It is resumed and evaluated without looking at the pictures for a proposal again.
    succeed(&["train", "--resume", &run, "--quiet"]);
    succeed(&["evaluate", &run]);
}

#[test]
fn the_written_config_and_the_folder_train_the_same_weights() {
    let place = Workplace::new();
    let folder = Kind::Icons.write(&place, 10);
    let train = |name: &str| {
        let run = place.argument(name);
        let epochs = ["--set", "train.epochs=1", "--quiet"];
        succeed(&[&["train", &folder, "--output", &run][..], &epochs].concat());
        harness::weights(&place.path(name))
    };
    let without_a_config = train("one");
    succeed(&["init", &folder]);
    assert_eq!(without_a_config, train("two"));
    // The folder's config is used as soon as there is one.
    let config = fs::read_to_string(place.path("pictures/glyph.toml")).unwrap();
    fs::write(place.path("pictures/glyph.toml"), config.replace("seed = 42", "seed = 7")).unwrap();
    assert_ne!(without_a_config, train("three"));
    let inspected = succeed(&["data", "inspect", &folder]);
    for part in ["chosen:", "left out:"] {
        assert!(!inspected.stderr.contains(part), "{}", inspected.stderr);
    }
}

#[test]
fn what_is_set_is_not_chosen_otherwise() {
    let place = Workplace::new();
    let folder = Kind::Signs.write(&place, 8);
    let run = place.argument("run");
    let settings = ["input.size=20", "input.fit=crop", "train.epochs=1", "augment="];
    let mut arguments = vec!["train", &folder, "--output", &run];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let ended = succeed(&arguments);
    let messages = ended.stdout + &ended.stderr;
    assert!(messages.contains("chosen: input.size = 20: as given"), "{messages}");
    let card = json(&place.path("run/model.json"));
    assert_eq!(card["input"]["height"], 20);
    assert_eq!(card["preparation"]["fit"], "crop");
    let message = fail(2, &["train", &folder, "--set", "train.epoch=1"]);
    assert!(message.contains("--set train.epoch=1") && message.contains("epochs"), "{message}");
    let message = fail(2, &["train", &folder, "--set", "input.sise=1"]);
    assert!(message.contains("--set input.sise=1") && message.contains("size"), "{message}");
}

#[test]
fn pictures_of_several_sizes_are_inspected_and_compared_without_a_config() {
    let place = Workplace::new();
    let folder = Kind::Signs.write(&place, 8);
    let inspected = succeed(&["data", "inspect", &folder]);
    assert!(inspected.stdout.starts_with("folder: 32 images of 3×"), "{}", inspected.stdout);
    assert!(inspected.stderr.contains("chosen: input.fit = \"pad\""), "{}", inspected.stderr);
    assert!(!inspected.stderr.contains("chosen: train."), "{}", inspected.stderr);
    succeed(&["baseline", &folder, "--features", "hog"]);
}

#[test]
fn no_file_is_overwritten_unless_asked() {
    let place = Workplace::new();
    let folder = Kind::Textures.write(&place, 8);
    let mine = place.write("pictures/glyph.toml", "# mine\n");
    let message = fail(2, &["init", &folder]);
    assert!(message.contains("glyph.toml: exists already"), "{message}");
    assert!(message.contains("--output") && message.contains("--overwrite"), "{message}");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "# mine\n");
    let other = place.argument("other.toml");
    succeed(&["init", &folder, "-o", &other]);
    let run = place.argument("run");
    let epochs = ["--set", "train.epochs=1", "--quiet"];
    succeed(&[&["train", &other, "--output", &run][..], &epochs].concat());
    let picture = place.argument("pictures/A/0.png");
    let message = fail(2, &["init", &folder, "-o", &picture, "--overwrite"]);
    assert!(message.contains("no command writes over its input"), "{message}");
    succeed(&["init", &folder, "--overwrite"]);
    let text = fs::read_to_string(&mine).unwrap();
    assert!(text.starts_with("#:schema ./glyph.schema.json\n"), "{text}");
    assert!(text.contains("path = \".\"\n"), "{text}");
    let too_wide = text.lines().filter(|line| line.chars().count() > 100);
    assert_eq!(too_wide.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn what_is_no_folder_of_pictures_is_refused() {
    let place = Workplace::new();
    let message = fail(2, &["init", &place.argument("absent")]);
    assert!(message.contains("absent: no such folder"), "{message}");
    fail(2, &["train", &place.argument("absent")]);
    fs::create_dir(place.path("empty")).unwrap();
    for command in [&["init"][..], &["train"], &["data", "inspect"]] {
        let message = fail(1, &[command, &[&place.argument("empty")]].concat());
        assert!(message.contains("no pictures in class folders"), "{message}");
    }
    assert!(!place.path("empty/glyph.toml").exists());
    place.write("broken/a/1.png", "no picture");
    let message = fail(1, &["init", &place.argument("broken")]);
    assert!(message.contains("1.png: not a picture"), "{message}");
}

#[test]
fn runs_in_the_folder_of_pictures_are_no_pictures() {
    let place = Workplace::new();
    let folder = Kind::Textures.write(&place, 8);
    let epochs = ["--set", "train.epochs=1", "--quiet"];
    let command = |arguments: &[&str]| {
        let mut command = harness::glyph(arguments);
        harness::Ended::from(command.current_dir(&folder).output().unwrap())
    };
    for name in ["pictures", "pictures-2"] {
        let ended = command(&[&["train", "."][..], &epochs].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let path = place.path(&format!("pictures/artifacts/runs/{name}/model.json"));
        assert_eq!(json(&path)["class_names"], serde_json::json!(["A", "B", "C", "D"]));
    }
    let answer = init(&folder);
    let left_out = answer["survey"]["left_out"][0].as_str().unwrap();
    assert!(left_out.contains("2 folders of trained runs"), "{left_out}");
}

/// A value, checked against the keywords that the schema of configs uses.
fn check(schema: &Value, root: &Value, value: &Value, place: &str) -> Result<(), String> {
    let Some(schema) = schema.as_object() else {
        return if *schema == Value::Bool(false) {
            Err(format!("{place} is refused"))
        } else {
            Ok(())
        };
    };
    let wrong = |what: &str| Err(format!("{place}: {what}: {value}"));
    for (keyword, rule) in schema {
        let each = || rule.as_array().into_iter().flatten();
        match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                check(root.pointer(pointer).unwrap(), root, value, place)?;
            }
            "type" => {
                let is = |kind: &Value| match kind.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    other => panic!("{other}"),
                };
                if !(is_any(rule, is)) {
                    return wrong(&format!("is not of type {rule}"));
                }
            }
            "enum" if !each().any(|one| one == value) => return wrong("is none of the values"),
            "const" if rule != value => return wrong("is another value"),
            "allOf" => each().try_for_each(|rule| check(rule, root, value, place))?,
            "anyOf" | "oneOf" => {
                let results: Vec<_> = each().map(|rule| check(rule, root, value, place)).collect();
                let fitting = results.iter().filter(|result| result.is_ok()).count();
                if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                    return wrong(&format!("fits {fitting} of {keyword}: {results:?}"));
                }
            }
            "required" => {
                if let Some(key) = each().find(|key| value.get(key.as_str().unwrap()).is_none()) {
                    return wrong(&format!("{key} is missing"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, root, item, &format!("{place}.{index}"))?;
                }
            }
            "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum" => {
                if let (Some(value), Some(limit)) = (value.as_f64(), rule.as_f64()) {
                    let is_inside = match keyword.as_str() {
                        "minimum" => value >= limit,
                        "exclusiveMinimum" => value > limit,
                        "maximum" => value <= limit,
                        _ => value < limit,
                    };
                    if !is_inside {
                        return wrong("is outside its range");
                    }
                }
            }
            _ => {}
        }
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let place = format!("{place}.{key}");
        match schema.get("properties").and_then(|properties| properties.get(key)) {
            Some(rule) => check(rule, root, value, &place)?,
            None => schema
                .get("additionalProperties")
                .map_or(Ok(()), |rule| check(rule, root, value, &place))?,
        }
    }
    Ok(())
}

/// Whether a keyword's value, or one of a list of them, holds.
fn is_any(rule: &Value, holds: impl Fn(&Value) -> bool) -> bool {
    rule.as_array().map_or_else(|| holds(rule), |rules| rules.iter().any(&holds))
}

#[test]
fn every_config_fits_the_schema_and_mistakes_do_not() {
    let schema: Value = serde_json::from_str(&succeed(&["schema"]).stdout).unwrap();
    let read =
        |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    let place = Workplace::new();
    succeed(&["init", &Kind::Signs.write(&place, 8)]);
    let proposed = place.path("pictures/glyph.toml");
    let configs = harness::configs().into_iter().map(|config| root().join(config));
    for config in configs.chain([proposed]) {
        let text = fs::read_to_string(&config).unwrap();
        if let Err(problem) = check(&schema, &schema, &read(&text), "config") {
            panic!("{}: {problem}", config.display());
        }
    }
    let smoke = fs::read_to_string(root().join("configs/smoke.toml")).unwrap();
    for (right, wrong) in [
        ("epochs = 2", "epoch = 2"),
        ("type = \"gelu\"", "type = \"gleu\""),
        ("validation = 500", "validation = -1"),
        ("source = \"mnist\"", "source = \"mnits\""),
        ("kernel = 5", "kernel = \"five\""),
        ("probability = 0.1", "probabilty = 0.1"),
    ] {
        let text = smoke.replacen(right, wrong, 1);
        assert_ne!(text, smoke, "{right}");
        assert!(check(&schema, &schema, &read(&text), "config").is_err(), "{wrong} is accepted");
    }
}

#[test]
fn the_committed_schema_is_that_of_the_program() {
    let committed = fs::read_to_string(root().join("configs/schema.json")).unwrap();
    assert_eq!(
        committed,
        run(&["schema"]).stdout,
        "write it again: cargo run -- schema > configs/schema.json"
    );
}

/// Accuracy and time of larger folders: `cargo test -p glyph --test own_pictures_init -- --ignored
/// --nocapture`.
#[test]
#[ignore = "measures for minutes"]
#[allow(clippy::print_stdout)]
fn measure_every_kind() {
    for kind in Kind::ALL {
        let place = Workplace::new();
        let folder = kind.write(&place, 250);
        let run = place.argument("run");
        let start = std::time::Instant::now();
        let ended = succeed(&["train", &folder, "--output", &run]);
        let seconds = start.elapsed().as_secs_f64();
        let (text, accuracy) = (ended.stdout + &ended.stderr, accuracy(&place.path("run")));
        let chosen = text.lines().filter(|line| line.starts_with("chosen:"));
        println!("{}", chosen.collect::<Vec<_>>().join("\n"));
        println!("{kind:?}: test accuracy {accuracy:.4} in {seconds:.1} s");
    }
}
