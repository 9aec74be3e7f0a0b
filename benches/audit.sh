#!/usr/bin/env bash
# How well `glyph data audit` finds flipped labels of MNIST and Fashion-MNIST, beside cleanlab on the
# same probabilities; see benches/README.md. benches/audit.sh [IMAGES], by default 60000
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
    -h | --help) exec sed -n '2,3s/^# //p' "$0" ;;
esac
cargo build --release -p glyph
built="${CARGO_TARGET_DIR:-target}"
environment="$built/audit-environment"
[ -d "$environment" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet -r benches/requirements-audit.txt
exec "$environment/bin/python" -B benches/audit.py \
    --glyph "$built/release/glyph" --scratch "$built/audit" --images "${1:-60000}"
