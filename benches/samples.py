"""Memory, descriptors and threads of a process over time, from Linux's /proc, and a line fitted to them."""

import os
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy


@dataclass(frozen=True)
class Sample:
    seconds: float  # since the start
    quiet: bool  # whether nothing was connected
    resident_mb: float
    anonymous_mb: float
    descriptors: int
    threads: int
    good: int  # right answers so far
    hostile: int  # hostile clients so far


@dataclass(frozen=True)
class Line:
    slope: float  # MB per hour
    error: float  # standard error of the slope
    samples: int


class Recorder:
    """Takes samples and writes each to a CSV file at once, so that an interrupted test keeps them."""

    def __init__(self, process, tally, file):
        self.process, self.tally, self.file = process, tally, file
        self.start = time.monotonic()
        self.samples = []
        if file:
            print(",".join(field.name for field in fields(Sample)), file=file, flush=True)

    def seconds(self):
        return time.monotonic() - self.start

    def take(self, quiet):
        folder = Path(f"/proc/{self.process.pid}")
        lines = (folder / "status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        megabytes = {name: int(status[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "RssAnon")}
        sample = Sample(
            seconds=round(self.seconds(), 1),
            quiet=quiet,
            resident_mb=round(megabytes["VmRSS"], 3),
            anonymous_mb=round(megabytes["RssAnon"], 3),
            descriptors=len(os.listdir(folder / "fd")),
            threads=int(status["Threads"]),
            good=self.tally.good.total(),
            hostile=self.tally.hostile.total(),
        )
        self.samples.append(sample)
        if self.file:
            print(*astuple(sample), sep=",", file=self.file, flush=True)
        return sample


def fit(samples, field):
    """Fits a line to a field of samples by least squares.

    Successive samples of an allocator's memory are correlated. As is usual for time series (Santer et al.
    2000, doi:10.1029/1999JD901105, section 4), the standard error is computed with the effective sample
    size, from the lag-1 autocorrelation of the residuals.
    """
    hours = numpy.array([sample.seconds for sample in samples]) / 3600
    values = numpy.array([getattr(sample, field) for sample in samples])
    centred = hours - hours.mean()
    slope = centred @ values / (centred @ centred)
    residuals = values - values.mean() - slope * centred
    squares = residuals @ residuals
    correlation = residuals[1:] @ residuals[:-1] / squares if squares > 0 else 0
    effective = len(samples) * (1 - correlation) / (1 + correlation) if correlation > 0 else len(samples)
    if effective <= 2:
        return Line(slope, numpy.inf, len(samples))
    return Line(slope, numpy.sqrt(squares / (effective - 2) / (centred @ centred)), len(samples))
