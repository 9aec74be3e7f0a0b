# What CI runs.
ci:
    .ci/run

# The quick checks while working.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --workspace

# Ask for security advisories about the dependencies; needs cargo-deny, and the network.
advisories:
    cargo deny --locked check advisories

# Train the default network.
train *arguments:
    cargo run -p trainer -- --config configs/cnn.toml {{arguments}}

# A release in dist/: the statically linked program with completions, manual pages and licences.
dist:
    packaging/dist.sh

# Run that release in an empty root folder, as its container image does.
check-container:
    packaging/check_container.sh

# Augmented images per second; the kernels' speed beside the processor's peak.
bench:
    cargo bench -p data
    cargo bench -p kernels --features flex

# Against PyTorch, Keras and ONNX Runtime; benches/README.md says how.
race *arguments:
    benches/race.sh {{arguments}}

# Time and memory for folders of pictures.
folders *counts:
    benches/folders.sh {{counts}}

# Wrong labels found by an audit, beside cleanlab.
audit *images:
    benches/audit.sh {{images}}

# Glyph's server under load, beside FastAPI and ONNX Runtime.
load *arguments:
    benches/load.sh {{arguments}}

# Hours of load on Glyph's server by well-behaved and hostile clients.
soak *arguments:
    benches/soak.sh {{arguments}}

# Attacks on Glyph's server under a memory limit, while good clients use it.
attack *arguments:
    benches/attack.sh {{arguments}}

# The tests of the kernels, whose code is unsafe, under AddressSanitizer.
sanitize:
    RUSTFLAGS=-Zsanitizer=address cargo +nightly test -p kernels --features flex --profile backends \
        --target x86_64-unknown-linux-gnu --target-dir target/sanitizer

# Two hundred trainings in one process.
soak-trainings:
    cargo test --workspace --bench soak

# Look for bytes that crash a target; fuzz/README.md says what that takes.
fuzz seconds *targets:
    fuzz/run.sh {{seconds}} {{targets}}
