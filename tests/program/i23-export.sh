#!/bin/bash
# i23  export: tables, BED, bedGraph, VCF and the input of TF-MoDISco, in transcript and genome coordinates
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz --quiet --bootstrap 100)
gtf=share/example/annotation.gtf.gz
run=$folder/run.h5
export_() { "$MUTAGREE" export "$run" --quiet "$@"; }
has_python() { python3 -c "import $1" 2>/dev/null; }
# Whether two numbers are the same but for their sixth digit.
same() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && b != "" && (a - b) ^ 2 <= (2e-5 * b) ^ 2 + 1e-12) }'; }

check "a run with hypothetical contributions" "$MUTAGREE" scan "${data[@]}" --store hypothetical --out "$run"

# --- windows ---
check "the table of windows" export_ --format windows --out "$folder/windows.tsv"
check_output "has a row a window" '^339$' awk 'END { print NR }' "$folder/windows.tsv"
for column in lrp.spearman deeplift.pearson_upstream saliency.peak_distance; do
    mean=$(awk -F '\t' -v wanted="$column" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == wanted) c = i; next }
        $3 == 1 && $c != "nan" && !seen[$8]++ { s += $c; n++ } END { print s / n }' "$folder/windows.tsv")
    wanted=$(awk -F '\t' -v column="$column" '{ part = $3; sub("annotated:?", "_", part) }
        $1 "." $2 part == column "_" || $1 "." $2 part == column { print $7 }' "$folder/run.summary.tsv")
    check "its mean over annotated starts is the summary's: $column" same "$mean" "$wanted"
done
check_output "one method has its columns only" '^58$' bash -c "'$MUTAGREE' export '$run' --quiet --format windows --method lrp \
    --group annotated --out - | awk -F '\\t' 'NR == 15 { print NF }'"

check_output "called starts are those with F > 0" "^$(awk -F '\t' 'NR > 1 && $4 > 0' "$folder/windows.tsv" | wc -l)\$" \
    bash -c "'$MUTAGREE' export '$run' --quiet --format windows --group called --out - | tail -n +2 | wc -l"

# --- substitutions ---
check "the table of effects" export_ --format effects --group annotated --out "$folder/effects.tsv"
"$MUTAGREE" report "$run" --window ENST00000282507.7 | awk '$1 ~ /^c\./ { print $1 }' | sort >"$folder/top.report"
awk -F '\t' '$1 == "ENST00000282507.7" && $3 == 1 { print ($9 < 0 ? -$9 : $9) "\t" $8 }' "$folder/effects.tsv" |
    sort -k1,1gr | head -n 10 | cut -f 2 | sort >"$folder/top.export"
check "its largest effects are those of the report" cmp "$folder/top.report" "$folder/top.export"
check_output "with their classes" '^ATG$' awk -F '\t' '
    $1 == "ENST00000282507.7" && $5 > 0 && $5 < 4 && $5 != last { from = from $6; last = $5 }
    $11 == "start_codon" && ($5 < 1 || $5 > 3) { exit 1 } END { print from }' "$folder/effects.tsv"

# --- bedGraph, held to the table of effects ---
# Mean over windows of the mean of -D, by transcript and position.
cat >"$folder/mean.awk" <<'PROGRAM'
NR > 1 { e[$1 "\t" $4 "\t" $2] -= $9 / 3 }
END { for (k in e) { split(k, part, "\t"); at = part[1] "\t" part[2]; s[at] += e[k]; n[at]++
                     if (!(at in big) || e[k] ^ 2 > big[at] ^ 2) big[at] = e[k] }
      for (at in s) print at "\t" (overlap == "strongest" ? big[at] : s[at] / n[at]) }
PROGRAM
compare_tables() { # FILE FILE, of name, position and number: the same places and numbers
    awk -F '\t' 'NR == FNR { v[$1 "\t" $2] = $3; n++; next }
        !(($1 "\t" $2) in v) || (v[$1 "\t" $2] - $3) ^ 2 > (1e-4 * $3) ^ 2 + 1e-9 { print; bad = 1 } { m++ }
        END { exit bad || n != m || n == 0 }' "$1" "$2"
}
check "the effects of all windows" export_ --format effects --out "$folder/all.tsv.gz"
for overlap in mean strongest; do
    check "the bedGraph, $overlap" export_ --format bedgraph --overlap $overlap --out "$folder/$overlap.bedgraph"
    awk -F '\t' -v overlap=$overlap -f "$folder/mean.awk" <(gzip -dc "$folder/all.tsv.gz") \
        >"$folder/wanted"
    check "is that of the effects, $overlap" compare_tables "$folder/wanted" <(cut -f 1,2,4 "$folder/$overlap.bedgraph")
done
check "no two of its lines overlap" awk -F '\t' '$1 == c && $2 < e { exit 1 } { c = $1; e = $3 }' "$folder/mean.bedgraph"
check "a method's contributions" export_ --format bedgraph --method lrp --group annotated --out "$folder/lrp.bedgraph"

# --- BED ---
check "the BED of windows" export_ --format bed --out "$folder/windows.bed"
check "has the windows of the table" cmp <(tail -n +2 "$folder/windows.tsv" | cut -f 1,2 | sort) \
    <(awk -F '\t' '{ sub(":.*", "", $4); print $4 "\t" $7 }' "$folder/windows.bed" | sort)

# --- the genome: both strands, several exons, every base known ---
small=$folder/small.h5
"$MUTAGREE" scan --transcripts tests/data/small.spliced.fa --annotation tests/data/small.gtf --methods saliency --quiet \
    --store contribution --bootstrap 0 --out "$small" >/dev/null
awk '/^>/ { name = substr($1, 2); next } { s[name] = s[name] toupper($0) }
    END { for (name in s) print name "\t" s[name] }' tests/data/small.genome.fa >"$folder/genome"
check "a VCF on the genome" "$MUTAGREE" export "$small" --quiet --format vcf --annotation tests/data/small.gtf \
    --out "$folder/small.vcf"
check_output "REF is the genome's base at every place" '^[1-9][0-9]* records, 0 wrong$' awk -F '\t' '
    NR == FNR { s[$1] = $2; next } /^#/ { next }
    { n++; if (substr(s[$1], $2, 1) != $4 || $4 == $5) wrong++ } END { print n + 0 " records, " wrong + 0 " wrong" }' \
    "$folder/genome" "$folder/small.vcf"
check_output "a GTF tells no lengths" '^##contig=<ID=chrA>$' cat "$folder/small.vcf"
samtools_index() { awk '/^>/ { if (n) print n "\t" l "\t0\t60\t61"; n = substr($1, 2); l = 0; next } { l += length($0) } END { print n "\t" l "\t0\t60\t61" }' "$1"; }
samtools_index tests/data/small.genome.fa >"$folder/small.fa.fai"
for genome in tests/data/small.genome.fa "$folder/small.fa.fai"; do
    check "lengths of the genome: ${genome##*.}" "$MUTAGREE" export "$small" --quiet --format vcf --annotation tests/data/small.gtf \
        --genome "$genome" --out "$folder/lengths.vcf" --force
    check "are those of its sequences" cmp <(sed -n 's/^##contig=<ID=\(.*\),length=\([0-9]*\)>$/\1 \2/p' "$folder/lengths.vcf") \
        <(awk '{ print $1, length($2) }' "$folder/genome" | LC_ALL=C sort | grep -f <(cut -f 1 tests/data/small.gtf | sort -u))
    check "and nothing else changes" cmp <(sed 's/,length=[0-9]*>/>/' "$folder/lengths.vcf") "$folder/small.vcf"
done
lengths() { "$MUTAGREE" export "$small" --quiet --format vcf --annotation tests/data/small.gtf --out "$folder/never.vcf" --genome "$@"; }
awk -F '\t' -v OFS='\t' '{ $2 = 1600; print }' "$folder/small.fa.fai" >"$folder/short.fai"
absent=$folder/never.vcf expect_failure 1 "short.fai: chromosome 'chr.' has 1600 nt, but by tests/data/small.gtf transcript .* reaches to" \
    "a genome that is too short" lengths "$folder/short.fai"
sed 's/^chr/other/' "$folder/small.fa.fai" >"$folder/other.fai"
absent=$folder/never.vcf expect_failure 1 "other.fai has no chromosome 'chr.', where" "another genome" lengths "$folder/other.fai"
printf 'chrA\t2k\n' >"$folder/bad.fai"
absent=$folder/never.vcf expect_failure 1 'bad.fai line 1: no line of a .fai' "no index" lengths "$folder/bad.fai"
expect_failure 2 '--genome goes with --annotation' "a genome without places" export_ --format vcf --genome x.fai --out "$folder/never.vcf"
check "it is sorted" bash -c "grep -v '^#' '$folder/small.vcf' | LC_ALL=C sort -c -k 1,1 -k 2,2n"
# minus4 has exons of 20, 60, 1 and 100 bases, from the right; its start codon at 79 is the last base of the second, the third, and
# the first of the last.
check_output "a codon over three exons of the minus strand" '^1541 T c.1A 1521 A c.2T 1500 C c.3G $' awk -F '\t' '
    $8 ~ /TRANSCRIPT=minus4[,;].*START=79[,;]/ && match($8, /HGVSC=c\.[123][ACGT]>/) {
        hgvs = substr($8, RSTART + 6, 4); if (hgvs != last) line = $2 " " $4 " " hgvs " " line; last = hgvs }
    END { print line }' "$folder/small.vcf"
"$MUTAGREE" export "$small" --quiet --format effects --out "$folder/small.tsv"
check "each effect stands in the VCF, once" cmp \
    <(awk -F '\t' 'NR > 1 { printf "%s %s %s %.4g\n", $1, $2, $8, $9 }' "$folder/small.tsv" | LC_ALL=C sort) \
    <(awk -F '\t' '/^#/ { next } { n = split($8, field, ";"); for (i = 1; i <= n; i++) { split(field[i], kv, "="); v[kv[1]] = kv[2] }
        n = split(v["EFFECT"], e, ","); split(v["TRANSCRIPT"], t, ","); split(v["START"], s, ","); split(v["HGVSC"], h, ",")
        for (i = 1; i <= n; i++) printf "%s %s %s %.4g\n", t[i], s[i], h[i], e[i] }' "$folder/small.vcf" | LC_ALL=C sort)
# The same variants scored one by one, from the genome.
"$MUTAGREE" export "$small" --quiet --format vcf --group annotated --annotation tests/data/small.gtf --out "$folder/starts.vcf"
"$MUTAGREE" score --vcf "$folder/starts.vcf" --genome tests/data/small.genome.fa --annotation tests/data/small.gtf --quiet \
    >"$folder/scored.tsv"
check "its variants have these effects when they are scored one by one" awk -F '\t' '
    NR == FNR { if ($3 == 1) { d[$1 " " $2 " " $8] = $9; n++ } next }
    $6 == "scored" && $9 == 1 { m++; x = d[$7 " " $8 " " $10] - $14; if (x * x > 1e-8) { print; bad = 1 } }
    END { exit bad || n != m || n < 1000 }' "$folder/small.tsv" "$folder/scored.tsv"
check "BED on the genome" "$MUTAGREE" export "$small" --quiet --format bed --annotation tests/data/small.gff3 --out "$folder/small.bed"
check_output "has blocks of exons" '^chrA	1400	1631	minus4:79	12	-	1499	1541	0	4	100,1,60,1,	0,120,140,230,$' \
    cat "$folder/small.bed"
check "bedGraph on the genome" "$MUTAGREE" export "$small" --quiet --format bedgraph --annotation tests/data/small.gtf \
    --out "$folder/small.bedgraph"
check "no two of its lines overlap, in order" bash -c "LC_ALL=C sort -c -k 1,1 -k 2,2n '$folder/small.bedgraph' &&
    awk -F '\\t' '\$1 == c && \$2 < e { exit 1 } { c = \$1; e = \$3 }' '$folder/small.bedgraph'"

# --- bgzip, index, other programs ---
check "a compressed VCF of transcripts" export_ --format vcf --out "$folder/t.vcf.gz"
check "has an index" test -s "$folder/t.vcf.gz.tbi"
check "a compressed VCF of the genome" export_ --format vcf --annotation $gtf --out "$folder/g.vcf.gz"
check "a compressed bedGraph" export_ --format bedgraph --annotation $gtf --out "$folder/g.bedgraph.gz"
if command -v bcftools >/dev/null && command -v tabix >/dev/null; then
    check_output "bcftools reads it" '^3$' bash -c \
        "bcftools view -H '$folder/t.vcf.gz' ENST00000282507.7:103 | awk '\$4 == \"A\"' | grep -c HGVSC=c.1A"
    check_output "and without a complaint" '^0$' bash -c "bcftools view '$folder/g.vcf.gz' 2>&1 >/dev/null | wc -l"
    check_output "tabix finds a place of the genome" '	start_codon|CLASS=start_codon' \
        tabix "$folder/g.vcf.gz" 5:36066787-36066789
    check_output "and in the bedGraph" '^5	36066786	' tabix "$folder/g.bedgraph.gz" 5:36066787-36066787
else
    skip "what bcftools and tabix say" "they are not here"
fi

# --- TF-MoDISco ---
check "the input of TF-MoDISco, of the mutations" export_ --format modisco --method mutations --group annotated \
    --out "$folder/m.npz"
check "of a method" export_ --format modisco --method lrp --group annotated --out "$folder/lrp.npz"
check "in HDF5" export_ --format modisco --method lrp --group annotated --out "$folder/lrp.h5"
cat >"$folder/modisco.py" <<'PROGRAM'
import sys, zipfile, struct, ast
def load(path, code):
    (name,) = zipfile.ZipFile(path).namelist()
    data = zipfile.ZipFile(path).read(name)
    assert name == "arr_0.npy" and data[:8] == b"\x93NUMPY\x01\x00"
    n = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10:10 + n].decode())
    assert (10 + n) % 64 == 0 and not head["fortran_order"]
    count = head["shape"][0] * head["shape"][1] * head["shape"][2]
    return head["shape"], struct.unpack("=%d%s" % (count, code), data[10 + n:])
