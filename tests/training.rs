//! A training from its config to its results.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;
use std::path::Path;

use harness::{Workplace, json, root, run, succeed, weights};

#[test]
fn a_run_leaves_a_model_its_figures_and_its_config() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    for file in [
        "config.toml",
        "model.bpk",
        "model.json",
        "metrics.csv",
        "report.json",
        "predictions.csv",
        "train.log",
    ] {
        assert!(run.join(file).metadata().unwrap().len() > 0, "{file}");
    }
    let report = json(&run.join("report.json"));
    assert_eq!(report["status"], "complete");
    assert_eq!(report["test"]["images"], 500);
    assert_eq!(report["backend"], "flex");
    assert_eq!(report["seed"], 42);
    assert_eq!(report["parameters"], 2970);
    for figure in ["seconds", "train_images_per_second", "best_epoch"] {
        assert!(report[figure].as_f64().unwrap() > 0.0, "{figure}");
    }
    let accuracy = report["test"]["accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.2, "worse than guessing twice: {accuracy}");

    let metrics = fs::read_to_string(run.join("metrics.csv")).unwrap();
    let mut lines = metrics.lines();
    let heading = "epoch,split,loss,accuracy,learning_rate,seconds,images_per_second";
    assert_eq!(lines.next(), Some(heading));
    assert_eq!(lines.count(), 4, "two epochs of two splits");

    let predictions = fs::read_to_string(run.join("predictions.csv")).unwrap();
    let right = predictions.lines().skip(1).filter(|line| {
        let fields: Vec<_> = line.split(',').collect();
        fields[1] == fields[2]
    });
    assert_eq!(
        right.count(),
        (500.0 * accuracy).round() as usize,
        "the table and the report agree"
    );
}

#[test]
fn a_model_is_calibrated_on_its_validation_images_and_few_are_reported() {
    let place = Workplace::new();
    let folder = place.smoke("run", &[]);
    let calibration = &json(&folder.join("model.json"))["calibration"];
    assert!(calibration["temperature"].as_f64().unwrap() > 0.0, "{calibration}");
    for score in ["score_threshold", "test_time_augmentation_below"] {
        assert!(calibration[score].as_f64().unwrap() >= 0.0, "{calibration}");
    }
    let log = fs::read_to_string(folder.join("train.log")).unwrap();
    assert!(log.contains("calibrated on 500 validation images only"), "{log}");
}

#[test]
fn the_config_of_a_run_repeats_it() {
    let place = Workplace::new();
    let first = place.smoke("first", &["--set", "seed=7", "--set", "train.batch_size=64"]);
    let config = place.argument("first/config.toml");
    let second = place.argument("second");
    succeed(&["train", &config, "--output", &second, "--quiet"]);
    assert_eq!(weights(&first), weights(&place.path("second")));
}

#[test]
fn the_config_of_a_run_keeps_its_kernels() {
    let place = Workplace::new();
    let first = place.smoke("first", &["--kernels", "portable"]);
    let config = place.argument("first/config.toml");
    assert!(fs::read_to_string(&config).unwrap().contains("\nkernels = \"portable\"\n"));
    let second = place.argument("second");
    succeed(&["train", &config, "--output", &second, "--quiet"]);
    assert_eq!(weights(&first), weights(&place.path("second")));
}

#[test]
fn the_number_of_loader_workers_changes_no_weight() {
    let place = Workplace::new();
    let one = place.smoke("one", &[]);
    let four = place.smoke("four", &["--set", "train.loader_workers=4"]);
    assert_eq!(weights(&one), weights(&four));
}

#[test]
fn another_seed_gives_other_weights() {
    let place = Workplace::new();
    let one = place.smoke("one", &[]);
    let other = place.smoke("other", &["--set", "seed=43"]);
    assert_ne!(weights(&one), weights(&other));
}

