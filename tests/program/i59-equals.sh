#!/bin/bash
# i59  methods that are one method on a network: they share their places, and the report says so
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
example=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz --quiet)
cat >"$folder/linear.arch" <<'EOF'
window  203
anchor  60
layers
Sequential(
  (0): Conv1d(4, 8, kernel_size=(7,), stride=(1,))
  (1): AvgPool1d(kernel_size=4, stride=4)
  (2): Flatten(start_dim=1, end_dim=-1)
  (3): Linear(in_features=392, out_features=1)
)
EOF
check "a network without a ReLU" "$MUTAGREE" train --arch "$folder/linear.arch" "${example[@]}" --epochs 1 --negatives 1 --out "$folder/linear.h5"
scan() { "$MUTAGREE" scan --model "$folder/linear.h5" --transcripts share/example/transcripts.fa.gz --metrics single --bootstrap 50 --threads 2 \
    --methods 'saliency deconvolution input_x_gradient guided_backpropagation' "$@"; }
check "a scan of it" eval 'scan --out "$folder/run.h5" >"$folder/out"'
check_output "on the terminal they share a place" '^   1= deconvolution .*   1= input x gradient .*   1= guided backpropagation .*   4  saliency' \
    bash -c "tr '\n' ' ' <'$folder/out' | sed 's/mutations: */&/' | grep -o '   1= .*'"
check "its report" "$MUTAGREE" report "$folder/run.h5" --group all --out "$folder/report" --vega none --figures svg
places() { grep -v '^#' "$folder/report/$1" | awk -F '\t' -v m="$2" 'NR == 1 { for (k = 1; k <= NF; k++) name[$k] = k; next }
    $name["method"] == m { print $name["place"], $name["shared"] }' | sort | uniq -c | sed 's/^ *//'; }
check "in the table of places too" test "$(places places.tsv deconvolution | cut -d ' ' -f 3 | sort -u)" = true
check "... as another of them" test "$(places places.tsv deconvolution)" = "$(places places.tsv guided_backpropagation)"
check "who is alone shares none" test "$(places places.tsv saliency | cut -d ' ' -f 3 | sort -u)" = false
check "nor under any choice" test "$(places sensitivity.tsv saliency | cut -d ' ' -f 3 | sort -u)" = false
check "the others do" test "$(places sensitivity.tsv input_x_gradient | cut -d ' ' -f 3 | sort -u)" = true
check_output "the report says that they are one method" \
    'Deconvolution, input x gradient and guided backpropagation gave the very same attributions in all 268 windows: on this network they are one method\.' \
    grep -o 'Deconvolution, input x[^.]*\.' "$folder/report/report.json"
check_output "... and lists them" '"same":\[\["deconvolution","input_x_gradient","guided_backpropagation"\]\]' grep -o '"same":.\{90\}' "$folder/report/report.json"
check_output "the figure has shared places" '^1=$' cat "$folder/report/figures/places.svg"
check "where they differ" "$MUTAGREE" scan --transcripts share/example/transcripts.fa.gz --quiet --metrics single --bootstrap 0 --threads 2 \
    --methods 'saliency deconvolution input_x_gradient' --out "$folder/other.h5"
check "nothing is said" "$MUTAGREE" report "$folder/other.h5" --group all --out "$folder/other" --vega none
check_output "no set" '"same":\[\]' grep -o '"same":.\{4\}' "$folder/other/report.json"
check_output "no sentence" '^0$' bash -c "grep -c 'very same' '$folder/other/report.json'; true"
finish
