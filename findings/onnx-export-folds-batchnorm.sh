#!/bin/bash
# onnx-export-folds-batchnorm.sh  torch.onnx.export folds batch norms into convolutions even when told to fold nothing
#
# Expected:  with do_constant_folding=False the ONNX file holds the network's own layers and parameters: a BatchNormalization
#            behind the Conv, and every tensor of the state dict under its name.
# Real:      the batch norm is gone. The pass that merges it into the convolution before it looks at training=, not at
#            do_constant_folding: the file has one Conv with weights that no state dict holds (w * gamma / sqrt(var + eps), worked
#            out in single precision), under made-up names such as "onnx::Conv_11". Weights cannot be matched with those of
#            the .pth file, nor can the file's numbers be expected to have the bits of the network's. A batch norm that comes
#            first, or behind a ReLU, stays. training=TrainingMode.PRESERVE keeps it, of a network in eval mode too.
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
cat >"$folder/fold.py" <<'END'
import io
import sys
import warnings
import onnx
import torch
from onnx import numpy_helper
from torch import nn

warnings.filterwarnings("ignore")


def network(*layers):
    torch.manual_seed(7)
    net = nn.Sequential(*layers).eval()
    for layer in net:
        if isinstance(layer, nn.BatchNorm1d):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 2)
    return net


def export(net, **options):
    file = io.BytesIO()
    torch.onnx.export(net, torch.zeros(1, 4, 20), file, opset_version=13, **options)
    graph = onnx.load_from_string(file.getvalue()).graph
    tensors = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in graph.initializer}
    print("   ", [node.op_type for node in graph.node], list(tensors))
    return [node.op_type for node in graph.node], tensors


net = network(nn.Conv1d(4, 3, 5), nn.BatchNorm1d(3))
print("Conv1d, BatchNorm1d with do_constant_folding=False, and the state dict:", list(net.state_dict()))
nodes, tensors = export(net, do_constant_folding=False)
ok = nodes == ["Conv"] and len(tensors) == 2
own = list(net.state_dict().values())
ok = ok and not any(torch.equal(t, p) for t in tensors.values() for p in own) and not set(tensors) & set(net.state_dict())
norm = net[1]
folded = net[0].weight * (norm.weight / torch.sqrt(norm.running_var + norm.eps)).view(-1, 1, 1)
weight = next(t for t in tensors.values() if t.dim() == 3)
ok = ok and torch.allclose(weight, folded, rtol=1e-5, atol=1e-7)
print("with a ReLU between them, and with the batch norm first:")
ok = ok and export(network(nn.Conv1d(4, 3, 5), nn.ReLU(), nn.BatchNorm1d(3)))[0] == ["Conv", "Relu", "BatchNormalization"]
ok = ok and export(network(nn.BatchNorm1d(4), nn.Conv1d(4, 3, 5)))[0] == ["BatchNormalization", "Conv"]
print("with training=TrainingMode.PRESERVE:")
nodes, tensors = export(net, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
ok = ok and nodes == ["Conv", "BatchNormalization"] and torch.equal(tensors["0.weight"], net.state_dict()["0.weight"])
sys.exit(0 if ok else 1)
END
/usr/bin/python3 "$folder/fold.py" || { echo "torch.onnx.export is different now"; exit 1; }
echo "as described: the batch norm is folded although nothing should be"
