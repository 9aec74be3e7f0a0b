"""Races Glyph against its peers on this machine; `benches/race.sh` builds what it needs and starts it.

The contestants of a row take turns, round by round, each in a new process.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from statistics import median

from contestants import ROOT, Contestants
from process import Failed
from rows import all_rows

PACKAGES = ["torch", "keras", "tensorflow-cpu", "onnxruntime", "numpy"]

OBSERVATION_SECONDS = 2

# PyTorch's threads busy-wait until all of them have finished a layer: another busy program slows it far
# more than Glyph, which would be unfair to it.
QUIET = 0.05

HOW = (
    "Glyph, peer: median over the rounds. Ratio: how many times faster Glyph is; taken within each round, "
    "then the median (least–greatest) of those."
)


def main():
    options = parse_arguments()
    options.scratch.mkdir(parents=True, exist_ok=True)
    contestants = Contestants(options.glyph, options.latency, options.data, options.scratch, options.threads)
    rows = chosen(all_rows(contestants, not options.without_keras), options.only)
    machine = describe_machine(options.threads)
    print("\n".join(f"- {key}: {value}" for key, value in machine.items()))
    print(f"\n{HOW}\n\n| work | Glyph | peer | ratio | rounds |\n|---|---|---|---|---|", flush=True)
    results = []
    for row in rows:
        figures = race(row, options.rounds)
        print(table_line(row, figures), flush=True)
        results.append({"name": row.name, "work": row.work, "unit": row.unit, "rounds": figures})
        # After each row, so that an interrupted race leaves what it has.
        if options.json:
            options.json.write_text(json.dumps({"machine": machine, "rows": results}, indent=2) + "\n")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="benches/race.sh", description=__doc__)
    parser.add_argument("--rounds", type=positive, default=5, help="times that each contestant runs; default: 5")
    parser.add_argument("--only", metavar="ROW[,ROW]", help="only these rows, for example train-128,latency")
    parser.add_argument("--without-keras", action="store_true", help="do not install and race Keras")
    parser.add_argument("--threads", type=positive, default=usable_cores(), help="default: all cores there are")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures of every round")
    # Set by race.sh.
    for name in ("glyph", "latency", "data", "scratch"):
        parser.add_argument(f"--{name}", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def usable_cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def chosen(rows, only):
    if only is None:
        return rows
    names = only.split(",")
    known = [row.name for row in rows]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Failed(f"unknown row {', '.join(unknown)}; the rows are: {', '.join(known)}")
    return [row for row in rows if row.name in names]


def describe_machine(threads):
    """Everything else that the figures depend on."""
    versions = [f"{name} {version}" for name in PACKAGES if (version := installed_version(name))]
    return {
        "CPU": cpu_name(),
        "cores": usable_cores(),
        "threads": threads,
        "system": platform.platform(),
        "used by others": other_programs(),
        "Glyph": revision(),
        "peers": ", ".join([f"Python {platform.python_version()}", *versions]),
    }


def cpu_name():
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def other_programs():
    """Share of the cores in use before the race. The load average would still include the build."""
    statistics = Path("/proc/stat")
    if not statistics.exists():
        return "unknown"

    def busy_and_total():
        # user, nice, system, idle, iowait, irq, softirq, steal; "cpu" comes first.
        times = [int(number) for number in statistics.read_text().splitlines()[0].split()[1:9]]
        return sum(times) - times[3] - times[4], sum(times)

    busy, total = busy_and_total()
    time.sleep(OBSERVATION_SECONDS)
    busy, total = (after - before for after, before in zip(busy_and_total(), (busy, total)))
    share = busy / max(total, 1)
    if share > QUIET:
        print("warning: other programs are running, which makes the figures unreliable", file=sys.stderr)
    return f"{100 * share:.0f} %"


def installed_version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def revision():
    """The commit, with `-dirty` where files differ from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    described = subprocess.run(command, capture_output=True, text=True, check=False)
    return described.stdout.strip() or "not a git checkout"


def race(row, rounds):
    """The figures of every round: {contestant: figure}."""
    figures = []
    for number in range(1, rounds + 1):
        figures.append({name: measure() for name, measure in {"Glyph": row.glyph, **row.peers}.items()})
        shown = ", ".join(f"{name} {formatted(row, figure)}" for name, figure in figures[-1].items())
        print(f"{row.name} {number}/{rounds}: {shown}", file=sys.stderr, flush=True)
    return figures


def table_line(row, figures):
    medians = {name: median(figure[name] for figure in figures) for name in figures[0]}
    glyph = medians.pop("Glyph")
    if medians:
        best = (max if row.more_is_better else min)(medians, key=medians.get)
        ratios = [ratio(row, figure["Glyph"], figure[best]) for figure in figures]
        peer = f"{formatted(row, medians[best])} ({best})"
        ratio_text = f"**{median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})"
    else:
        peer, ratio_text = "–", "–"
    return f"| {row.work} | {formatted(row, glyph)} | {peer} | {ratio_text} | {len(figures)} |"


def ratio(row, glyph, peer):
    return glyph / peer if row.more_is_better else peer / glyph


def formatted(row, figure):
    digits = 0 if figure >= 1000 else 1
    return f"{figure:,.{digits}f} {row.unit}"


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
