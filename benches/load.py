"""Loads Glyph's server and its peer on this machine with wrk; `benches/load.sh` builds what it needs and starts it.

The servers take turns, round by round. Client and server share the machine.
"""

import argparse
import gzip
import io
import json
import subprocess
import threading
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy
from PIL import Image
from race import describe_machine, positive, usable_cores
from services import PATH, PORT, ROOT, answer_for, ask, fastapi, glyph, peak_megabytes, running

WARM_UP_SECONDS = 2
# The number of connections is multiplied by this for the overload.
OVERLOAD = 10
# Glyph and ONNX Runtime sum floats in different orders.
TOLERANCE = 1e-4


def main():
    options = parse_arguments()
    services = [
        glyph(options.glyph, "Glyph"),
        glyph(options.glyph, "Glyph, batches off", "--batch", "1"),
        glyph(options.glyph, "Glyph, batches waited for", "--wait", "2"),
    ]
    if not options.without_peer:
        services += [fastapi(workers=1), fastapi(workers=2)]
    machine = describe_machine(usable_cores())
    print("\n".join(f"- {key}: {value}" for key, value in machine.items()))
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "picture.png"
        file.write_bytes(picture())
        check(services, file.read_bytes())
        race(services, file, options)
        overload(services[0], file, options)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="benches/load.sh", description=__doc__)
    parser.add_argument("--seconds", type=positive, default=20, help="seconds per round; default: 20")
    parser.add_argument("--rounds", type=positive, default=3, help="times that each server is loaded; default: 3")
    parser.add_argument("--connections", type=positive, default=64, help="at the same time; default: 64")
    parser.add_argument("--without-peer", action="store_true", help="load Glyph only")
    # Set by load.sh.
    parser.add_argument("--glyph", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def picture():
    """The first test image of MNIST as a PNG file."""
    images = gzip.decompress((ROOT / "crates/data/mnist/t10k-images-idx3-ubyte.gz").read_bytes())
    pixels = numpy.frombuffer(images, numpy.uint8, 28 * 28, offset=16).reshape(28, 28)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def check(services, picture):
    """Ends the program unless all servers give the same answer."""
    answers = {}
    for service in services:
        with running(service):
            answers[service.name] = answer_for(picture)
    (kind, confidence), *others = answers.values()
    if any(other != kind or abs(sureness - confidence) > TOLERANCE for other, sureness in others):
        raise SystemExit(f"error: the servers do not agree: {answers}")


def race(services, file, options):
    """Prints a table of all servers under the same load."""
    figures = {service.name: [] for service in services}
    for _ in range(options.rounds):
        for service in services:
            with running(service):
                load(file, options.connections, WARM_UP_SECONDS)
                figures[service.name].append(load(file, options.connections, options.seconds))
    print(f"\n{options.connections} connections, {options.seconds} s, {options.rounds} rounds, median\n")
    print("| server | answers/s | p50 | p99 | longest | errors |\n|---|---|---|---|---|---|")
    for name, rounds in figures.items():
        times = [median(figure[key] for figure in rounds) for key in ("p50_ms", "p99_ms", "max_ms")]
        cells = " | ".join(f"{milliseconds:.1f} ms" for milliseconds in times)
        failed = sum(figure["busy"] + errors(figure) for figure in rounds)
        print(f"| {name} | {median(map(rate, rounds)):,.0f} | {cells} | {failed} |", flush=True)


def rate(figures):
    return figures["answered"] / figures["seconds"]


def errors(figures):
    """The number of requests that got neither an answer nor a 503."""
    return figures["other"] + figures["broken"]


def load(file, connections, seconds):
    """The figures that wrk measures. One thread is enough for a client."""
    script = ROOT / "benches" / "post_picture.lua"
    url = f"http://127.0.0.1:{PORT}{PATH}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "30", "-s", str(script), url]
    output = subprocess.run([*command, "--", str(file)], capture_output=True, text=True, check=True).stdout
    [figures] = [line.removeprefix("FIGURES ") for line in output.splitlines() if line.startswith("FIGURES ")]
    return json.loads(figures)


def overload(service, file, options):
    """Prints how a server does with ten times the connections, and right after that."""
    connections = OVERLOAD * options.connections
    with running(service) as process:
        before = load(file, options.connections, options.seconds)
        times = {200: [], 503: []}
        is_over = threading.Event()
        probe = threading.Thread(target=ask_over_and_over, args=(file.read_bytes(), times, is_over))
        probe.start()
        during = load(file, connections, options.seconds)
        is_over.set()
        probe.join()
        start = time.perf_counter()
        answer_for(file.read_bytes())
        first = 1000 * (time.perf_counter() - start)
        after = load(file, options.connections, options.seconds)
        peak = peak_megabytes(process)
    rates = ", ".join(f"{rate(figures):,.0f}" for figures in (before, during, after))
    print(f"\n{connections} connections, {options.seconds} s\n")
    print(f"- answers/s before, during, after: {rates}")
    print(f"- refused with 503 while overloaded: {during['busy'] / during['seconds']:,.0f} a second")
    print(f"- other errors: {errors(during)}; afterwards, refusals too: {after['busy'] + errors(after)}")
    print(f"- longest wait of all: {during['max_ms']:.0f} ms")
    for status, milliseconds in times.items():
        if milliseconds:
            print(f"- one more client, status {status}: {describe(milliseconds)}")
    print(f"- the first answer afterwards: {first:.1f} ms; p99 afterwards: {after['p99_ms']:.1f} ms")
    print(f"- most memory: {peak:.0f} MB")


def ask_over_and_over(picture, times, is_over):
    """Adds the milliseconds of each answer to those of its status."""
    while not is_over.wait(0.02):
        start = time.perf_counter()
        status, _ = ask("POST", PATH, picture)
        times.setdefault(status, []).append(1000 * (time.perf_counter() - start))


def describe(milliseconds):
    p50, p99 = numpy.percentile(milliseconds, [50, 99])
    return f"{len(milliseconds)} times, p50 {p50:.1f} ms, p99 {p99:.1f} ms"


if __name__ == "__main__":
    main()
