#!/usr/bin/env bash
# How many letters, scribbles, noise, clothes and textures a model takes for digits; see
# benches/README.md. benches/doubt.sh [MODEL [PROGRAM]], by default cnn and a glyph built here
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
    -h | --help) exec sed -n '2,3s/^# //p' "$0" ;;
esac
built="${CARGO_TARGET_DIR:-target}"
program="${2:-$built/release/glyph}"
[ "$#" -ge 2 ] || cargo build --release -p glyph
environment="$built/doubt-environment"
[ -d "$environment" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet -r benches/requirements-doubt.txt
exec "$environment/bin/python" -B benches/doubt.py \
    --glyph "$program" --model "${1:-cnn}" --scratch "$built/doubt"
