//! The rules of the repository: its documents are true, and its crates keep their order.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod harness;
#[path = "harness/labelled_pictures.rs"]
mod labelled_pictures;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{FASHION, Workplace, configs, root, run, succeed};
use labelled_pictures::write_pictures;

/// Names for the outputs of a network for digits, among them those of `write_pictures`.
const TEN_CLASSES: &str =
    "dataset.class_names=['centre', 'left', 'right', '3', '4', '5', '6', '7', '8', '9']";

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn every_config_trains() {
    for config in configs() {
        let place = Workplace::new();
        let output = place.argument("run");
        let fashion = format!("dataset.path={FASHION}");
        let mut arguments = vec!["train", &config, "--output", &output, "--quiet"];
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
        let pictures = format!("dataset.path={}", place.argument("pictures"));
        if config == "configs/two_digits.toml" {
            write_pictures(&place.path("pictures"), [310, 60], 28, 56);
            // The pictures of this test have three classes, the config's network ten.
            arguments.extend(["--set", &pictures, "--set", TEN_CLASSES]);
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

/// The arguments of `glyph` in a line of README, if it is such a command.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let (program, arguments) = match line.split_once(" -- ") {
        Some((cargo, arguments)) if cargo.starts_with("cargo run") => (cargo, arguments),
        _ => line.split_once(' ')?,
    };
    let words = arguments.split_whitespace().take_while(|word| !["#", "|", ">"].contains(word));
    let words: Vec<String> = words.map(str::to_owned).collect();
    match program {
        cargo if cargo.contains("--example") => None,
        // `trainer --config FILE` is `glyph train FILE`, and its other options are the same.
        cargo if cargo.contains("-p trainer") => {
            let words = words.into_iter().filter(|word| word != "--config");
            Some(std::iter::once("train".to_owned()).chain(words).collect())
        }
        cargo if cargo.starts_with("cargo run") || cargo == "glyph" => Some(words),
        _ => None,
    }
}

#[test]
fn readme_commands_are_understood() {
    let mut checked = 0;
    for page in ["README.md", "CONTRIBUTING.md"] {
        let text = read(page);
        for line in text.lines() {
            let Some(arguments) = arguments(line) else { continue };
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            // The shell would expand these.
            if arguments.iter().any(|word| word.contains(['*', '$', '<'])) {
                continue;
            }
            let ended = run(&[&arguments[..], &["--help"]].concat());
            assert_eq!(ended.code, Some(0), "{line}\n{}", ended.stderr);
            for word in arguments.iter().filter(|word| word.starts_with("configs/")) {
                assert!(root().join(word).is_file(), "{line}");
            }
            checked += 1;
        }
    }
    assert!(checked >= 10, "README.md shows {checked} commands");
}

#[test]
fn readme_links_lead_somewhere() {
    for page in
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/serving.md"]
    {
        let folder = root().join(page).parent().unwrap().to_owned();
        for part in read(page).split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap_or_default();
            let inside = !target.is_empty() && !target.starts_with("http");
            assert!(!inside || folder.join(target).exists(), "{page}: {target}");
        }
    }
}

/// The crates and those that each imports, lowest first, as ARCHITECTURE.md's table has them.
fn crate_table() -> Vec<(String, Vec<String>)> {
    let names = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let text = read("ARCHITECTURE.md");
    let rows = text.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        (names(cells[0])[0].clone(), names(cells[cells.len() - 1]))
    })
    .collect()
}

/// The crates of the workspace that a manifest's table names.
fn workspace_dependencies(name: &str, table: &str, crates: &[String]) -> Vec<String> {
    let manifest: toml::Table =
        toml::from_str(&read(&format!("crates/{name}/Cargo.toml"))).unwrap();
    let dependencies = manifest.get(table).and_then(toml::Value::as_table);
    let names = dependencies.into_iter().flat_map(toml::Table::keys);
    names.filter(|name| crates.contains(name)).cloned().collect()
}

/// The crate that unifies features; every program imports it.
const FEATURES: &str = "same-features";

#[test]
fn the_crate_table_is_that_of_the_manifests() {
    let mut crates: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let table = crate_table();
    let mut listed: Vec<String> = table.iter().map(|(name, _)| name.clone()).collect();
    listed.push(FEATURES.to_owned());
    listed.sort();
    crates.sort();
    assert_eq!(listed, crates);
    for (name, imports) in table {
        let mut found = workspace_dependencies(&name, "dependencies", &crates);
        found.retain(|name| name != FEATURES);
        let mut imports = imports;
        imports.sort();
        found.sort();
        assert_eq!(imports, found, "the imports of {name} in ARCHITECTURE.md, and in its manifest");
    }
}

