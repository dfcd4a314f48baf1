#!/usr/bin/env python3
"""A checkpoint as people save them, by PyTorch 1.13: tests/data/small.pth, its layers (small.arch) and small_model.h.

Run from the root of the repository. Pickle protocol 4; a dict with epoch and optimizer around the state dict; names with
DataParallel's "module."; double, half and bfloat16 next to float; a weight that is a transposed view; batch normalisation
with its integer counter; a tensor that begins in the middle of its storage.
"""
import torch
from torch import nn

torch.manual_seed(3)
net = nn.Sequential(nn.Conv1d(4, 5, 3, padding=1), nn.BatchNorm1d(5), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(),
                    nn.Linear(5 * 6, 2))
with torch.no_grad():
    net[1].running_mean.uniform_(-1, 1)
    net[1].running_var.uniform_(0.5, 2)
    net[1].weight.uniform_(0.5, 2)
    net[0].weight.copy_(net[0].weight.half())
    net[0].bias.copy_(net[0].bias.bfloat16())
net.eval()
state = {"module." + name: tensor for name, tensor in net.state_dict().items()}
state["module.0.weight"] = state["module.0.weight"].half()
state["module.0.bias"] = state["module.0.bias"].bfloat16()
state["module.1.bias"] = state["module.1.bias"].double()
state["module.5.weight"] = state["module.5.weight"].t().contiguous().t()
state["module.1.weight"] = torch.cat([torch.ones(3), state["module.1.weight"]])[3:]
torch.save({"epoch": 7, "loss": 0.25, "best": True, "state_dict": state, "optimizer": {"lr": [0.1, None], "step": (1, 2)}},
           "tests/data/small.pth", pickle_protocol=4)
with open("tests/data/small.arch", "w") as out:
    out.write(f"# made by tests/oracle/small_model.py\nwindow 12\nanchor 4\nclasses no yes\nlayers\n{net}\n")

window = "ACGTATGCCNTA"
x = torch.zeros(1, 4, 12, dtype=torch.float64)
for i, letter in enumerate(window):
    if letter in "ACGT":
        x[0, "ACGT".index(letter), i] = 1
logits = net.double()(x)[0].tolist()
with open("tests/oracle/small_model.h", "w") as out:
    out.write("/* small_model.h  made by tests/oracle/small_model.py */\n"
              f'#define SMALL_WINDOW "{window}"\n#define SMALL_LOGITS {{{logits[0]!r}, {logits[1]!r}}}\n')
