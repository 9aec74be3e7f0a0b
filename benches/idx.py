"""The IDX files of MNIST and Fashion-MNIST."""

import gzip
import os
from pathlib import Path

import numpy

FOLDERS = {
    "mnist": ["crates/data/mnist"],
    "fashion-mnist": [
        os.environ.get("GLYPH_CACHE", "~/.cache/glyph") + "/fashion-mnist",
        "/usr/share/datasets/fashion-mnist",
    ],
}


def folder_of(name):
    """The folder with the IDX files of a data set."""
    folders = [Path(folder).expanduser() for folder in FOLDERS[name]]
    found = [folder for folder in folders if (folder / "train-images-idx3-ubyte.gz").exists()]
    if not found:
        places = ", ".join(FOLDERS[name])
        raise SystemExit(f"{name} is in none of {places}: train on it once, or install dataset-{name}")
    return found[0]


def read(folder, name):
    """The header of an IDX file, and its bytes."""
    data = gzip.decompress((folder / name).read_bytes())
    start = 4 + 4 * data[3]
    return data[:start], numpy.frombuffer(data, numpy.uint8, offset=start)
