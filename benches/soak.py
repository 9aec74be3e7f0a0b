"""Runs well-behaved and hostile clients against `glyph serve` for hours; `benches/soak.sh` builds and starts it.

The exit code is 1 when memory grows, descriptors or threads leak, an answer is wrong, or the server exits.
"""

import argparse
import asyncio
import json
import resource
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import good_clients
import hostile_clients
import numpy
from exchange import passes
from race import describe_machine, positive, usable_cores
from samples import Recorder
from server_log import ServerLog
from services import glyph, running
from tally import Tally
from verdict import faults, measured, print_tables

# Short, so that hostile clients return often.
TIMEOUT_SECONDS = 5
# Load comes in rounds, with a pause after each. Only samples taken in a pause can be compared: under load,
# memory and descriptors depend on the clients that are connected.
ROUND_SECONDS = 40
# The well-behaved clients stay for a while after the hostile ones: the allocator returns freed memory only while it
# is used, and without this a sample would depend on which large picture came last.
CALM_SECONDS = 5
# The server waits for a request, and then for the client to close the connection (2 s).
SETTLE_SECONDS = TIMEOUT_SECONDS + 3
SAMPLE_SECONDS = 10
# The share of the time in which caches fill and the allocator's arenas grow, and its minimum in a long test.
WARM_UP_PART = 0.1
LONG_MINUTES, LONG_WARM_UP_SECONDS = 30, 300
# Three times the server's --max-connections.
IDLE_CONNECTIONS = 3_000
# Descriptors of this program that are left for all other clients.
SPARE_DESCRIPTORS = 500


def main():
    options = parse_arguments()
    machine = describe_machine(usable_cores())
    print("\n".join(f"- {key}: {value}" for key, value in machine.items()), flush=True)
    tally, log = Tally(), ServerLog()
    with running(glyph(options.glyph, "Glyph", "--timeout", str(TIMEOUT_SECONDS)), log.file) as process:
        # After the server has started: it should run with the limit that users have.
        idle = min(IDLE_CONNECTIONS, raise_descriptor_limit() - SPARE_DESCRIPTORS)
        with open(options.csv, "w") if options.csv else nullcontext() as file:
            recorder = Recorder(process, tally, file)
            asyncio.run(soak(recorder, hostile_clients.kinds(idle), options.minutes))
    log.close()
    finish(recorder.samples, tally, log, process.returncode, machine, options)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="benches/soak.sh", description=__doc__)
    parser.add_argument("--minutes", type=positive, default=120, help="default: 120")
    parser.add_argument("--json", type=Path, metavar="FILE", help="for all figures and samples")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="for the samples, while they are taken")
    # Set by soak.sh.
    parser.add_argument("--glyph", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


async def soak(recorder, kinds, minutes):
    """Runs rounds of load until the time is over or the server has exited."""
    questions = good_clients.questions()
    await good_clients.learn(questions)
    await quiet_moment(recorder)
    while recorder.seconds() < 60 * minutes and recorder.process.poll() is None:
        await round_of_load(recorder, questions, kinds)
        await quiet_moment(recorder)


async def round_of_load(recorder, questions, kinds):
    tally, server_ended = recorder.tally, asyncio.Event()
    hostile_ending, good_ending = asyncio.Event(), asyncio.Event()
    good = asyncio.gather(*good_clients.clients(questions, tally, good_ending))
    hostile = asyncio.gather(*hostile_clients.clients(kinds, tally, hostile_ending, ROUND_SECONDS))
    watching = asyncio.create_task(watch(recorder, server_ended))
    await passes(server_ended, ROUND_SECONDS)
    hostile_ending.set()
    await hostile
    await passes(server_ended, CALM_SECONDS)
    good_ending.set()
    await good
    watching.cancel()


async def watch(recorder, server_ended):
    """Takes samples under load until the server exits."""
    while recorder.process.poll() is None:
        recorder.take(quiet=False)
        await asyncio.sleep(SAMPLE_SECONDS)
    server_ended.set()


async def quiet_moment(recorder):
    await asyncio.sleep(SETTLE_SECONDS)
    if recorder.process.poll() is None:
        sample = recorder.take(quiet=True)
        print(
            f"{sample.seconds / 60:.1f} min: {sample.anonymous_mb:.1f} MB, {sample.descriptors} descriptors, "
            f"{sample.threads} threads, {sample.good:,} right answers, {sample.hostile:,} hostile clients, "
            f"{recorder.tally.wrong} wrong",
            file=sys.stderr,
            flush=True,
        )


def finish(samples, tally, log, exit_code, machine, options):
    """Prints the tables and the verdict, which is the exit code."""
    warm_up = WARM_UP_PART * 60 * options.minutes
    if options.minutes >= LONG_MINUTES:
        warm_up = max(warm_up, LONG_WARM_UP_SECONDS)
    quiet = measured(samples, warm_up)
    found = faults(quiet, tally, log, exit_code)
    waits = 1000 * numpy.percentile(tally.seconds or [0], [50, 99, 100])
    print_tables(samples, quiet, tally, waits)
    print("\n" + "\n".join([*tally.examples, *log.lines]))
    print("\n".join(f"FAILED: {fault}" for fault in found) or f"Passed: {options.minutes} minutes.")
    if options.json:
        figures = {
            "machine": machine,
            "warm_up_seconds": warm_up,
            "faults": found,
            "good": tally.good,
            "hostile": [
                {"kind": kind, "outcome": outcome, "times": times}
                for (kind, outcome), times in tally.hostile.items()
            ],
            "samples": [asdict(sample) for sample in samples],
        }
        options.json.write_text(json.dumps(figures, indent=1))
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