#[test]
fn a_pipe_gets_one_line_an_epoch_and_the_summary() {
    let place = Workplace::new();
    let output = place.argument("run");
    let ended = succeed(&["train", "configs/smoke.toml", "--output", &output]);
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert!(lines[0].starts_with("epoch 1/2  train: loss "), "{}", ended.stdout);
    assert!(lines[1].starts_with("epoch 2/2  train: loss "), "{}", ended.stdout);
    assert!(lines[3].starts_with("test: accuracy "), "{}", ended.stdout);
    assert!(lines[5].ends_with("report.html"), "{}", ended.stdout);
    assert_eq!(lines.len(), 6, "{}", ended.stdout);
    assert!(ended.stderr.contains("1,500 training, 500 validation and 500 test images"));
    assert!(ended.stderr.contains("multiply-adds"), "the layer table: {}", ended.stderr);
    assert!(ended.stderr.contains("needs about "), "{}", ended.stderr);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'));
}

#[test]
fn quiet_prints_nothing() {
    let place = Workplace::new();
    let output = place.argument("run");
    let ended = succeed(&["train", "configs/smoke.toml", "--output", &output, "--quiet"]);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
}

#[test]
fn json_is_one_object_an_epoch_and_the_report() {
    let place = Workplace::new();
    let output = place.argument("run");
    let ended = succeed(&["train", "configs/smoke.toml", "--output", &output, "--format", "json"]);
    let objects: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[1]["epoch"], 2);
    assert!(objects[1]["validation"]["loss"].is_f64());
    assert_eq!(objects[2], json(&place.path("run/report.json")));
}

#[test]
fn a_loss_that_is_no_number_stops_the_run_and_keeps_its_checkpoint() {
    let place = Workplace::new();
    let output = place.argument("run");
    // The rate rises without end: sane in the first epoch, absurd soon after.
    let ended = run(&[
        "train",
        "configs/smoke.toml",
        "--output",
        &output,
        "--set",
        "optimizer={type='sgd', learning_rate=1e6}",
        "--set",
        "schedule={type='one_cycle', warm_up=0.99, start_share=0.0}",
        "--set",
        "clip={}",
        "--set",
        "train.epochs=1000",
        "--set",
        "train.early_stopping=1000",
    ]);
    assert_eq!(ended.code, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("the loss became"), "{}", ended.stderr);
    assert!(ended.stderr.contains("at step") && ended.stderr.contains("learning_rate"));
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    let report = json(&place.path("run/report.json"));
    assert_eq!(report["status"], "failed");
    assert!(report["error"].as_str().unwrap().contains("the loss became"));
    let log = fs::read_to_string(place.path("run/train.log")).unwrap();
    assert!(log.contains("the loss became"), "{log}");
    let kept = fs::read_dir(place.path("run/checkpoints")).unwrap().count();
    assert_eq!(kept, 1, "the last good checkpoint");
    // It loads, and fails again as it must.
    let again = harness::fail(1, &["train", "--resume", &output]);
    assert!(again.contains("the loss became"), "{again}");
}

#[test]
fn training_stops_early_and_keeps_the_best_epoch() {
    let place = Workplace::new();
    // The weights explode slowly enough for some epochs to end: the loss rises from the start.
    let run = place.smoke(
        "run",
        &[
            "--set",
            "optimizer={type='sgd', learning_rate=0.4, momentum=0.9}",
            "--set",
            "schedule={type='constant'}",
            "--set",
            "train.early_stopping=2",
            "--set",
            "train.epochs=60",
        ],
    );
    let report = json(&run.join("report.json"));
    let (epochs, best) =
        (report["epochs"].as_u64().unwrap(), report["best_epoch"].as_u64().unwrap());
    assert_eq!(epochs, best + 2);
    let card = json(&run.join("model.json"));
    assert_eq!(card["origin"]["epoch"], best);
    assert_eq!(card["origin"]["validation_loss"], report["validation"]["loss"]);
    let log = fs::read_to_string(run.join("train.log")).unwrap();
    assert!(log.contains("stopping early"), "{log}");
}

