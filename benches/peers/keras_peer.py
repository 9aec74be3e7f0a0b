"""Classifies the test images with Keras's `predict` and prints one JSON line per pass.

The first pass traces and compiles the graph; later ones show what Keras can do.
"""

import argparse
import json
import os
import time
import tomllib
from pathlib import Path

# Set before the import: TensorFlow otherwise greets with a page of its build options.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras  # noqa: E402
import tensorflow  # noqa: E402

from idx import read_images, read_labels  # noqa: E402

EVALUATION_BATCH = 500


def main():
    options = parse_arguments()
    tensorflow.config.threading.set_intra_op_parallelism_threads(options.threads)
    config = tomllib.loads(Path(options.config).read_text())
    network = keras.Sequential([keras.Input((28, 28, 1)), *map(build_layer, config["model"]["layers"])])
    images = read_images(options.data, "t10k").reshape(-1, 28, 28, 1)
    labels = read_labels(options.data, "t10k")
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        logits = network.predict(images, batch_size=EVALUATION_BATCH, verbose=0)
        accuracy = float((logits.argmax(1) == labels).mean())
        seconds = time.perf_counter() - start
        line = {
            "peer": f"Keras {keras.__version__} (TensorFlow {tensorflow.__version__})",
            "epoch": epoch,
            "parameters": network.count_params(),
            "images_per_second": len(images) / seconds,
            "accuracy": accuracy,
        }
        print(json.dumps(line), flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="folder with the four raw IDX files")
    parser.add_argument("--config", required=True, help="config of Glyph whose network to use")
    parser.add_argument("--epochs", type=int, default=3, help="passes over the test images")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def build_layer(layer):
    kind = layer["type"]
    if kind == "conv" and layer.get("padding", 0) == 0:
        stride, bias = layer.get("stride", 1), layer.get("bias", True)
        return keras.layers.Conv2D(layer["channels"], layer["kernel"], strides=stride, use_bias=bias)
    if kind == "max_pool" and layer.get("padding", 0) == 0:
        return keras.layers.MaxPooling2D(layer.get("kernel", 2), layer.get("stride"))
    if kind == "relu":
        return keras.layers.ReLU()
    if kind == "flatten":
        return keras.layers.Flatten()
    if kind == "linear":
        return keras.layers.Dense(layer["features"], use_bias=layer.get("bias", True))
    raise SystemExit(f"the Keras peer cannot build {layer}: add it to {__file__}")


if __name__ == "__main__":
    main()
