#!/usr/bin/env bash
# Hours of good and hostile clients at Glyph's server; benches/README.md says how.
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
