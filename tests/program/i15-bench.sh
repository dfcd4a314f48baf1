#!/bin/bash
# i15  mutagree bench: every part is told, JSON and table are the same numbers, any network, mistakes get a sentence
# (how fast anything is plays no part)
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=share
mkdir "$folder/files"
quick=(--rounds 1 --sample 2)

check "bench" "$MUTAGREE" bench --rounds 2 --sample 2 --threads '1 2' --folder "$folder/files" --json "$folder/b.json"
cp "$folder_private/out" "$folder/table"
for part in forward 'forward + gradient' 'mutation scan' saliency 'input x gradient' 'guided backpropagation' \
    deconvolution 'integrated gradients (50 steps)' 'DeepLIFT (rescale)' 'LRP (gamma 0.05)' agreement 'whole window' \
    'naive scan, dense products' 'output: shard files' 'output: merge'; do
    pattern=$(sed 's/[(.+)]/[&]/g' <<<"$part")
    check_output "the table tells $part" "^$pattern {2,}[0-9.]+ +[0-9.]+-[0-9.]+( |$)" cat "$folder/table"
done
check_output "and one thread" '^ +1 +[0-9.]+ +[0-9.]+-[0-9.]+ +100[.]0%' cat "$folder/table"
check_output "and two" '^ +2 +[0-9.]+ +[0-9.]+-[0-9.]+ +[0-9.]+%' cat "$folder/table"
check_output "a whole window is all of a window" '^whole window .* 100[.]0%' cat "$folder/table"
check_output "the naive scan is as long as itself" '^naive scan.* 1[.]0 +1[.]0-1[.]0$' cat "$folder/table"
check "the folder is as it was" rmdir "$folder/files"

# The table again, from JSON: jansson writes one key a line.
from_json='
    function number(x, of) { of += 0; return sprintf(of < 10 ? "%.4f" : of < 1000 ? "%.2f" : "%.0f", x) }
    function range(key) { return number(q25[key], median[key]) "-" number(q75[key], median[key]) }
    function value() { sub(/^[^:]*: */, ""); sub(/,$/, ""); gsub(/"/, ""); return $0 }
    /^    +"part":/ { part = value(); next }
    /^    +"macs":/ { macs = value(); next }
    /^      "threads":/ { threads = value(); next }
    /^      "[a-z_]*": [{]/ { of = $1; next }
    /"median":/ { median[of] = value(); next }
    /"q25":/ { q25[of] = value(); next }
    /"q75":/ { q75[of] = value(); next }
    /^    [}]/ && part != "" {
        m = "\"milliseconds\":"
        printf "%s %s %s", part, number(median[m], median[m]), range(m)
        if ("\"share_of_window\":" in median) printf " %.1f%%", 100 * median["\"share_of_window\":"]
        if (macs != "null") printf " %s %.1f%%", number(macs * 1e-6, macs * 1e-6), 100 * median["\"share_of_peak\":"]
        r = "\"naive_scan_ratio\":"
        printf " %.1f %.1f-%.1f\n", median[r], q25[r], q75[r]
    }
    /^    [}]/ && threads != "" {
        r = "\"windows_per_second\":"; e = "\"efficiency\":"
        printf "%d %s %s", threads, number(median[r], median[r]), range(r)
        printf " %.1f%% %.1f-%.1f%%\n", 100 * median[e], 100 * q25[e], 100 * q75[e]
    }
    /^    [}]/ { part = threads = ""; delete median }
'
awk "$from_json" "$folder/b.json" >"$folder/from_json"
grep -E '[0-9]-[0-9.]+( |$|%)' "$folder/table" | grep -v '^This core' | sed -E 's/ +/ /g; s/^ //' |
    sed -E '/^[0-9]+ [0-9]/ s/ [0-9.]+$//' >"$folder/from_table"
check_output "JSON has 15 parts and 2 numbers of threads" '^17$' bash -c "wc -l <'$folder/from_json'"
check "and they are the numbers of the table" diff "$folder/from_json" "$folder/from_table"
if command -v python3 >/dev/null; then
    check "it is JSON to others too" python3 -m json.tool "$folder/b.json"
else
    skip "it is JSON to others too" "no python3"
fi

check_output "real windows" '^  windows   3 of [0-9]+ windows of share/example/transcripts.fa.gz$' "$MUTAGREE" bench \
    --rounds 1 --sample 3 --parts 'scan window' --transcripts share/example/transcripts.fa.gz
check_output "chosen methods and parts" '^LRP \(epsilon' "$MUTAGREE" bench "${quick[@]}" --parts methods \
    --methods 'saliency lrp:rule=epsilon'
