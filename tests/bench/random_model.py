#!/usr/bin/env python3
"""Random weights for an architecture text, so that speed can be measured without a trained network.

usage: random_model.py NET.arch NET.safetensors [SEED]

The layers with weights are Conv1d, Linear and BatchNorm1d in one Sequential. Weights are normal with variance 2 over the
number of inputs, which keeps activations of one size from layer to layer and about half of them zero after a ReLU.
Nothing but Python itself is needed. The same seed gives the same file.
"""
import array
import json
import random
import re
import struct
import sys

CONVOLUTION = re.compile(r"\((\w+)\): Conv1d\((\d+), (\d+), kernel_size=\((\d+),\)")
LINEAR = re.compile(r"\((\w+)\): Linear\(in_features=(\d+), out_features=(\d+)")
NORMALISATION = re.compile(r"\((\w+)\): BatchNorm1d\((\d+)")


def tensors(text, rng):
    """Yield (name, shape, numbers) of every layer, in the order of the text."""
    for line in text.splitlines():
        match = CONVOLUTION.search(line)
        if match:
            name, inputs, outputs, kernel = match.group(1), *map(int, match.groups()[1:])
            yield from layer(name, [outputs, inputs, kernel], rng)
        match = LINEAR.search(line)
        if match:
            name, inputs, outputs = match.group(1), *map(int, match.groups()[1:])
            yield from layer(name, [outputs, inputs], rng)
        match = NORMALISATION.search(line)
        if match:
            name, n = match.group(1), int(match.group(2))
            for part, mean in ("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0):
                yield f"{name}.{part}", [n], [mean + 0.1 * rng.random() for _ in range(n)]


def layer(name, shape, rng):
    n = 1
    for dim in shape:
        n *= dim
    sd = (2.0 * shape[0] / n) ** 0.5
    yield f"{name}.weight", shape, [rng.gauss(0.0, sd) for _ in range(n)]
    yield f"{name}.bias", [shape[0]], [rng.gauss(-0.1, 0.1) for _ in range(shape[0])]


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) == 4 else 1)
    header, block = {}, bytearray()
    with open(sys.argv[1], encoding="ascii") as file:
        text = file.read()
    for name, shape, numbers in tensors(text, rng):
        values = array.array("f", numbers)
        if sys.byteorder == "big":
            values.byteswap()
        begin = len(block)
        block += values.tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(block)]}
    head = json.dumps(header).encode()
    with open(sys.argv[2], "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + bytes(block))


main()
