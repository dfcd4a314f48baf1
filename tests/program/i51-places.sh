#!/bin/bash
# i51  the matrix of places: columns, places and quarters of the score held to the run's own tables
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
check "a run with settings" "$MUTAGREE" scan --transcripts share/example/transcripts.fa.gz --quiet --metrics single --bootstrap 50 --threads 2 \
    --methods 'lrp lrp:rule=epsilon saliency input_x_gradient' --out "$folder/run.h5"
check "its report" "$MUTAGREE" report "$folder/run.h5" --group all --out "$folder/report" --vega none
places=$folder/report/places.tsv
check "all windows as a table" "$MUTAGREE" export "$folder/run.h5" --format windows --out "$folder/windows.tsv"
cells() { grep -v '^#' "$places" | awk -F '\t' -v a="$1" 'NR > 1 && $1 == a'; }
check "fifteen choices beside the run's own" test "$(cells choice | wc -l)" -eq 60
check "four quarters" test "$(cells quarter | wc -l)" -eq 16
order() { # places of the methods by the mean in summary.tsv
    grep -v '^#' "$folder/report/summary.tsv" | awk -F '\t' '$1 !~ /^(random|profile|ceiling)$/ && $2 == "spearman" && $3 == "all" { print $7 "\t" $1 }' | sort -gr | cut -f 2
}
check "the first column is the order by the main metric" test "$(cells family | grep 'single mutations' | cut -f 3)" = "$(order)"
check_output "places count up" '^1 2 3 4 $' awk -F '\t' '$1 == "quarter" && $2 == "2" { printf "%s ", $4 }' "$places"
# Of distinct windows: quarters by sorted scores, and the mean of lrp in each.
quarters() {
    awk -F '\t' 'NR == 1 { for (k = 1; k <= NF; k++) if ($k == "lrp.spearman") c = k; next } !seen[$8]++ { print $4 "\t" $c }' "$folder/windows.tsv" |
        sort -g | awk -F '\t' '{ f[NR] = $1; v[NR] = $2 } END { for (q = 1; q < 4; q++) b[q] = f[int(NR * q / 4) + 1]
            for (k = 1; k <= NR; k++) if (v[k] != "nan") { q = 1; while (q < 4 && f[k] + 0 >= b[q] + 0) q++; n[q]++; s[q] += v[k] }
            for (q = 1; q <= 4; q++) printf "%d %d %.4f\n", q, n[q], s[q] / n[q] }'
}
told() { cells quarter | awk -F '\t' '$3 == "lrp" { printf "%d %d %.4f\n", $2, $6, $7 }'; }
check "quarters of the score are those of the sorted scores" test "$(quarters)" = "$(told)"
check_output "settings of lrp take two places" '"type":"lrp","settings":2,' cat "$folder/report/report.json"
check_output "one family alone is no sentence" '^0$' bash -c "grep -c 'families of measures' '$folder/report/report.json'; true"
check_output "the page has the matrix" 'placesTable' cat "$folder/report/report.html"
# The sentence's p says over how many tests it is corrected: those of the report.
for k in $(seq 40); do zcat share/example/transcripts.fa.gz | awk -v k=$k '/^>/ { next } { s = s $0 } END { printf "w%d\t%s\n", k, substr(s, 37 * k, 203) }'; done >"$folder/windows.txt"
check "a run of forty windows" "$MUTAGREE" scan --windows "$folder/windows.txt" --task starts --quiet --metrics single --bootstrap 50 --threads 2 --methods 'lrp saliency deconvolution' \
    --out "$folder/forty.h5"
check "its report" "$MUTAGREE" report "$folder/forty.h5" --out "$folder/forty" --vega none
tests=$(grep -o '"tests":[0-9]*' "$folder/forty/report.json" | head -n 1 | grep -o '[0-9]*')
check_output "the sentence says that all ${tests:-no} tests are corrected for" "Next comes [^;]* \(p [=<] [0-9.e-]+, Holm-corrected over all ${tests:-no} tests of this report\)" \
    grep -o 'Next comes[^"]*' "$folder/forty/report.json"
check_output "no heading says all windows twice" '^0$' bash -c "grep -c 'windows (all windows)' '$folder/forty/report.html'; true"
finish
