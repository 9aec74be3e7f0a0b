#!/usr/bin/env bash
# Attacks glyph serve under a memory limit while good clients use it; see benches/README.md.
# benches/attack.sh [--seconds N] [--megabytes N] [--glyph PROGRAM]
set -euo pipefail
cd "$(dirname "$0")/.."

environment=target/load-venv

[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check -r benches/requirements-load.txt

program="${CARGO_TARGET_DIR:-target}/release/glyph"
case " $* " in
*" --glyph "*) ;;
*) cargo build --release -p glyph --bin glyph ;;
esac

# -B: no __pycache__ folders among the sources.
exec "$environment/bin/python" -B benches/attack.py --glyph "$program" "$@"
