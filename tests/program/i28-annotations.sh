#!/bin/bash
# i28  annotations and names as other programs write them: one odd gene costs only itself, and every name is found
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$folder" || exit 1

# Two transcripts of 60 nt whose start codons stand at 20 and 26, in a genome with 100 nt before and between them.
fill() { printf '%*s' "$1" '' | sed "s/ /$2/g" | cut -c "1-$1"; }
t=$(fill 20 CCTA)ATGGCTAAGGAAGTTTAA$(fill 22 GGTC)
u=$(fill 26 TCCA)ATGCCAGGTGAATTTTGA$(fill 16 GACT)
g=$(fill 100 ACCT)$t$(fill 100 GTTC)$u$(fill 80 ACCG)
printf '>c1\n%s\n' "$g" >g.fa
printf '>c1\n%s\n' "$(echo "$g" | rev | tr ACGT TGCA)" >reverse.fa # of 400 nt: place x is 401 - x
printf '>t\n%s\n>u\n%s\n' "$t" "$u" >t.fa
head -n 2 t.fa >one.fa

row() { # TYPE BEGIN END STRAND PHASE ATTRIBUTES
    printf '%s\tx\t%s\t%s\t%s\t.\t%s\t%s\t%s\n' "${chromosome:-c1}" "$@"
}
good() { row exon 261 320 + . Parent=u && row CDS 287 304 + 0 Parent=u; } # u at 26
starts() { # OPTIONS...: "t:20 u:26"
    "$MUTAGREE" windows --quiet --candidates annotated --length 9 --anchor 3 "$@" | awk '!/^#/ { printf "%s:%s ", $1, $2 }'
}
says() { "$MUTAGREE" windows --candidates annotated --length 9 --anchor 3 "$@" 2>&1 >/dev/null; }
gives() { check_output "$1" "^$2 \$" starts "${@:3}"; } # NAME STARTS OPTIONS...

# --- one odd gene ---
odd() { # NAME REASON: the lines on standard input, and a good gene
    { cat && good; } >odd.gff3
    gives "$1: the others stay" u:26 --genome g.fa --annotation odd.gff3
    check_output "$1: and it is said" "1 transcript (of the annotation )?left out: .*$2" says --genome g.fa --annotation odd.gff3
}
odd "a slipped base in the exons" "overlaps the one in line 1" < <(row exon 101 130 + . Parent=t && row exon 130 160 + . Parent=t)
odd "a gene over the origin" 'c1 ends at 400 but transcript t ends at 420' < <(row exon 381 420 + . Parent=t)
odd "a CDS outside" 'lies outside the exons' < <(row exon 101 160 + . Parent=t && row CDS 171 180 + 0 Parent=t)
odd "trans-splicing" 'in another order' < <(row exon 141 160 + . 'Parent=t;part=1' && row exon 101 120 + . 'Parent=t;part=2')
odd "a range backwards" "'160' to '101' is no range" < <(row exon 160 101 + . Parent=t)
row exon 381 420 + . Parent=t >all.gff3
expect_failure 1 'ends at 400 but transcript t ends at 420; is this the annotation of this genome' "all genes past the end" \
    "$MUTAGREE" windows --genome g.fa --annotation all.gff3
{ row exon 101 150 + . Parent=t && good; } >shorter.gff3
gives "a transcript of another length" u:26 --transcripts t.fa --annotation shorter.gff3
check_output "... and it is said" 'without annotated start: shorter.gff3 line 1: transcript t has 60 nt but its exons have 50 nt' \
    says --transcripts t.fa --annotation shorter.gff3

# --- where starts are ---
both() { # NAME STARTS: the annotation on standard input, on the forward strand, and turned around
    cat >a.gff3
    awk -F '\t' 'BEGIN { OFS = FS } { x = $4; $4 = 401 - $5; $5 = 401 - x; $7 = "-"; print }' a.gff3 >b.gff3
    gives "$1" "$2" --genome g.fa --annotation a.gff3
    gives "$1, other strand" "$2" --genome reverse.fa --annotation b.gff3
}
both "a phase of '.'" t:20 < <(row exon 101 160 + . Parent=t && row CDS 121 138 + . 'ID=c;Parent=t')
both "CDS alone, of a gene" gene-t:0 < <(row CDS 121 138 + 0 'ID=c;Parent=gene-t')
both "CDS alone, by its ID" 1_1:0 < <(row CDS 121 138 + 0 'ID=1_1;partial=00')
both "UTR and CDS without exons" t:20 < <(row five_prime_UTR 101 120 + . Parent=t && row CDS 121 138 + 0 Parent=t &&
    row three_prime_UTR 139 160 + . Parent=t)