shape, ohe = load(sys.argv[1] + ".ohe.npz", "b")
other, shap = load(sys.argv[1] + ".shap.npz", "f")
effect = {}
for line in list(open(sys.argv[2]))[1:]:
    transcript, start, _, _, position, base, _, _, value = line.split("\t")[:9]
    place = effect.setdefault(transcript, {}).setdefault(int(position), [base, 0.0])
    place[1] -= float(value) / 4  # less the mean of four, of which D(i, base) is 0
windows = {}  # each once: of the places that share all bases, the first
for transcript in effect:
    windows.setdefault(tuple(sorted((p, base) for p, (base, _) in effect[transcript].items())), transcript)
assert shape == other == (13, 4, 203) and len(effect) == 14, shape
for i, transcript in enumerate(windows.values()):
    for p in range(203):
        position = p - 60 if p < 60 else p - 59
        column = [ohe[(i * 4 + b) * 203 + p] for b in range(4)]
        base, wanted = effect[transcript].get(position, (None, 0.0))
        assert column == [int(base == b) for b in "ACGT"], (transcript, position)
        got = sum(o * shap[(i * 4 + b) * 203 + p] for b, o in enumerate(column))
        assert abs(got - wanted) < 1e-4 * max(1, abs(wanted)), (transcript, position, got, wanted)