#[test]
fn every_optimizer_learns() {
    for optimizer in [
        "{type='sgd', learning_rate=0.05}",
        "{type='sgd', learning_rate=0.02, momentum=0.9, nesterov=true, weight_decay=1e-4}",
        "{type='adam', learning_rate=5e-3}",
        "{type='rmsprop', learning_rate=2e-3, momentum=0.5}",
        "{type='muon', learning_rate=1e-2}",
    ] {
        let place = Workplace::new();
        let setting = format!("optimizer={optimizer}");
        let run = place.smoke("run", &["--set", &setting, "--set", "train.epochs=3"]);
        let accuracy = json(&run.join("report.json"))["test"]["accuracy"].as_f64().unwrap();
        assert!(accuracy > 0.25, "{optimizer}: {accuracy}");
    }
}

/// Stops a training by Ctrl-C, then resumes it.
#[cfg(unix)]
#[test]
fn an_interrupted_run_resumes_to_the_same_weights() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let settings = ["--set", "dataset.train_images=8000", "--set", "train.epochs=3"];
    let place = Workplace::new();
    let whole = place.smoke("whole", &settings);

    let output = place.argument("stopped");
    let arguments = [&["train", "configs/smoke.toml", "--output", &output], &settings[..]];
    let mut child = harness::glyph(&arguments.concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first_epoch = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first_epoch).unwrap();
    assert!(
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
    let ended: harness::Ended = child.wait_with_output().unwrap().into();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("all progress saved"), "{}", ended.stderr);
    let report = json(&place.path("stopped/report.json"));
    assert_eq!(report["status"], "interrupted");
    assert!(report["test"].is_null(), "the test split waits for the end");

    succeed(&["train", "--resume", &output, "--quiet"]);
    assert_eq!(weights(&place.path("stopped")), weights(&whole));
    let rows = |run: &std::path::Path| {
        let metrics = fs::read_to_string(run.join("metrics.csv")).unwrap();
        let columns = |line: &str| line.split(',').take(5).map(str::to_owned).collect::<Vec<_>>();
        metrics.lines().map(columns).collect::<Vec<_>>()
    };
    assert_eq!(rows(&place.path("stopped")), rows(&whole), "figures but for times");
}

#[test]
fn a_complete_run_resumes_to_itself() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let before = weights(&run);
    succeed(&["train", "--resume", &place.argument("run"), "--quiet"]);
    assert_eq!(weights(&run), before);
}

#[test]
fn a_damaged_checkpoint_is_refused_by_name() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let checkpoint = fs::read_dir(run.join("checkpoints")).unwrap().next().unwrap().unwrap().path();
    for file in ["state.json", "network.bpk", "optimizer.bpk"] {
        let original = fs::read(checkpoint.join(file)).unwrap();
        fs::write(checkpoint.join(file), &original[..original.len() / 2]).unwrap();
        let message = harness::fail(1, &["train", "--resume", &place.argument("run")]);
        assert!(message.contains("cannot resume from this checkpoint"), "{file}: {message}");
        fs::write(checkpoint.join(file), original).unwrap();
    }
    succeed(&["train", "--resume", &place.argument("run"), "--quiet"]);
}

