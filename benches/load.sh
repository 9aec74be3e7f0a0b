#!/usr/bin/env bash
# Puts glyph serve and a FastAPI server of the same model under load with wrk; see benches/README.md.
# benches/load.sh [--seconds N] [--rounds N] [--connections N] [--without-peer]
set -euo pipefail
cd "$(dirname "$0")/.."

environment=target/load-venv

if ! command -v wrk >/dev/null; then
    echo "error: wrk, which makes the load, is not installed: install Debian's package wrk" >&2
    exit 1
fi
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check -r benches/requirements-load.txt

cargo build --release -p glyph --bin glyph

# -B: no __pycache__ folders among the sources.
exec "$environment/bin/python" -B benches/load.py \
    --glyph "${CARGO_TARGET_DIR:-target}/release/glyph" "$@"
