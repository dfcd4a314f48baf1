#!/usr/bin/env python3
"""Coefficients of src/kernels/smooth_vector.h: Chebyshev interpolation in float64, written as powers in float32.

    tests/oracle/smooth.py        prints them, and the largest relative error of each polynomial in float64

Each polynomial p approximates a smooth function g on an interval; interpolation at Chebyshev nodes is within a small factor
of the best polynomial of that degree. The whole functions, rounding and all, are held to libm by test_kernels_smooth.c.
"""
import math
import struct


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def powers(cheb):
    """sum of c_k T_k(y) as coefficients of powers of y"""
    before, now = [1.0], [0.0, 1.0]
    total = [0.0] * len(cheb)
    for k, c in enumerate(cheb):
        poly = before if k == 0 else now
        for i, a in enumerate(poly):
            total[i] += c * a
        if k > 0:
            twice = [0.0] + [2 * a for a in now]
            for i, a in enumerate(before):
                twice[i] -= a
            before, now = now, twice
    return total


def shift(poly, scale, offset):
    """p(scale x + offset) as coefficients of powers of x"""
    total = [0.0] * len(poly)
    term = [1.0]
    for a in poly:
        for i, t in enumerate(term):
            total[i] += a * t
        grown = [0.0] * (len(term) + 1)
        for i, t in enumerate(term):
            grown[i] += offset * t
            grown[i + 1] += scale * t
        term = grown
    return total


def fit(name, g, low, high, degree):
    n = degree + 1
    node = [math.cos(math.pi * (i + 0.5) / n) for i in range(n)]
    value = [g(0.5 * (high + low) + 0.5 * (high - low) * y) for y in node]
    cheb = [2.0 / n * sum(v * math.cos(k * math.pi * (i + 0.5) / n) for i, v in enumerate(value)) for k in range(n)]
    cheb[0] /= 2
    poly = shift(powers(cheb), 2.0 / (high - low), -(high + low) / (high - low))
    worst = 0.0
    for i in range(2001):
        x = low + (high - low) * i / 2000
        p = 0.0
        for a in reversed(poly):
            p = p * x + single(a)
        worst = max(worst, abs(p / g(x) - 1))
    print("%s, %g to %g, largest relative error %.1e, highest power first" % (name, low, high, worst))
    print("    " + ", ".join("%sF" % float.hex(single(a)) for a in reversed(poly)))


def expm1_rest(r):
    return 0.5 + r / 6 + r * r / 24 if abs(r) < 1e-4 else (math.expm1(r) - r) / (r * r)


def tanh_rest(z):
    x = math.sqrt(z)
    return -1.0 / 3 + 2 * z / 15 if z < 1e-4 else (math.tanh(x) / x - 1) / z


def erf_over(z):
    x = math.sqrt(z)
    return 2 / math.sqrt(math.pi) * (1 - z / 3) if z < 1e-6 else math.erf(x) / x


fit("(exp(r) - 1 - r) / r^2", expm1_rest, -0.35, 0.35, 5)
fit("(tanh(x) / x - 1) / x^2 in x^2", tanh_rest, 0.0, 0.40, 5)
fit("erf(x) / x in x^2", erf_over, 0.0, 1.0, 7)
fit("-log(erfc(x)) in x - 2.5", lambda s: -math.log(math.erfc(s + 2.5)), -1.5, 1.5, 9)
fit("log1p(u) / u in u - 1/2", lambda s: math.log1p(s + 0.5) / (s + 0.5) if s > -0.5 else 1.0, -0.5, 0.5, 10)
fit("erfc(z) exp(z^2) (1 + z / 2), z = 2 / t - 2, in t - 0.575", lambda s: math.erfc(2 / (s + 0.575) - 2)
    * math.exp((2 / (s + 0.575) - 2) ** 2) / (s + 0.575), -0.425, 0.425, 10)