PROGRAM
if has_python zipfile; then
    check "one-hot bases and mean-centred effects" python3 "$folder/modisco.py" "$folder/m" "$folder/effects.tsv"
else
    skip "one-hot bases and mean-centred effects" "python3 is not here"
fi
if has_python h5py && has_python numpy; then
    check "numpy and h5py read the same" python3 -c "import h5py, numpy, sys
a, b = numpy.load('$folder/lrp.ohe.npz')['arr_0'], numpy.load('$folder/lrp.shap.npz')['arr_0']
run, h = h5py.File('$run'), h5py.File('$folder/lrp.h5')
keep = run['windows/label'][:] == 1
c = run['attribution/lrp/hypothetical'][:][keep].transpose(0, 2, 1) * (a.sum(axis=1, keepdims=True) > 0)
assert (b == c).all() and (h['shap/seq'][:] == b).all() and (h['raw/seq'][:] == a).all() and a.sum() > 2000"
else
    skip "numpy and h5py read the same" "they are not here"
fi
expect_failure 1 'window 0 has no finite hypothetical contributions of saliency' "a method without them" \
    export_ --format modisco --method saliency --out "$folder/never.npz"
check "leaves nothing behind" bash -c "! ls '$folder'/never*"

# --- same input, same bits ---
check "export on 3 ranks" ranks 3 "$MUTAGREE" export "$run" --quiet --format vcf --annotation $gtf --out "$folder/three.vcf.gz"
check "gives the same bytes" cmp "$folder/g.vcf.gz" "$folder/three.vcf.gz"
check "to standard output, on 3 ranks" bash -c "timeout 100 mpirun --oversubscribe --bind-to none -n 3 '$MUTAGREE' export '$run' \
    --quiet --format windows --out - >'$folder/three.tsv'"
