"""Reads Burn's weights file: a header of 10 bytes, CBOR metadata, then tensors in little-endian order.

The format is specified in the documentation of the crate `burn-pack`.
"""

import struct
from pathlib import Path

import cbor2
import numpy

HEADER = struct.Struct("<IHI")  # magic number, version, length of the metadata
MAGIC = 0x4255524E
VERSION = 1
ALIGNMENT = 256


def read_tensors(path):
    """All tensors of a file by name, for example `layers.0.Conv.weight`; 32-bit floats only."""
    content = Path(path).read_bytes()
    magic, version, metadata_length = HEADER.unpack_from(content)
    if (magic, version) != (MAGIC, VERSION):
        raise SystemExit(f"{path}: magic number {magic:#x}, version {version}: expected {MAGIC:#x}, {VERSION}")
    metadata_end = HEADER.size + metadata_length
    metadata = cbor2.loads(content[HEADER.size : metadata_end])
    data_start = -(-metadata_end // ALIGNMENT) * ALIGNMENT
    tensors = {}
    for name, descriptor in metadata["tensors"].items():
        if descriptor["dtype"] != "F32":
            raise SystemExit(f"{path}: {name} has the type {descriptor['dtype']}: expected F32")
        start, end = (data_start + offset for offset in descriptor["data_offsets"])
        tensors[name] = numpy.frombuffer(content[start:end], "<f4").reshape(descriptor["shape"])
    return tensors
