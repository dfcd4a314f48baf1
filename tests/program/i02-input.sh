#!/bin/bash
# i02  what goes in: the same windows from every kind of input, real annotations, and every fault of an input file
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
small=tests/data/small shared=../shared/data kallisto=/usr/share/doc/kallisto/test

windows() { "$MUTAGREE" windows "$@"; }
sum() { windows --quiet "$@" | sha256sum | cut -d ' ' -f 1; }
has() { [ -e "$1" ]; }

# --- the same windows from every kind of input ---
same() { # NAME OPTIONS...
    local name=$1
    shift
    check "$name" cmp $small.windows.tsv <(windows --quiet "$@")
}
for tool in cat gzip bgzip; do
    if ! command -v $tool >/dev/null; then
        skip "the same windows by $tool" "$tool is not installed"
        continue
    fi
    mkdir "$folder/$tool"
    [ $tool = cat ] && gz='' || gz=.gz
    for file in genome.fa gtf gff3 spliced.fa starts.bed; do
        $tool <$small.$file >"$folder/$tool/$file$gz"
    done
    here=$folder/$tool
    same "genome and GTF, by $tool" --genome "$here/genome.fa$gz" --annotation "$here/gtf$gz"
    same "genome and GFF3, by $tool" --genome "$here/genome.fa$gz" --annotation "$here/gff3$gz"
    same "spliced FASTA and BED, by $tool" --transcripts "$here/spliced.fa$gz" --annotation "$here/starts.bed$gz"
    same "spliced FASTA and GTF, by $tool" --transcripts "$here/spliced.fa$gz" --annotation "$here/gtf$gz"
    same "standard input, by $tool" --transcripts - --annotation $small.starts.bed <"$here/spliced.fa$gz"
done
same "an annotation from a pipe" --transcripts $small.spliced.fa --annotation <(cat $small.gtf)
windows --quiet --transcripts $small.spliced.fa --annotation $small.gtf >"$folder/list.bed"
same "the table is a list of candidates" --transcripts $small.spliced.fa --annotation $small.gtf \
    --candidates "$folder/list.bed"
check_output "length and anchor are options" $'^three\t0\t3\t1\t5\t0\tNNATGNNN$' \
    windows --quiet --transcripts $small.spliced.fa --annotation $small.starts.bed --length 8 --anchor 2

