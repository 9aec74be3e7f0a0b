//! The rules of the repository: what it says is true, and its crates stay in their order.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{FASHION, Workplace, configs, root, run, succeed};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn every_config_trains() {
    for config in configs() {
        let place = Workplace::new();
        let output = place.argument("run");
        let fashion = format!("dataset.path={FASHION}");
        let mut arguments = vec!["--config", &config, "--output", &output, "--quiet"];
        for setting in [
            "train.epochs=1",
            "dataset.train_images=200",
            "dataset.validation=100",
            "dataset.test_images=50",
        ] {
            arguments.extend(["--set", setting]);
        }
        if config == "configs/fashion.toml" {
            if !Path::new(FASHION).is_dir() {
                eprintln!("SKIPPED {config}: install Debian's dataset-fashion-mnist");
                continue;
            }
            arguments.extend(["--set", &fashion]);
        }
        succeed(&arguments);
        assert!(place.path("run/model.bpk").is_file(), "{config}");
    }
}

#[test]
fn every_config_states_its_command_and_its_claim() {
    for config in configs() {
        let text = read(&config);
        let header: String = text.lines().take_while(|line| line.starts_with('#')).collect();
        let command = format!("cargo run -p trainer -- --config {config}");
        assert!(header.contains(&command), "{config}: no `{command}` in its first lines");
        let claims = header.contains("test accuracy") && header.contains('%');
        assert!(claims || config == "configs/smoke.toml", "{config}: no test accuracy");
    }
}

#[test]
fn readme_commands_are_understood() {
    let mut checked = 0;
    for line in read("README.md").lines() {
        let Some((cargo, arguments)) = line.trim().split_once("-- ") else { continue };
        if !cargo.starts_with("cargo run") || !cargo.contains("-p trainer") {
            continue;
        }
        let words: Vec<_> = arguments.split_whitespace().take_while(|word| *word != "#").collect();
        let ended = run(&[&words[..], &["--help"]].concat());
        assert_eq!(ended.code, Some(0), "{line}\n{}", ended.stderr);
        for word in words.iter().filter(|word| word.starts_with("configs/")) {
            assert!(root().join(word).is_file(), "{line}");
        }
        checked += 1;
    }
    assert!(checked >= 5, "README.md shows {checked} commands of the trainer");
}

#[test]
fn readme_links_lead_somewhere() {
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        for part in read(page).split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap_or_default();
            let inside = !target.is_empty() && !target.starts_with("http");
            assert!(!inside || root().join(target).exists(), "{page}: {target}");
        }
    }
}

#[test]
fn crates_import_only_those_below_them() {
    let allowed = [
        ("baseline", &[][..]),
        ("charts", &["metrics"]),
        ("data", &["ink"]),
        ("ink", &[]),
        ("kernels", &[]),
        ("metrics", &[]),
        ("report", &["charts", "metrics"]),
        ("same-features", &[]),
        ("model", &["data", "kernels"]),
        ("reader", &["data", "ink", "model"]),
        ("server", &["data", "ink", "kernels", "model", "reader", "same-features"]),
        (
            "trainer",
            &[
                "baseline",
                "charts",
                "data",
                "ink",
                "kernels",
                "metrics",
                "model",
                "reader",
                "report",
                "same-features",
            ],
        ),
        ("any-input", &["data", "ink", "model", "reader", "same-features", "server", "trainer"]),
    ];
    let crates: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(crates.len(), allowed.len(), "a crate without a place in the order: {crates:?}");
    for (name, below) in allowed {
        let manifest: toml::Table =
            toml::from_str(&read(&format!("crates/{name}/Cargo.toml"))).unwrap();
        for table in ["dependencies", "dev-dependencies"] {
            let Some(dependencies) = manifest.get(table).and_then(toml::Value::as_table) else {
                continue;
            };
            for dependency in dependencies.keys().filter(|key| crates.contains(key)) {
                assert!(below.contains(&dependency.as_str()), "{name} imports {dependency}");
            }
        }
    }
}

#[test]
fn backends_are_named_in_one_file_only() {
    let mut files = vec![root().join("crates/trainer/src"), root().join("crates/model/src")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if !path.ends_with("device.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]").next().unwrap_or_default();
            for backend in
                ["DeviceType", "DeviceKind", "Device::flex", "Device::cuda", "Device::ndarray"]
            {
                assert!(!program.contains(backend), "{}: {backend}", path.display());
            }
        }
    }
}

#[test]
fn the_version_of_burn_is_the_one_that_artifacts_name() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let burn = manifest["workspace"]["dependencies"]["burn"]["version"].as_str();
    assert_eq!(burn, Some(format!("={}", model::BURN_VERSION).as_str()));
}

/// Packages and their features in the build that `arguments` describe, one a line.
fn features_of(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p} [{f}]"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

#[test]
fn burn_is_compiled_once_for_all_programs_and_tests() {
    let all = features_of(&["--workspace", "--edges", "normal,build,dev"]);
    // The name and the version of a package.
    let package = |line: &str| line.split(" [").next().unwrap_or_default().to_owned();
    let below_burn: BTreeSet<String> = features_of(&["-p", "burn", "--edges", "normal,build"])
        .iter()
        .map(|l| package(l))
        .collect();
    assert!(below_burn.len() > 100, "{below_burn:?}");
    for program in ["trainer", "server"] {
        for line in features_of(&["-p", program, "--edges", "normal,build"]) {
            let missing = below_burn.contains(&package(&line)) && !all.contains(&line);
            assert!(!missing, "{program} uses {line}: crates/same-features lacks features of it");
        }
    }
}
