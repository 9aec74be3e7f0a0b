#!/usr/bin/env bash
# Races Glyph against PyTorch, Keras and ONNX Runtime on this machine; see benches/README.md.
# benches/race.sh [--rounds N] [--only ROW[,ROW]] [--without-keras] [--threads N] [--json FILE]
set -euo pipefail
cd "$(dirname "$0")/.."

for argument in "$@"; do
    case "$argument" in
        -h | --help) exec python3 -B benches/race.py --help ;;
    esac
done

environment=target/race-venv
data=target/race-data

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "error: the race needs Python 3.11 or newer as python3" >&2
    exit 1
fi
requirements=(-r benches/requirements.txt)
case " $* " in
    *" --without-keras "*) ;;
    *) requirements+=(-r benches/requirements-keras.txt) ;;
esac
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check "${requirements[@]}"

# One command, so that all three share one build of Burn. The file name of a bench contains a hash, and
# only cargo's JSON messages name it.
latency=$(cargo build --release --message-format=json-render-diagnostics \
    -p data -p model -p glyph --bin glyph --example write_mnist --bench latency |
    sed -n 's/.*"executable":"\([^"]*\/latency-[^"]*\)".*/\1/p')
built="${CARGO_TARGET_DIR:-target}/release"

"$built/examples/write_mnist" "$data"

# -B: no __pycache__ folders among the sources.
exec "$environment/bin/python" -B benches/race.py --glyph "$built/glyph" \
    --latency "${latency:?cargo named no latency bench}" \
    --data "$data" --scratch target/race "$@"
