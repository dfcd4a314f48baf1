#!/bin/bash
# h5diff-shapes-agree.sh  h5diff calls two data sets of different shape, or of different kind, no difference
#
# Expected:  "h5diff a b && echo same" in a test says whether two result files hold the same: its help says that rank,
#            dimensions, data types and values are compared, and that the exit status is 1 if differences are found.
# Real:      one wrong number gives 1, and so does a data set that is missing. But 3 numbers against 4, a vector against a matrix,
#            or numbers against strings give 0: they are "not comparable", which is not counted as a difference (-c only lists
#            them; the status stays 0). With -q nothing at all is printed.
# Package:   hdf5-tools 1.10.8+repack1-1 (Debian 12); the files are made with python3-h5py-serial 3.7.0-8
#
# Nor does it help to ask for an empty output: two data sets without elements, of the same type, are "not comparable" as well.
# What is left is to read the reasons that -c gives.
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

need hdf5-tools=1.10.8+repack1-1 python3-h5py-serial=3.7.0-8 python3-h5py=3.7.0-8
/usr/bin/python3 - "$folder" <<'END'
import sys
import h5py
import numpy as np

files = {"three": np.zeros(3), "same": np.zeros(3), "value": np.array([0.0, 0.0, 1.0]), "four": np.zeros(4),
         "matrix": np.zeros((3, 1)), "strings": np.array([b"x", b"y", b"z"])}
for name, scores in files.items():
    with h5py.File(f"{sys.argv[1]}/{name}.h5", "w") as file:
        file["scores"] = scores
for name in "none", "nothing":
    with h5py.File(f"{sys.argv[1]}/{name}.h5", "w") as file:
        file["scores"] = np.zeros(0)
with h5py.File(f"{sys.argv[1]}/missing.h5", "w") as file:
    file["other"] = np.zeros(3)
END
changed=0
expect() { # STATUS ONE OTHER OPTION...
    local want=$1 one=$2 other=$3 status
    shift 3
    h5diff "$@" "$folder/$one.h5" "$folder/$other.h5" >"$folder/out" 2>&1
    status=$?
    echo "h5diff${*:+ $*} $one.h5 $other.h5: exit status $status, $(wc -l <"$folder/out") lines"
    [ "$status" -eq "$want" ] || changed=1
}
expect 0 three same
[ ! -s "$folder/out" ] || changed=1
expect 1 three value
expect 1 three missing
for other in four matrix strings; do
    expect 0 three "$other"
    grep -q 'not comparable' "$folder/out" || changed=1
    expect 0 three "$other" -c
    expect 0 three "$other" -q
    [ ! -s "$folder/out" ] || changed=1
done
expect 0 none nothing
grep -q 'not comparable' "$folder/out" || changed=1
[ $changed -eq 0 ] || { echo "h5diff is different now"; exit 1; }
echo "as described: other shapes and kinds are no difference"