both "two CDS of one mRNA" 't:20 t:86' < <(row exon 101 160 + . Parent=t && row exon 261 320 + . Parent=t &&
    row CDS 121 138 + 0 'ID=p1;Parent=t' && row CDS 287 304 + 0 'ID=p2;Parent=t')

# --- a CDS that does not fit its transcript leaves that one out, and says so ---
left_out() { # of name, sentence: rows of one bad transcript t; a good one beside it
    { cat && good; } >bad.gff3
    check_output "$1" "$2" bash -c "'$MUTAGREE' windows --genome g.fa --annotation bad.gff3 2>&1 >/dev/null"
    gives "... and the others are used" 'u:26' --genome g.fa --annotation bad.gff3
}
left_out "a CDS beyond its exon" 'line 2: the CDS at 121-170 lies outside the exons of transcript t, or reaches beyond them' \
    < <(row exon 101 160 + . Parent=t && row CDS 121 170 + 0 Parent=t)
left_out "... at its 5' end" 'line 2: the CDS at 91-138 lies outside' < <(row exon 101 160 + . Parent=t && row CDS 91 138 + 0 Parent=t)
left_out "... on the reverse strand" 'line 2: the CDS at 91-138 lies outside' < <(row exon 101 160 - . Parent=t && row CDS 91 138 - 0 Parent=t)
left_out "phase 7" "line 2: the phase of this CDS of transcript t is '7'; 0, 1, 2 or . is wanted" < <(row exon 101 160 + . Parent=t && row CDS 121 138 + 7 Parent=t)
left_out "phase -1" "line 2: the phase of this CDS of transcript t is '-1'" < <(row exon 101 160 + . Parent=t && row CDS 121 138 + -1 Parent=t)
for thick in '90\t138' '120\t170' '135\t160'; do # beyond either end, and a start in an intron
    printf "c1\t100\t160\tt\t0\t+\t$thick\t0\t2\t30,10,\t0,50,\nc1\t260\t320\tu\t0\t+\t286\t304\t0\t1\t60,\t0,\n" >thick.bed
    gives "BED12, thick at ${thick/\\t/ to }" 'u:26' --genome g.fa --annotation thick.bed
done

# --- BED12: blocks are the exons, what is thick is the CDS ---
printf 'c1\t100\t160\tt\t0\t+\t120\t138\t0\t2\t30,10,\t0,50,\nc1\t260\t320\tu\t0\t+\t286\t304\t0\t1\t60,\t0,\n' >g.bed
gives "BED12" 't:20 u:26' --genome g.fa --annotation g.bed
{ row exon 101 130 + . Parent=t && row exon 151 160 + . Parent=t && row CDS 121 130 + 0 Parent=t && good; } >g.gff3
check "... gives the windows of the same GFF3" cmp <("$MUTAGREE" windows --quiet --genome g.fa --annotation g.bed) \
    <("$MUTAGREE" windows --quiet --genome g.fa --annotation g.gff3)
printf 'c1\t286\t289\n' >starts.bed
expect_failure 1 'starts.bed line 1: 3 columns of BED, which holds no exons: .* BED12' "a BED without blocks" \
    "$MUTAGREE" windows --genome g.fa --annotation starts.bed

# --- two loci of one id ---
{ good && chromosome=c2 good; } >par.gff3
{ cat g.fa && sed 's/c1/c2/' g.fa; } >two.fa
gives "one id on two chromosomes" 'u:26 u_dup1:26' --genome two.fa --annotation par.gff3
check_output "is told" '1 transcript is another locus of an id' says --genome two.fa --annotation par.gff3
gives "and the other transcripts stay" u:26 --transcripts t.fa --annotation par.gff3

# --- names ---
{ row exon 101 160 + . 'Parent=a%3B1' && row CDS 121 138 + 0 'Parent=a%3B1'; } >encoded.gff3
for name in 'a;1' a%3B1; do
    sed "s/>t/>$name/" one.fa >named.fa
    gives "a GFF3 name encoded, in the FASTA $name" "$name:20" --transcripts named.fa --annotation encoded.gff3
done
{ row exon 101 160 + . Parent=transcript:t && row CDS 121 138 + 0 Parent=transcript:t; } >prefix.gff3
for name in t t.3 transcript:t; do
    sed "s/>t/>$name/" one.fa >named.fa
    gives "transcript:t, in the FASTA $name" "$name:20" --transcripts named.fa --annotation prefix.gff3
