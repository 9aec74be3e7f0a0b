//! Nothing is lost and nothing is half written, whatever happens to a run.
#![allow(clippy::unwrap_used, clippy::print_stderr)]
#![cfg(unix)]

mod harness;

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::{Ended, Workplace, fail, glyph, json, root, succeed, weights};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

const SMOKE: [&str; 2] = ["train", "configs/smoke.toml"];

fn start(arguments: &[&str]) -> Child {
    glyph(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The figures of `metrics.csv` that do not depend on the clock.
fn figures(run: &Path) -> Vec<String> {
    let metrics = fs::read_to_string(run.join("metrics.csv")).unwrap();
    metrics.lines().map(|line| line.split(',').take(5).collect::<Vec<_>>().join(",")).collect()
}

/// Kills a run, and sometimes the resumed run, at random moments: while it starts,
/// trains, validates, writes a checkpoint, evaluates, draws. `GLYPH_KILLS` sets how often.
#[test]
fn a_run_killed_anywhere_resumes_to_the_same_weights() {
    let kills: u64 = std::env::var("GLYPH_KILLS").map_or(6, |count| count.parse().unwrap());
    let place = Workplace::new();
    let begin = Instant::now();
    let whole = place.smoke("whole", &[]);
    let time = begin.elapsed().as_secs_f64();
    let expected = json(&whole.join("report.json"));
    for seed in 0..kills {
        let mut random = Pcg32::seed_from_u64(seed);
        let name = format!("killed-{seed}");
        let (output, run) = (place.argument(&name), place.path(&name));
        // Every second run writes checkpoints all the time, so that some are cut off.
        let minutes = ["--checkpoint-minutes", if seed % 2 == 0 { "0" } else { "5" }, "--quiet"];
        let again = |more: &[&str]| {
            // A run killed before its config was written is started again, all others are resumed.
            let goes_on = run.join("config.toml").is_file();
            let first = if goes_on {
                vec!["train", "--resume", &output]
            } else {
                [&SMOKE[..], &["--output", &output]].concat()
            };
            [&first[..], &minutes, more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        for _ in 0..random.random_range(1..=2) {
            let arguments = again(&[]);
            let mut child = start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            thread::sleep(Duration::from_secs_f64(time * random.random_range(0.0..1.05)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let arguments = again(&[]);
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(weights(&run), weights(&whole), "seed {seed}");
        assert_eq!(figures(&run), figures(&whole), "seed {seed}");
        let report = json(&run.join("report.json"));
        assert_eq!(report["test"], expected["test"], "seed {seed}");
        let left: Vec<_> = fs::read_dir(&run)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(".glyph-tmp-"))
            .collect();
        assert!(left.is_empty(), "seed {seed}: {left:?}");
    }
}

/// Reads everything in a run's folder over and over while it is trained.
#[test]
fn a_reader_never_sees_a_partial_file() {
    let place = Workplace::new();
    let (output, run) = (place.argument("run"), place.path("run"));
    let mut child =
        start(&[&SMOKE[..], &["--output", &output, "--checkpoint-minutes", "0"]].concat());
    let mut rounds = 0;
    while child.try_wait().unwrap().is_none() {
        for path in files(&run) {
            // Checkpoints are replaced, and a removed one is not half written.
            if let Ok(contents) = fs::read(&path) {
                check_whole(&path, &contents);
            }
        }
        rounds += 1;
    }
    assert!(child.wait().unwrap().success());
    assert!(rounds > 20, "{rounds} rounds");
    assert!(files(&run).len() > 15, "{:?}", files(&run));
}

/// All files in a folder and its subfolders, except temporary ones.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn check_whole(path: &Path, contents: &[u8]) {
    let text = || String::from_utf8(contents.to_vec()).unwrap();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => {
            let value: Result<serde_json::Value, _> = serde_json::from_slice(contents);
            assert!(value.is_ok(), "{}: {:?}", path.display(), value);
        }
        Some("toml") => {
            assert!(toml::from_str::<toml::Table>(&text()).is_ok(), "{}", path.display());
        }
        Some("csv") => {
            let rows: Result<Vec<_>, _> = csv::Reader::from_reader(contents).records().collect();
            assert!(rows.is_ok() && contents.ends_with(b"\n"), "{}: {rows:?}", path.display());
        }
        Some("png") => assert!(image::load_from_memory(contents).is_ok(), "{}", path.display()),
        Some("html") => assert!(text().trim_end().ends_with("</html>"), "{}", path.display()),
        Some("bpk") => assert!(!contents.is_empty(), "{}", path.display()),
        Some("log") => {}
        None => assert_eq!(text().lines().count(), 4, "{}", path.display()),
        Some(other) => panic!("{}: no check for .{other}", path.display()),
    }
}

#[test]
fn checkpoints_in_the_middle_of_epochs_change_no_weight() {
    let place = Workplace::new();
    let often = place.smoke("often", &["--checkpoint-minutes", "0"]);
    assert_eq!(weights(&often), weights(&place.smoke("seldom", &[])));
}

#[test]
fn one_and_two_threads_give_the_same_weights() {
    let place = Workplace::new();
    let train = |name: &str, threads: &str| {
        let output = place.argument(name);
        let arguments = [&SMOKE[..], &["--output", &output, "--quiet"]].concat();
        let ended: Ended =
            glyph(&arguments).env("RAYON_NUM_THREADS", threads).output().unwrap().into();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        weights(&place.path(name))
    };
    assert_eq!(train("one", "1"), train("two", "2"));
}

#[test]
fn a_second_training_into_a_folder_is_refused() {
    let place = Workplace::new();
    let output = place.argument("run");
    let long = [&SMOKE[..], &["--output", &output, "--set", "train.epochs=500"]].concat();
    let mut first = start(&long);
    let mut line = String::new();
    BufReader::new(first.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let resumed = fail(1, &["train", "--resume", &output]);
    let overwritten = fail(1, &[&SMOKE[..], &["--output", &output, "--overwrite"]].concat());
    first.kill().unwrap();
    first.wait().unwrap();
    for message in [resumed, overwritten] {
        assert!(message.contains("another training") && message.contains(&output), "{message}");
    }
    // The lock died with its holder.
    succeed(&[&SMOKE[..], &["--output", &output, "--overwrite", "--quiet"]].concat());
}

#[test]
fn a_folder_removed_during_the_run_is_reported() {
    let place = Workplace::new();
    let output = place.argument("run");
    let mut child =
        start(&[&SMOKE[..], &["--output", &output, "--set", "train.epochs=500"]].concat());
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    // The training may write a file while the folder is emptied.
    while place.path("run").exists() {
        let _ = fs::remove_dir_all(place.path("run"));
    }
    let ended: Ended = child.wait_with_output().unwrap().into();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains(&output) && !ended.stderr.contains("panicked"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_file_in_the_place_of_a_folder_is_reported() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let file = place.write("file", "mine");
    let below = place.argument("file/run");
    for output in [&file, &below] {
        let message = fail(
            if *output == file { 2 } else { 1 },
            &[&SMOKE[..], &["--output", output]].concat(),
        );
        assert!(message.contains(&file), "{message}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    fs::write(run.join("checkpoints"), "").unwrap();
    let message = fail(1, &["train", "--resume", &place.argument("run")]);
    assert!(message.contains("checkpoints"), "{message}");
}

/// Who may do everything becomes someone who may not.
#[test]
fn a_folder_that_must_not_be_written_is_reported() {
    const NOBODY: u32 = 65_534;
    let place = Workplace::new();
    let folder = place.path("closed");
    fs::create_dir(&folder).unwrap();
    let is_root = folder.metadata().unwrap().uid() == 0;
    let allow =
        |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    allow(&folder, 0o555);
    let config = place.write("smoke.toml", fs::read(root().join(SMOKE[1])).unwrap());
    // The user `nobody` cannot reach the original.
    let program = place.path("glyph");
    fs::copy(env!("CARGO_BIN_EXE_glyph"), &program).unwrap();
    allow(folder.parent().unwrap(), 0o755);
    let mut command = Command::new(program);
    command.args(["train", &config, "--output", &place.argument("closed/run")]);
    if is_root {
        command.uid(NOBODY).gid(NOBODY);
    }
    let ended = Ended::from(command.output().unwrap());
    allow(&folder, 0o755);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let told = ended.stderr.contains("closed/run") && ended.stderr.contains("ermission denied");
    assert!(told, "{}", ended.stderr);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

/// Trains on a file system of a few pages, mounted in a namespace for this test alone, then again with
/// more room.
#[test]
fn a_full_disk_is_reported_and_the_run_goes_on_when_there_is_room() {
    let program = env!("CARGO_BIN_EXE_glyph");
    let place = Workplace::new();
    let whole = place.smoke("whole", &[]);
    let script = format!(
        "set -u
        mkdir -p disk && mount -t tmpfs -o size=300k tmpfs disk || exit 77
        cd {root}
        {program} train configs/smoke.toml --output {place}/disk/run --quiet --set train.epochs=2 2>{place}/error
        echo $? >{place}/code
        mount -o remount,size=30m {place}/disk || exit 77
        {program} train --resume {place}/disk/run --quiet || exit 1
        cp {place}/disk/run/model.bpk {place}/model.bpk",
        root = root().display(),
        place = place.path("").display(),
    );
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .current_dir(place.path(""))
        .output();
    let ended: Ended = match output {
        Ok(output) => output.into(),
        Err(error) => return eprintln!("SKIPPED: unshare: {error}"),
    };
    if ended.code == Some(77) || ended.stderr.contains("unshare") {
        return eprintln!("SKIPPED: this system does not allow mounting: {}", ended.stderr);
    }
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    let error = fs::read_to_string(place.path("error")).unwrap();
    assert_eq!(fs::read_to_string(place.path("code")).unwrap().trim(), "1", "{error}");
    assert!(error.contains("No space left") && !error.contains("panicked"), "{error}");
    assert_eq!(fs::read(place.path("model.bpk")).unwrap(), weights(&whole));
}
