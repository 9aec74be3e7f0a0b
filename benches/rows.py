"""The rows of the table, in its order."""

from dataclasses import dataclass
from functools import partial
from typing import Callable

from contestants import CNN, KERAS_CNN, RESIDUAL, Work

IMAGES_PER_SECOND = "images/s"
MICROSECONDS = "µs"

# Images per epoch: 200 steps of 128 take seconds and give stable figures; slower work uses fewer.
IMAGES = 25_600
FEW_IMAGES = 3_200


@dataclass(frozen=True)
class Row:
    """A measurement of Glyph and of its peers, which take turns."""

    name: str
    work: str
    unit: str
    glyph: Callable
    peers: dict  # name -> figure; empty where there is none

    @property
    def more_is_better(self):
        return self.unit == IMAGES_PER_SECOND


def all_rows(contestants, with_keras):
    """All rows."""
    evaluators = {"PyTorch": contestants.torch_evaluates}
    if with_keras:
        evaluators["Keras"] = contestants.keras_evaluates
    # Small networks often run faster on one thread, so ONNX Runtime is measured with both.
    answerers = {"ONNX Runtime, 1 thread": partial(contestants.onnx_answers, 1)}
    if contestants.threads > 1:
        answerers["ONNX Runtime, 2 threads"] = partial(contestants.onnx_answers, 2)

    def training(name, work, text, kernels=None):
        glyph = partial(contestants.glyph_trains, work, kernels)
        return Row(name, text, IMAGES_PER_SECOND, glyph, {"PyTorch": partial(contestants.torch_trains, work)})

    batch_128 = Work(KERAS_CNN, IMAGES, batch=128)
    return [
        training("train-128", batch_128, "train keras_cnn, batch 128"),
        training("train-32", Work(KERAS_CNN, IMAGES), "train keras_cnn, batch 32"),
        Row(
            "evaluate",
            "evaluate keras_cnn, 10,000 images",
            IMAGES_PER_SECOND,
            contestants.glyph_evaluates,
            evaluators,
        ),
        training("train-cnn", Work(CNN, IMAGES), "train cnn, batch 128, no augmentation"),
        training("train-residual", Work(RESIDUAL, 1_280), "train residual, batch 128"),
        Row("latency", "classify one image, keras_cnn", MICROSECONDS, contestants.glyph_answers, answerers),
        training("train-128-avx2", batch_128, "train keras_cnn, batch 128, Glyph limited to AVX2", kernels="avx2"),
        training(
            "train-128-one-thread",
            Work(KERAS_CNN, FEW_IMAGES, batch=128, one_core=True),
            "train keras_cnn, batch 128, one thread on one core",
        ),
        kernels_off(contestants, Work(KERAS_CNN, FEW_IMAGES, batch=128)),
        Row(
            "to-99",
            "cnn from the start of the program to 99.0 % validation accuracy",
            "s",
            partial(contestants.glyph_reaches, 0.99),
            {},
        ),
        Row("memory", "peak memory of a run of cnn, 1 epoch", "MiB", contestants.glyph_peak_mebibytes, {}),
    ]


def kernels_off(contestants, work):
    """Glyph against itself: the speed-up of its kernels over Burn's operations."""
    return Row(
        "kernels-off",
        "train keras_cnn, batch 128, Glyph's kernels or Burn's",
        IMAGES_PER_SECOND,
        partial(contestants.glyph_trains, work, "auto"),
        {"Glyph, kernels off": partial(contestants.glyph_trains, work, "off")},
    )
