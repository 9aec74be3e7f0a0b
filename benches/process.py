"""Runs one contestant as a process; records its output, when each line came, and its peak memory."""

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

# The exit code of a training that was interrupted and saved its progress.
INTERRUPTED = 130

# Linux counts a process's peak memory in KiB, macOS in bytes.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A contestant failed; the message names its command."""


@dataclass(frozen=True)
class Outcome:
    """The output of a process, one JSON object per line, and the time and memory it took."""

    lines: list
    arrivals: list  # seconds from the start of the process to each line
    peak_bytes: int


# Makes the C library's allocator keep freed memory for the next step, as Glyph's allocator does. With the
# defaults, PyTorch is up to twice as slow, depending on what was freed before.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000"}


def run(command, threads, one_core=False, stop_when=None):
    """Runs `command` with this number of threads; `one_core` also pins it to a single core.

    The process is interrupted after the first line for which `stop_when` is true.
    """
    environment = {**os.environ, **KEEP_MEMORY, "RAYON_NUM_THREADS": str(threads)}
    confine = confine_to_one_core if one_core else None
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
            preexec_fn=confine,
        )
        lines, arrivals = [], []
        asked_to_stop = False
        with process.stdout:
            for text in process.stdout:
                arrivals.append(time.perf_counter() - start)
                lines.append(json.loads(text))
                if stop_when and not asked_to_stop and stop_when(lines[-1]):
                    process.send_signal(signal.SIGINT)
                    asked_to_stop = True
        # Not `process.wait`: only this call returns the resource use of this one process.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        complaint = errors.read().strip()
    succeeded = process.returncode == 0 or (asked_to_stop and process.returncode == INTERRUPTED)
    if not succeeded or not lines:
        raise Failed(f"exit code {process.returncode} from {shlex.join(map(str, command))}\n{complaint}")
    return Outcome(lines, arrivals, usage.ru_maxrss * PEAK_UNIT)


def confine_to_one_core():
    # Only Linux can pin a process; elsewhere the number of threads has to be enough.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
