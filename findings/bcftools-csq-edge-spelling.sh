#!/bin/bash
# bcftools-csq-edge-spelling.sh  bcftools csq calls one and the same insertion a frameshift or a lost splice site, as it is written
#
# Expected:  two VCF records that turn the genome into the same sequence have the same consequence, and bcftools norm, which
#            writes every insertion leftmost, changes nothing but the spelling.
# Real:      at the end of an exon that is not so for insertions. A G more where an intron ends in AG and the next exon begins
#            with G is "splice_acceptor" when it is put left of the intron's G, and "frameshift" when it is put right of it; both
#            give ...AGGG..., in which the AG of the site is where it was. One A more in an exon that ends in GAA is "frameshift"
#            when it is put left of the As, "splice_donor" right of them. A pipeline that runs norm first reports the leftmost
#            one, a caller that writes variants the other way round the other. (Deletions of one of the two Gs are called alike.)
# Package:   bcftools 1.16-1, samtools 1.16.1-1 (Debian 12)
#
# Exit status: 0 as described, 1 it is different now, 2 a package cannot be had.
set -u

# The very packages, or nothing: installed by apt-get if this system has others or none.
need() { # PACKAGE=VERSION...
    local want missing=()
    for want in "$@"; do
        [ "$(dpkg-query -W -f "\${Version}" "${want%%=*}" 2>/dev/null)" = "${want#*=}" ] || missing+=("$want")
    done
    [ ${#missing[@]} -eq 0 ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
        { echo "cannot install ${missing[*]}" >&2; exit 2; }
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

need bcftools=1.16-1 samtools=1.16.1-1
# 40 bases, an exon (ATG ... GAA), an intron (GT ... AG), an exon (GAA ... TAA), 40 bases
flank=TCATTCATTCATTCATTCATTCATTCATTCATTCATTCAT
one=ATGGCTGAACTGAAAGGCTCACTGGAA
intron=GTAAGTTCTTCATTCATCCTTCATTCATCCTTCATTCATCCTTCATTCTTTTCAG
two=GAAGCTGGCCTGTCAGCTTAA
genome=$folder/genome.fa
printf '>1\n%s\n' $flank$one$intron$two$flank >"$genome"
samtools faidx "$genome"
first=$((${#flank} + 1))
last=$((first + ${#one} - 1))
second=$((last + ${#intron} + 1))
end=$((second + ${#two} - 1))
row() { printf '1\tmade\t%s\t%d\t%d\t.\t+\t%s\t%s\n' "$@"; }
{
    echo '##gff-version 3'
    row gene $first $end . 'ID=gene:g;Name=g;biotype=protein_coding'
    row mRNA $first $end . 'ID=transcript:t;Parent=gene:g;biotype=protein_coding'
    for exon in "$first $last" "$second $end"; do
        # shellcheck disable=SC2086 # two numbers
        { row exon $exon . 'Parent=transcript:t'; row CDS $exon 0 'ID=CDS:p;Parent=transcript:t'; }
    done
} >"$folder/genes.gff3"
vcf() { # POS REF ALT
    printf '##fileformat=VCFv4.2\n##contig=<ID=1,length=%d>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' $((end + ${#flank}))
    printf '1\t%d\t.\t%s\t%s\t.\t.\t.\n' "$@"
}
sequence() { # POS REF ALT: the genome with it
    vcf "$@" | bcftools view -O z -o "$folder/v.vcf.gz" - && bcftools index -f "$folder/v.vcf.gz" &&
        bcftools consensus -f "$genome" "$folder/v.vcf.gz" 2>/dev/null
}
called() { # the names of what csq says of the VCF on standard input
    bcftools csq --local-csq -f "$genome" -g "$folder/genes.gff3" - 2>/dev/null |
        bcftools query -f '%INFO/BCSQ' - | tr ',' '\n' | cut -d '|' -f 1 | paste -sd ' '
}

changed=0
pair() { # what they are called, and then POS REF ALT of two spellings
    local left right leftmost
    sequence "$3" "$4" "$5" >"$folder/left.fa"
    sequence "$6" "$7" "$8" >"$folder/right.fa"
    if ! cmp "$folder/left.fa" "$folder/right.fa" || cmp -s "$folder/left.fa" "$genome" || [ ! -s "$folder/left.fa" ]; then changed=1; fi
    left=$(vcf "$3" "$4" "$5" | called)
    right=$(vcf "$6" "$7" "$8" | called)
    leftmost=$(vcf "$6" "$7" "$8" | bcftools norm -f "$genome" - 2>/dev/null | bcftools query -f '%POS %REF>%ALT' -)
    printf '%s %s>%s: %s\n%s %s>%s: %s (bcftools norm: %s)\n' "$3" "$4" "$5" "$left" "$6" "$7" "$8" "$right" "$leftmost"
    if [ "$left" != "$1" ] || [ "$right" != "$2" ] || [ "$leftmost" != "$3 $4>$5" ]; then changed=1; fi
}
echo "insertion where an intron ends in AG and the exon begins with G:"
pair splice_acceptor 'splice_region frameshift' $((second - 2)) A AG $second G GG
echo "insertion where an exon ends in GAA:"
pair 'splice_region frameshift' splice_donor $((last - 2)) G GA "$last" A AA
echo "deletion of one of the two Gs:"
pair 'synonymous&splice_acceptor' 'synonymous&splice_acceptor' $((second - 2)) AG A $((second - 1)) GG G
[ $changed -eq 0 ] || { echo "bcftools csq is different now"; exit 1; }
echo "as described: the same insertion has two consequences"
