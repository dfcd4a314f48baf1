#!/bin/bash
# i35  networks of other programs: ONNX files, graph texts and what is said of them by options; convert keeps all of it
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
onnx=tests/data/onnx
predict() { "$MUTAGREE" predict --quiet --threads 1 "$@" | grep -v '^#' | cut -f 6-; }

quietly() { "$@" >/dev/null; }
both() { "$@" 2>&1; }

# Windows of 140 and 120 bases that differ.
windows() { # LENGTH
    awk -v n="$1" 'BEGIN { srand(3); for (w = 0; w < 5; w++) { s = ""; for (i = 0; i < n; i++) s = s substr("ACGT", 1 + int(4 * rand()), 1); print s } }'
}
windows 140 >"$folder/w140"
windows 120 >"$folder/w120"

# --- one network, however it is kept ---
net=(--model "$onnx/01_bpnet_residual_dilated.onnx" --head softmax --classes "no yes")
check "an ONNX file predicts" quietly predict "${net[@]}" --windows "$folder/w120"
predict "${net[@]}" --windows "$folder/w120" >"$folder/onnx"
check "five windows" test "$(wc -l <"$folder/onnx")" -eq 5
for kind in h5 safetensors; do
    check "convert to $kind" "$MUTAGREE" convert "${net[@]}" --out "$folder/net.$kind"
    check "... gives the same bytes" cmp "$folder/onnx" <(predict --model "$folder/net.$kind" --windows "$folder/w120")
done
"$MUTAGREE" info --graph=text "$folder/net.h5" >"$folder/net.txt"
check_output "its graph as a text" '^[a-zA-Z0-9._~-]+ = add\(' grep add "$folder/net.txt"
check "... is the layers of its tensors" cmp "$folder/onnx" <(predict --model "$folder/net.safetensors" --arch "$folder/net.txt" --windows "$folder/w120")
check_output "its graph drawn" '^digraph network' "$MUTAGREE" info --graph=dot "$folder/net.h5"
check_output "classes are stored" 'yes' "$MUTAGREE" info "$folder/net.h5"

# --- what is said of outputs ---
splice=(--model "$onnx/03_splice_preactivation_skip.onnx" --windows "$folder/w140")
expect_failure 1 'positions' "several positions have to be chosen from" "$MUTAGREE" predict --quiet "${splice[@]}"
check "a position" quietly predict "${splice[@]}" --at middle
expect_failure 2 '\-\-at 9999' "a position that is not there" "$MUTAGREE" predict --quiet "${splice[@]}" --at 9999
expect_failure 2 'no output or node' "an output that is not there" "$MUTAGREE" predict --quiet "${splice[@]}" --output nothing
expect_failure 2 '\-\-target x' "a class that is not there" "$MUTAGREE" predict --quiet "${net[@]}" --windows "$folder/w120" --target x
check "a target by number is another score" test "$(predict "${net[@]}" --windows "$folder/w120" --target 0 | head -n 1 | cut -f 2)" != "$(head -n 1 "$folder/onnx" | cut -f 2)"
expect_failure 2 'four letters' "an order of bases that is none" "$MUTAGREE" predict --quiet "${net[@]}" --windows "$folder/w120" --bases AACG

# --- ranks and methods ---
run=(scan "${net[@]}" --windows "$folder/w120" --methods "saliency deeplift" --bootstrap 0 --quiet --store hypothetical)
check "a scan of it" "$MUTAGREE" "${run[@]}" --out "$folder/one.h5"
check "... on two ranks" ranks 2 "$MUTAGREE" "${run[@]}" --out "$folder/two.h5"
check "... has the same values" "$MUTAGREE" diff --quiet "$folder/one.h5" "$folder/two.h5"

check_output "verify makes it again" 'the same, bit by bit' "$MUTAGREE" verify "$folder/one.h5"

# --- another program's numbers ---
paste "$folder/w120" <(cut -f 3 "$folder/onnx" | awk '{ printf "%.9g\t%.9g\n", 1 - $1, $1 }') >"$folder/check.tsv"
check_output "the same network" 'equal to' both "$MUTAGREE" convert "${net[@]}" --check "$folder/check.tsv"
expect_failure 1 'line 1, number 1' "another one: where it parts" "$MUTAGREE" convert "${net[@]}" --bases TGCA --check "$folder/check.tsv"
echo "ACGT 1" >"$folder/short.tsv"
expect_failure 1 'line 1: a window of 4 letters' "a window of another length" "$MUTAGREE" convert "${net[@]}" --check "$folder/short.tsv"

# --- refused by name ---
expect_failure 1 'operator LSTM, node' "a recurrent layer" "$MUTAGREE" predict --quiet --model "$onnx/14b_bilstm.onnx" --windows "$folder/w120"
expect_failure 1 'operator MatMul, node' "attention" "$MUTAGREE" predict --quiet --model "$onnx/15_transformer_block.onnx" --windows "$folder/w120"
check_output "info tells what is missing" 'operator LSTM' "$MUTAGREE" info "$onnx/14b_bilstm.onnx"
head -c 3000 "$onnx/01_bpnet_residual_dilated.onnx" >"$folder/cut.onnx"
expect_failure 1 'damaged ONNX file' "a file cut short" "$MUTAGREE" predict --quiet --model "$folder/cut.onnx" --windows "$folder/w120"

# --- published networks, where they are at hand ---
pack=../shared/models
if [ -e "$pack/check_models.py" ] && command -v python3 >/dev/null; then
    python3 "$pack/check_models.py" "$pack" "$MUTAGREE" --options tests/models >"$folder/published" 2>&1
    check "published networks: none is read as another one" grep -q 'wrong 0  crash 0' "$folder/published"
    check "published networks: 25 of 33 run" test "$(awk '/^runs as published/ { print $4 }' "$folder/published")" -ge 25
else
    skip "published networks: none is read as another one" "$pack is not here"
    skip "published networks: 25 of 33 run" "$pack is not here"
fi
finish