check "gives the same bytes as a file" cmp "$folder/windows.tsv" "$folder/three.tsv"
for name in lrp.ohe.npz lrp.shap.npz lrp.h5; do mv "$folder/$name" "$folder/old.$name"; done
export_ --format modisco --method lrp --group annotated --out "$folder/lrp.npz"
export_ --format modisco --method lrp --group annotated --out "$folder/lrp.h5"
for name in lrp.ohe.npz lrp.shap.npz lrp.h5; do check "the same bytes again: $name" cmp "$folder/$name" "$folder/old.$name"; done
"$MUTAGREE" scan "${data[@]}" --store contribution --methods lrp --layout virtual --out "$folder/virtual.h5" >/dev/null
check "a run of virtual layout" "$MUTAGREE" export "$folder/virtual.h5" --quiet --format vcf --annotation $gtf \
    --out "$folder/virtual.vcf.gz"
check "gives the same bytes" cmp "$folder/g.vcf.gz" "$folder/virtual.vcf.gz"

# --- what cannot be ---
expect_failure 2 'needs --format' "no format" export_ --out "$folder/never"
expect_failure 2 'one file' "no run" "$MUTAGREE" export --format bed --out "$folder/never"
expect_failure 2 'no text' "an archive to standard output" export_ --format modisco --method lrp --out -
expect_failure 2 'end in .vcf' "another ending" export_ --format vcf --out "$folder/never.txt"
expect_failure 2 'method is not for' "an option of another format" export_ --format vcf --method lrp --out "$folder/never.vcf"
expect_failure 2 'annotation is not for' "places for a table" export_ --format windows --annotation $gtf --out "$folder/never"
expect_failure 2 'needs --method' "whose contributions?" export_ --format modisco --out "$folder/never.npz"
expect_failure 1 "no method 'nobody'; it has mutations saliency" "no such method" export_ --format bedgraph --method nobody --out -
expect_failure 1 'is there already' "nothing is replaced unasked" export_ --format windows --out "$folder/windows.tsv"
check "but when asked" export_ --format windows --out "$folder/windows.tsv" --force
expect_failure 1 'no regular file' "a device" export_ --format windows --out /dev/full --force
if [ -w /dev/full ]; then
    expect_failure 1 'cannot write standard output' "a full disk" \
        bash -c "'$MUTAGREE' export '$run' --quiet --format effects --out - >/dev/full"