/// Writes a file of a checkpoint, and its checksum.
fn forge(checkpoint: &Path, file: &str, contents: &[u8]) {
    let sums = checkpoint.join("SHA256SUMS");
    let text = fs::read_to_string(&sums).unwrap();
    let line = |line: &str| {
        let is_other = !line.ends_with(&format!("  {file}"));
        if is_other { line.to_owned() } else { format!("{}  {file}", data::sha256(contents)) }
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    fs::write(sums, lines.join("\n") + "\n").unwrap();
    fs::write(checkpoint.join(file), contents).unwrap();
}

#[test]
fn a_forged_checkpoint_is_refused_by_name_even_with_right_checksums() {
    let place = Workplace::new();
    let newest =
        |run: &Path| fs::read_dir(run.join("checkpoints")).unwrap().next().unwrap().unwrap().path();
    let one = ["--set", "train.epochs=1"];
    let ours = newest(&place.smoke("run", &one));
    let other = newest(&place.smoke("other", &[&one[..], &["--set", "seed=7"]].concat()));
    let sgd = ["--set", "optimizer={type='sgd', learning_rate=0.1, momentum=0.9}"];
    let sgd = newest(&place.smoke("sgd", &[&one[..], &sgd].concat()));
    let longer = newest(&place.smoke("longer", &["--set", "train.epochs=2"]));
    let state = fs::read_to_string(ours.join("state.json")).unwrap();
    let step = format!("\"step\": {}", json(&ours.join("state.json"))["step"]);
    let refused = |file: &str, contents: &[u8]| {
        let original = fs::read(ours.join(file)).unwrap();
        forge(&ours, file, contents);
        let message = harness::fail(1, &["train", "--resume", &place.argument("run")]);
        assert!(message.contains(file), "{message}");
        forge(&ours, file, &original);
    };
    for (from, to) in [
        (step.as_str(), "\"step\": 18446744073709551615"),
        ("\"batch\": 0", "\"batch\": 18446744073709551615"),
        ("\"seconds\": 0.0", "\"seconds\": -1e300"),
        ("\"epoch\": 1", "\"epoch\": 9"),
    ] {
        assert!(state.contains(from), "{from} in {state}");
        refused("state.json", state.replacen(from, to, 1).as_bytes());
    }
    for foreign in [&other, &sgd, &longer] {
        refused("optimizer.bpk", &fs::read(foreign.join("optimizer.bpk")).unwrap());
    }
    refused("schedule.bpk", &fs::read(longer.join("schedule.bpk")).unwrap());
    for record in ["optimizer.bpk", "network.bpk"] {
        refused("schedule.bpk", &fs::read(ours.join(record)).unwrap());
        refused(record, &fs::read(ours.join("schedule.bpk")).unwrap());
    }
    succeed(&["train", "--resume", &place.argument("run"), "--quiet"]);
}

#[test]
fn an_edited_config_is_not_resumed() {
    let place = Workplace::new();
    let config = place.smoke("run", &[]).join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("batch_size = 50", "batch_size = 60")).unwrap();
    let message = harness::fail(1, &["train", "--resume", &place.argument("run")]);
    assert!(message.contains("config.toml has been edited"), "{message}");
}

#[test]
fn a_closed_pipe_does_not_stop_a_training() {
    let place = Workplace::new();
    let output = place.argument("run");
    let mut child = harness::glyph(&["train", "configs/smoke.toml", "--output", &output])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert!(child.wait().unwrap().success());
    assert_eq!(json(&place.path("run/report.json"))["status"], "complete");
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_could_not_be_printed_make_an_error_after_the_work_is_done() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let place = Workplace::new();
    let output = place.argument("run");
    let train = ["train", "configs/smoke.toml", "--output", &output];
    for arguments in [&["devices"][..], &["completions", "bash"], &train] {
        let ended = harness::glyph(arguments).stdout(full()).output().unwrap();
        let ended = harness::Ended::from(ended);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
        let expected = "error: results are missing from the standard output: No space left";
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(json(&place.path("run/report.json"))["status"], "complete");
}

#[test]
fn runs_get_numbers_where_their_name_is_taken() {
    let place = Workplace::new();
    fs::create_dir_all(place.path("configs")).unwrap();
    fs::copy(root().join("configs/smoke.toml"), place.path("configs/tiny.toml")).unwrap();
    for name in ["tiny", "tiny-2", "tiny-3"] {
        let mut command = harness::glyph(&["train", "configs/tiny.toml", "--quiet"]);
        assert!(command.current_dir(place.path("")).status().unwrap().success());
        assert!(place.path("artifacts/runs").join(name).join("report.json").is_file(), "{name}");
    }
}

#[test]
fn burns_own_operations_train_to_about_the_same_loss() {
    let place = Workplace::new();
    let loss = |name: &str, kernels: &str| {
        let run = place.smoke(name, &["--kernels", kernels]);
        json(&run.join("report.json"))["test"]["loss"].as_f64().unwrap()
    };
    let (ours, burns) = (loss("kernels", "auto"), loss("off", "off"));
    assert!((ours - burns).abs() < 0.1 * burns, "{ours} with kernels, {burns} without");
}

/// Without its checkpoints a finished run cannot be resumed, and must not be trained anew.
#[test]
fn a_finished_model_without_checkpoints_is_not_resumed_and_not_touched() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    let contents = || {
        let mut files: Vec<_> = fs::read_dir(&run)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (fs::read(&path).ok(), path.metadata().unwrap().modified().unwrap(), path))
            .collect();
        files.sort_by(|(.., left), (.., right)| left.cmp(right));
        files
    };
    let before = contents();
    let message = harness::fail(2, &["train", "--resume", &place.argument("run")]);
    assert!(message.contains("no checkpoint") && message.contains("--output"), "{message}");
    assert_eq!(contents(), before);
}