done
{ chromosome=1 good; } >bare.gff3
{ chromosome=chr1 good; } >chr.gff3
{ chromosome=c%3E1 good; } >column.gff3
sed 's/c1/1/' g.fa >bare.fa
sed 's/c1/chr1/' g.fa >chr.fa
sed 's/c1/c>1/' g.fa >column.fa
sed 's/c1/c%3E1/' g.fa >encoded.fa
sed 's/c1/ref|chr1| Homo sapiens/' g.fa >ncbi.fa
gives "chr1 of the genome is 1" u:26 --genome chr.fa --annotation bare.gff3
gives "1 of the genome is chr1" u:26 --genome bare.fa --annotation chr.gff3
gives "the genome's name is an accession" u:26 --genome ncbi.fa --annotation chr.gff3
gives "column 1 encoded" u:26 --genome column.fa --annotation column.gff3
gives "... and in the genome as well" u:26 --genome encoded.fa --annotation column.gff3
cat chr.fa bare.fa >twice.fa
expect_failure 1 'both chr1 and 1 are chromosome 1 of bare.gff3' "two chromosomes for one" "$MUTAGREE" windows --genome twice.fa \
    --annotation bare.gff3
printf 'NM_1.1\t20\t23\n' >ncbi.bed
for header in 'lcl|NC_1_mrna_NM_1.1_1 [gene=A] [transcript_id=NM_1.1]' 'gi|111|ref|NM_1.1| Homo sapiens' 'ref|NM_1.1|' NM_1.1; do
    sed "s/>t/>$header/" one.fa >named.fa
    gives "header '$header'" NM_1.1:20 --transcripts named.fa --annotation ncbi.bed
done
sed 's/^>\(.\)/>TR20|c0_g\1_i1 len=60/' t.fa >trinity.fa
check_output "names of Trinity stay whole" '^TR20\|c0_gt_i1	20' "$MUTAGREE" windows --quiet --transcripts trinity.fa --length 9 --anchor 3
printf 't.1\t20\t23\nt.2\t30\t33\nu\t26\t29\n' >versions.bed
gives "two versions for one sequence: neither" u:26 --transcripts t.fa --annotation versions.bed
check_output "is told" '2 names of the annotation stand for several' says --transcripts t.fa --annotation versions.bed

# --- files ---
printf '\xef\xbb\xbf' | cat - t.fa >mark.fa
printf '\xef\xbb\xbfu\t26\t29\n' >mark.bed
gives "a byte order mark" u:26 --transcripts mark.fa --annotation mark.bed
printf '\xef\xbb\xbf##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nu\t29\t.\tG\tA\t.\t.\t.\n' >mark.vcf
check_output "in a VCF" '^u	29	.*	c.3G>A	' "$MUTAGREE" score --quiet --vcf mark.vcf --transcripts mark.fa --annotation mark.bed
sed 's/^>/@/' t.fa >reads.fq
expect_failure 1 'reads.fq line 1: a read of FASTQ' "FASTQ for FASTA" "$MUTAGREE" windows --transcripts reads.fq
for tool in xz bzip2 zstd; do
    if ! command -v $tool >/dev/null; then
        skip "a FASTA packed by $tool" "$tool is not installed"
        continue
    fi
    $tool -c t.fa >packed
    expect_failure 1 "packed is compressed in a way that is not read \($tool\)" "a FASTA packed by $tool" \
        "$MUTAGREE" windows --transcripts packed
done

# --- names in tables: UTF-8, and no formulas ---
printf '>=1+1\n%s\n>b\xe4r\n%s\n>b\xc3\xa4r\n%s\n' "$t" "$u" "$u" >names.fa
"$MUTAGREE" predict --quiet --transcripts names.fa >names.tsv
check "names are UTF-8" iconv -f UTF-8 -t UTF-8 names.tsv
check_output "names in a table" "^'=1\+1 b\?r bär \$" bash -c "awk '!/^#/ { printf \"%s \", \$1 }' names.tsv"
"$MUTAGREE" predict --quiet --transcripts names.fa --out names.bed
check_output "a BED is made for no spreadsheet" '^=1\+1	20' cat names.bed

# --- gffread says the same ---
if command -v gffread >/dev/null; then
    { row mRNA 101 160 + . ID=t && row exon 101 160 + . Parent=t && row CDS 121 138 + 0 Parent=t &&
        row mRNA 261 320 + . ID=u && good; } >r.gff3
    gffread -w r.fa -g g.fa r.gff3 2>/dev/null
    gives "headers of gffread -w" "$(starts --genome g.fa --annotation r.gff3 | sed 's/ $//')" --transcripts r.fa
    gffread -T r.gff3 -o r.gtf
    gives "its GTF" 't:20 u:26' --genome g.fa --annotation r.gtf
    gffread --bed r.gff3 -o r.bed
    gives "its BED12" 't:20 u:26' --genome g.fa --annotation r.bed
else
    skip "headers of gffread -w" "gffread is not installed"
    skip "its BED12" "gffread is not installed"
    skip "its GTF" "gffread is not installed"
fi
finish