"$MUTAGREE" bench --rounds 1 --sample 1 --parts methods --methods 'saliency integrated_gradients:steps=2,reference=shuffle,references=2' >"$folder/long"
check_output "columns stay below their heads whatever the names" '^3 0$' awk '/^one thread/ { end = index($0, "ms a window") + 10; n++; next }
    end && !NF { exit } end { n++; bad += substr($0, end, 2) !~ /^[0-9] $/ } END { print n, bad + 0 }' "$folder/long"
"$MUTAGREE" bench "${quick[@]}" --model tests/data/onnx/01_bpnet_residual_dilated.onnx --head softmax --classes "no yes" --parts 'scan layers' \
    --methods saliency --json "$folder/layers.json" >"$folder/layers"
check_output "the scan node by node: dense, inside, executed, of peak, bound" '\(convolution\) +[0-9.]+ +[0-9.]+% +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+%  (multiply-adds|memory|lists, gates)$' cat "$folder/layers"
check_output "and in JSON" '"macs_executed": [0-9.]+' cat "$folder/layers.json"
check_output "of chains too" '^features.3 \(convolution\)' "$MUTAGREE" bench "${quick[@]}" --parts layers
check_output "the kernels of MUTAGREE_ISA" '; portable kernels$' env MUTAGREE_ISA=portable "$MUTAGREE" bench \
    "${quick[@]}" --parts forward
check_output "the probability is explained" 'explaining probability$' "$MUTAGREE" bench "${quick[@]}" --score probability \
    --parts 'methods window'

# Three classes: 4 bases, one dense layer, all weights 1 (little-endian float32).
header='{"0.weight":{"dtype":"F32","shape":[3,16],"data_offsets":[0,192]},"0.bias":{"dtype":"F32","shape":[3],"data_offsets":[192,204]}}'
{
    printf '%b' "\\x$(printf '%02x' ${#header})\\0\\0\\0\\0\\0\\0\\0"
    printf '%s' "$header"
    for _ in {1..51}; do printf '\0\0\x80\x3f'; done
} >"$folder/three.safetensors"
printf '%s\n' 'window 4' 'anchor 0' 'head softmax' 'layers' 'Sequential(' '  (0): Linear(in_features=16, out_features=3, bias=True)' ')' \
    >"$folder/three.arch"
three=(--model "$folder/three.safetensors" "${quick[@]}" --threads 1)
check_output "three classes" '^whole window' "$MUTAGREE" bench "${three[@]}" --score logit
expect_failure 1 "lrp does not say what to do at node 'score'" "log-odds of three classes are refused by a method without a rule for them" \
    "$MUTAGREE" bench "${three[@]}" --methods lrp
check "... and it is left out, and said, where nobody asked for it" \
    bash -c "'$MUTAGREE' bench ${three[*]} >/dev/null 2>'$folder/said' && grep -q 'methods left out: lrp' '$folder/said'"
check_output "three classes, log-odds" '^whole window' "$MUTAGREE" bench "${three[@]}" --methods 'saliency deeplift'

expect_failure 2 "no part 'frward'; did you mean 'forward'" "an unknown part" "$MUTAGREE" bench --parts frward
expect_failure 2 "[-]-threads '0'" "no thread at all" "$MUTAGREE" bench --threads '1 0'
expect_failure 2 "[-]-threads '2x'" "a number of threads that is none" "$MUTAGREE" bench --threads 2x
expect_failure 2 'unknown method' "an unknown method" "$MUTAGREE" bench --methods magic
expect_failure 2 'give one of --transcripts, --genome and --windows' "an annotation alone" "$MUTAGREE" bench --annotation x
expect_failure 1 'no candidate window' "an input without candidates" \
    "$MUTAGREE" bench --transcripts <(printf '>a\nCCCC\n') "${quick[@]}"
expect_failure 1 'cannot make a folder in .*: No such file' "a folder that is not there" \
    "$MUTAGREE" bench "${quick[@]}" --parts output --folder "$folder/nowhere"
expect_failure 1 'nowhere' "JSON that cannot be written" \
    "$MUTAGREE" bench "${quick[@]}" --parts forward --json "$folder/nowhere/b.json"
mkfifo "$folder/pipe"
expect_failure 1 'is no regular file' "JSON takes no other file's place" \
    "$MUTAGREE" bench "${quick[@]}" --parts forward --json "$folder/pipe"
check "which is still there" test -p "$folder/pipe"
echo precious >"$folder/there.json"
expect_failure 1 'there.json is there already; give --force' "nor that of a file, unasked" \
    "$MUTAGREE" bench "${quick[@]}" --parts forward --json "$folder/there.json"
check "which is as it was" grep -qx precious "$folder/there.json"
check "but when asked" "$MUTAGREE" bench "${quick[@]}" --parts forward --json "$folder/there.json" --force
check "it is the new one" grep -q '"program"' "$folder/there.json"
expect_failure 2 'MUTAGREE_ISA' "a kernel set that is not known" env MUTAGREE_ISA=mmx "$MUTAGREE" bench "${quick[@]}"
finish
