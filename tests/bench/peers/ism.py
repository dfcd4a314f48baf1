#!/usr/bin/env python3
"""The other side of a comparison: a mutation scan with PyTorch, one thread, as well as it can be had.

    ism.py MODEL.onnx WINDOW [--score counts|logit|log-odds] [--tune] [--batch N] [--seconds S] [--effects FILE]

The network is put together from the ONNX file in PyTorch's own operations, traced, frozen and optimised for inference.
WINDOW holds one sequence. Every mutant is a full pass, so a sample of mutants is timed and the time is scaled to all 3 L:
CPU time of the thread. --tune tries batch sizes and prints each ("batch N MS-A-MUTANT"), then the best alone as "best N";
without it one line is printed: milliseconds of all 3 L mutants, mutants timed. --effects FILE compares what our side wrote
with effects worked out here in double precision, and prints the largest difference over the largest effect.
"""
import argparse
import sys
import time

import numpy as np
import onnx
import onnx.numpy_helper
import torch
import torch.nn.functional as fn

BATCHES = (1, 2, 4, 8, 16, 32, 64)
SCORES = {"counts": ("counts", None), "logit": (None, 0), "log-odds": (None, 2)}


class Network(torch.nn.Module):
    """The nodes of a file in turn. A softmax at its end is left out: scores are formed before it."""

    def __init__(self, path, output):
        super().__init__()
        graph = onnx.load(path).graph
        self.constant = {t.name: torch.from_numpy(np.array(onnx.numpy_helper.to_array(t))) for t in graph.initializer}
        self.nodes = []
        for node in graph.node:
            options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                self.constant[node.output[0]] = torch.from_numpy(np.array(onnx.numpy_helper.to_array(options["value"])))
            else:
                self.nodes.append((node.op_type, list(node.input), node.output[0], options))
        self.input, self.output = graph.input[0].name, output or graph.output[0].name
        self.logits = self.nodes[-1][0] == "Softmax" and self.nodes[-1][1][0]
        if self.logits:
            self.output = self.logits
            self.nodes.pop()
        self.prune()
        for kind, names, _, options in self.nodes:  # numbers that the trace shall not follow
            if kind in ("Slice", "Gather"):
                options["fixed"] = [int(self.constant[n]) for n in names[1:4]]

    def prune(self):
        """Only what the output needs."""
        needed, kept = {self.output}, []
        for node in reversed(self.nodes):
            if node[2] in needed:
                kept.append(node)
                needed.update(node[1])
        self.nodes = kept[::-1]

    def as_type(self, dtype):
        self.constant = {k: t.to(dtype) if t.is_floating_point() else t for k, t in self.constant.items()}
        return self

    def forward(self, x):
        value = {**self.constant, self.input: x}
        for kind, names, out, options in self.nodes:
            value[out] = OPERATIONS[kind]([value[n] for n in names], options)
        return value[self.output]


def conv(v, o):
    left, right = o.get("pads", [0, 0])
    assert left == right
    return fn.conv1d(v[0], v[1], v[2], stride=o["strides"][0], padding=left, dilation=o["dilations"][0])


def gemm(v, o):
    return fn.linear(v[0], v[1] if o.get("transB") else v[1].t(), v[2])


def cut(v, o):
    start, end, axis = o["fixed"]
    return v[0].narrow(axis, start, (end if end >= 0 else v[0].shape[axis] + end) - start)


OPERATIONS = {
    "Conv": conv,
    "Gemm": gemm,
    "Slice": cut,
    "Relu": lambda v, o: torch.relu(v[0]),
    "LeakyRelu": lambda v, o: fn.leaky_relu(v[0], o["alpha"]),
    "Add": lambda v, o: v[0] + v[1],
    "MaxPool": lambda v, o: fn.max_pool1d(v[0], o["kernel_shape"][0], o["strides"][0]),
    "Flatten": lambda v, o: torch.flatten(v[0], 1),
    "ReduceMean": lambda v, o: v[0].mean(o["axes"]),
    "Gather": lambda v, o: v[0].select(o["axis"], o["fixed"][0]),
    "BatchNormalization": lambda v, o: fn.batch_norm(v[0], v[3], v[4], v[1], v[2], False, 0.0, o["epsilon"]),
}


