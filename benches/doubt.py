"""How well a model's score tells pictures without a digit from digits."""

import argparse
import json
import shutil
import subprocess
from pathlib import Path

import numpy
from PIL import Image

from outliers import all_sets

# The share of the digits that pass the second threshold.
PASSED = 0.995


def write(folder, images):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for index, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{index:05}.png", compress_level=1)


def answers(glyph, model, folder, options):
    """The program's scores, the higher the more like a digit, and which pictures it accepts."""
    command = [glyph, "predict", folder, "--model", model, "--format", "json", *options]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    # A blank or unclear page is rejected whatever the score is.
    unseen = ["blank", "unclear"]
    # A program without scores has only the confidence.
    scores = [line.get("score", line["confidence"]) for line in lines]
    scores = [
        -numpy.inf if score is None or line["reason"] in unseen else score
        for line, score in zip(lines, scores, strict=True)
    ]
    return numpy.array(scores), numpy.array([line["reason"] is None for line in lines])


def auroc(digits, others):
    """The probability that a digit has a higher score than another picture; ties count half."""
    scores = numpy.concatenate([digits, others])
    _, ranks, counts = numpy.unique(scores, return_inverse=True, return_counts=True)
    middle = numpy.cumsum(counts) - (counts - 1) / 2
    sum_of_ranks = middle[ranks][: len(digits)].sum() - len(digits) * (len(digits) + 1) / 2
    return sum_of_ranks / (len(digits) * len(others))


def print_table(title, results):
    digits, accepted = results["digits"]
    threshold = numpy.sort(digits)[int((1 - PASSED) * len(digits))]
    print(f"\n{title}: {accepted.mean():.2%} of {len(digits)} test digits are accepted\n")
    print(f"| set | pictures | AUROC | accepted | accepted where {PASSED:.1%} of the digits are |")
    print("|---|---|---|---|---|")
    for name, (scores, accepted) in results.items():
        passed = (scores >= threshold) & (scores > -numpy.inf)
        area = "–" if name == "digits" else f"{auroc(digits, scores):.4f}"
        print(f"| {name} | {len(scores)} | {area} | {accepted.mean():.2%} | {passed.mean():.2%} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--glyph", type=Path, required=True)
    parser.add_argument("--model", required=True, help="a folder with a model, or cnn")
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=2000, help="of each set without digits")
    arguments = parser.parse_args()
    forms = {"images": ["--input", "kind=picture"], "pages": []}
    # The pictures are the same for every model.
    marker = arguments.scratch / f"complete-{arguments.pictures}"
    if not marker.exists():
        shutil.rmtree(arguments.scratch, ignore_errors=True)
        for name, sets in all_sets(arguments.pictures):
            for form, images in zip(forms, sets, strict=True):
                write(arguments.scratch / form / name, images)
        marker.touch()
    names = ["digits", "letters", "letters like digits", "scribbles", "noise", "Fashion-MNIST", "textures"]
    titles = {
        "images": "Finished images of 28×28, the network alone",
        "pages": "Pages, as `glyph predict` prepares them",
    }
    for form, options in forms.items():
        folder = arguments.scratch / form
        results = {name: answers(arguments.glyph, arguments.model, folder / name, options) for name in names}
        print_table(titles[form], results)


if __name__ == "__main__":
    main()