/// Killed while its report is drawn, a run has a model that works, and `evaluate` completes the run.
#[test]
fn a_run_killed_while_its_report_is_drawn_is_completed_by_evaluating_it() {
    use std::process::Stdio;
    use std::time::Duration;

    let place = Workplace::new();
    let (output, run) = (place.argument("run"), place.path("run"));
    let mut child = harness::glyph(&["train", "configs/smoke.toml", "--output", &output])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let is_tested = || {
        let report = fs::read(run.join("report.json")).ok();
        let report: Option<serde_json::Value> =
            report.and_then(|text| serde_json::from_slice(&text).ok());
        report.is_some_and(|report| report["test"].is_object() && report["status"] == "testing")
    };
    while !is_tested() {
        assert!(child.try_wait().unwrap().is_none(), "drawn too fast to be killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let report = json(&run.join("report.json"));
    assert_eq!(report["test"]["images"], 500, "the figures come before the pictures");
    succeed(&["evaluate", &output]);
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    // Figures of other images are not those of the run.
    let fewer = ["--set", "dataset.test_images=50"];
    harness::fail(1, &[&["evaluate", &output, "-o", &output], &fewer[..]].concat());
    succeed(&["evaluate", &output, "-o", &output]);
    let complete = json(&run.join("report.json"));
    assert_eq!((&complete["status"], &complete["error"]), (&"complete".into(), &().into()));
    assert_eq!(complete["test"], report["test"]);
    assert_eq!(complete["parameters"], report["parameters"]);
    assert!(run.join("report.html").is_file() && run.join("predictions.csv").is_file());
    // A complete run keeps its report.
    harness::fail(1, &["evaluate", &output, "-o", &output]);
}

#[test]
fn overwriting_leaves_the_files_of_others() {
    let place = Workplace::new();
    place.smoke("run", &["--tensorboard"]);
    let mine = ["notes.txt", "plots/mine.png", "checkpoints/best.pt", "tensorboard/mine"];
    for file in mine {
        place.write(&format!("run/{file}"), "mine");
    }
    place.smoke("run", &["--overwrite", "--set", "seed=1"]);
    for file in mine {
        assert_eq!(fs::read_to_string(place.path(&format!("run/{file}"))).unwrap(), "mine");
    }
    let plots = fs::read_dir(place.path("run/plots")).unwrap();
    for plot in plots.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let is_known = runs::files::PLOT_FILES.contains(&plot.as_str());
        assert!(is_known || plot == "mine.png", "{plot} is missing in runs::files::PLOT_FILES");
    }
    assert!(!place.path("run/tensorboard/train").exists());
}

#[test]
fn sigterm_stops_a_run_with_its_progress_saved() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let place = Workplace::new();
    let output = place.argument("run");
    let long = ["train", "configs/smoke.toml", "--output", &output, "--set", "train.epochs=500"];
    let mut child = harness::glyph(&long).stdout(Stdio::piped()).spawn().unwrap();
    let mut first_epoch = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first_epoch).unwrap();
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(json(&place.path("run/report.json"))["status"], "interrupted");
    // A run that is not trained to its end is not completed by an evaluation.
    harness::fail(1, &["evaluate", &output, "-o", &output]);
    assert_eq!(json(&place.path("run/report.json"))["status"], "interrupted");
}