# --- real data ---
describe() { windows "$@" 2>&1 >/dev/null; }
if has $shared/yeast; then
    oracle=$(sed -n 's/^sha256 //p' tests/oracle/yeast.windows.txt)
    check_output "185,038 windows of the yeast genome are those of the oracle" "^$oracle\$" \
        sum --genome $shared/yeast/*.fa.gz --annotation $shared/yeast/*.gtf.gz
    check_output "yeast has 6,600 starts, 10 of them not ATG" '10 annotated starts are not ATG: no candidates' \
        describe --genome $shared/yeast/*.fa.gz --annotation $shared/yeast/*.gtf.gz
else
    skip "185,038 windows of the yeast genome are those of the oracle" "no $shared/yeast"
fi
if has $shared/human; then
    check_output "chromosome 20: 508 principal transcripts, 508 annotated ATGs" '^  candidates   508 annotated ATG,' \
        describe --transcripts $shared/human/chr20.principal.fa.gz --candidates annotated
    check_output "chromosome 20: 2,054 starts of all transcripts" '2,054 annotated starts in 2,054$' \
        describe --transcripts $shared/human/chr20.transcripts.fa.gz --annotation $shared/human/chr20.starts.bed
    check_output "... of which 5 are CTG or TTG" '5 annotated starts are not ATG: no candidates' \
        describe --transcripts $shared/human/chr20.transcripts.fa.gz --annotation $shared/human/chr20.starts.bed
else
    skip "chromosome 20: 508 principal transcripts, 508 annotated ATGs" "no $shared/human"
fi
if has $kallisto/transcripts.gtf.gz; then
    check_output "the example of kallisto: versions in the FASTA names" \
        '^  transcripts  14 \(28,564 nt\), 14 annotated starts in 14, 6 in transcripts not given$' \
        describe --transcripts $kallisto/transcripts.fasta.gz --annotation $kallisto/transcripts.gtf.gz
else
    skip "the example of kallisto: versions in the FASTA names" "kallisto-examples is not installed"
fi

# --- faults of an input file: status 1, one sentence with file, line and what to do, nothing on stdout ---
refuse() { # NAME REGEX OPTIONS...
    local name=$1 regex=$2
    shift 2
    expect_failure 1 "^mutagree: $regex" "$name" windows "$@"
    [ -s "$folder_private/out" ] && not_ok "$name: nothing on standard output"
}
file() { printf "$2" >"$folder/$1"; } # NAME FORMAT
fa=$small.spliced.fa
gzip -c $fa >"$folder/whole.fa.gz"
head -c 600 "$folder/whole.fa.gz" >"$folder/cut.fa.gz"
gzip -c $small.gtf | head -c 500 >"$folder/cut.gtf.gz"
: >"$folder/empty.fa"
: >"$folder/empty.gtf"
file headless.fa 'ACGT\n>a\nACGT\n'
file twice.fa '>a\nACGT\n>b\nACGT\n>a again\nACGT\n'
file nameless.fa '>a\nACGT\n> b\nACGT\n'
file bare.fa '>a\n>b\nACGT\n'
file gap.fa '>a\nAC-GT\n'
file protein.fa '>a\nMELVKLS\n'
file header.fa '>a|CDS:1-9|\nATGATG\n'
file other.bed 'x\t1\t4\n'
file past.bed 'plus1\t298\t301\n'
file reverse.bed 'plus1\t50\t53\tx\t0\t-\n'
file genes.bed 'plus1\t50\n'
sed 's/\t201\t500\t/\t201\t499\t/' $small.gtf >"$folder/shorter.gtf"
grep -E '"(plus1|noncoding)"' "$folder/shorter.gtf" >"$folder/other.gtf"
head -n 4 $small.gtf | cut -f 1-8 >"$folder/columns.gtf"
file line.pos 'ACGT\n'

refuse "a missing FASTA" "cannot open .*none.fa: No such file" --transcripts "$folder/none.fa"
refuse "a folder" "cannot read .*: it is a directory" --transcripts "$folder"
refuse "an empty FASTA" ".*empty.fa is empty" --transcripts "$folder/empty.fa"
refuse "a FASTA cut short" ".*cut.fa.gz is cut short .* line [0-9]+" --transcripts "$folder/cut.fa.gz"
refuse "sequence before the first header" ".*headless.fa line 1: sequence before" --transcripts "$folder/headless.fa"
refuse "a name given twice" ".*twice.fa line 5: 'a' is .* line 1; " --transcripts "$folder/twice.fa"
refuse "a header without name" ".*nameless.fa line 3: " --transcripts "$folder/nameless.fa"
refuse "a record without sequence" ".*bare.fa line 1: 'a' has no sequence" --transcripts "$folder/bare.fa"
refuse "a gap in a sequence" ".*gap.fa line 2: '-' is no letter" --transcripts "$folder/gap.fa"
refuse "a protein" ".*protein.fa line 2: the letter 'E' .* protein" --transcripts "$folder/protein.fa"
refuse "a header past the end" ".*header.fa line 1: transcript a ends at 6 but its CDS ends at 9" \
    --transcripts "$folder/header.fa"
refuse "a missing annotation" "cannot open .*none.gtf" --transcripts $fa --annotation "$folder/none.gtf"
refuse "an empty annotation" ".*empty.gtf holds no GTF" --transcripts $fa --annotation "$folder/empty.gtf"
refuse "an annotation cut short" ".*cut.gtf.gz is cut short" --transcripts $fa --annotation "$folder/cut.gtf.gz"
refuse "an annotation of others" ".*other.bed: none of its 1 .*'x', the sequences 'plus1'" --transcripts $fa \
    --annotation "$folder/other.bed"
refuse "a start past the end" ".*past.bed line 1: transcript plus1 ends at 300 but .* 301; is this the annotation" \
    --transcripts $fa --annotation "$folder/past.bed"
check_output "exons of another length: no start in those transcripts" \
    '2 transcripts without annotated start, the first: .*shorter.gtf line 2: transcript plus1 has 300 nt but its exons have 299' \
    describe --transcripts $fa --annotation "$folder/shorter.gtf"
refuse "exons of another length in all of them" ".*other.gtf line 1: transcript plus1 has 300 nt but its exons have 299 nt" \
    --transcripts $fa --annotation "$folder/other.gtf"
refuse "a BED of the genome" ".*reverse.bed line 1: strand '-'" --transcripts $fa --annotation "$folder/reverse.bed"
refuse "a column too few in BED" ".*genes.bed line 1: 2 columns" --transcripts $fa --annotation "$folder/genes.bed"
refuse "a column too few in GTF" ".*columns.gtf line 2: 8 columns" --transcripts $fa --annotation "$folder/columns.gtf"
refuse "another genome" ".*small.gtf: none of its chromosomes is in .*'chrA', the genome 'plus1'" --genome $fa \
    --annotation $small.gtf
refuse "a window of another length" ".*line.pos line 1: a window of 4 letters; the network takes 203" \
    --windows "$folder/line.pos"
refuse "a list of candidates of others" ".*other.bed: none of its 1" --transcripts $fa --candidates "$folder/other.bed"

expect_failure 2 "give one of --transcripts, --genome and --windows" "no sequences" windows
expect_failure 2 "not several" "two kinds of sequences" windows --transcripts $fa --genome $fa
expect_failure 2 "needs the exons" "a genome alone" windows --genome $fa
expect_failure 2 "'annotated' or a BED file" "a strange kind of candidates" windows --transcripts $fa --candidates atgs
expect_failure 2 "needs --annotation" "annotated candidates without annotation" windows --transcripts $fa \
    --candidates annotated
expect_failure 2 "leaves no room" "an anchor at the window's end" windows --transcripts $fa --length 62
expect_failure 1 "cannot write standard output" "a full disk" bash -c "'$MUTAGREE' windows --transcripts $fa >/dev/full"
finish
