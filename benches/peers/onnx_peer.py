"""Classifies one image over and over in ONNX Runtime with the weights of a model that Glyph trained.

Before the clock starts, its probabilities must agree with those that `glyph evaluate --output` wrote.
The input is a normalized float tensor, which Glyph makes of pixels anew on every call.
"""

import argparse
import csv
import json
import os
import time
from pathlib import Path

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from burnpack import read_tensors
from idx import read_images

WARM_UP_CALLS = 2_000
TIMED_CALLS = 10_000
CHECKED_IMAGES = 200

# Probabilities in the table have six digits; the rest is for sums of floats in another order.
TOLERANCE = 1e-5

# Both are the newest that ONNX Runtime and the nodes used here have long agreed on.
OPERATOR_SET = 17
FORMAT_VERSION = 8


def main():
    options = parse_arguments()
    folder = Path(options.model)
    card = json.loads((folder / "model.json").read_text())
    session = open_session(build_graph(card, read_tensors(folder / "model.bpk")), options.threads)
    images = normalize(read_images(options.data, "t10k")[:CHECKED_IMAGES], card["normalization"])
    check(session, images, options.predictions)
    microseconds = measure(session, images[:1])
    line = {
        "peer": f"ONNX Runtime {onnxruntime.__version__}",
        "median_microseconds": float(numpy.median(microseconds)),
        "p99_microseconds": float(numpy.percentile(microseconds, 99)),
    }
    print(json.dumps(line))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="folder with model.json and model.bpk")
    parser.add_argument("data", help="folder with the four raw IDX files")
    parser.add_argument("--predictions", required=True, help="predictions.csv of `glyph evaluate --output`")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def normalize(images, normalization):
    """Pixels from 0 to 1 as the model's input: [images, channels, height, width]."""
    mean, deviation = (
        numpy.array(normalization[key], numpy.float32).reshape(1, -1, 1, 1) for key in ("mean", "standard_deviation")
    )
    return (images - mean) / deviation


def build_graph(card, tensors):
    """The model as an ONNX graph from one image to its probabilities."""
    nodes, constants, current = [], [], "image"

    def constant(name):
        constants.append(numpy_helper.from_array(tensors[name], name))
        return name

    for index, layer in enumerate(card["layers"]):
        operator, parameters, attributes = translate(index, layer, tensors)
        output = f"output.{index}"
        inputs = [current, *map(constant, parameters)]
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        current = output
    nodes.append(helper.make_node("Softmax", [current], ["probabilities"], axis=1))
    shape = [1, *(card["input"][side] for side in ("channels", "height", "width"))]
    graph = helper.make_graph(
        nodes,
        "glyph",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, len(card["class_names"])])],
        constants,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPERATOR_SET)], ir_version=FORMAT_VERSION
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def translate(index, layer, tensors):
    """A layer's ONNX operator, the names of its parameters, and its attributes."""
    kind = layer["type"]

    def present(layer_name, *parameters):
        names = (f"layers.{index}.{layer_name}.{parameter}" for parameter in parameters)
        return [name for name in names if name in tensors]

    def window():
        # Absent only in pools, whose step is then their side.
        stride = layer.get("stride", layer["kernel"])
        return {"kernel_shape": [layer["kernel"]] * 2, "strides": [stride] * 2, "pads": [layer["padding"]] * 4}

    if kind == "conv":
        return "Conv", present("Conv", "weight", "bias"), window()
    if kind == "max_pool":
        return "MaxPool", [], window()
    if kind == "avg_pool":
        return "AveragePool", [], {**window(), "count_include_pad": 1}
    if kind == "batch_norm":
        parameters = present("BatchNorm", "gamma", "beta", "running_mean", "running_var")
        return "BatchNormalization", parameters, {"epsilon": layer["epsilon"]}
    if kind == "linear":
        # Burn stores weights as [inputs, outputs], which is Gemm's own order.
        return "Gemm", present("Linear", "weight", "bias"), {}
    if kind in ("relu", "flatten"):
        return kind.capitalize(), [], {}
    if kind == "dropout":
        return "Identity", [], {}
    raise SystemExit(f"the ONNX peer cannot build a layer of the type {kind}: add it to {__file__}")


def open_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def check(session, images, predictions):
    """Ends the program unless the first images get the probabilities in the table."""
    with open(predictions, newline="") as table:
        rows = [row for row, _ in zip(csv.DictReader(table), images)]
    columns = [name for name in rows[0] if name.startswith("p_")]
    expected = numpy.array([[float(row[name]) for name in columns] for row in rows])
    found = numpy.concatenate([session.run(None, {"image": image[None]})[0] for image in images])
    difference = numpy.abs(found - expected).max()
    if not difference < TOLERANCE:
        raise SystemExit(f"ONNX Runtime's probabilities differ from Glyph's by up to {difference}")


def measure(session, image):
    """Microseconds of every call. Binding the memory once spares ONNX Runtime two copies a call."""
    binding = session.io_binding()
    binding.bind_cpu_input("image", image)
    binding.bind_output("probabilities")
    for _ in range(WARM_UP_CALLS):
        session.run_with_iobinding(binding)
    microseconds = numpy.empty(TIMED_CALLS)
    for call in range(TIMED_CALLS):
        start = time.perf_counter_ns()
        session.run_with_iobinding(binding)
        microseconds[call] = (time.perf_counter_ns() - start) / 1_000
    return microseconds


if __name__ == "__main__":
    main()
