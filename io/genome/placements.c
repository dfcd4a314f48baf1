/* placements.c  exons of an annotation go to the transcripts that were given */
#include "io/genome/placements.h"

#include <stdlib.h>

#include "src/core/log.h"
#include "src/core/memory.h"

/* Give each transcript the exons of its entry. A second entry for it, as where the file names a transcript with its
 * version and without, leaves no place that could be trusted; of several loci of one id it is the first. */
static mg_status place_transcripts(const mg_annotation *annotation, const size_t *transcript,
                                   const mg_transcriptome *transcriptome, mg_placements *p, size_t *ret_n_unfit,
                                   mg_error *err)
{
    *ret_n_unfit = 0;
    bool *twice = NULL;
    mg_status status = mg_alloc(&twice, p->n_placements, sizeof *twice, err);
    for (size_t i = 0; i < annotation->n_entries && status == MG_OK; i++) {
        const mg_entry *entry = &annotation->entry[i];
        if (transcript[i] == SIZE_MAX || entry->n_exons == 0) continue;
        if (!mg_annotation_fits(entry, &transcriptome->transcript[transcript[i]])) {
            *ret_n_unfit += !entry->coding_only;
            continue;
        }
        mg_placement *placement = &p->placement[transcript[i]];
        bool other_locus = entry->copy_of != SIZE_MAX && placement->n_exons > 0;
        if (other_locus) continue;
        twice[transcript[i]] = twice[transcript[i]] || placement->n_exons > 0;
        *placement = (mg_placement){.chromosome = entry->chromosome,
                                    .strand = entry->strand,
                                    .n_exons = entry->n_exons,
                                    .exon = annotation->exon + entry->first_exon};
    }
    for (size_t t = 0; t < p->n_placements && status == MG_OK; t++)
        if (twice[t]) p->placement[t] = (mg_placement){0};
    free(twice);
    return status;
}

/* What the placements point to and are named by is theirs from now on. */
static void take_over(mg_annotation *from, mg_placements *to)
{
    to->exon = from->exon;
    to->n_exons = from->n_exons;
    to->chromosome = from->chromosome;
    to->n_chromosomes = from->n_chromosomes;
    to->chromosome_names = from->chromosome_names;
    from->exon = NULL;
    from->chromosome = NULL;
    from->n_exons = from->n_exon_room = from->n_chromosomes = from->n_chromosome_room = 0;
    from->chromosome_names = (mg_names){0};
}

static mg_status none_placed(const mg_annotation *annotation, const char *path, const size_t *transcript,
                             const mg_transcriptome *transcriptome, mg_error *err)
{
    char n[MG_COUNT_TEXT];
    for (size_t i = 0; i < annotation->n_entries; i++) {
        const mg_transcript *found = transcript[i] != SIZE_MAX ? &transcriptome->transcript[transcript[i]] : NULL;
        if (found != NULL && !mg_annotation_fits(&annotation->entry[i], found))
            return mg_annotation_unfit(annotation, &annotation->entry[i], found, path, err);
    }
    return mg_fail(err, MG_EINPUT,
                   "%s: it places none of the transcripts that were given; it tells of %s, for example '%s', and given "
                   "is for example '%s'",
                   path, mg_format_count(n, (int64_t)annotation->n_entries), annotation->entry[0].id,
                   transcriptome->n_transcripts > 0 ? transcriptome->transcript[0].name : "");
}

mg_status mg_placements_take(mg_annotation *inout, const char *path, const mg_transcriptome *transcriptome,
                             mg_placements *ret, mg_error *err)
{
    mg_placements p = {.n_placements = transcriptome->n_transcripts};
    size_t *transcript = NULL, n_unfit = 0;
    if (inout->n_exons == 0)
        return mg_fail(err, MG_EINPUT, "%s holds no exons; places on the genome are told by a GTF, GFF3 or BED12",
                       path);
    mg_status status = mg_alloc(&p.placement, p.n_placements, sizeof *p.placement, err);
    if (status == MG_OK) status = mg_alloc(&transcript, inout->n_entries, sizeof *transcript, err);
    if (status == MG_OK) status = mg_annotation_match(inout, transcriptome, transcript, NULL, err);
    if (status == MG_OK) status = place_transcripts(inout, transcript, transcriptome, &p, &n_unfit, err);
    if (status == MG_OK && (n_unfit > mg_placements_n_placed(&p) || mg_placements_n_placed(&p) == 0))
        status = none_placed(inout, path, transcript, transcriptome, err);
    free(transcript);
    if (status != MG_OK) {
        mg_placements_destroy(&p);
        return status;
    }
    take_over(inout, &p);
    *ret = p;
    return MG_OK;
}

mg_status mg_placements_read(const char *path, const mg_transcriptome *transcriptome, mg_placements *ret, mg_error *err)
{
    mg_annotation annotation = {0};
    mg_status status = mg_annotation_read_genome(path, &annotation, err);
    if (status == MG_OK) status = mg_placements_take(&annotation, path, transcriptome, ret, err);
    mg_annotation_destroy(&annotation);
    return status;
}

size_t mg_placements_n_placed(const mg_placements *placements)
{
    size_t n = 0;
    for (size_t i = 0; i < placements->n_placements; i++)
        n += placements->placement[i].n_exons > 0;
    return n;
}
