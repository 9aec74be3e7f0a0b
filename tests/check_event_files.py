"""Compares what TensorBoard reads in a run's event files with the run's metrics.csv.

python tests/check_event_files.py artifacts/runs/NAME, in an environment that has tests/requirements.txt
"""

import csv
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

# TensorBoard keeps a sample of a long curve by default; 0 keeps all of it.
ALL = {"scalars": 0}

TAGS = {
    "train": ["loss", "accuracy", "learning_rate", "images_per_second"],
    "validation": ["loss", "accuracy"],
}


def main(run):
    events = EventMultiplexer(size_guidance=ALL).AddRunsFromDirectory(str(run / "tensorboard")).Reload()
    found = {split: tags["scalars"] for split, tags in events.Runs().items()}
    assert {split: sorted(tags) for split, tags in found.items()} == {
        split: sorted(tags) for split, tags in TAGS.items()
    }, found
    with open(run / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows, "no epochs"
    compared = 0
    for split, tags in TAGS.items():
        expected = [row for row in rows if row["split"] == split]
        for tag in tags:
            points = events.Scalars(split, tag)
            assert [point.step for point in points] == [int(row["epoch"]) for row in expected], (split, tag)
            for point, row in zip(points, expected):
                value = float(row[tag])
                assert abs(point.value - value) <= 1e-4 * abs(value) + 1e-6, (split, tag, point, value)
                compared += 1
    print(f"TensorBoard reads {compared} points as metrics.csv has them")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
