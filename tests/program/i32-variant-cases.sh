#!/bin/bash
# i32  score: small cases with names, classes and states worked out by hand, or by the pages of the HGVS nomenclature
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
data=tests/data/cases
score() { "$MUTAGREE" score --quiet --sort input "$@" | grep -v '^#'; }
# Columns 3 (ID up to a bar), 6 state, 10 hgvs_c, 11 hgvs_p, 12 class of what is scored, against standard input.
is_named() { # NAME OPTION...
    local name=$1
    shift
    sed 's/  */\t/g' >"$folder/wanted"
    score "$@" | awk -F '\t' -v OFS='\t' '{ sub(/\|.*/, "", $3); print $3, $10, $11, $12 }' >"$folder/is"
    check "$name" diff "$folder/wanted" "$folder/is"
}

# --- the end of an exon, on either strand: the name does not move over the junction ---
on=(--genome "$data/01.g.fa" --annotation "$data/01.a.gtf")
is_named "exon junction" "${on[@]}" --vcf $data/01.v.vcf <<'END'
del_last_of_exon1 c.30del p.(Ser11AlafsTer111) frameshift
del_first_of_exon2 c.31del p.(Ser11AlafsTer111) frameshift
dup_last_of_exon1 c.30dup p.(Ser11LysfsTer?) frameshift
dup_first_of_exon2 c.31dup p.(Ser11LysfsTer?) frameshift
del_last_of_exon1 c.30del p.(Ser11AlafsTer111) frameshift
del_first_of_exon2 c.31del p.(Ser11AlafsTer111) frameshift
dup_last_of_exon1 c.30dup p.(Ser11LysfsTer?) frameshift
dup_first_of_exon2 c.31dup p.(Ser11LysfsTer?) frameshift
END
is_named "one deletion in four spellings" "${on[@]}" --vcf $data/01.w.vcf <<'END'
AG_written_in_intron c.31_32del p.(Ser11LeufsTer?) frameshift
AG_written_in_exon c.31_32del p.(Ser11LeufsTer?) frameshift
AG_written_in_exon c.31_32del p.(Ser11LeufsTer?) frameshift
AG_written_in_intron c.31_32del p.(Ser11LeufsTer?) frameshift
END

# --- a stop among what is put in ---
is_named "stops in names" --transcripts $data/02.t.fa --annotation $data/02.a.bed --vcf $data/02.v.vcf <<'END'
ins_GlyTer_between_codons c.9_10insGGGTAG p.(His3_Lys4insGlyTer) nonsense
ins_Ter_between_codons c.9_10insTAG p.(Lys4Ter) nonsense
ins_in_codon3 c.8_9insCGGGTAGAC p.(His3_Lys4insGlyTer) nonsense
ins7 c.10_11insGGGTAGA p.(Lys4ArgfsTer?) frameshift
delins_Lys_to_LeuTer c.10_12delinsTTGTAG p.(Lys4delinsLeuTer) nonsense
delins_2aa_to_LeuTer c.10_15delinsCTTTAA p.(Lys4_Pro5delinsLeuTer) nonsense
mnv_over_two_codons_LysPro_AsnSer c.12_13delinsTT p.(Lys4_Pro5delinsAsnSer) missense
mnv_AsnTer c.12_14delinsTTG p.(Lys4_Pro5delinsAsnTrp) missense
x4 c.15_17delinsATA p.(Leu6Ter) nonsense
dup_Lys c.10_12dup p.(Lys4dup) inframe_insertion
dup?_ProLeu c.16_17insCGCTGC p.(Pro5_Leu6insProLeu) inframe_insertion
END

