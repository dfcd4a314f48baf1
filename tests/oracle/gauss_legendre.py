"""Nodes and weights of Gauss-Legendre rules on [0, 1] to 45 digits, for tests/unit/test_gauss_legendre.c.

Newton's method on the recurrence in decimal arithmetic of 60 digits; run as: python3 tests/oracle/gauss_legendre.py
"""

import math
from decimal import Decimal, getcontext

getcontext().prec = 60


def legendre(n, x):
    before, here = Decimal(1), x
    for k in range(2, n + 1):
        before, here = here, ((2 * k - 1) * x * here - (k - 1) * before) / k
    return here, n * (before - x * here) / (1 - x * x)


def root(n, k):
    """The k-th root from 1 on, and its weight on [0, 1]."""
    x = Decimal(math.cos(math.pi * (k - 0.25) / (n + 0.5)))
    for _ in range(60):
        value, slope = legendre(n, x)
        x -= value / slope
        if abs(value / slope) < Decimal(10) ** -55:
            break
    slope = legendre(n, x)[1]
    return (1 - x) / 2, 1 / ((1 - x * x) * slope * slope)


for n, ks in ((2, (1,)), (50, (1, 2, 25)), (1000, (1, 300, 500)), (2001, (1, 2, 64, 65, 700, 1000)), (100000, (1, 2, 64, 65, 30000, 50000))):
    for k in ks:
        node, weight = root(n, k)
        print(f"    {{{n}, {k}, {node:.20e}, {weight:.20e}}},")
