#!/usr/bin/env bash
# Runs well-behaved and hostile clients against glyph serve for hours; see benches/README.md.
# benches/soak.sh [--minutes N] [--json FILE] [--csv FILE]
set -euo pipefail
cd "$(dirname "$0")/.."

environment=target/load-venv

[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check -r benches/requirements-load.txt

cargo build --release -p glyph --bin glyph

# -B: no __pycache__ folders among the sources.
exec "$environment/bin/python" -B benches/soak.py \
    --glyph "${CARGO_TARGET_DIR:-target}/release/glyph" "$@"
