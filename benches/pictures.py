"""Pictures for the soak test: valid ones and decompression bombs."""

import gzip
import io
import struct
import zlib

import numpy
from PIL import Image, ImageDraw
from services import ROOT

PAPER, INK = (235, 232, 225), (30, 35, 80)

# Strokes of a pen, in boxes from (0, 0) to (1, 1).
STROKES = {
    "1": [(0.55, 0.0), (0.4, 1.0)],
    "4": [(0.1, 0.0), (0.0, 0.5), (0.9, 0.55), (0.85, 0.05), (0.8, 1.0)],
    "7": [(0.0, 0.05), (0.95, 0.0), (0.35, 1.0)],
}


def handwritten():
    """The first test image of MNIST, a 7, as rows of grey levels."""
    images = gzip.decompress((ROOT / "crates/data/mnist/t10k-images-idx3-ubyte.gz").read_bytes())
    return numpy.frombuffer(images, numpy.uint8, 28 * 28, offset=16).reshape(28, 28)


def encoded(image, file_type, **options):
    file = io.BytesIO()
    image.save(file, file_type, **options)
    return file.getvalue()


def photo(text, size):
    """A JPEG file of digits on paper, with the noise and the uneven light of a camera."""
    page = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(page)
    height = 0.6 * size[1]
    step = size[0] / (len(text) + 1)
    for index, digit in enumerate(text):
        left = step * (index + 1) - 0.3 * height
        points = [(left + 0.6 * height * x, 0.2 * size[1] + height * y) for x, y in STROKES[digit]]
        pen.line(points, fill=INK, width=int(0.1 * height), joint="curve")
    levels = numpy.asarray(page, dtype=float)
    light = numpy.linspace(0.9, 1.05, size[0])[None, :, None]
    noise = numpy.random.default_rng(0).normal(0, 3, levels.shape)
    photo = numpy.clip(levels * light + noise, 0, 255).astype(numpy.uint8)
    return encoded(Image.fromarray(photo), "jpeg", quality=60)


def blank(width, height):
    """A large page that is a small PNG file."""
    return encoded(Image.new("L", (width, height), 255), "png")


def progressive(width, height):
    """A blank page as a progressive JPEG file of some kilobytes, which takes most memory to decode."""
    return encoded(Image.new("RGB", (width, height), "white"), "jpeg", quality=50, progressive=True)


def with_profile(png, megabytes):
    """The same PNG file with a colour profile that inflates to this size."""
    profile = b"profile\0\0" + zlib.compress(bytes(megabytes * 1_000_000), 9)
    end_of_header = 33
    return png[:end_of_header] + chunk(b"iCCP", profile) + png[end_of_header:]


def bomb(width, height):
    """A PNG file of some bytes that claims to be of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, content) for kind, content in chunks)


def chunk(kind, content):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