# --- selenocysteine: the CDS goes on behind a TGA ---
is_named "selenocysteine" --genome $data/03.g.fa --annotation $data/03.a.gtf --vcf $data/03.v.vcf <<'END'
missense_before_c.17T>G c.17T>G p.(Phe6Cys) missense
Sec_to_Cys_c.39A>T c.39A>T p.(Sec13Cys) missense
Sec_to_Ter_c.38G>A c.38G>A p.(Sec13Ter) nonsense
after_Sec_c.41G>A c.41G>A p.(Gly14Asp) missense
after_Sec2_c.62T>A c.62T>A p.(Val21Asp) missense
del_after_Sec c.43_45del p.(Phe15del) inframe_deletion
END
# The same where the header tells the CDS, and on the other strand, from a GFF3 whose CDS has its stop codon.
cds=$(awk '$3 == "CDS" { print $4, $5 } $3 == "exon" { a = $4; b = $5 } END { print a, b }' $data/03.a.gtf | tr '\n' ' ')
read -r first last a b <<<"$cds"
{ echo ">T CDS:$((first - a + 1))-$((last + 3 - a + 1))"; tail -n +2 $data/03.g.fa | tr -d '\n' | cut -c "$a-$b"; } >"$folder/t.fa"
awk -F '\t' -v OFS='\t' -v a="$a" '/^##contig/ { next } /^#/ { print; next } { $1 = "T"; $2 -= a - 1; print }' $data/03.v.vcf >"$folder/t.vcf"
score --transcripts "$folder/t.fa" --vcf "$folder/t.vcf" | cut -f 3,8-24 >"$folder/header"
score --genome $data/03.g.fa --annotation $data/03.a.gtf --vcf $data/03.v.vcf | cut -f 3,8-24 >"$folder/gtf"
check "... told by a header" cmp "$folder/header" "$folder/gtf"
length=$(tail -n +2 $data/03.g.fa | tr -d '\n' | wc -c)
{ echo '>c1'; tail -n +2 $data/03.g.fa | tr -d '\n' | rev | tr ACGT TGCA; echo; } >"$folder/minus.fa"
mirror() { echo "$((length + 1 - $2)) $((length + 1 - $1))"; }
{
    echo '##gff-version 3'
    read -r x y <<<"$(mirror "$a" "$b")"
    printf 'c1\tx\tmRNA\t%s\t%s\t.\t-\t.\tID=T\nc1\tx\texon\t%s\t%s\t.\t-\t.\tParent=T\n' "$x" "$y" "$x" "$y"
    read -r x y <<<"$(mirror "$first" $((last + 3)))"
    printf 'c1\tx\tCDS\t%s\t%s\t.\t-\t0\tID=P;Parent=T\n' "$x" "$y"
} >"$folder/minus.gff3"
awk -F '\t' -v OFS='\t' -v n="$length" 'function turned(s,   i, r) { r = ""; for (i = length(s); i > 0; i--) r = r substr("TGCA", index("ACGT", substr(s, i, 1)), 1); return r }
    /^##contig/ { next } /^#/ { print; next } { $2 = n + 2 - $2 - length($4); $4 = turned($4); $5 = turned($5); print }' $data/03.v.vcf >"$folder/minus.vcf"
score --genome "$folder/minus.fa" --annotation "$folder/minus.gff3" --vcf "$folder/minus.vcf" | cut -f 3,8-24 >"$folder/gff3"
check "... on the other strand, by a GFF3" cmp "$folder/gff3" "$folder/gtf"

# --- a mitochondrion has a code of its own ---
mt=(--genome "$data/04.g.fa" --annotation "$data/04.a.gtf" --vcf "$data/04.v.vcf")
is_named "mitochondria" "${mt[@]}" <<'END'
nuclear_TGG_to_TGA c.18G>A p.(Trp6Ter) nonsense
mt_TGA_to_TGG c.18A>G p.(Trp6=) silent
mt_after_TGA_c.20 c.20A>G p.(Lys7Ter) nonsense
END
is_named "... by another number" "${mt[@]}" --mitochondrial-code 4 <<'END'
nuclear_TGG_to_TGA c.18G>A p.(Trp6Ter) nonsense
mt_TGA_to_TGG c.18A>G p.(Trp6=) silent
mt_after_TGA_c.20 c.20A>G p.(Lys7Arg) missense
END
"$MUTAGREE" score "${mt[@]}" --out "$folder/mt.tsv" 2>"$folder/said"
check_output "... which is said" '2 \(vertebrate mitochondria\) in 1 transcripts \(--mitochondrial-code N\)' cat "$folder/said"
sed 's/^>MT/>Mito/; s/^>chrM/>Mito/' $data/04.g.fa >"$folder/mito.fa"
sed 's/^MT\t/Mito\t/; s/^chrM\t/Mito\t/' $data/04.a.gtf >"$folder/mito.gtf"
grep -v '^chrM\|^MT' $data/04.v.vcf >"$folder/mito.vcf"
check_output "warned where it is not told" 'warning: chromosome Mito looks like a mitochondrion, and its genetic code is not told; it is read with code 1' \
    "$(command -v bash)" -c '"$0" score "$@" --quiet 2>&1 >/dev/null' "$MUTAGREE" --genome "$folder/mito.fa" --annotation "$folder/mito.gtf" --vcf "$folder/mito.vcf"
sed '/CDS/s/$/ transl_table "4";/' $data/04.a.gtf >"$folder/told.gtf"
is_named "what the annotation tells holds" --genome $data/04.g.fa --annotation "$folder/told.gtf" --vcf $data/04.v.vcf <<'END'
nuclear_TGG_to_TGA c.18G>A p.(Trp6=) silent
mt_TGA_to_TGG c.18A>G p.(Trp6=) silent
mt_after_TGA_c.20 c.20A>G p.(Lys7Arg) missense
END

