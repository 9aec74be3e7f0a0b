# What CI runs.
ci:
    .ci/run

# The quick checks while working.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --workspace

# Train the default network.
train *arguments:
    cargo run -p trainer -- --config configs/cnn.toml {{arguments}}

# Augmented images per second.
bench:
    cargo bench -p data
