#!/bin/bash
# i45  scans of a residual network: the same bits without certificates, and with AVX2 alone
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
awk 'BEGIN { srand(5); for (w = 0; w < 3; w++) { s = ""; for (i = 0; i < 120; i++) s = s substr("ACGT", 1 + int(4 * rand()), 1); print s } }' >"$folder/windows"
scan() { # NAME OPTION...
    "$MUTAGREE" scan --model tests/data/onnx/01_bpnet_residual_dilated.onnx --head softmax --classes "no yes" --windows "$folder/windows" \
        --methods saliency --bootstrap 0 --threads 1 --quiet --out "$folder/$1.h5" "${@:2}" &&
        "$MUTAGREE" export "$folder/$1.h5" --format effects --quiet --out "$folder/$1.tsv"
}
check "a scan" scan proved
check "... without certificates" scan all --no-certificates
check "... has effects" test "$(wc -l <"$folder/proved.tsv")" -gt 500
check "they are the same" cmp "$folder/proved.tsv" "$folder/all.tsv"
check_output "and so says diff" 'same, bit by bit' "$MUTAGREE" diff "$folder/proved.h5" "$folder/all.h5"
if grep -q avx2 /proc/cpuinfo; then
    export MUTAGREE_ISA=avx2
    check "with AVX2 alone" scan avx2
    check "... the same" cmp "$folder/proved.tsv" "$folder/avx2.tsv"
fi
finish
