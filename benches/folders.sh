#!/usr/bin/env bash
# Time and peak memory of training on folders of pictures, and of predicting all of them;
# see benches/README.md. benches/folders.sh [COUNT…], by default 1000 10000 100000
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
    -h | --help) exec sed -n '2,3s/^# //p' "$0" ;;
esac
cargo build --release -p data -p glyph --bin glyph --example write_pictures
built="${CARGO_TARGET_DIR:-target}/release"
scratch="${CARGO_TARGET_DIR:-target}/folders"
mkdir -p "$scratch"
counts=("$@")
[ $# -gt 0 ] || counts=(1000 10000 100000)
for count in "${counts[@]}"; do
    [ -d "$scratch/$count" ] || "$built/examples/write_pictures" "$scratch/$count" "$count"
done
exec python3 -B benches/folders.py --glyph "$built/glyph" --scratch "$scratch" "${counts[@]}"
