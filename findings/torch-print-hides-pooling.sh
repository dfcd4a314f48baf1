#!/bin/bash
# torch-print-hides-pooling.sh  print() of a PyTorch network leaves out arguments that change its numbers
#
# Expected:  print(model) with the state dict is enough to build a sequential network again: print shows what a layer was made
#            with, as it does for convolutions (padding_mode) and max pools (ceil_mode).
# Real:      AvgPool1d (and AvgPool2d) show kernel_size, stride and padding, and neither ceil_mode nor count_include_pad; Upsample
#            does not show align_corners. Networks that differ in those print the same text, have the same (empty) entries in
#            the state dict, and give other numbers, with ceil_mode even of another length.
# Package:   python3-torch 1.13.1+dfsg-4 (Debian 12)
#
# Exit status: 0 as described, 1 it is different now, 2 the package cannot be had.
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

need python3-torch=1.13.1+dfsg-4
cat >"$folder/printed.py" <<'END'
import sys
import torch
from torch import nn

x = torch.tensor([[[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]]])
pool, plane = dict(kernel_size=3, stride=2), x.unsqueeze(2)
pairs = [
    (nn.AvgPool1d(**pool), nn.AvgPool1d(**pool, ceil_mode=True), x),
    (nn.AvgPool1d(**pool, padding=1), nn.AvgPool1d(**pool, padding=1, count_include_pad=False), x),
    (nn.AvgPool2d((1, 3), (1, 2)), nn.AvgPool2d((1, 3), (1, 2), ceil_mode=True), plane),
    (nn.Upsample(scale_factor=2, mode="linear"), nn.Upsample(scale_factor=2, mode="linear", align_corners=True), x),
    (nn.MaxPool1d(**pool), nn.MaxPool1d(**pool, ceil_mode=True), x),
]
ok = True
for one, other, values in pairs:
    shown = str(one) == str(other)
    same = torch.equal(one(values), other(values))
    print("one text for both:" if shown else "two texts:", one)
    print("   ", one(values).flatten().tolist(), "\n   ", other(values).flatten().tolist())
    max_pool = isinstance(one, nn.MaxPool1d)
    ok = ok and not same and shown != max_pool and not one.state_dict() and not other.state_dict()
sys.exit(0 if ok else 1)
END
/usr/bin/python3 "$folder/printed.py" || { echo "print() of PyTorch modules is different now"; exit 1; }
echo "as described: one text stands for two networks"
