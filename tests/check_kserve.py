"""Asks `glyph serve` with Triton's own client for the Open Inference Protocol (KServe v2).

python tests/check_kserve.py PROGRAM, in an environment that has tests/requirements.txt. PROGRAM is the built `glyph`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

MODEL = "robust"
TOKEN = "0123456789abcdef"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
PICTURE = Path(__file__).parent / "pictures" / "seven.jpg"


def seven():
    """A seven in MNIST's form: levels from 0 to 255, [channels, height, width]."""
    image = numpy.zeros((1, 28, 28), numpy.uint8)
    image[0, 4:7, 8:20] = 255
    for row in range(6, 24):
        column = 20 - (row - 4) // 2
        image[0, row, column - 1 : column + 2] = 255
    return image


def tensor(name, values, datatype, binary):
    found = InferInput(name, values.shape, datatype)
    found.set_data_from_numpy(values, binary_data=binary)
    return found


def infer(client, sent, binary):
    outputs = [InferRequestedOutput(name, binary_data=binary) for name in ("probabilities", "label")]
    # A copy, because the client adds the length of this request's JSON to the headers.
    answer = client.infer(MODEL, [sent], outputs=outputs, headers=dict(HEADERS))
    labels = [label.decode() if isinstance(label, bytes) else label for label in answer.as_numpy("label")]
    return answer.as_numpy("probabilities"), labels


def check_descriptions(client):
    assert client.is_server_live(headers=HEADERS) and client.is_server_ready(headers=HEADERS)
    assert client.is_model_ready(MODEL, headers=HEADERS)
    assert not client.is_model_ready("none", headers=HEADERS)
    assert client.get_server_metadata(headers=HEADERS)["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata(MODEL, headers=HEADERS)
    shapes = {found["name"]: (found["datatype"], found["shape"]) for found in metadata["inputs"] + metadata["outputs"]}
    assert shapes == {
        "picture": ("BYTES", [-1]),
        "pixels": ("UINT8", [-1, 1, 28, 28]),
        "levels": ("FP32", [-1, 1, 28, 28]),
        "probabilities": ("FP32", [-1, 10]),
        "label": ("BYTES", [-1]),
    }, shapes


def check_answers(client):
    batch = numpy.stack([seven(), seven()])
    levels = batch.astype(numpy.float32) / 255
    answers = [
        infer(client, tensor("pixels", batch, "UINT8", binary), binary) for binary in (False, True)
    ] + [infer(client, tensor("levels", levels, "FP32", binary), binary) for binary in (False, True)]
    expected, _ = answers[0]
    for probabilities, labels in answers:
        assert labels == ["7", "7"], labels
        assert probabilities.shape == (2, 10) and abs(probabilities.sum() - 2) < 1e-5
        assert numpy.abs(probabilities - expected).max() < 1e-6
    # Without a list of outputs, the client asks for all of them in binary.
    everything = client.infer(MODEL, [tensor("pixels", batch, "UINT8", True)], headers=dict(HEADERS))
    assert numpy.abs(everything.as_numpy("probabilities") - expected).max() < 1e-6
    picture = numpy.array([PICTURE.read_bytes()], dtype=numpy.object_)
    _, labels = infer(client, tensor("picture", picture, "BYTES", True), True)
    assert labels == ["7"], labels


def check_errors(client):
    wrong = tensor("pixels", numpy.zeros((1, 1, 5, 5), numpy.uint8), "UINT8", True)
    for sent, headers, status, word in [
        (wrong, HEADERS, "400", "[pictures, 1, 28, 28]"),
        (tensor("image", seven()[None], "UINT8", True), HEADERS, "400", "pixels"),
        (wrong, {}, "401", "token"),
    ]:
        try:
            client.infer(MODEL, [sent], headers=dict(headers))
        except InferenceServerException as error:
            assert error.status() == status and word in error.message(), error
        else:
            raise AssertionError(f"no error about {word}")


def main(program):
    with tempfile.NamedTemporaryFile("w") as tokens:
        tokens.write(f"check:{TOKEN}\n")
        tokens.flush()
        command = [program, "serve", "--quiet", "--bind", "127.0.0.1:0", "--token-file", tokens.name]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().strip().removeprefix("http://")
            client = InferenceServerClient(address)
            for check in (check_descriptions, check_answers, check_errors):
                check(client)
        finally:
            server.terminate()
            server.wait()
    print("Triton's client gets the descriptions, answers and errors that it expects")


if __name__ == "__main__":
    main(sys.argv[1])
