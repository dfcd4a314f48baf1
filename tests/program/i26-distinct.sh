#!/bin/bash
# i26  equal windows are worked on once, and all of their places are shown; genes are named and found
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
tool change_number
gtf=$PWD/share/example/annotation.gtf.gz
gzip -dc share/example/transcripts.fa.gz >"$folder/once.fa"
sed 's/^>/>copy_/' "$folder/once.fa" >"$folder/copies.fa"
cat "$folder/once.fa" "$folder/copies.fa" >"$folder/twice.fa"
cat "$folder/copies.fa" "$folder/once.fa" >"$folder/before.fa"

scan() { # NAME OPTION...: a run NAME.h5 of NAME.fa
    local name=$1
    shift
    capture "$MUTAGREE" scan --transcripts "$folder/${fasta:-$name}.fa" --annotation "$gtf" --methods 'saliency lrp' \
        --bootstrap 200 --out "$folder/$name.h5" "$@"
    local status=$?
    cp "$folder_private/err" "$folder/$name.said"
    [ $status -eq 0 ] || { not_ok "scan makes $name.h5"; show_capture $status; finish; }
}
table() { "$MUTAGREE" export "$folder/$1.h5" --quiet --format windows --out -; }
rows() { grep -v '^#' "$folder/$1.summary.tsv"; }

# --- a file given twice over ---
for name in once twice before; do scan $name; done
check_output "the head tells how many windows are distinct" '^  distinct +338 windows, 268 distinct' cat "$folder/once.said"
check_output "twice the windows, and no more distinct ones" '^  distinct +676 windows, 268 distinct' cat "$folder/twice.said"
check_output "work is for the distinct ones" '268/268 windows' cat "$folder/twice.said"
check_output "so does the dry run" '^  distinct +676 windows, 268 distinct' "$MUTAGREE" scan \
    --transcripts "$folder/twice.fa" --annotation "$gtf" --dry-run
for name in twice before; do
    check "aggregates, intervals and tests are those of the file once: $name" cmp <(rows once) <(rows $name)
    "$MUTAGREE" diff "$folder/once.h5" "$folder/$name.h5" >"$folder/diff"
    check_output "all windows are in both: $name" '^windows +268 in both, 0 only in the one, 0 only in the other' \
        cat "$folder/diff"
    check "with the same bits: $name" awk '/^\/(windows|mutation|attribution|agreement)/ { n++; if ($3 != 0) exit 1 }
        END { exit n < 10 }' "$folder/diff"
    check "places of the originals are as without the copies: $name" cmp <(table once | cut -f 1-7,9-) \
        <(table $name | grep -v '^copy_' | cut -f 1-7,9-)
    check_output "and there are as many of the copies: $name" '^338$' bash -c "'$MUTAGREE' export '$folder/$name.h5' --quiet \
        --format windows --out - | grep -c '^copy_'"
    check_output "a copy is no annotated start, its window is: $name" '^14$' bash -c "'$MUTAGREE' export '$folder/$name.h5' \
        --quiet --format windows --group annotated --out - | tail -n +2 | wc -l"
    check_output "verify finds the same: $name" 'the same, bit by bit, in 268 of 268 windows, and in the summary' \
        "$MUTAGREE" verify "$folder/$name.h5" --all --summary
done
check "a row tells its window: the same for both names" bash -c "diff <(cut -f 2,8 '$folder/a') <(cut -f 2,8 '$folder/b')" \
    < <(table twice | tail -n +2 | grep -v '^copy_' >"$folder/a"; table twice | grep '^copy_' >"$folder/b")

# --- the same for any ranks, shards, and layout, and after an interruption ---
same() { check_output "$1" 'the results are the same, bit by bit' "$MUTAGREE" diff "$folder/twice.h5" "$folder/$2.h5"; }
check "on 3 ranks" ranks 3 "$MUTAGREE" scan --transcripts "$folder/twice.fa" --annotation "$gtf" --methods 'saliency lrp' \
    --bootstrap 200 --quiet --threads 1 --shard-size 7 --out "$folder/three.h5"