class Scored(torch.nn.Module):
    """One number a sequence; of an output with positions, at the middle one."""

    def __init__(self, network, column):
        super().__init__()
        self.network, self.column = network, column

    def forward(self, x):
        y = self.network(x)
        if self.column is None:
            return y
        if y.dim() == 3:
            y = y[:, :, y.shape[2] // 2]
        if not self.network.logits:
            return y[:, self.column]
        others = [c for c in range(y.shape[1]) if c != self.column]
        return y[:, self.column] - torch.logsumexp(y[:, others], 1)


def one_hot(text):
    x = torch.zeros(4, len(text))
    for i, letter in enumerate(text):
        if letter in "ACGT":
            x["ACGT".index(letter), i] = 1.0
    return x


def mutants(x, sites):
    """Of each site its three other bases."""
    out = []
    for i in sites:
        for b in range(4):
            if x[b, i] == 0.0:
                y = x.clone()
                y[:, i] = 0.0
                y[b, i] = 1.0
                out.append(y)
    return torch.stack(out)


def tuned(args, x, batch):
    output, column = SCORES[args.score]
    net = Scored(Network(args.model, output), column).eval()
    return torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x.repeat(batch, 1, 1)).eval()))


def sample(x, n):
    """n mutants, of sites all over the window."""
    count = (n + 2) // 3
    return mutants(x, [(2 * k + 1) * x.shape[1] // (2 * count) for k in range(count)])[:n]


def seconds(net, batch_of, at_least):
    """The least CPU seconds of a batch, and how many were timed; the first two are not."""
    best, spent, n = float("inf"), 0.0, 0
    net(batch_of)
    net(batch_of)
    while n < 2 or spent < at_least:
        begin = time.thread_time()
        net(batch_of)
        took = time.thread_time() - begin
        best, spent, n = min(best, took), spent + took, n + 1
    return best, n


def compare(args, x):
    """Ours against double precision, at some of the sites that ours has."""
    output, column = SCORES[args.score]
    net = Scored(Network(args.model, output).as_type(torch.float64), column)
    ours = np.loadtxt(args.effects, ndmin=2)
    ours = ours[np.linspace(0, len(ours) - 1, min(len(ours), 8)).astype(int)]
    own, off, largest = net(x[None].double())[0], 0.0, 0.0
    for row in ours:
        site = int(row[0])
        theirs = net(mutants(x, [site]).double()) - own
        there = [b for b in range(4) if x[b, site] == 0.0]
        off = max(off, float(np.abs(theirs.numpy() - row[1:][there]).max()))
        largest = max(largest, float(theirs.abs().max()))
    print(f"{off / max(abs(float(own)), largest):.2e}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("window")
    parser.add_argument("--score", choices=SCORES, default="logit")
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--effects")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with open(args.window, encoding="ascii") as file:
        x = one_hot(file.readline().strip())
    with torch.inference_mode():
        if args.effects:
            return compare(args, x)
        if not args.tune:
            took, n = seconds(tuned(args, x, args.batch), sample(x, args.batch), args.seconds)
            print(f"{took / args.batch * 3 * x.shape[1] * 1e3:.3f} {n * args.batch}")
            return 0
        best = (float("inf"), 0)
        for batch in BATCHES:
            took, _ = seconds(tuned(args, x, batch), sample(x, batch), args.seconds / 4)
            print(f"batch {batch} {took / batch * 1e3:.4f}", flush=True)
            best = min(best, (took / batch, batch))
            if took > args.seconds:
                break
        print("best", best[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
