/* order.c  exons that are joined in another order than they have on the chromosome
 *
 * In trans-splicing RNAs of several places become one transcript (rps12 and nad5 of plants). Its exons may lie on one
 * strand and still be joined out of order, which part= (GFF3, always in the order of the transcript) and exon_number
 * (GTF, in the order of the transcript, or ascending on the chromosome) tell; GFF3 without part= tells it by the order
 * of its lines. A transcript over the origin of a circular chromosome looks the same.
 */
#include "io/annotation/format.h"

/* Are the keys, in the order of the chromosome, those of an ascending (or descending) row? */
static bool ascend(const mg_piece *exon, size_t n, bool by_line, bool down)
{
    for (size_t i = 1; i < n; i++) {
        int64_t before = by_line ? exon[i - 1].line : exon[i - 1].number,
                here = by_line ? exon[i].line : exon[i].number;
        if (down ? here >= before : here <= before) return false;
    }
    return true;
}

/* A start codon that lies in a CDS record, but not in the first one. */
static bool start_is_inside(const mg_locus *l)
{
    if (l->n_codons != 1 || l->n_cds < 2) return false;
    const mg_piece *first = &l->cds[l->codon->strand == '-' ? l->n_cds - 1 : 0];
    return l->codon->end <= first->begin || l->codon->begin >= first->end;
}

bool mg_annotation_in_order(const mg_locus *l)
{
    const mg_piece *exon = l->n_exons > 0 ? l->exon : l->cds;
    size_t n = l->n_exons > 0 ? l->n_exons : l->n_cds;
    bool numbered = true, strict = false, trans_spliced = false, reverse = exon[0].strand == '-';
    for (size_t i = 0; i < n; i++) {
        numbered = numbered && exon[i].number > 0;
        strict = strict || exon[i].is_part;
        trans_spliced = trans_spliced || exon[i].trans_spliced;
        if (exon[i].cds != exon[0].cds) return true; /* several CDS in place of exons: no row that one could follow */
    }
    if (!numbered) return !trans_spliced || ascend(exon, n, true, reverse);
    if (ascend(exon, n, false, reverse)) return true;
    if (strict || trans_spliced || !reverse || !ascend(exon, n, false, false)) return false;
    return !start_is_inside(l);
}
