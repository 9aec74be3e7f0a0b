"""Trains or evaluates the network of a config in PyTorch and prints a JSON line per epoch or pass.

All pixels lie in memory as floats before the clock starts, which Glyph's do not: that favours PyTorch.
The learning rate stays at the config's peak, for a schedule costs next to nothing.
"""

import argparse
import json
import time
import tomllib
from pathlib import Path

import torch

from idx import read_images, read_labels
from torch_network import build, build_optimizer

EVALUATION_BATCH = 500


def main():
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(42)
    config = tomllib.loads(Path(options.config).read_text())
    network, _ = build(config["model"]["layers"], torch.zeros(1, 1, 28, 28))
    network = network.to(memory_format=layout(options))
    passes = train(options, config, network) if options.work == "train" else evaluate(options, network)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    for epoch, figures in enumerate(passes, start=1):
        line = {"peer": f"PyTorch {torch.__version__}", "epoch": epoch, "parameters": parameters, **figures}
        print(json.dumps(line), flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["train", "evaluate"])
    parser.add_argument("data", help="folder with the four raw IDX files")
    parser.add_argument("--config", required=True, help="config of Glyph whose network and optimizer to use")
    parser.add_argument("--batch", type=int, help="images per training step; default: the config's")
    parser.add_argument("--images", type=int, default=12_800, help="training images per epoch")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--layout", choices=["channels_last", "contiguous"], default="channels_last")
    return parser.parse_args()


def layout(options):
    return torch.channels_last if options.layout == "channels_last" else torch.contiguous_format


def load(options, split, count=None):
    """Images [images, 1, 28, 28] in the layout asked for, and labels [images]."""
    images = torch.from_numpy(read_images(options.data, split)[:count]).to(memory_format=layout(options))
    return images, torch.from_numpy(read_labels(options.data, split)[:count])


def train(options, config, network):
    images, labels = load(options, "train", options.images)
    batch = options.batch or config["train"]["batch_size"]
    optimizer = build_optimizer(network, config["optimizer"])
    criterion = torch.nn.CrossEntropyLoss()
    network.train()
    for _ in range(options.epochs):
        start = time.perf_counter()
        loss_sum = 0.0
        for chosen in torch.randperm(len(images)).split(batch):
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(network(images[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(chosen)
        seconds = time.perf_counter() - start
        yield {"images_per_second": len(images) / seconds, "loss": loss_sum / len(images)}


def evaluate(options, network):
    images, labels = load(options, "t10k")
    network.eval()
    for _ in range(options.epochs):
        start = time.perf_counter()
        correct = 0
        with torch.inference_mode():
            for batch, truth in zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH)):
                correct += (network(batch).argmax(1) == truth).sum().item()
        seconds = time.perf_counter() - start
        yield {"images_per_second": len(images) / seconds, "accuracy": correct / len(images)}


if __name__ == "__main__":
    main()
