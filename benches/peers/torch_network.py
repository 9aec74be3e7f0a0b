"""Builds in PyTorch the network that a config of Glyph describes, so that both race the same work."""

import math

import torch
from torch import nn

ACTIVATIONS = {
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Residual(nn.Module):
    """Adds its input, projected where the shapes differ, to what the nested layers make of it."""

    def __init__(self, layers, projection):
        super().__init__()
        self.layers = layers
        self.projection = projection

    def forward(self, features):
        return self.layers(features) + self.projection(features)


def build(layers, example):
    """The layers as one module, and what it makes of `example`, from which shapes are inferred."""
    modules = []
    for layer in layers:
        # A batch of one and no updates: batch normalization must see neither while shapes are traced.
        module = build_layer(layer, example).eval()
        with torch.no_grad():
            example = module(example)
        modules.append(module)
    return nn.Sequential(*modules).train(), example


def build_layer(layer, example):
    """One layer for inputs like `example`; defaults are those of Glyph's `LayerConfig`."""
    options = dict(layer)
    kind = options.pop("type")
    inputs = example.shape[1]
    if kind == "conv":
        return nn.Conv2d(
            inputs,
            options["channels"],
            options["kernel"],
            stride=options.get("stride", 1),
            padding=options.get("padding", 0),
            bias=options.get("bias", True),
        )
    if kind in ("max_pool", "avg_pool"):
        pool = nn.MaxPool2d if kind == "max_pool" else nn.AvgPool2d
        return pool(options.get("kernel", 2), options.get("stride"), options.get("padding", 0))
    if kind == "batch_norm":
        norm = nn.BatchNorm2d if example.dim() == 4 else nn.BatchNorm1d
        return norm(inputs, eps=options.get("epsilon", 1e-5), momentum=options.get("momentum", 0.1))
    if kind == "global_avg_pool":
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    if kind == "flatten":
        return nn.Flatten()
    if kind == "linear":
        return nn.Linear(inputs, options["features"], bias=options.get("bias", True))
    if kind == "dropout":
        return nn.Dropout(options["probability"])
    if kind == "leaky_relu":
        return nn.LeakyReLU(options.get("slope", 0.01))
    if kind == "residual":
        return build_residual(options["layers"], example)
    if kind in ACTIVATIONS:
        return ACTIVATIONS[kind]()
    raise SystemExit(f"the PyTorch peer has no layer of the type {kind}: add it to {__file__}")


def build_residual(layers, example):
    nested, output = build(layers, example)
    if output.shape == example.shape:
        return Residual(nested, nn.Identity())
    stride = math.ceil(example.shape[2] / output.shape[2])
    projection = nn.Conv2d(example.shape[1], output.shape[1], 1, stride=stride, bias=False)
    return Residual(nested, projection)


def build_optimizer(network, section):
    """The config's optimizer in PyTorch's default implementation; `fused=True` was no faster here."""
    rates = {
        "lr": section["learning_rate"],
        "betas": (section.get("beta_1", 0.9), section.get("beta_2", 0.999)),
        "eps": section.get("epsilon", 1e-8),
    }
    if section["type"] == "adam":
        decay = section.get("weight_decay", 0.0)
        return torch.optim.Adam(network.parameters(), weight_decay=decay, **rates)
    if section["type"] == "adamw":
        decay = section.get("weight_decay", 0.01)
        return torch.optim.AdamW(network.parameters(), weight_decay=decay, **rates)
    raise SystemExit(f"the PyTorch peer has no optimizer of the type {section['type']}: add it to {__file__}")
