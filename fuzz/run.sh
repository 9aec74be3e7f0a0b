#!/usr/bin/env bash
# Fuzzes each target for a number of seconds, and stops at the first crash:
# fuzz/run.sh SECONDS [TARGET]…
set -euo pipefail
cd "$(dirname "$0")"
seconds=$1
targets=("${@:2}")
if [ ${#targets[@]} = 0 ]; then
    for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
for target in "${targets[@]}"; do
    # libFuzzer writes new inputs to the first folder, which git ignores; the second one is committed.
    mkdir -p "corpus/$target"
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
    # Not every format has words of its own.
    [ ! -e "dictionaries/$target" ] || options+=(-dict="$PWD/dictionaries/$target")
    cargo +nightly fuzz run -O "$target" \
        "$PWD/corpus/$target" "$PWD/../crates/any-input/corpus/$target" -- "${options[@]}"
done