# --- around the stop ---
is_named "the stop is kept" --transcripts $data/32.t2.fa --annotation $data/32.a2.bed --vcf $data/32.v2.vcf <<'END'
tga_tAga c.13_14insA p.(Ter5=) silent
taa_tGaa c.13_14insG p.(Ter5=) silent
tga-a_del_g c.14del p.(Ter5=) silent
taa_ins4_TGAC_before c.13_14insGACT p.(Ter5=) silent
taa_ins3_TAG_before c.14_15insGTA p.(Ter5=) silent
taa_ins6_TAGGCC_before c.14_15insGGCCTA p.(Ter5=) silent
tag_delins_tga c.14_15delinsGA p.(Ter5=) silent
tag_ins_C c.13_14insC p.(Ter5SerextTer?) stop_lost
END
is_named "around the stop" --transcripts $data/32.t.fa --annotation $data/32.a.bed --vcf $data/32.v.vcf <<'END'
del_stop c.13_15del p.(Ter5GlyextTer2) stop_lost
del_Asp_and_stop c.11_*1del p.(Asp4GlyfsTer3) stop_lost
dup_last_A_of_stop c.15dup . beyond_stop
ins_A_in_stop_same c.15dup . beyond_stop
TAA_TGA c.14A>G p.(Ter5=) silent
TAA_CAA c.13T>C p.(Ter5GlnextTer3) stop_lost
ins_Lys_before_stop c.12_13insAAA p.(Asp4_Ter5insLys) inframe_insertion
ins_stop_before_stop c.14_15insGTA p.(Ter5=) silent
ins_G_in_stop_TGAA c.13_14insG p.(Ter5=) silent
del4_over_last_codon_and_stop c.12_15del p.(Asp4GlufsTer?) frameshift
del_T_of_stop c.13del p.(Ter5LysextTer?) stop_lost
del_over_stop_end c.15_*2del p.(Ter5TyrextTer2) stop_lost
after_stop_*1 c.*1G>A . beyond_stop
del_*1_*3 c.*1_*3del . beyond_stop
ins_TAA_after_His3 c.9_10insTAA p.(Asp4Ter) nonsense
END
printf '>S\nGCCGCCACCATGGCTGCACGTAAACTTGGTGCATTCGAAGCCTGAAAGG\n' >"$folder/s.fa"
printf 'S\t9\t12\n' >"$folder/s.bed"
printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nS\t43\tdel\tTGAA\tT\t.\t.\t.\nS\t43\tTAG\tT\tTAG\t.\t.\t.\nS\t43\tTAATTAA\tT\tTAATTAA\t.\t.\t.\n' >"$folder/s.vcf"
is_named "three more ways to keep it" --transcripts "$folder/s.fa" --annotation "$folder/s.bed" --vcf "$folder/s.vcf" <<'END'
del c.35_*1del p.(Ter12=) silent
TAG c.34_35insAG p.(Ter12=) silent
TAATTAA c.34_35insAATTAA p.(Ter12=) silent
END

# --- letters that leave the base open, and codons that do not: on either strand ---
printf '>v\nGCCACCATGYTAMGRAAACTGTARGG\n>w\nCCYTACAGTTTYCKTARCATGGTGGC\n' >"$folder/v.fa"
printf 'v\tx\texon\t1\t26\t.\t+\t.\ttranscript_id "V";\nv\tx\tCDS\t7\t24\t.\t+\t0\ttranscript_id "V";\nw\tx\texon\t1\t26\t.\t-\t.\ttranscript_id "W";\nw\tx\tCDS\t3\t20\t.\t-\t0\ttranscript_id "W";\n' >"$folder/v.gtf"
vague() { printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' && printf '%s\t%s\t%s\t%s\t%s\t.\t.\t.\n' "$@"; }
vague v 12 Leu A G v 14 Arg G C v 22 Ter T G v 12 out AMG A w 15 Leu T C w 13 Arg C G w 5 Ter A C >"$folder/v.vcf"
is_named "IUPAC codons" --genome "$folder/v.fa" --annotation "$folder/v.gtf" --vcf "$folder/v.vcf" <<'END'
Leu c.6A>G p.(Leu2=) silent
Arg c.8G>C . incomplete
Ter c.16T>G p.(Ter6GluextTer?) stop_lost
out . . .
Leu c.6A>G p.(Leu2=) silent
Arg c.8G>C . incomplete
Ter c.16T>G p.(Ter6GluextTer?) stop_lost
END
finish
