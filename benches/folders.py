"""Time and peak memory of training on folders of pictures, and of predicting all of them."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

# Linux counts a process's peak memory in KiB, macOS in bytes.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024

NETWORK = """
[model]
layers = [
    { type = "conv", channels = 16, kernel = 3, padding = 1 },
    { type = "batch_norm" },
    { type = "relu" },
    { type = "max_pool" },
    { type = "conv", channels = 32, kernel = 3, padding = 1 },
    { type = "batch_norm" },
    { type = "relu" },
    { type = "max_pool" },
    { type = "flatten" },
    { type = "linear", features = 10 },
]
[train]
epochs = 1
"""


def measure(command):
    """Runs a command without its output; returns seconds and peak bytes."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"failed with status {status}: {' '.join(map(str, command))}")
    return seconds, usage.ru_maxrss * PEAK_UNIT


def row(glyph, scratch, count):
    """Trains one epoch on a folder, tests the model, and predicts every file of the folder."""
    folder, run = scratch / str(count), scratch / f"run-{count}"
    config = scratch / f"{count}.toml"
    config.write_text(f'[dataset]\nsource = "folder"\npath = "{folder.name}"\n{NETWORK}')
    shutil.rmtree(run, ignore_errors=True)
    train = measure([glyph, "train", config, "--output", run, "--quiet"])
    predict = measure([glyph, "predict", folder, "--model", run, "--format", "csv"])
    return train, predict


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--glyph", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("counts", type=int, nargs="+")
    options = parser.parse_args()
    scratch = options.scratch.resolve()
    print("| pictures | train, 1 epoch | peak | predict all | peak |")
    print("|---|---|---|---|---|")
    for count in options.counts:
        cells = [f"{count:,}"]
        for seconds, peak in row(options.glyph.resolve(), scratch, count):
            cells += [f"{seconds:.1f} s", f"{peak / 1e6:,.0f} MB"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
