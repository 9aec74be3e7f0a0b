"""Reads MNIST from raw IDX files: a header (4 bytes and one big-endian u32 per dimension), then unsigned bytes."""

from pathlib import Path

import numpy

IMAGE_HEADER = 16
LABEL_HEADER = 8


def read_images(folder, split):
    """Pixels of a split ("train" or "t10k") as floats from 0 to 1: [images, 1, 28, 28]."""
    pixels = numpy.fromfile(Path(folder) / f"{split}-images-idx3-ubyte", numpy.uint8, offset=IMAGE_HEADER)
    return pixels.reshape(-1, 1, 28, 28).astype(numpy.float32) / 255


def read_labels(folder, split):
    """The class of every image of a split, from 0 to 9: [images]."""
    labels = numpy.fromfile(Path(folder) / f"{split}-labels-idx1-ubyte", numpy.uint8, offset=LABEL_HEADER)
    return labels.astype(numpy.int64)
