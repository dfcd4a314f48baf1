#!/usr/bin/env python3
"""Small ONNX files, a few hundred bytes each, without any library: seeds of the fuzz driver and files of tests/unit/test_tokens.c.

    tests/oracle/tiny_onnx.py tests/fuzz/corpus/onnx

The encoding is protobuf's: a key (field number, wire type), then a varint, or a length and bytes.
"""
import struct
import sys


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(field, n):
    return varint(field << 3) + varint(n)


def block(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name, dims, values, integer=False):
    raw = b"".join(struct.pack("<q" if integer else "<f", v) for v in values)
    return b"".join(number(1, d) for d in dims) + number(2, 7 if integer else 1) + block(8, name) + block(9, raw)


def attribute(name, value):
    if isinstance(value, list):
        return block(5, block(1, name) + b"".join(number(8, v) for v in value) + number(20, 7))
    if isinstance(value, str):
        return block(5, block(1, name) + block(4, value) + number(20, 3))
    if isinstance(value, float):
        return block(5, block(1, name) + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1))
    return block(5, block(1, name) + number(3, value) + number(20, 2))


def node(operator, inputs, output, **attributes):
    out = b"".join(block(1, i) for i in inputs) + block(2, output) + block(3, output + "_") + block(4, operator)
    return out + b"".join(attribute(k, v) for k, v in attributes.items())


def value(name, dims, integer=False):
    shape = b"".join(block(1, number(1, d)) for d in dims)
    return block(1, name) + block(2, block(1, number(1, 7 if integer else 1) + block(2, shape)))


def model(name, nodes, weights, inputs, outputs):
    graph = b"".join(block(1, n) for n in nodes) + block(2, "g") + b"".join(block(5, w) for w in weights)
    graph += b"".join(block(11, i) for i in inputs) + b"".join(block(12, o) for o in outputs)
    data = number(1, 8) + block(7, graph) + block(8, block(1, "") + number(2, 13))
    with open(f"{sys.argv[1]}/{name}.onnx", "wb") as out:
        out.write(data)


def steps(n, first=0.25, step=0.125):
    """first, first + step, ... with signs in turn: exact in binary"""
    return [(first + step * i) * (-1 if i % 3 == 1 else 1) for i in range(n)]


# Convolution, activation, pool, dense layer, softmax.
model("chain",
      [node("Conv", ["x", "w", "b"], "c", kernel_shape=[3], pads=[1, 1]), node("Relu", ["c"], "r"),
       node("MaxPool", ["r"], "p", kernel_shape=[2], strides=[2]), node("Flatten", ["p"], "f"),
       node("Gemm", ["f", "v", "d"], "g", transB=1), node("Softmax", ["g"], "y", axis=1)],
      [tensor("w", [2, 4, 3], steps(24)), tensor("b", [2], steps(2)), tensor("v", [2, 12], steps(24)),
       tensor("d", [2], steps(2))],
      [value("x", [1, 4, 12])], [value("y", [1, 2])])

# Branches, constants, moves, norms.
model("branches",
      [node("Transpose", ["x"], "t", perm=[0, 2, 1]), node("Conv", ["t", "w"], "c", kernel_shape=[3], dilations=[2]),
       node("BatchNormalization", ["c", "s", "b", "m", "q"], "n", epsilon=0.001), node("Sigmoid", ["n"], "a"),
       node("Tanh", ["n"], "h"), node("Mul", ["a", "h"], "k"), node("Slice", ["k", "i0", "i1", "i2"], "e"),
       node("Concat", ["e", "e"], "z", axis=1), node("GlobalAveragePool", ["z"], "o"),
       node("Reshape", ["o", "to"], "u"), node("MatMul", ["u", "v"], "y")],
      [tensor("w", [2, 4, 3], steps(24)), tensor("s", [2], [1, 2]), tensor("b", [2], [0, 1]), tensor("m", [2], [0.5, 0]),
       tensor("q", [2], [1, 4]), tensor("i0", [1], [1], True), tensor("i1", [1], [7], True),
       tensor("i2", [1], [2], True), tensor("to", [2], [1, 4], True), tensor("v", [4, 1], steps(4))],
      [value("x", [1, 12, 4])], [value("y", [1, 1])])

# Tokens: a number for each base looks up its row of a table (5, 2); row 0 is nobody's. Then a convolution and a sum.
model("tokens",
      [node("Gather", ["table", "x"], "e", axis=0), node("Transpose", ["e"], "t", perm=[0, 2, 1]),
       node("Conv", ["t", "w", "b"], "c", kernel_shape=[2]), node("Relu", ["c"], "r"),
       node("ReduceSum", ["r", "axes"], "y", keepdims=0)],
      [tensor("table", [5, 2], [9, 9, 1, 0.5, -2, 0.25, 3, -1, 0.5, 2]), tensor("w", [1, 2, 2], [1, -0.5, 2, 0.25]),
       tensor("b", [1], [0.125]), tensor("axes", [1], [2], True)],
      [value("x", [1, 6], True)], [value("y", [1, 1])])
