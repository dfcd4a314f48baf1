#!/bin/bash
# peers.sh  a window's mutation scan against PyTorch: both sides in turns on one core, CPU time, the least of each
#
#     peers.sh FOLDER [NETWORK...]
#
# FOLDER holds the networks of the table, each in a folder of its name with its ONNX file and expected.json.
# ROUNDS (3), CORE (0), SECONDS_EACH (2: of PyTorch in a round) are taken from the environment; PYTHON (/usr/bin/python3)
# has torch, onnx and numpy. A mutant costs PyTorch the same wherever it is, so it does a sample of mutants, scaled to all
# 3 L; openspliceai_10000 is a sample of 16 tiles on our side too, scaled to all sites.
set -eu
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/../common.sh"
PYTHON=${PYTHON:-/usr/bin/python3}
ROUNDS=${ROUNDS:-3}
CORE=${CORE:-0}
SECONDS_EACH=${SECONDS_EACH:-2}
ours=$BUILD/tests/bench/peers/scan
[ $# -ge 1 ] || fail "give the folder of the networks"
networks=$1
shift
[ -x "$ours" ] || fail "there is no $ours; run: make build/tests/bench/peers/scan"
"$PYTHON" -c 'import numpy, onnx, torch' || fail "$PYTHON lacks torch, onnx or numpy: install python3-torch and python3-onnx"

# PyTorch as fast as it can be had: OpenBLAS, and memory that malloc keeps instead of giving it back.
blas=$(dpkg -L libopenblas0-pthread 2>/dev/null | grep -m 1 '/libblas\.so\.3$') || fail "install libopenblas0-pthread"
theirs() {
    LD_LIBRARY_PATH=$(dirname "$blas") OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MALLOC_MMAP_THRESHOLD_=4294967296 \
        MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456 taskset -c "$CORE" "$PYTHON" "$here/peers/ism.py" "$@"
}

least() { sort -g | head -n 1; }

# network, the words of ours, the score of theirs
compare() {
    local name=$1 words=$2 score=$3 model batch off round line ms macs peak tiles of
    model=$(find "$networks/" -path "*/$name*/*.onnx" | sort | head -n 1)
    [ -n "$model" ] || fail "$networks: no $name in it"
    "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["windows"][0])' \
        "$(dirname "$model")/expected.json" >"$folder/window"
    batch=$(theirs "$model" "$folder/window" --score "$score" --tune --seconds "$SECONDS_EACH" | sed -n 's/^best //p')
    for ((round = 0; round < ROUNDS; round++)); do
        # shellcheck disable=SC2086 # words
        taskset -c "$CORE" "$ours" --model "$model" --window "$folder/window" --effects "$folder/effects" $words >>"$folder/$name.ours"
        theirs "$model" "$folder/window" --score "$score" --batch "$batch" --seconds "$SECONDS_EACH" >>"$folder/$name.theirs"
    done
    off=$(theirs "$model" "$folder/window" --score "$score" --effects "$folder/effects")
    read -r ms macs peak tiles of < <(least <"$folder/$name.ours")
    read -r line _ < <(least <"$folder/$name.theirs")
    awk -v n="$name" -v ms="$ms" -v macs="$macs" -v peak="$peak" -v tiles="$tiles" -v of="$of" -v theirs="$line" \
        -v batch="$batch" -v off="$off" 'BEGIN {
        printf "%-20s %11.2f %9.2f %7.1f%% %9.1f %11s %13.1f %6d %7.1f %9s\n", n, ms, macs, 100 * macs / ms * 1e3 / peak, peak,
            tiles "/" of, theirs, batch, theirs / ms, off }'
}

wanted() { [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }
only=("$@")
printf '%-20s %11s %9s %8s %9s %11s %13s %6s %7s %9s\n' network "ours ms" GMAC "of peak" "G a s" tiles "PyTorch ms" batch \
    ratio "off by"
for row in \
    "bpnet64_synthetic|--output counts --score logit|counts" \
    "bpnet128_random|--output counts --score logit|counts" \
    "deepstarr_synthetic|--target 0 --score logit|logit" \
    "openspliceai_2000|--at middle --target 2|log-odds" \
    "openspliceai_10000|--at middle --target 2 --tiles 16|log-odds"; do
    IFS='|' read -r name words score <<<"$row"
    if wanted "$name"; then compare "$name" "$words" "$score"; fi
done
