#!/bin/bash
# i06  the main job on the example data: header, ranking, files, what is in run.h5, report, dry run
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=share
data=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz)
run=$folder/run.h5
stderr=$folder_private/err stdout=$folder_private/out
said() { # NAME REGEX FILE
    if grep -Eq -- "$2" "$3"; then ok "$1"; else not_ok "$1"; note "wanted: $2"; sed 's/^/#   /' "$3"; fi
}

# --- a run ---
check "scan runs without mpirun" "$MUTAGREE" scan "${data[@]}" --out "$run" --threads 2
said "the head tells ranks and threads" '^mutagree .*  scan  1 rank x 2 threads$' "$stderr"
said "the head tells the network" '^  network  .*203 nt, codon at 60, 130,530 weights' "$stderr"
said "the head tells the transcripts" '^  transcripts  14 \(28,564 nt\)' "$stderr"
said "the head tells the candidates" '^  candidates   338 ATG' "$stderr"
said "the head tells the distinct windows" "^  distinct     338 windows, 268 distinct" "$stderr"
said "the head tells the plan" '^  plan         5 shards; 157,083 mutants; 7 methods' "$stderr"
said "progress is a line in a log" '268/268 windows' "$stderr"
said "the ranking is told" '^ +1  .*\[' "$stdout"
said "the ranking is careful" 'too few for a claim' "$stdout"
said "what was written is told" "^wrote $run $folder/run.summary.tsv $folder/run.summary.json$" "$stdout"
check "nothing else is left" test "$(cd "$folder" && echo *)" = "run.h5 run.summary.json run.summary.tsv"

# --- what is in it ---
check "one line a method, metric and group" test "$(grep -vc '^#' "$folder/run.summary.tsv")" -eq $((1 + (7 + 3) * 49 * 3))
if command -v h5dump >/dev/null; then
    h5dump -A "$run" >"$folder/dump"
    # Every DATASET block must hold both attributes, and no text may be empty.
    awk '/^ *DATASET "/ { set = $2; n++; u = d = 0 } /ATTRIBUTE "units"/ { u = 1 } /ATTRIBUTE "description"/ { d = 1 }
         /^ *\}$/ { if (set != "" && u && d) { whole++; set = "" } }
         END { print n, whole; exit n == 0 || n != whole }' "$folder/dump" >"$folder/count"
    check "units and description on every dataset ($(cat "$folder/count"))" test "$(cut -d ' ' -f 1 "$folder/count")" = \
        "$(cut -d ' ' -f 2 "$folder/count")"
    check "no empty attribute" test "$(grep -c '(0): ""' "$folder/dump")" -eq 0
    for name in program version revision compiler flags libraries command_line options model model_sha256 network \
        architecture inputs counts seed ranks threads instruction_set hosts machine processor system limits started finished seconds; do
        grep -q "ATTRIBUTE \"$name\"" "$folder/dump" || { not_ok "provenance has $name"; continue; }
    done
    said "provenance has the sum of the transcripts" \
        "transcripts.fa.gz $(sha256sum share/example/transcripts.fa.gz | cut -d ' ' -f 1)" "$folder/dump"
    check_output "sequences are letters" '\(0\): "[ACGTN]{203}"' h5dump -d /windows/sequence -c 1 "$run"
    rm "$folder/dump" "$folder/count"
else
    skip "units and description on every dataset" "h5dump is not installed"
fi

# --- report ---
check_output "report shows the ranking" '^ +1  ' "$MUTAGREE" report "$run"
check_output "report shows the metrics" '^kendall ' "$MUTAGREE" report "$run" --group all
check "report writes the tables" "$MUTAGREE" report "$run" --out "$folder/report"
check "report's table is the scan's" cmp "$folder/run.summary.tsv" "$folder/report/summary.tsv"
check "report's JSON is the scan's" cmp "$folder/run.summary.json" "$folder/report/summary.json"
expect_failure 1 'report.html is there already' "report replaces nothing unasked" "$MUTAGREE" report "$run" --out "$folder/report"
check "report replaces when asked" "$MUTAGREE" report "$run" --out "$folder/report" --force
expect_failure 1 'not an HDF5 file' "report of another file" "$MUTAGREE" report share/example/README.md
expect_failure 1 'not a run of mutagree' "report of another HDF5 file" "$MUTAGREE" report share/models/tis-human.h5
expect_failure 1 'No such file' "report of no file" "$MUTAGREE" report "$folder/none.h5"
expect_failure 2 'takes one file' "report without a file" "$MUTAGREE" report
head -c 100000 "$run" >"$folder/cut.h5"
expect_failure 1 'cut.h5' "report of a file cut short" "$MUTAGREE" report "$folder/cut.h5"

# --- choices ---
small=(--candidates annotated --quiet)
check "nothing is said with --quiet" "$MUTAGREE" scan "${data[@]}" "${small[@]}" --out "$folder/q.h5" --store summary
check "... on either stream" test ! -s "$stdout" -a ! -s "$stderr"
check "--force replaces" "$MUTAGREE" scan "${data[@]}" "${small[@]}" --out "$folder/q.h5" --force \
    --methods 'saliency lrp:gamma=0.25' --methods lrp --score logit --store hypothetical --compress 9 --bootstrap 0
check_output "a method given twice gets a number" '^lrp_2' grep '^lrp_2' "$folder/q.summary.tsv"
check "stdin is read" bash -c "zcat share/example/transcripts.fa.gz |
    '$MUTAGREE' scan --transcripts - --quiet --out '$folder/stdin.h5' --methods saliency --store summary"

# --- no candidate at all: an empty run, and a word about it ---
printf '>none\nCCCCCCCCCCCC\n' >"$folder/none.fa"
check "no candidate is no failure" "$MUTAGREE" scan --transcripts "$folder/none.fa" --out "$folder/empty.h5"
check_output "report of an empty run" 'no window|n = 0|0 windows|-' "$MUTAGREE" report "$folder/empty.h5"

# --- dry run ---
mkdir "$folder/dry"
check "dry run" "$MUTAGREE" scan "${data[@]}" --out "$folder/dry/run.h5" --dry-run
said "dry run tells shards and mutants" '5 shards; 157,083 mutants' "$stdout"
said "dry run tells memory and output" 'MB a rank; output [0-9.]+ MB' "$stdout"
said "dry run tells the time" '^  time +about .* windows/s' "$stdout"
said "dry run tells where ranks sit" '^  nodes ' "$stdout"
check "dry run writes nothing" test -z "$(ls -A "$folder/dry")"
check "dry run needs no --out" ranks 2 "$MUTAGREE" scan "${data[@]}" --dry-run
finish
