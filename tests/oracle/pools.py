#!/usr/bin/env python3
"""Pooling by PyTorch (1.13) on a fixed sequence: tests/oracle/pools.h, for tests/unit/test_network_build.c.

x[t] = (7 t mod 11) - 3 on L positions. Prints C initialisers: layer text, L, output.
"""
import itertools
import torch

rows = []
for L, k, s, p, d, ceil in itertools.product((5, 7, 10), (1, 2, 3, 4), (1, 2, 3, 5), (0, 1, 2), (1, 2), (False, True)):
    if p > k // 2:
        continue
    rows.append((f"MaxPool1d(kernel_size={k}, stride={s}, padding={p}, dilation={d}, ceil_mode={ceil})", L,
                 torch.nn.MaxPool1d(k, s, p, d, ceil_mode=ceil)))
    if d == 1:
        for count in (True, False):
            rows.append((f"AvgPool1d(kernel_size=({k},), stride=({s},), padding=({p},), ceil_mode={ceil}, "
                         f"count_include_pad={count})", L, torch.nn.AvgPool1d(k, s, p, ceil, count)))
for L in (6, 12):
    for m in (1, 2, 3, 6):
        rows.append((f"AdaptiveAvgPool1d(output_size={m})", L, torch.nn.AdaptiveAvgPool1d(m)))
        rows.append((f"AdaptiveMaxPool1d(output_size={m})", L, torch.nn.AdaptiveMaxPool1d(m)))

chosen = rows[::17] + rows[-16:]
for text, L, module in chosen:
    x = torch.tensor([[[float(7 * t % 11 - 3) for t in range(L)]]], dtype=torch.float64)
    try:
        out = module(x)[0, 0].tolist()
    except RuntimeError:
        continue
    if not out or any(v == float("-inf") for v in out):
        continue
    print(f'    {{"{text}", {L}, {len(out)}, {{{", ".join("%.17g" % v for v in out)}}}}},')
