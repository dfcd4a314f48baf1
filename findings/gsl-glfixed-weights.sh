#!/bin/bash
# gsl-glfixed-weights.sh  GSL's Gauss-Legendre rule of 1000 nodes has weights of which only six digits are right
#
# Expected:  a quadrature rule in double precision: nodes and weights to a few units of the 16th digit, and the more nodes the
#            better the integral. The manual says that rules without a table are computed with lower precision, not how low.
# Real:      the nodes are right to the last digit. So are the weights up to 20 nodes (and at 32, 64, 100, ...); but at 50
#            some are 9e-11 off, at 1000 some near the ends 5e-7, and the rule does not even integrate the constant 1: the error
#            is 1e-11 at 50 nodes and 4e-10 at 1000, and below 1e-15 at 20 and 100, which have tables.
# Package:   libgsl27 2.7.1+dfsg-5+deb12u1 (Debian 12), gsl_integration_glfixed_table_alloc(), gsl_integration_glfixed_point()
#
# Compared with weights from the same Legendre recurrence in decimal arithmetic of 40 digits, nodes polished by Newton's method.
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

need libgsl27=2.7.1+dfsg-5+deb12u1 libgslcblas0=2.7.1+dfsg-5+deb12u1
cat >"$folder/weights.py" <<'END'
import ctypes
import sys
from decimal import Decimal, getcontext

getcontext().prec = 40
ctypes.CDLL("libgslcblas.so.0", mode=ctypes.RTLD_GLOBAL)
gsl = ctypes.CDLL("libgsl.so.27")
gsl.gsl_integration_glfixed_table_alloc.restype = ctypes.c_void_p
gsl.gsl_integration_glfixed_table_alloc.argtypes = [ctypes.c_size_t]
double_p = ctypes.POINTER(ctypes.c_double)
gsl.gsl_integration_glfixed_point.argtypes = [ctypes.c_double, ctypes.c_double, ctypes.c_size_t, double_p, double_p, ctypes.c_void_p]


def rule(n):
    table = gsl.gsl_integration_glfixed_table_alloc(n)
    x, w = ctypes.c_double(), ctypes.c_double()
    out = []
    for i in range(n):
        gsl.gsl_integration_glfixed_point(-1.0, 1.0, i, ctypes.byref(x), ctypes.byref(w), table)
        out.append((x.value, w.value))
    return out


def exact(n, near):
    x = Decimal(near)
    for _ in range(4):
        before, p = Decimal(1), x
        for k in range(2, n + 1):
            before, p = p, ((2 * k - 1) * x * p - (k - 1) * before) / k
        slope = n * (x * p - before) / (x * x - 1)
        x -= p / slope
    return x, 2 / ((1 - x * x) * slope * slope)


seen = {}
for n, some in ((20, range(20)), (50, range(50)), (100, range(0, 100, 9)), (1000, range(12))):
    points = rule(n)
    node = weight = Decimal(0)
    for i in some:
        x, w = exact(n, points[i][0])
        node = max(node, abs(x - Decimal(points[i][0])))
        weight = max(weight, abs(1 - Decimal(points[i][1]) / w))
    one = abs(sum(Decimal(w) for _, w in points) - 2)
    seen[n] = float(node), float(weight), float(one)
    print(f"{n:5d} nodes: nodes off by {seen[n][0]:.0e}, weights by {seen[n][1]:.0e} (relative), their sum by {seen[n][2]:.0e}")
ok = all(v[0] < 3e-16 for v in seen.values()) and seen[20][1] < 1e-12 and seen[100][1] < 1e-12
ok = ok and seen[20][2] < 1e-15 and 1e-11 < seen[50][1] < 1e-9 and seen[50][2] > 5e-12 and seen[1000][1] > 1e-7
sys.exit(0 if ok else 1)
END
/usr/bin/python3 "$folder/weights.py" || { echo "gsl_integration_glfixed is different now"; exit 1; }
echo "as described: the nodes are exact, the weights of rules without a table are not"