else
    skip "a full disk" "no /dev/full"
fi
for format in 'vcf --out never.vcf.gz' 'effects --out never.tsv' 'modisco --method lrp --out never.npz' \
    'modisco --method lrp --out never.h5'; do
    # shellcheck disable=SC2086 # words
    expect_failure 1 'cannot write|File too large' "no room: $format" bash -c "cd '$folder' && trap '' XFSZ; ulimit -f 40;
        '$MUTAGREE' export run.h5 --quiet --format $format"
done
check "leaves nothing behind" bash -c "! ls '$folder'/never* '$folder'/*.part 2>/dev/null"
"$MUTAGREE" scan "${data[@]}" --store summary --methods saliency --out "$folder/summary.h5" >/dev/null
expect_failure 1 'keeps no effects of single windows; scan again with --store contribution$' "a run without effects" \
    "$MUTAGREE" export "$folder/summary.h5" --format modisco --method mutations --out "$folder/never.npz"
expect_failure 1 'scan again with --store hypothetical$' "... and what a method's would take" \
    "$MUTAGREE" export "$folder/summary.h5" --format modisco --method saliency --out "$folder/never.npz"
check "has windows all the same" "$MUTAGREE" export "$folder/summary.h5" --quiet --format bed --out "$folder/summary.bed"
expect_failure 1 'no hypothetical contributions' "a run without hypothetical contributions" "$MUTAGREE" export "$small" \
    --format modisco --method saliency --out "$folder/never.npz"
