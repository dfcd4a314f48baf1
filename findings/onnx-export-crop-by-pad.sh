#!/bin/bash
# onnx-export-crop-by-pad.sh  cropping by F.pad with negative numbers costs an exported network its shapes
#
# Expected:  F.pad(x, (-2, -2)) and x[:, :, 2:-2] are the same crop, all numbers are known when the network is exported with an
#            input of a fixed size, and so the ONNX file has one node for it (Pad takes negative numbers, too), and
#            an output of known size.
# Real:      the slice is one Slice of constants, and the output is 1 x 4 x 16. F.pad, and nn.ConstantPad1d as well, is a
#            chain of ConstantOfShape, Concat, Reshape, Slice, Transpose and Cast that works out the paddings when the network
#            runs, and all three sizes of the output become names. A reader that looks for numbers in the inputs of Pad, or for
#            sizes in the file, finds none; it has to work the chain out itself.
# Package:   python3-torch 1.13.1+dfsg-4, python3-onnx 1.12.0-2+b4 (Debian 12)
#
# Exit status: 0 as described, 1 it is different now, 2 a package cannot be had.
set -u

# The very packages, or nothing: installed by apt-get if this system has others or none.
need() { # PACKAGE=VERSION...
    local want missing=()
    for want in "$@"; do
        [ "$(dpkg-query -W -f "\${Version}" "${want%%=*}" 2>/dev/null)" = "${want#*=}" ] || missing+=("$want")
    done
    [ ${#missing[@]} -eq 0 ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
        { echo "cannot install ${missing[*]}" >&2; exit 2; }
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

need python3-torch=1.13.1+dfsg-4 python3-onnx=1.12.0-2+b4
cat >"$folder/crop.py" <<'END'
import io
import sys
import onnx
import torch
from torch import nn


class Slice(nn.Module):
    def forward(self, x):
        return x[:, :, 2:-2]


class Pad(nn.Module):
    def forward(self, x):
        return nn.functional.pad(x, (-2, -2))


x = torch.arange(80.0).view(1, 4, 20)
seen = []
for net in (Slice(), Pad(), nn.ConstantPad1d(-2, 0.0)):
    file = io.BytesIO()
    torch.onnx.export(net, x, file, opset_version=13)
    graph = onnx.load_from_string(file.getvalue()).graph
    onnx.checker.check_model(onnx.load_from_string(file.getvalue()))
    nodes = [node.op_type for node in graph.node if node.op_type != "Constant"]
    sizes = [size.dim_value for size in graph.output[0].type.tensor_type.shape.dim]
    seen.append((nodes, sizes))
    print(f"{type(net).__name__}: {' '.join(nodes)}; sizes of the output (0: not known): {sizes}; of the tensor: {list(net(x).shape)}")
    if not torch.equal(net(x), x[:, :, 2:-2]):
        sys.exit(1)
chain = ["ConstantOfShape", "Concat", "Reshape", "Slice", "Transpose", "Reshape", "Cast", "Pad"]
sys.exit(0 if seen == [(["Slice"], [1, 4, 16]), (chain, [0, 0, 0]), (chain, [0, 0, 0])] else 1)
END
/usr/bin/python3 -W ignore "$folder/crop.py" || { echo "torch.onnx.export is different now"; exit 1; }
echo "as described: the crop by F.pad has no size"
