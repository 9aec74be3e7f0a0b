#!/usr/bin/env bash
# Feeds targets with bytes that nobody thought of, each for so many seconds, and ends at the first
# one that crashes: fuzz/run.sh SECONDS [TARGET]…
set -euo pipefail
cd "$(dirname "$0")"
seconds=$1
targets=("${@:2}")
if [ ${#targets[@]} = 0 ]; then
    for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
for target in "${targets[@]}"; do
    # New finds go into the first folder, which git ignores; the second one is kept.
    mkdir -p "corpus/$target"
    cargo +nightly fuzz run -O "$target" \
        "$PWD/corpus/$target" "$PWD/../crates/any-input/corpus/$target" -- \
        -dict="$PWD/dictionaries/$target" -max_total_time="$seconds" \
        -timeout=10 -rss_limit_mb=1024 -print_final_stats=1
done