#[test]
fn crates_import_only_those_above_them_in_the_table() {
    let order: Vec<String> = crate_table().into_iter().map(|(name, _)| name).collect();
    for (place, name) in order.iter().enumerate() {
        for table in ["dependencies", "dev-dependencies"] {
            for import in workspace_dependencies(name, table, &order) {
                let is_below = order[..place].contains(&import) || import == FEATURES;
                // Tests may build what they test with another feature.
                assert!(is_below || import == *name, "{name} imports {import}");
            }
        }
    }
}

/// All Rust files below a folder.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut paths = vec![root().join(folder)];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    assert!(!found.is_empty(), "{folder}");
    found
}

/// A file without its tests.
fn program_text(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

#[test]
fn no_command_imports_a_command() {
    let folder = "crates/glyph/src/commands";
    let commands: Vec<String> = fs::read_dir(root().join(folder))
        .unwrap()
        .filter_map(|entry| entry.unwrap().path().file_stem()?.to_str().map(str::to_owned))
        .filter(|name| name != "mod")
        .collect();
    assert!(commands.len() >= 10, "{commands:?}");
    for path in rust_files(folder).iter().filter(|path| !path.ends_with("commands/mod.rs")) {
        let own = path.strip_prefix(root().join(folder)).unwrap().components().next().unwrap();
        let own = Path::new(own.as_os_str()).file_stem().unwrap().to_str().unwrap();
        let text = program_text(path);
        for command in commands.iter().filter(|command| *command != own) {
            for import in [format!("commands::{command}"), format!("super::{command}")] {
                assert!(!text.contains(&import), "{}: {import}", path.display());
            }
        }
        for import in ["commands::{", "super::{"] {
            let is_top = path.parent().is_some_and(|folder| folder.ends_with("commands"));
            assert!(!is_top || !text.contains(import), "{}: {import}", path.display());
        }
    }
}

/// `terminal` prints, for the programs; every other library leaves that to its callers.
#[test]
fn libraries_do_not_print() {
    for (name, _) in crate_table() {
        if ["glyph", "terminal"].contains(&name.as_str()) {
            continue;
        }
        for path in rust_files(&format!("crates/{name}/src")) {
            let text = program_text(&path);
            let is_program = path.file_name().is_some_and(|name| name == "main.rs");
            // `print` and `print_error` of `terminal` in whatever form they are imported.
            let imports = text.split("use terminal::").skip(1).map(|rest| rest.split(';').next());
            let is_imported = imports.flatten().any(|names| names.contains("print"));
            assert!(is_program || !is_imported, "{} imports terminal's print", path.display());
            // The server's log goes to stderr; the program starts it.
            let is_log = path.ends_with("server/src/logging.rs");
            let prints = ["print!(", "println!(", "dbg!(", "stdout()", "stderr()"];
            let is_allowed = |print: &str| is_program || (is_log && print == "stderr()");
            for print in prints.into_iter().filter(|print| !is_allowed(print)) {
                let is_code = |line: &str| line.contains(print) && !line.trim().starts_with("//");
                assert!(!text.lines().any(is_code), "{}: {print}", path.display());
            }
        }
    }
}

#[test]
fn backends_are_named_in_one_file_only() {
    let folders = ["model", "reader", "runs", "terminal", "trainer", "server", "glyph"];
    for path in folders.iter().flat_map(|name| rust_files(&format!("crates/{name}/src"))) {
        if path.ends_with("device.rs") || path.to_string_lossy().contains("tests") {
            continue;
        }
        let text = program_text(&path);
        for backend in
            ["DeviceType", "DeviceKind", "Device::flex", "Device::cuda", "Device::ndarray"]
        {
            assert!(!text.contains(backend), "{}: {backend}", path.display());
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
fn everything_is_compiled_once_for_all_programs_and_tests() {
    let all = features_of(&["--workspace", "--edges", "normal,build,dev"]);
    for program in ["trainer", "glyph"] {
        let used = features_of(&["-p", program, "--edges", "normal,build"]);
        assert!(used.len() > 250, "{program} uses {} packages", used.len());
        for line in used {
            let is_shared = all.contains(&line);
            assert!(is_shared, "{program} uses {line}: crates/same-features lacks features of it");
        }
    }
}
