"""The attacks of `attack.py`, and the outcomes that each allows."""

import asyncio
import json
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import pictures
from exchange import FORM, Connection, form, head, post
from hostile_clients import CLOSED, LEFT, Kind, ask, outcome_of
from PIL import Image
from services import MODEL

# One byte of it is sent.
STALLED_BYTES = 1_000
SIDE = 4096
PROFILE_MEGABYTES = 115
REFUSAL_SECONDS = 30
# Sizes that no machine has memory for: of the input, and around it.
FORGED_SIDE, FORGED_PADDING = 2**32, 16_000


def attacks():
    digit = pictures.encoded(Image.fromarray(pictures.handwritten()), "png")
    ordinary = post("/api/predict", "image/png", digit)
    large = post("/api/predict?top_k=1", FORM, form([pictures.progressive(SIDE, SIDE)] * 64))
    inflating = post("/api/predict", "image/png", pictures.with_profile(digit, PROFILE_MEGABYTES))
    rebound = ordinary.replace(b"Host: localhost", b"Host: evil.example")
    foreign = ordinary.replace(b"\r\n", b"\r\nOrigin: https://evil.example\r\n", 1)
    cross_site = ordinary.replace(b"\r\n", b"\r\nSec-Fetch-Site: cross-site\r\n", 1)

    def sends(request):
        return lambda: ask(request)

    return [
        [Kind("none", {LEFT}, 1, lambda: asyncio.sleep(0, LEFT))],
        [Kind("1,000 connections that send one byte of a body", {408, 503, CLOSED}, 0, stall, at_once=1_000)],
        [Kind("colour profiles that inflate 1,000 times", {200, 422, 503, CLOSED}, 0, sends(inflating), at_once=8)],
        [Kind("forms of 64 progressive JPEGs of 16 megapixels", {200, 503, CLOSED}, 0, sends(large), at_once=4)],
        [
            Kind("requests to a foreign host", {421}, 0.01, sends(rebound), at_once=2),
            Kind("requests of a foreign origin", {403}, 0.01, sends(foreign), at_once=2),
            Kind("requests across sites", {403}, 0.01, sends(cross_site), at_once=2),
        ],
    ]


async def stall():
    connection = await Connection.open()
    try:
        await connection.send(head("POST", "/api/predict", {"Content-Type": "image/png", "Content-Length": STALLED_BYTES}))
        await connection.send(b"x")
        return (await connection.answer()).status
    finally:
        connection.close()


def run(number, seconds, results):
    """Runs the attack with this number in a process of its own, and puts its outcomes into `results`."""
    results.put(asyncio.run(repeat(attacks()[number], seconds)))


async def repeat(kinds, seconds):
    outcomes = Counter()
    until = time.monotonic() + seconds

    async def work(kind):
        while time.monotonic() < until:
            outcomes[kind.name, await outcome_of(kind)] += 1
            await asyncio.sleep(kind.seconds)

    # Requests that still wait at the end have no outcome.
    tasks = [asyncio.create_task(work(kind)) for kind in kinds for _ in range(kind.at_once)]
    await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()
    return outcomes


def forged_models(folder):
    """Folders of models that ask for more memory than any machine has."""
    card = json.loads((MODEL / "model.json").read_text())
    wide = {**card, "input": {**card["input"], "height": FORGED_SIDE, "width": FORGED_SIDE}}
    layers = [dict(layer) for layer in card["layers"]]
    next(layer for layer in layers if layer["type"] == "conv")["padding"] = FORGED_PADDING
    for name, forged in [("wide", wide), ("padded", {**card, "layers": layers})]:
        model = Path(folder) / name
        model.mkdir()
        shutil.copy(MODEL / "model.bpk", model)
        (model / "model.json").write_text(json.dumps(forged))
        yield model


def refusal_of(program, model, limit):
    """Why the server refuses this model, or None if it does not."""
    command = [program, "serve", "--model", model, "--bind", "127.0.0.1:0"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=REFUSAL_SECONDS, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return None
    lines = ended.stderr.strip().splitlines()
    return lines[-1] if ended.returncode in (1, 2) and lines else None
