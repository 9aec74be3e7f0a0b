//! `glyph data audit`: wrong labels, near-duplicates and outliers.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;

use harness::{Workplace, fail, succeed};
use image::{GrayImage, Luma};

const CONFIG: &str = r#"
seed = 3
[dataset]
source = "folder"
path = "PATH"
[input]
kind = "picture"
[[model.layers]]
type = "flatten"
[[model.layers]]
type = "linear"
features = 16
[[model.layers]]
type = "relu"
[[model.layers]]
type = "linear"
features = 3
[optimizer]
type = "adam"
learning_rate = 0.01
[train]
epochs = 6
batch_size = 8
"#;

/// A picture of a class: a bright bar at its own height, and noise that differs from picture to
/// picture.
fn picture(class: u32, number: u32) -> GrayImage {
    GrayImage::from_fn(12, 12, |x, y| {
        let noise = (number * 7919 + x * 104_729 + y * 1_299_709 + number * x * y * 31) % 60;
        Luma([(if y / 4 == class { 180 } else { 0 } + noise) as u8])
    })
}

/// 40 pictures of each class, of which one in each class has the label of the next class.
fn workplace() -> (Workplace, String) {
    let place = Workplace::new();
    for class in 0..3 {
        for number in 0..40 {
            let label = if number == 7 { (class + 1) % 3 } else { class };
            for (split, count) in [("train", 40), ("test", 3)] {
                let folder = place.path(&format!("pictures/{split}/{label}"));
                fs::create_dir_all(&folder).unwrap();
                if number < count {
                    let path = folder.join(format!("of-{class}-{number}.png"));
                    picture(class, 40 * class + number).save(path).unwrap();
                }
            }
        }
    }
    let config = CONFIG.replace("PATH", &place.argument("pictures").replace('\\', "/"));
    let config = place.write("config.toml", config);
    (place, config)
}

fn issues(place: &Workplace) -> String {
    fs::read_to_string(place.path("audit/issues.csv")).unwrap()
}

const LABELS: &str = "labels that are probably wrong: 3";

#[test]
fn an_audit_finds_wrong_labels_by_file_and_keeps_finished_folds() {
    let (place, config) = workplace();
    let output = place.argument("audit");
    let arguments = ["data", "audit", &config, "--folds", "3", "-o", &output];
    let ended = succeed(&arguments);
    assert!(ended.stdout.contains(LABELS), "{}", ended.stdout);
    assert!(ended.stderr.contains("fold 3 of 3"), "{}", ended.stderr);
    let found = issues(&place);
    let labels: Vec<_> = found.lines().filter(|line| line.contains(",label,")).collect();
    assert_eq!(labels.len(), 3, "{found}");
    for (given, file, suggested) in [(1, "of-0-7", 0), (2, "of-1-7", 1), (0, "of-2-7", 2)] {
        let expected = format!("train/{given}/{file}.png,{given},{suggested},");
        assert!(labels.iter().any(|line| line.contains(&expected)), "{expected}: {found}");
    }
    let scores = fs::read_to_string(place.path("audit/scores.csv")).unwrap();
    assert_eq!(scores.lines().count(), 121);
    let page = fs::read_to_string(place.path("audit/audit.html")).unwrap();
    assert!(page.contains("Labels that are probably wrong") && page.contains("data:image/png"));
    assert!(page.contains("train/1/of-0-7.png"));
    assert!(!place.path("audit/fold-1/report.html").exists());

    // A finished fold is kept, and a fold that is missing is trained to the same result.
    let modified =
        || fs::metadata(place.path("audit/fold-1/model.bpk")).unwrap().modified().unwrap();
    let before = modified();
    fs::remove_dir_all(place.path("audit/fold-2")).unwrap();
    let again = succeed(&arguments);
    assert_eq!(issues(&place), found);
    assert_eq!(modified(), before);
    assert_eq!(again.stderr.matches("trained already").count(), 2, "{}", again.stderr);
    assert!(again.stderr.contains("corrections.csv, kept as it was"), "{}", again.stderr);

    for (more, problem) in [
        (["--set", "train.epochs=1"], "another config: choose another folder with --output"),
        (["--set", "dataset.train_images=60"], "about other images or another number of folds"),
    ] {
        let message = fail(1, &[&arguments[..], &more].concat());
        assert!(message.contains(problem), "{message}");
    }
    let message = fail(1, &["data", "audit", &config, "--folds", "2", "-o", &output]);
    assert!(message.contains("another number of folds"), "{message}");
}

