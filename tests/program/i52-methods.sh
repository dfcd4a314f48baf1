#!/bin/bash
# i52  methods beyond the default seven: listed with a page each, the same bits for any ranks and threads, other draws with
# another seed, refused or left out by name where a network has nothing for them
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
compare=$BUILD/tests/tools/compare_runs
tool compare_runs

# --- the list ---
"$MUTAGREE" methods >"$folder/list"
sed -n 's/^\([a-z_]*\)$/\1/p' "$folder/list" | grep . >"$folder/names"
missing=$(while read -r name; do grep -q "$name" docs/methods/*.md || echo " $name"; done <"$folder/names")
check "methods are listed" test "$(wc -l <"$folder/names")" -ge 23
check "each stands on a page of docs/methods:${missing:- all}" test -z "$missing"
check_output "options have defaults" '^    draws=N  \[50\]  ' cat "$folder/list"

# --- runs ---
data=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz"
    --candidates annotated --bootstrap 100)
drawn='smoothgrad:draws=3 expected_gradients:draws=3 deep_shap:references=2'
methods="$drawn vargrad:draws=2 gradient_shap:draws=2 deeplift_reveal_cancel corrected_gradient
    input_x_corrected_gradient taylor_mutations occlusion:width=60 grad_cam guided_grad_cam grad_cam_plus_plus
    excitation_backprop lrp:rule=epsilon-plus,first=flat shapley_sampling:permutations=1"
scan() { # NAME RANKS THREADS OPTION...
    local name=$1 n=$2 t=$3
    shift 3
    mkdir "$folder/$name"
    (cd "$folder/$name" && ranks "$n" -x OMP_NUM_THREADS="$t" "$MUTAGREE" scan "${data[@]}" "$@" --quiet --out run.h5) \
        >"$folder_private/log" 2>&1 || { not_ok "scan $name runs"; sed 's/^/# /' "$folder_private/log"; }
}
scan one 1 1 --methods "$methods" --shard-size 4
scan two 2 2 --methods "$methods" --shard-size 4
check "2 ranks x 2 threads give the bits of 1 x 1" "$compare" "$folder/one/run.h5" "$folder/two/run.h5"
scan seed 1 2 --methods "$drawn" --seed 2
for name in smoothgrad expected_gradients deep_shap; do
    value() { awk -v name="$name" '$0 !~ /^#/ && index($0, name) { print; exit }' "$folder/$1/run.summary.tsv"; }
    check "$name has other numbers with another seed" test "$(value one)" != "$(value seed)"
done

# --- where there is nothing for a method ---
small=(--model tests/data/small.pth --transcripts tests/data/small.spliced.fa)
expect_failure 1 'occlusion: width=13 is more than the 12 positions of a window' "a stretch longer than the window" \
    "$MUTAGREE" scan "${small[@]}" --methods occlusion:width=13 --out "$folder/no.h5"
expect_failure 2 'layer=9, but the network has [0-9] convolution' "a convolution that is not there" \
    "$MUTAGREE" scan "${small[@]}" --methods grad_cam:layer=9 --out "$folder/no.h5"
expect_failure 2 'smoothgrad: draws=0 lies outside 1 to' "no draws" \
    "$MUTAGREE" scan "${small[@]}" --methods smoothgrad:draws=0 --out "$folder/no.h5"
expect_failure 2 'smoothgrad: draws is given twice' "an option given twice" \
    "$MUTAGREE" scan "${small[@]}" --methods smoothgrad:draws=2,draws=3 --out "$folder/no.h5"
check "--methods all runs every one" "$MUTAGREE" scan "${small[@]}" --methods all --quiet --out "$folder/all.h5"
check "... and all are in the table" test "$(grep -v '^#' "$folder/all.summary.tsv" | tail -n +2 | cut -f1 | sort -u | wc -l)" \
    -ge "$(wc -l <"$folder/names")"
finish
