#!/bin/bash
# i24  score: variants of a genome and of transcripts, against each other and against a scan; every fault of a VCF
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
small=tests/data/small
genome=(--genome "$small.genome.fa" --annotation "$small.gtf" --model "$small.pth")
spliced=(--transcripts "$small.spliced.fa" --annotation "$small.starts.bed" --model "$small.pth")
score() { "$MUTAGREE" score --quiet "$@"; }
vcf() { printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' && cat; }
# Tables of chosen columns, in one order: FILE NAME...
cells() {
    local file=$1
    shift
    awk -F '\t' -v names="$*" '/^##/ { next } /^#/ { sub("#", ""); for (i = 1; i <= NF; i++) at[$i] = i; n = split(names, name, " "); next }
        { line = ""; for (i = 1; i <= n; i++) line = line (i > 1 ? "\t" : "") $at[name[i]]; print line }' "$file" | LC_ALL=C sort
}
# All substitutions of the sequences in a FASTA, all alternatives of a position in one record.
substitutions() {
    awk '/^>/ { name = substr($1, 2); at = 0; next }
        { for (i = 1; i <= length($0); i++) { b = toupper(substr($0, i, 1)); at++; if (b !~ /[ACGT]/) continue
          alt = "ACGT"; sub(b, "", alt); print name "\t" at "\t.\t" b "\t" substr(alt, 1, 1) "," substr(alt, 2, 1) "," substr(alt, 3, 1) "\t.\t.\tDP=7" } }' "$1" | vcf
}
substitutions $small.genome.fa >"$folder/genome.vcf"
substitutions $small.spliced.fa >"$folder/spliced.vcf"

# --- both strands, junctions: in genome and in transcript coordinates ---
check "all substitutions of the genome" score "${genome[@]}" --vcf "$folder/genome.vcf" --out "$folder/g.tsv" --scored-only
check "all substitutions of the transcripts" score "${spliced[@]}" --vcf "$folder/spliced.vcf" --out "$folder/t.tsv" --scored-only
what=(transcript start hgvs_c hgvs_p class kozak effect score_after new_atg new_atg_score)
cells "$folder/g.tsv" "${what[@]}" >"$folder/g.cells"
cells "$folder/t.tsv" "${what[@]}" >"$folder/t.cells"
check_output "the assumed order of the bases is said" '^  bases        ACGT .assumed; --bases says otherwise.$' \
    bash -c '"$0" score "$@" 2>&1 >/dev/null' "$MUTAGREE" "${spliced[@]}" --vcf "$folder/spliced.vcf"
check "are the same changes with the same effects" cmp "$folder/g.cells" "$folder/t.cells"
check "and there are some on either strand" test "$(cut -f 1 "$folder/g.cells" | uniq | grep -c '^plus\|^minus')" -eq 4

# Two bases taken out, and two put in, all along an exon of the reverse strand; its transcript begins at base 1950.
reverse() { # with base t of the transcript 0-based: of what, POS, REF, ALT
    awk -v t0=5 '/^>/ { on = $1 == ">chrA"; next } on { chromosome = chromosome toupper($0) }
        function other(s,   i, r) { r = ""; for (i = length(s); i > 0; i--) r = r substr("TGCA", index("ACGT", substr(s, i, 1)), 1); return r }
        END { for (t = t0; t < 90; t++) {
            g = 1950 - t; before = other(substr(chromosome, g + 1, 1)); two = other(substr(chromosome, g - 1, 2))
            print "cdsonly\t" t "\t.\t" before two "\t" before "\t.\t.\t." >"'"$folder"'/t.body"
            print "cdsonly\t" t "\t.\t" before "\t" before "GA\t.\t.\t." >"'"$folder"'/t.body"
            print "chrA\t" g - 2 "\t.\t" substr(chromosome, g - 2, 3) "\t" substr(chromosome, g - 2, 1) "\t.\t.\t." >"'"$folder"'/g.body"
            print "chrA\t" g "\t.\t" substr(chromosome, g, 1) "\t" substr(chromosome, g, 1) "TC\t.\t.\t." >"'"$folder"'/g.body" } }' $small.genome.fa
}
reverse
for side in g t; do
    vcf <"$folder/$side.body" >"$folder/$side.indels.vcf"
done
score "${genome[@]}" --vcf "$folder/g.indels.vcf" --scored-only >"$folder/g.tsv"
score "${spliced[@]}" --vcf "$folder/t.indels.vcf" --scored-only >"$folder/t.tsv"
cells "$folder/g.tsv" "${what[@]}" >"$folder/g.cells"
cells "$folder/t.tsv" "${what[@]}" >"$folder/t.cells"
check "insertions and deletions on the reverse strand" cmp "$folder/g.cells" "$folder/t.cells"
check "... which are some" test "$(wc -l <"$folder/g.cells")" -gt 20
check_output "... and shift the frame" '(ins|dup|del).*fsTer' cat "$folder/g.cells"

# --- names, and windows after the variant, by an oracle (tests/oracle/variants.py) ---
score "${genome[@]}" --vcf $small.variants.vcf --scored-only >"$folder/named.tsv"
check "the windows of the oracle have scores" "$MUTAGREE" predict --windows <(grep -v '^#' $small.variants.tsv | cut -f 9) \
    --model $small.pth --quiet --out "$folder/predicted.tsv"
paste <(grep -v '^#' $small.variants.tsv) <(grep -v '^#' "$folder/predicted.tsv" | cut -f 7) >"$folder/wanted.tsv"
check "variants are named as by the oracle, and leave its windows behind" awk -F '\t' '
    { key = $1 SUBSEP $2 SUBSEP (NR == FNR ? $4 SUBSEP $5 SUBSEP $7 SUBSEP $8 : $3 SUBSEP $4 SUBSEP $5 SUBSEP $6) }
    NR == FNR { coding[key] = $10; protein[key] = $11; after[key] = $16; next }
    { n++; if (coding[key] != $7 || ($8 != "?" && protein[key] != $8) || (after[key] - $10) ^ 2 > 1e-11) { bad++; print "wrong:", $0 } }
    END { exit bad || n != 90 }' "$folder/named.tsv" "$folder/wanted.tsv"

# --- the effects of a scan ---
check "a scan" "$MUTAGREE" scan "${genome[@]}" --candidates annotated --out "$folder/run.h5" --quiet --bootstrap 0
score "${genome[@]}" --vcf "$folder/genome.vcf" --scored-only --out "$folder/all.tsv"
cells "$folder/all.tsv" transcript hgvs_c effect >"$folder/effects"
for transcript in plus1 plus3 minus2 minus4 cdsonly; do
    "$MUTAGREE" report "$folder/run.h5" --window $transcript >"$folder/top"
    # Each of the ten strongest, to the last digit that the report shows.
    check "effects are those of the scan: $transcript" awk -v transcript=$transcript '
        NR == FNR { if ($1 == transcript) effect[$2] = $3; next }
        /^c\./ { for (i = 2; $i !~ /^-?[0-9.]+$/; i++); n++; if (effect[$1] == "" || (effect[$1] - $i) ^ 2 > 0.00051 ^ 2) bad = 1 }
        END { exit bad || n != 10 }' "$folder/effects" "$folder/top"
done
check "an export of all substitutions" "$MUTAGREE" export "$folder/run.h5" --format vcf --annotation $small.gtf --out "$folder/run.vcf.gz"
score "${genome[@]}" --vcf "$folder/run.vcf.gz" --out "$folder/again.vcf" --scored-only
# The largest effect of each, by the scan and by the forward passes here, within the rounding of float32.
check "all effects of the scan" awk -F '\t' '/^#/ { next }
    { split($8, part, ";"); for (k in part) { split(part[k], pair, "="); value[pair[1]] = pair[2] }
      d = value["STRONGEST"] - value["MUTAGREE_EFFECT"]; n++; if (d * d > 5e-12) bad = 1 } END { exit bad || n < 180 }' "$folder/again.vcf"

# --- order, threads, kinds of files ---
check "the largest effect first" awk -F '\t' '/^##/ { next } /^#/ { for (i = 1; i <= NF; i++) if ($i == "effect") c = i; next }
    { e = $c < 0 ? -$c : $c; if (n++ && e > last) bad = 1; last = e } END { exit bad || n < 100 }' "$folder/all.tsv"
score "${genome[@]}" --vcf "$folder/genome.vcf" --sort input --scored-only >"$folder/input.tsv"
check "or as in the input" diff <(grep -v '^#' "$folder/input.tsv" | cut -f 1,2) <(grep -v '^#' "$folder/input.tsv" | cut -f 1,2 | LC_ALL=C sort -k 1,1 -k 2,2n -s)
check "the same lines" cmp <(sort "$folder/input.tsv") <(sort "$folder/all.tsv")
score "${genome[@]}" --vcf "$folder/genome.vcf" --scored-only --threads 3 --out "$folder/three.tsv"
score "${genome[@]}" --vcf "$folder/genome.vcf" --scored-only --threads 1 --out "$folder/one.tsv"
check "the same bytes for any number of threads" cmp "$folder/three.tsv" "$folder/one.tsv"
table() { score "${genome[@]}" --scored-only "$@" | grep -v '^## variants'; }
table --vcf "$folder/genome.vcf" >"$folder/plain"
check "gzip" cmp "$folder/plain" <(gzip -c "$folder/genome.vcf" >"$folder/g.vcf.gz" && table --vcf "$folder/g.vcf.gz")
check "standard input" cmp "$folder/plain" <(table --vcf - <"$folder/genome.vcf")
check "GFF3 for GTF" cmp "$folder/plain" <(genome=("${genome[@]/%.gtf/.gff3}") && table --vcf "$folder/genome.vcf")
check "a copy with INFO" score "${genome[@]}" --vcf "$folder/genome.vcf" --out "$folder/copy.vcf.gz"
check "its index" test -s "$folder/copy.vcf.gz.tbi"
check "all records are kept" cmp <(grep -v '^#' "$folder/genome.vcf" | cut -f 1-8) \
    <(zcat "$folder/copy.vcf.gz" | grep -v '^#' | sed 's/;MUTAGREE.*//')
largest=$(grep -v '^#' "$folder/all.tsv" | head -n 1 | cut -f 2,14)
check_output "INFO has the largest effect" "MUTAGREE_EFFECT=[^;]*${largest#*	}[,;].*MUTAGREE_CLASS=" \
    grep -P "^chrA\t${largest%	*}\t" <(zcat "$folder/copy.vcf.gz")
check "a copy of the copy" score "${genome[@]}" --vcf "$folder/copy.vcf.gz" --out "$folder/copy.vcf"
check "... has the same effects" cmp <(grep -v '^##' "$folder/copy.vcf") <(zcat "$folder/copy.vcf.gz" | grep -v '^##')
sed 's/\tDP=7/\tDP=7;MUTAGREE=old/' "$folder/genome.vcf" >"$folder/old.vcf"
score "${genome[@]}" --vcf "$folder/old.vcf" --out "$folder/new.vcf" --scored-only
check "nothing of an earlier run is left" test "$(grep -c 'MUTAGREE=old' "$folder/new.vcf"):$(grep -c 'MUTAGREE=[ACGT]|' "$folder/new.vcf")" = \
    "0:$(grep -c 'MUTAGREE_CLASS=.*[a-z]' "$folder/new.vcf")"

# --- what cannot be scored has its reason ---
# The states of one record: ID and alleles of chrA at a position.
states() { # NAME STATES POSITION REF ALT [OPTION...]
    local name=$1 wanted=$2
    printf 'chrA\t%s\tx\t%s\t%s\t.\t.\t.\n' "$3" "$4" "$5" | vcf >"$folder/one.vcf"
    shift 5
    check "$name: $wanted" test "$(score "${genome[@]}" --vcf "$folder/one.vcf" --sort input "$@" | grep -v '^#' | cut -f 6,7 | tr '\t\n' ': ')" = "$wanted "
}
base() { awk -v name="$1" -v at="$2" -v n="${3:-1}" '/^>/ { on = $1 == ">" name; next } on { s = s $0 } END { print toupper(substr(s, at, n)) }' $small.genome.fa; }
a=$(base chrA 253) # the G of plus1's ATG, in two transcripts
states "a known one" "scored:plus1 outside_windows:noncoding" 253 "$a" C
states "several alleles" "scored:plus1 outside_windows:noncoding symbolic:. symbolic:. unknown_base:." 253 "$a" 'C,<DEL>,*,N'
states "no alternative" "no_alternative:." 253 "$a" .
states "between the genes" "no_transcript:." 100 "$(base chrA 100)" "$(base chrA 100)AA"
states "an unknown base" "unknown_base:plus1 unknown_base:noncoding" 351 A C
states "over a junction" "partly_outside:plus3" 659 "$(base chrA 659 3)" "$(base chrA 659)"
states "from exon to exon" "partly_outside:plus3" 659 "$(base chrA 659 43)" "$(base chrA 659)"
states "too long" "too_long:." 210 "$(base chrA 210 60)" "$(base chrA 210)"
states "behind the windows" "outside_windows:plus1 outside_windows:noncoding" 450 "$(base chrA 450)" "$(base chrA 450)TTT"
states "REF that is not there" "ref_mismatch:plus1 ref_mismatch:noncoding" 253 C G --skip-mismatch
check_output "a duplicate is scored twice" '^2$' \
    grep -c scored <(printf 'chrA\t253\t.\t%s\tC\t.\t.\t.\nchrA\t253\t.\t%s\tC\t.\t.\t.\n' "$a" "$a" | vcf | score "${genome[@]}" --vcf -)
sed 's/^chr//' "$folder/genome.vcf" | table --vcf - | cut -f 2- >"$folder/bare"
check "A for chrA" cmp "$folder/bare" <(cut -f 2- "$folder/plain")
sed 's/^chrB/scaffold_7/' "$folder/genome.vcf" >"$folder/unknown.vcf"
check_output "another chromosome is counted" '^ .* on a chromosome that is not known$' \
    "$(command -v bash)" -c '"$0" score "$@" 2>&1 >/dev/null' "$MUTAGREE" "${genome[@]}" --vcf "$folder/unknown.vcf"
check_output "a new ATG before the start has a score of its own" $'\tupstream_(orf|atg_in_frame|atg_out_of_frame)\t-?[0-9.]+\t0\.[0-9]+\t(new|start)\tg$' \
    cat "$folder/all.tsv"

# --- faults ---
refuse() { # NAME REGEX OPTIONS...
    local name=$1 regex=$2
    shift 2
    absent=$folder/no.tsv expect_failure 1 "^mutagree: $regex" "$name" "$MUTAGREE" score --quiet "$@" --out "$folder/no.tsv"
}
record() { printf "$@" | vcf >"$folder/bad.vcf"; }
record 'chrA\t5\t.\tA\tC\t.\t.\t.\nchrA\t1250\t.\tG\tC\t.\t.\t.\n'
refuse "REF that the sequence does not have" "$folder/bad.vcf line 4: REF has G at chrA:1250, but the sequence has A \(transcript minus2, strand -\)" \
    "${genome[@]}" --vcf "$folder/bad.vcf"
record 'three\t3\t.\tGT\tG\t.\t.\t.\n'
refuse "REF over the end of a transcript" '.*bad.vcf line 3: three:3 with REF GT runs over the end of transcript three, which has 3 nt' \
    "${spliced[@]}" --vcf "$folder/bad.vcf"
record 'chr9\t5\t.\tA\tC\t.\t.\t.\n'
refuse "chromosomes of another genome" ".*none of its chromosomes is known; it has for example 'chr9', the sequences 'chrA'" \
    "${genome[@]}" --vcf "$folder/bad.vcf"
record 'chr9\t5\t.\tA\tC\t.\t.\t.\nchr9\t6\t.\tA\t<DEL>\t.\t.\t.\n'
refuse "... with alleles that could not be scored anyway" ".*none of its chromosomes is known" "${genome[@]}" --vcf "$folder/bad.vcf"
record 'chrA\t253\t.\tG'
refuse "a line that is cut short" '.*bad.vcf line 3: 4 columns' "${genome[@]}" --vcf "$folder/bad.vcf"
record 'chrA\tfive\t.\tA\tC\t.\t.\t.\n'
refuse "a position that is none" '.*bad.vcf line 3' "${genome[@]}" --vcf "$folder/bad.vcf"
head -c 700 "$folder/g.vcf.gz" >"$folder/cut.vcf.gz"
refuse "gzip that is cut short" '.*cut.vcf.gz' "${genome[@]}" --vcf "$folder/cut.vcf.gz"
head -c 9000 "$folder/copy.vcf.gz" >"$folder/cut.vcf.gz"
refuse "bgzip that is cut short" '.*cut.vcf.gz' "${genome[@]}" --vcf "$folder/cut.vcf.gz"
refuse "no VCF" '.*small.gtf is no VCF or BCF' "${genome[@]}" --vcf $small.gtf
refuse "no such file" 'cannot open .*none.vcf: No such file' "${genome[@]}" --vcf "$folder/none.vcf"
(grep '^#' "$folder/genome.vcf"; grep -v '^#' "$folder/genome.vcf" | tac) >"$folder/unsorted.vcf"
absent=$folder/no.vcf.gz expect_failure 1 'line 4: chrB:[0-9]+ is out of order.*bcftools sort' "out of order, to be indexed" \
    "$MUTAGREE" score --quiet "${genome[@]}" --vcf "$folder/unsorted.vcf" --out "$folder/no.vcf.gz"
check "out of order is no fault of a table" cmp <(sort "$folder/plain") <(table --vcf "$folder/unsorted.vcf" | sort)
expect_failure 1 'all.tsv is there already' "a file that is there" "$MUTAGREE" score --quiet "${genome[@]}" --vcf "$folder/genome.vcf" --out "$folder/all.tsv"
expect_failure 2 'give the variants with --vcf' "no variants" "$MUTAGREE" score "${genome[@]}"
expect_failure 2 'give the sequences with' "no sequences" "$MUTAGREE" score --vcf "$folder/genome.vcf"
expect_failure 2 'only one file can be read from standard input' "two from standard input" \
    "$MUTAGREE" score --vcf - --transcripts - --annotation $small.starts.bed
# Two at once, of which the first waits for its variants.
mkfifo "$folder/fifo"
score "${genome[@]}" --vcf "$folder/fifo" --out "$folder/two.tsv" --sort input &
job=$!
exec 3>"$folder/fifo"
cat "$folder/genome.vcf" >&3
await "$job" compgen -G "$folder/two.tsv.*.part" >/dev/null
check "another one is done before" "$MUTAGREE" score --quiet "${genome[@]}" --vcf "$folder/genome.vcf" --out "$folder/two.tsv"
cp "$folder/two.tsv" "$folder/first.tsv"
exec 3>&-
wait "$job"
check "... and does not lose its file to the one that ends last" test $? -eq 1
check "... which stays as it was" cmp "$folder/two.tsv" "$folder/first.tsv"
check "nothing on standard output when it fails" test -z "$("$MUTAGREE" score --quiet "${genome[@]}" --vcf "$folder/bad.vcf" 2>/dev/null)"
check "nothing is left behind" test -z "$(find "$folder" -name '*.part')"

# --- beta-globin, by the published network: the stops that cause thalassaemia ---
shared=../shared/data/tisrover_plus
if [ -r $shared/beta_globin.pos ]; then
    (echo '>HBB' && tail -n 1 $shared/beta_globin.pos) >"$folder/hbb.fa"
    printf 'HBB\t60\t63\n' >"$folder/hbb.bed"
    substitutions "$folder/hbb.fa" | score --vcf - --transcripts "$folder/hbb.fa" --annotation "$folder/hbb.bed" \
        --model $shared/tis_rover_plus.pth --arch tisrover+ | grep -v '^#' | head -n 3 | cut -f 10,12 >"$folder/hbb"
    for stop in 'c.48G>A' 'c.52A>T'; do
        check_output "beta-globin: $stop is among the first three of 609" "^$stop	nonsense$" cat "$folder/hbb"
    done
else
    skip "beta-globin: c.48G>A and c.52A>T come first" "no $shared"
fi
printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchrA\t99999999\tfar\tA\tC\t.\t.\t.\n' >"$folder/far.vcf"
expect_failure 1 "line 3: chrA:99999999 with REF A lies beyond the end of the chromosome" "a place beyond the chromosome" score "${genome[@]}" --vcf "$folder/far.vcf"
check "... is passed over when asked" test "$(score "${genome[@]}" --vcf "$folder/far.vcf" --skip-mismatch | grep -v '^#' | cut -f 6)" = ref_mismatch

finish
