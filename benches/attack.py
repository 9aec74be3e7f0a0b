"""Attacks `glyph serve` under a memory limit while good clients use it; `benches/attack.sh` builds and starts it.

The exit code is 1 when good clients wait too long or get a wrong answer, when an attack gets an outcome that it must
not, or when the server ends.
"""

import argparse
import asyncio
import multiprocessing
import resource
from pathlib import Path
from tempfile import TemporaryDirectory

import attacks
import good_clients
import numpy
from race import describe_machine, positive, usable_cores
from server_log import ServerLog
from services import ask, glyph, peak_megabytes, running
from soak import raise_descriptor_limit
from tally import Tally

P99_LIMIT_MS = 200
# Good clients start before each attack and go on after it.
CALM_SECONDS = 1


def main():
    options = parse_arguments()
    machine = describe_machine(usable_cores())
    print("\n".join(f"- {key}: {value}" for key, value in machine.items()), flush=True)
    print(f"- memory limit: {options.megabytes} MB (RLIMIT_DATA: private writable memory, touched or not)", flush=True)
    limit = memory_limit(options.megabytes)
    faults, log = [], ServerLog()
    with TemporaryDirectory() as folder:
        for model in attacks.forged_models(folder):
            refusal = attacks.refusal_of(options.glyph, model, limit)
            print(f"- a forged model, {model.name}: {refusal or 'NOT REFUSED'}", flush=True)
            if not refusal:
                faults.append(f"the forged model {model.name} was not refused")
    with running(glyph(options.glyph, "Glyph"), log.file, limit) as process:
        raise_descriptor_limit()
        questions = good_clients.questions()
        asyncio.run(good_clients.learn(questions))
        print("\n| attack | outcomes | good answers | p50 | p99 |\n|---|---|---|---|---|", flush=True)
        for number, kinds in enumerate(attacks.attacks()):
            tally, outcomes = asyncio.run(phase(questions, number, options.seconds))
            faults += judge(kinds, tally, outcomes)
        status = ask("GET", "/healthz")[0] if process.poll() is None else None
        if status != 200:
            faults.append(f"the server is not healthy at the end: {status}, exit code {process.poll()}")
        else:
            print(f"\nThe server used {peak_megabytes(process):.0f} MB at most.")
    log.close()
    if process.returncode != 0:
        faults.append(f"the server ended with exit code {process.returncode}")
    if log.errors:
        faults.append(f"the server logged {log.errors} errors")
    print("\n".join(log.lines))
    print("\n".join(f"FAILED: {fault}" for fault in faults) or "Passed.")
    raise SystemExit(1 if faults else 0)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="benches/attack.sh", description=__doc__)
    parser.add_argument("--seconds", type=positive, default=15, help="per attack; default: 15")
    parser.add_argument("--megabytes", type=positive, default=512, help="memory limit of the server; default: 512")
    parser.add_argument("--glyph", type=Path, required=True, help="the program to attack; default: a release build")
    return parser.parse_args()


def memory_limit(megabytes):
    """Limits the memory of the process that calls it."""
    size = megabytes * 1_000_000
    return lambda: resource.setrlimit(resource.RLIMIT_DATA, (size, size))


async def phase(questions, number, seconds):
    """The tally of the good clients and the outcomes of one attack, which run in separate processes."""
    tally, ending, results = Tally(), asyncio.Event(), multiprocessing.Queue()
    # Good clients repeat what is refused; the time until their answer counts.
    tally.overload_starts()
    good = asyncio.gather(*good_clients.clients(questions, tally, ending))
    await asyncio.sleep(CALM_SECONDS)
    attacker = multiprocessing.Process(target=attacks.run, args=(number, seconds, results))
    attacker.start()
    outcomes = await asyncio.to_thread(results.get)
    attacker.join()
    await asyncio.sleep(CALM_SECONDS)
    ending.set()
    await good
    return tally, outcomes


def judge(kinds, tally, outcomes):
    """Prints a row of the table; returns what must not be."""
    p50, p99 = 1000 * numpy.percentile(tally.seconds or [0], [50, 99])
    counts = ", ".join(f"{outcome}: {count:,}" for (_, outcome), count in sorted(outcomes.items(), key=str))
    names = "; ".join(kind.name for kind in kinds)
    print(f"| {names} | {counts} | {tally.good.total():,} | {p50:.1f} ms | {p99:.1f} ms |", flush=True)
    faults = [f"{names}: {tally.wrong} wrong answers"] if tally.wrong else []
    if not tally.good:
        faults.append(f"{names}: no good answers")
    if p99 > P99_LIMIT_MS:
        faults.append(f"{names}: 99 % of the good answers came within {p99:.0f} ms, more than {P99_LIMIT_MS}")
    allowed = {kind.name: kind.allowed for kind in kinds}
    for (name, outcome), count in outcomes.items():
        if outcome not in allowed[name]:
            faults.append(f"{name}: {outcome}, {count} times")
    return faults


if __name__ == "__main__":
    main()