check "has those of the mutations" "$MUTAGREE" export "$small" --quiet --format modisco --method mutations --out "$folder/small.npz"
"$MUTAGREE" scan --transcripts share/example/transcripts.fa.gz --methods saliency --quiet --bootstrap 0 \
    --out "$folder/plain.h5" >/dev/null
expect_failure 1 "no window of group 'annotated'" "an empty group" "$MUTAGREE" export "$folder/plain.h5" --format bed \
    --group annotated --out -
mkdir "$folder/unfinished.h5.parts"
expect_failure 1 'is not finished' "an interrupted run" "$MUTAGREE" export "$folder/unfinished.h5" --format bed --out -
expect_failure 1 'not_a_run' "not a run" bash -c "echo text >'$folder/not_a_run' &&
    '$MUTAGREE' export '$folder/not_a_run' --format bed --out -"
expect_failure 1 'places none of the transcripts' "an annotation of others" export_ --format bed \
    --annotation tests/data/small.gtf --out "$folder/never.bed"
grep -v plus3 tests/data/small.gtf | grep -v minus2 >"$folder/fewer.gtf"
check "an annotation without two transcripts" bash -c "'$MUTAGREE' export '$small' --quiet --format bed \
    --annotation '$folder/fewer.gtf' --out '$folder/fewer.bed' 2>'$folder/fewer.txt'"
check_output "is told" '2 of the run.s 10 transcripts, the first of them plus3' cat "$folder/fewer.txt"
check "and leaves their windows out" bash -c "! grep -q plus3 '$folder/fewer.bed' && test -s '$folder/fewer.bed'"
sed 's/701	800/701	790/' tests/data/small.gtf >"$folder/shorter.gtf"
"$MUTAGREE" export "$small" --quiet --format bed --annotation "$folder/shorter.gtf" --out "$folder/shorter.bed" 2>"$folder/shorter.txt"
check_output "exons of another length give no place" 'no place to 1 of the run.s 10 transcripts, the first of them plus3' \
    cat "$folder/shorter.txt"
grep plus3 "$folder/shorter.gtf" >"$folder/other.gtf"
expect_failure 1 'transcript plus3 has 310 nt but its exons have 300 nt' "exons of another length in all of them" "$MUTAGREE" \
    export "$small" --quiet --format bed --annotation "$folder/other.gtf" --out "$folder/never.bed"
tool change_number
tool change_seal
cp "$small" "$folder/damaged.h5"
"$BUILD/tests/tools/change_number" "$folder/damaged.h5" /places/start 3 1000000000000
"$BUILD/tests/tools/change_seal" "$small" "$folder/damaged.h5"
expect_failure 1 'place 3 begins at 1000000000000' "a window that is nowhere" "$MUTAGREE" export "$folder/damaged.h5" \
    --quiet --format vcf --out "$folder/never.vcf"
finish
