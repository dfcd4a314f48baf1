#!/bin/bash
# i22  figures for papers: every kind is written, can be read, says the report's numbers, and comes out the same again
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz --quiet --bootstrap 100)
report() { "$MUTAGREE" report "$@"; }
figures=(answer ranks sensitivity places curves choices profile kozak stops flips window-ENST00000513300.5-93)

check "a run" "$MUTAGREE" scan "${data[@]}" --candidates annotated --store hypothetical --out "$folder/run.h5"
run=$folder/run.h5
for kind in pdf svg png; do
    check "figures as $kind" report "$run" --out "$folder/$kind" --figures $kind --window ENST00000513300.5
    for name in "${figures[@]}"; do
        check "$name.$kind is there" test -s "$folder/$kind/figures/$name.$kind"
    done
    check "and nothing else" test "$(find "$folder/$kind/figures" -type f | wc -l)" = ${#figures[@]}
done
check "again, on 3 ranks, and the window twice" ranks 3 "$MUTAGREE" report "$run" --out "$folder/again" --figures pdf \
    --window ENST00000513300.5:93 --window ENST00000513300.5
check "gives the same bytes" diff -r "$folder/pdf/figures" "$folder/again/figures"

# --- the numbers are those of the tables ---
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "spearman" && $3 == "annotated" { printf "%.2f", $7 }' "$folder/svg/summary.tsv"; }
for method in lrp deeplift saliency; do
    check_output "the answer says the mean of $method: $(value $method)" "^$(value $method | sed 's/-/−/') \[" \
        sed -n '/<desc>/,/<\/desc>/p' "$folder/svg/figures/answer.svg"
done
top=$(report "$run" --window ENST00000513300.5 | awk '$1 ~ /^c\./ { print $1; exit }')
check_output "the window says its strongest substitution: $top" "^$(sed 's/>/\&gt;/' <<<"$top")\$" cat "$folder/svg/figures/window-ENST00000513300.5-93.svg"

# --- other programs read them ---
if command -v pdftotext >/dev/null; then
    check_output "pdftotext finds words in the PDF" 'integrated gradients' pdftotext -layout "$folder/pdf/figures/answer.pdf" -
    check_output "a page is a column wide: 89 mm" '^Page size: +252.28' pdfinfo "$folder/pdf/figures/answer.pdf"
    check_output "the time in it is that of the run" 'CreationDate' pdfinfo "$folder/pdf/figures/answer.pdf"
else
    skip "PDF by another program" "pdftotext is not here"
fi
if command -v rsvg-convert >/dev/null; then
    for name in "${figures[@]}"; do
        check "rsvg draws $name.svg" rsvg-convert "$folder/svg/figures/$name.svg" -o "$folder/rsvg.png"
    done
else
    skip "SVG by another program" "rsvg-convert is not here"
fi
if command -v python3 >/dev/null; then
    check "PNG has its resolution and good checksums" python3 - "$folder/png/figures/answer.png" <<'PY'
import struct, sys, zlib
data, at, kinds = open(sys.argv[1], "rb").read(), 8, []
while at < len(data):
    n, = struct.unpack(">I", data[at:at + 4])
    kind, crc = data[at + 4:at + 8], struct.unpack(">I", data[at + 8 + n:at + 12 + n])[0]
    assert zlib.crc32(data[at + 4:at + 8 + n]) == crc, kind
    kinds.append(kind)
    if kind == b"pHYs":
        assert struct.unpack(">IIB", data[at + 8:at + 17]) == (11811, 11811, 1)
    if kind == b"IHDR":
        assert struct.unpack(">I", data[at + 8:at + 12])[0] == 1052  # 89 mm at 300 dpi
    at += 12 + n
assert kinds[:2] == [b"IHDR", b"pHYs"] and kinds[-1] == b"IEND"
PY
else
    skip "PNG in detail" "python3 is not here"
fi

# --- what cannot be drawn is said ---
check "a run that keeps the summary only" "$MUTAGREE" scan "${data[@]}" --methods lrp --methods saliency --store summary --out "$folder/small.h5"
check_output "its figures" 'left out .*small/figures/kozak.pdf: the run keeps no effects' report "$folder/small.h5" --out "$folder/small" --figures pdf
check "are the answer, the curves, the places and the ranks" test "$(ls "$folder/small/figures")" = $'answer.pdf\ncurves.pdf\nplaces.pdf\nranks.pdf'

expect_failure 2 'needs --out' "figures go to a folder" report "$run" --figures pdf
expect_failure 2 'figures' "an unknown kind" report "$run" --out "$folder/never" --figures gif
rm "$folder"/again/*.* && mv "$folder/again/figures/answer.pdf" "$folder/again/figures/keep"
expect_failure 1 'figures/ranks.pdf' "nothing is replaced unasked" report "$run" --out "$folder/again" --figures pdf
absent=$folder/full/figures/stops.svg expect_failure 1 'report.html.*: File too large' "a full disk" \
    bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@" >/dev/null' limited "$MUTAGREE" report "$run" --out "$folder/full" --figures svg

# --- names that lead astray, and names of all people ---
window=$(zcat share/example/transcripts.fa.gz | grep -v '>' | tr -d '\n' | head -c 203)
mkdir -p "$folder/names/deep"
printf '../../evil\t%s\ngène东<&>\t%s\n' "$window" "$window" >"$folder/names/deep/windows.txt"
check "windows with odd names" "$MUTAGREE" scan --windows "$folder/names/deep/windows.txt" --methods lrp --quiet \
    --store hypothetical --out "$folder/names/deep/run.h5"
mapfile -t names < <(cut -f 1 "$folder/names/deep/windows.txt")
check "have figures" report "$folder/names/deep/run.h5" --out "$folder/names/deep/out" --figures svg \
    --window "${names[0]}" --window "${names[1]}"
check "which stay in their folder" test -z "$(find "$folder/names" -name '*evil*' ! -path "*/deep/out/figures/window-*")" -a \
    "$(find "$folder/names/deep/out/figures" -name 'window-*' | wc -l)" = 2
check_output "and tell their names" 'gène东&lt;&amp;&gt;$' cat "$folder"/names/deep/out/figures/window-g*.svg
finish
