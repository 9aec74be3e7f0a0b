"""The servers under load: starts them, sends requests and stops them."""

import http.client
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = Path(__file__).resolve().parent / "peers"
MODEL = ROOT / "artifacts" / "cnn"

PORT = 8471
PATH = "/api/predict"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Service:
    """A server and its name in the table."""

    name: str
    command: list


def glyph(program, name, *options):
    address = f"127.0.0.1:{PORT}"
    return Service(name, [program, "serve", "--model", MODEL, "--bind", address, *options])


def fastapi(workers):
    """FastAPI in its fast configuration: uvloop and httptools, no line in the log for each request."""
    command = [sys.executable, "-B", "-m", "uvicorn", "fastapi_peer:app", "--app-dir", PEERS]
    command += ["--port", str(PORT), "--workers", str(workers), "--no-access-log", "--log-level", "warning"]
    return Service(f"FastAPI, ONNX Runtime, {workers} worker{'s' if workers > 1 else ''}", command)


@contextmanager
def running(service, log=subprocess.DEVNULL, limit=None):
    """Starts a server and waits until it answers; `log` is the file for its log, `limit` limits the new process."""
    command = [str(word) for word in service.command]
    environment = {**os.environ, "MODEL": str(MODEL)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, env=environment, preexec_fn=limit)
    try:
        wait_for(process)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def wait_for(process):
    start = time.monotonic()
    while process.poll() is None and time.monotonic() - start < PATIENCE_SECONDS:
        try:
            status, _ = ask("GET", "/healthz")
        except OSError:
            time.sleep(0.05)
            continue
        if status == 200:
            return
    raise SystemExit(f"error: the server did not start: {process.args}")


def ask(method, path, body=None):
    """The status and the text of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, {"Content-Type": "image/png"} if body else {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answer_for(picture):
    """The class and the confidence that a server answers with."""
    status, text = ask("POST", PATH, picture)
    if status != 200:
        raise SystemExit(f"error: status {status}: {text}")
    [answer] = json.loads(text)["answers"]
    return answer["class"], answer["confidence"]


def peak_megabytes(process):
    """The most memory that a process has had, on Linux."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit("error: /proc does not show the memory of the process")