#[test]
fn decisions_change_the_training_split_and_are_never_replaced() {
    let (place, config) = workplace();
    let output = place.argument("audit");
    let arguments = ["data", "audit", &config, "--folds", "2", "-o", &output];
    let ended = succeed(&arguments);
    assert!(ended.stdout.contains(LABELS), "{}", ended.stdout);
    let file = place.path("audit/corrections.csv");
    let proposed = fs::read_to_string(&file).unwrap();
    assert!(proposed.starts_with("file,action,label,given,kinds\n"), "{proposed}");
    assert!(proposed.contains("train/1/of-0-7.png,keep,0,1,label"), "{proposed}");
    let setting = format!("dataset.corrections={}", file.display());
    let inspect = ["data", "inspect", &config, "--set", &setting];
    let kept = succeed(&inspect);
    let note = "corrections.csv: training images relabelled: 0, dropped: 0";
    assert!(kept.stderr.contains(note), "{}", kept.stderr);

    let edited = proposed
        .replace("of-0-7.png,keep,", "of-0-7.png,relabel,")
        .replace("of-1-7.png,keep,", "of-1-7.png,drop,");
    fs::write(&file, &edited).unwrap();
    let decided = succeed(&inspect);
    let note = "corrections.csv: training images relabelled: 1, dropped: 1";
    assert!(decided.stderr.contains(note), "{}", decided.stderr);
    let trained = succeed(
        &[
            &["train", &config, "--set", &setting, "-o", &place.argument("run")][..],
            &["--set", "train.epochs=1"],
        ]
        .concat(),
    );
    assert!(trained.stderr.contains(note), "{}", trained.stderr);
    succeed(&arguments);
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);

    fs::write(&file, edited.replace("relabel,0", "relabel,7")).unwrap();
    let message = fail(1, &inspect);
    assert!(message.contains("\"7\" is not a class: expected 0, 1, 2"), "{message}");
    assert!(message.contains("corrections.csv:"), "{message}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_audit_continues_to_the_same_findings() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let (place, config) = workplace();
    let (whole, stopped) = (place.argument("audit"), place.argument("stopped"));
    let arguments = |output| {
        ["data", "audit", &config, "--set", "train.epochs=40", "--folds", "2", "-o", output]
    };
    succeed(&arguments(&whole));
    let mut child = harness::glyph(&arguments(&stopped))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first_epoch = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first_epoch).unwrap();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ended: harness::Ended = child.wait_with_output().unwrap().into();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("the same command continues the audit"), "{}", ended.stderr);
    assert!(!place.path("stopped/issues.csv").exists());
    succeed(&arguments(&stopped));
    let found = fs::read_to_string(place.path("stopped/issues.csv")).unwrap();
    assert_eq!(found, issues(&place));
}

#[test]
fn a_folder_of_pictures_is_audited_as_it_would_be_trained() {
    let (place, _) = workplace();
    let (folder, output) = (place.argument("pictures"), place.argument("audit"));
    let ended = succeed(
        &[
            &["data", "audit", &folder, "--folds", "2", "--set", "train.epochs=1"][..],
            &["--format", "json", "-o", &output],
        ]
        .concat(),
    );
    assert!(ended.stderr.contains("chosen: "), "{}", ended.stderr);
    let last = ended.stdout.lines().last().unwrap();
    let findings: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(findings["images"], 120, "{last}");
    assert!(findings["issues"].is_array(), "{last}");
    let message = fail(2, &["data", "audit", &folder, "--folds", "1", "-o", &output]);
    assert!(message.contains("--folds"), "{message}");
    let message = fail(2, &["data", "audit", &place.argument("absent"), "-o", &output]);
    assert!(message.contains("absent"), "{message}");
}

#[test]
fn an_audit_spares_the_data_set() {
    let (place, config) = workplace();
    place.write("pictures/corrections.csv", "mine");
    let message = fail(2, &["data", "audit", &config, "-o", &place.argument("pictures")]);
    assert!(message.contains("no command writes over its input"), "{message}");
}
