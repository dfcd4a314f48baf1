/* transcript.c  what a transcript answers about its own starts */
#include "src/sequence/transcript.h"

#include <stdlib.h>

void mg_transcriptome_destroy(mg_transcriptome *transcriptome)
{
    if (transcriptome == NULL) return;
    for (size_t i = 0; i < transcriptome->n_transcripts; i++) {
        free(transcriptome->transcript[i].name);
        free(transcriptome->transcript[i].base);
        free(transcriptome->transcript[i].start);
    }
    mg_genes_destroy(&transcriptome->genes);
    free(transcriptome->gene_of);
    free(transcriptome->transcript);
    *transcriptome = (mg_transcriptome){0};
}

const mg_gene *mg_transcriptome_gene(const mg_transcriptome *transcriptome, int64_t transcript)
{
    int64_t gene = transcriptome->gene_of != NULL ? transcriptome->gene_of[transcript] : -1;
    return gene >= 0 ? &transcriptome->genes.gene[gene] : NULL;
}

static int compare_positions(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool mg_transcript_has_start(const mg_transcript *transcript, int64_t start)
{
    return transcript->n_starts > 0 &&
           bsearch(&start, transcript->start, transcript->n_starts, sizeof start, compare_positions) != NULL;
}

bool mg_transcript_codon_is_atg(const mg_transcript *transcript, int64_t start)
{
    if (start < 0 || start > transcript->length - 3) return false;
    const mg_base *codon = transcript->base + start;
    return codon[0] == MG_A && codon[1] == MG_T && codon[2] == MG_G;
}

int64_t mg_transcript_n_not_atg(const mg_transcript *transcript)
{
    int64_t n = 0;
    for (size_t i = 0; i < transcript->n_starts; i++)
        n += !mg_transcript_codon_is_atg(transcript, transcript->start[i]);
    return n;
}

size_t mg_starts_normalise(int64_t *start, size_t n)
{
    if (n == 0) return 0;
    qsort(start, n, sizeof *start, compare_positions);
    size_t n_kept = 1;
    for (size_t i = 1; i < n; i++)
        if (start[i] != start[n_kept - 1]) start[n_kept++] = start[i];
    return n_kept;
}
