#!/bin/bash
# i10  the main job on real input: the published network and the annotated starts of human chromosome 20
# The data are not part of the repository; without ../shared all is skipped.
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
data=../shared/data
model=$data/tisrover_plus/tis_rover_plus
for file in "$model.pth" "$model.safetensors" $data/human/chr20.principal.fa.gz $data/tisrover_plus/beta_globin.pos; do
    [ -r "$file" ] && continue
    skip "the published network on chromosome 20" "$file is not here"
    finish
done

# One column of one line of a summary.
value() { # FILE METHOD METRIC GROUP COLUMN
    awk -F '\t' -v method="$2" -v metric="$3" -v group="$4" -v column="$5" '
        /^#/ { next }
        !n   { for (i = 1; i <= NF; i++) if ($i == column) n = i; next }
        $1 == method && $2 == metric && $3 == group { print $n }' "$1"
}
within() { # VALUE LOW HIGH
    awk -v x="$1" -v low="$2" -v high="$3" 'BEGIN { exit !(x != "" && x >= low && x <= high) }'
}

chr20=(--arch tisrover+ --transcripts "$data/human/chr20.principal.fa.gz" --candidates annotated --store summary)
check_output "LRP comes out best, and surely so" '^ +1  LRP \(gamma 0.05\) +0.54  \[0.53, 0.55\]  best$' \
    ranks 2 "$MUTAGREE" scan --model $model.pth "${chr20[@]}" --out "$folder/chr20.h5"
tsv=$folder/chr20.summary.tsv
check "all 508 annotated starts are looked at, of which 505 are distinct" test "$(value "$tsv" lrp spearman annotated n)" = 505
check "in 505 clusters" test "$(value "$tsv" lrp spearman annotated clusters)" = 505
# Means of this run, as measured on the day the test was written; the network and the starts do not change.
for line in 'lrp 0.54' 'integrated_gradients 0.51' 'deeplift 0.50' 'input_x_gradient 0.49' 'guided_backpropagation 0.31' \
    'deconvolution 0.17' 'saliency 0.11'; do
    read -r method mean <<<"$line"
    found=$(value "$tsv" "$method" spearman annotated mean)
    check "$method agrees by $mean (${found:-nothing})" within "$found" "$(awk "BEGIN { print $mean - 0.006 }")" \
        "$(awk "BEGIN { print $mean + 0.006 }")"
done
error=$(value "$tsv" deeplift completeness_error annotated mean)
check "DeepLIFT adds up ($error)" within "$error" -1e-5 1e-5

# The same weights as safetensors, on other ranks, give the same table but for the model's line.
check "safetensors instead of a state dict" ranks 3 "$MUTAGREE" scan --model $model.safetensors "${chr20[@]}" --quiet \
    --out "$folder/other.h5"
check "gives the same numbers" cmp <(grep -v '^# model' "$tsv") <(grep -v '^# model' "$folder/other.summary.tsv")

check "one ready window" "$MUTAGREE" scan --model $model.safetensors --arch tisrover+ \
    --windows $data/tisrover_plus/beta_globin.pos --quiet --out "$folder/beta.h5"
if command -v h5dump >/dev/null; then
    check_output "beta-globin is called a start with P = 0.951" '0\.95076' h5dump -d /windows/probability "$folder/beta.h5"
else
    skip "beta-globin is called a start with P = 0.951" "h5dump is not here"
fi
finish
