"""How well an audit finds flipped labels, beside cleanlab on the same probabilities."""

import argparse
import csv
import shutil
import subprocess
import time
from pathlib import Path

import numpy
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

from idx import folder_of, read

CONFIG = "configs/classic/keras_cnn_128.toml"
EPOCHS = 3
FOLDS = 5
SHARES = [0.05, 0.1]
CLASSES = 10


def write(path, header, count, values):
    path.write_bytes(header[:4] + count.to_bytes(4, "big") + header[8:] + values.tobytes())


def flip(labels, share, seed):
    """A copy of the labels of which a share, drawn by seed, are other classes, drawn uniformly."""
    random = numpy.random.default_rng(seed)
    flipped = random.choice(len(labels), round(share * len(labels)), replace=False)
    noisy = labels.copy()
    noisy[flipped] = (labels[flipped] + random.integers(1, CLASSES, len(flipped))) % CLASSES
    return noisy


def write_flipped(name, images, share, folder):
    """A data set with flipped training labels; returns which are."""
    source = folder_of(name)
    folder.mkdir(parents=True)
    for file in ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]:
        shutil.copy(source / file, folder / file)
    header, pixels = read(source, "train-images-idx3-ubyte.gz")
    write(folder / "train-images-idx3-ubyte", header, images, pixels[: images * 784])
    header, labels = read(source, "train-labels-idx1-ubyte.gz")
    labels = labels[:images]
    noisy = flip(labels, share, seed=42)
    write(folder / "train-labels-idx1-ubyte", header, images, noisy)
    return labels != noisy, noisy


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def probabilities(audit, images):
    """The out-of-sample probabilities of all images, from the folds."""
    values = numpy.zeros((images, CLASSES))
    for fold in range(1, FOLDS + 1):
        for row in rows(audit / f"fold-{fold}" / "predictions.csv"):
            values[int(row["index"])] = [float(row[f"p_{label}"]) for label in range(CLASSES)]
    return values / values.sum(axis=1, keepdims=True)


def auroc(wrong, scores):
    """The probability that a wrong label has a lower score than a right one; ties count half."""
    _, ranks, counts = numpy.unique(scores, return_inverse=True, return_counts=True)
    middle = numpy.cumsum(counts) - (counts - 1) / 2
    positives = wrong.sum()
    sum_of_ranks = middle[ranks][wrong].sum() - positives * (positives + 1) / 2
    return 1 - sum_of_ranks / (positives * (~wrong).sum())


def figures(wrong, scores, found):
    """AUROC, precision at the number of flips, precision and recall of the issues."""
    lowest = numpy.argsort(scores, kind="stable")[: wrong.sum()]
    hits = wrong[found].sum()
    return auroc(wrong, scores), wrong[lowest].mean(), hits / len(found), hits / wrong.sum()


def measure(glyph, scratch, name, share, images):
    folder = scratch / f"{name}-{share}"
    shutil.rmtree(folder, ignore_errors=True)
    wrong, noisy = write_flipped(name, images, share, folder / "data")
    audit = folder / "audit"
    command = [glyph, "data", "audit", CONFIG, "--quiet", "--folds", FOLDS, "--output", audit]
    settings = ["dataset.source=idx", f"dataset.path={folder / 'data'}", "input.kind=picture", f"train.epochs={EPOCHS}"]
    command += [word for setting in settings for word in ("--set", setting)]
    start = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    scores = numpy.array([float(row["score"]) for row in rows(audit / "scores.csv")])
    issues = [row for row in rows(audit / "issues.csv") if row["kind"] == "label"]
    found = numpy.array([int(row["index"]) for row in issues])
    ours = figures(wrong, scores, found)
    predicted = probabilities(audit, images)
    labels = noisy.astype(int)
    scores = get_label_quality_scores(labels, predicted, method="normalized_margin")
    found = find_label_issues(labels, predicted, return_indices_ranked_by="normalized_margin")
    theirs = figures(wrong, scores, found)
    for program, values in [("Glyph", ours), ("cleanlab", theirs)]:
        cells = [name, f"{share:.0%}", program, *(f"{value:.4f}" for value in values)]
        print("| " + " | ".join(cells) + f" | {seconds:.0f} s |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--glyph", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--images", type=int, required=True, help="training images, the first of each set")
    arguments = parser.parse_args()
    print(f"{arguments.images} images, {FOLDS} folds of {EPOCHS} epochs, {CONFIG}\n")
    print("| data | flipped | by | AUROC | precision at the flips | precision of issues | recall of issues | audit |")
    print("|---|---|---|---|---|---|---|---|")
    for name in ["mnist", "fashion-mnist"]:
        for share in SHARES:
            measure(arguments.glyph, arguments.scratch, name, share, arguments.images)


if __name__ == "__main__":
    main()