same "the same results" three
check "their summary is the same, byte by byte" cmp "$folder/twice.summary.tsv" "$folder/three.summary.tsv"
fasta=twice scan virtual --layout virtual --shard-size 50
same "the same in a virtual layout" virtual
check "with the same table of places" cmp <(table twice) <(table virtual)
cp -r "$folder"/virtual.h5.shards/*/ "$folder/again.h5.parts"
rm "$folder"/again.h5.parts/shard-0000000[24].h5
fasta=twice scan again --shard-size 50
check_output "a run goes on by distinct windows" 'goes on +4 of 6 shards' cat "$folder/again.said"
same "and ends the same" again

# --- ready windows may repeat, too ---
window=$(table once | head -n 2 | tail -n 1 | cut -f 1)
bases=$(awk '/^>/ { n++ } n == 1 && !/^>/ { printf "%s", $0 }' "$folder/once.fa" | cut -c 1-203)
printf '%s\n' "$bases" "${bases%?}A" "$bases" "${bases%?}C" "$bases" | tr '[:lower:]' '[:upper:]' | sort >"$folder/w.txt"
n=$(sort -u "$folder/w.txt" | wc -l)
check_output "ready windows that repeat ($window)" "^  distinct +5 windows, $n distinct" "$MUTAGREE" scan \
    --windows "$folder/w.txt" --dry-run

# --- genes ---
check_output "the head tells the genes" '^  transcripts +14 \(28,564 nt\), 10 genes' cat "$folder/once.said"
report() { "$MUTAGREE" report "$folder/once.h5" "$@"; }
check_output "a window is found by its gene's symbol" '^ENST[0-9.]+   UGT3A2   codon at [0-9]+ .*annotated start' \
    report --window UGT3A2
check_output "... and by its identifier" '^ENST[0-9.]+   UGT3A2 ' report --window ENSG00000168671
start=$(table once | awk -F '\t' '$9 == "UGT3A2" && $3 == 0 { print $2; exit }')
check_output "... with the start" "^ENST[0-9.]+   UGT3A2   codon at $start .*not annotated" report --window "UGT3A2:$start"
expect_failure 1 "no transcript or gene 'UGT3A'; did you mean 'UGT3A2'" "a gene that is nearly one" report --window UGT3A
expect_failure 1 "gene 'UGT3A2' has no window at 1; it has windows at" "no such window" report --window UGT3A2:1
check_output "the table of windows names genes" '^UGT3A2$' bash -c "'$MUTAGREE' export '$folder/once.h5' --quiet \
    --format windows --out - | awk -F '\\t' '\$1 == \"ENST00000282507.7\" { print \$9 }' | sort -u"
check_output "so does the table of variants" '^UGT3A2$' bash -c "'$MUTAGREE' score --vcf share/example/variants.vcf \
    --transcripts '$folder/once.fa' --annotation '$gtf' --out - 2>/dev/null | awk -F '\\t' '
    !/^#/ && \$7 == \"ENST00000282507.7\" { print \$NF }' | sort -u"
sed 's/^>\(ENST[0-9.]*\).*/>\1|GENE1|x|y|z|SYMBOL|/' "$folder/once.fa" >"$folder/headers.fa"
"$MUTAGREE" scan --transcripts "$folder/headers.fa" --dry-run >"$folder/head"
check_output "genes of headers" '^  transcripts +14 \(28,564 nt\), 1 gene, no annotation' cat "$folder/head"
check_output "make clusters" '^  clusters +1 by gene$' cat "$folder/head"

# --- files of 0.1, which was not released ---
cp "$folder/once.h5" "$folder/old.h5"
"$BUILD/tests/tools/change_number" "$folder/old.h5" /@version 0 1
for command in report verify; do
    expect_failure 1 'old.h5: written in version 1 of the format; this program reads version 2: make the run again' \
        "a file of version 1: $command" "$MUTAGREE" $command "$folder/old.h5"
done
finish
