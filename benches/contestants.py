"""The command line of each contestant, and where its figure is in the output."""

import functools
import sys
from dataclasses import dataclass, field
from pathlib import Path

from process import Failed, run

ROOT = Path(__file__).resolve().parent.parent
PEERS = Path(__file__).resolve().parent / "peers"

KERAS_CNN = "configs/classic/keras_cnn.toml"
CNN = "configs/cnn.toml"
RESIDUAL = "benches/residual.toml"

# Glyph validates after every epoch. The time is not counted, so few images are enough.
VALIDATION_IMAGES = 500

# The first epoch of a process warms up caches and memory; the last one counts.
EPOCHS = 2

# Keras compiles its graph in the first pass over the test images and settles in the second.
EVALUATION_PASSES = 3


@dataclass(frozen=True)
class Work:
    """A training that two contestants run with the same settings."""

    config: str
    images: int
    batch: int | None = None  # images per step; None: the config's
    one_core: bool = False


@dataclass
class Contestants:
    """Glyph and its peers on this machine."""

    glyph: Path  # the program
    latency_bench: Path
    data: Path  # the four raw IDX files
    scratch: Path  # runs and models, overwritten by the next ones
    threads: int
    parameters: dict = field(default_factory=dict)  # config -> parameter count of its network, from Glyph

    def glyph_trains(self, work, kernels=None):
        """Training images per second in the last epoch, without augmentation and line negatives, as the peers."""
        command = self.train(work.config, self.scratch / "run")
        settings = {
            "augment": "{}",
            "line_negatives": "{}",
            "dataset.train_images": work.images + VALIDATION_IMAGES,
            "dataset.validation": VALIDATION_IMAGES,
            "dataset.test_images": VALIDATION_IMAGES,
            "train.epochs": EPOCHS,
        }
        if work.batch:
            settings["train.batch_size"] = work.batch
        command += as_overrides(settings)
        if kernels:
            command += ["--kernels", kernels]
        *epochs, report = self.run(command, work.one_core).lines
        self.parameters[work.config] = report["parameters"]
        return epochs[-1]["train"]["images_per_second"]

    def torch_trains(self, work):
        """Training images per second in the last epoch."""
        command = self.peer("torch_peer.py", work.one_core)
        command += ["train", self.data, "--config", ROOT / work.config]
        command += ["--images", work.images, "--epochs", EPOCHS]
        if work.batch:
            command += ["--batch", work.batch]
        line = self.run(command, work.one_core).lines[-1]
        if line["parameters"] != self.parameters[work.config]:
            raise Failed(
                f"{work.config}: {line['peer']} trains {line['parameters']} parameters, "
                f"Glyph {self.parameters[work.config]}"
            )
        return line["images_per_second"]

    def glyph_evaluates(self):
        """Test images per second."""
        return self.run(self.evaluate()).lines[-1]["images_per_second"]

    def torch_evaluates(self):
        """Test images per second in the last pass."""
        command = self.peer("torch_peer.py") + ["evaluate", self.data, "--config", ROOT / KERAS_CNN]
        return self.run(command + ["--epochs", EVALUATION_PASSES]).lines[-1]["images_per_second"]

    def keras_evaluates(self):
        """Test images per second in the last pass."""
        command = self.peer("keras_peer.py") + [self.data, "--config", ROOT / KERAS_CNN]
        return self.run(command + ["--epochs", EVALUATION_PASSES]).lines[-1]["images_per_second"]

    def glyph_answers(self):
        """Median microseconds for one image."""
        return self.run([self.latency_bench, self.model]).lines[-1]["median_microseconds"]

    def onnx_answers(self, threads):
        """Median microseconds for one image, with the weights of the same model."""
        command = [sys.executable, "-B", PEERS / "onnx_peer.py", self.model, self.data]
        command += ["--predictions", self.predictions, "--threads", threads]
        return self.run(command).lines[-1]["median_microseconds"]

    def glyph_reaches(self, accuracy):
        """Seconds from the start of the process to the first epoch of this validation accuracy."""
        command = self.train(CNN, self.scratch / "run")

        def is_there(line):
            return line.get("epoch") is not None and line["validation"]["accuracy"] >= accuracy

        outcome = run(command, self.threads, stop_when=is_there)
        for line, seconds in zip(outcome.lines, outcome.arrivals):
            if is_there(line):
                return seconds
        raise Failed(f"{CNN}: no epoch reached a validation accuracy of {accuracy:.1%}")

    def glyph_peak_mebibytes(self):
        """Peak resident memory of a whole run on all images: load, train, validate, test."""
        command = self.train(CNN, self.scratch / "run") + as_overrides({"train.epochs": 1})
        return self.run(command).peak_bytes / 2**20

    @functools.cached_property
    def model(self):
        """A trained model, of one short epoch: the weights do not change the speed."""
        folder = self.scratch / "model"
        settings = {"train.epochs": 1, "dataset.train_images": 7000, "dataset.validation": 600}
        self.run(self.train(KERAS_CNN, folder) + as_overrides(settings))
        return folder

    @functools.cached_property
    def predictions(self):
        """The table of that model's probabilities for the test images."""
        folder = self.scratch / "evaluation"
        self.run(self.evaluate() + ["--output", folder])
        return folder / "predictions.csv"

    def train(self, config, output):
        """The command that trains a config into a folder."""
        return [self.glyph, "train", ROOT / config, "--format", "json", "--output", output, "--overwrite"]

    def evaluate(self):
        """The command that evaluates the trained model on the test images."""
        return [self.glyph, "evaluate", self.model, "--format", "json"]

    def peer(self, script, one_core=False):
        return [sys.executable, "-B", PEERS / script, "--threads", 1 if one_core else self.threads]

    def run(self, command, one_core=False):
        return run(command, 1 if one_core else self.threads, one_core)


def as_overrides(settings):
    return [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
