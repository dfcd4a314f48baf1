/* place.c  transcripts on the genome of an annotation, or each as a sequence of its own */
#include "io/export/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/fasta/contigs.h"
#include "io/genome/placements.h"
#include "src/core/memory.h"

/* What was left out is said. */
static void tell_missing(const mg_export *export)
{
    char missing[MG_COUNT_TEXT], all[MG_COUNT_TEXT];
    const mg_placements *p = &export->placements;
    size_t n = p->n_placements - mg_placements_n_placed(p), first = 0;
    if (n == 0) return;
    while (p->placement[first].n_exons > 0)
        first++;
    mg_warn("%s gives no place to %s of the run's %s transcripts, the first of them %s; their windows are left out",
            export->options->annotation, mg_format_count(missing, (int64_t)n),
            mg_format_count(all, (int64_t)p->n_placements), export->transcriptome.transcript[first].name);
}

typedef struct {
    const char *name;
    size_t chromosome; /* of the annotation */
} named;

static int compare_names(const void *a, const void *b)
{
    const named *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static mg_status order_chromosomes(mg_export *export, mg_error *err)
{
    size_t n = export->placements.n_chromosomes;
    named *order = NULL;
    mg_status status = mg_alloc(&order, n, sizeof *order, err);
    if (status == MG_OK) status = mg_alloc(&export->chromosome, n, sizeof *export->chromosome, err);
    if (status == MG_OK) status = mg_alloc(&export->contig, n, sizeof *export->contig, err);
    for (size_t k = 0; k < n && status == MG_OK; k++)
        order[k] = (named){export->placements.chromosome[k], k};
    if (status == MG_OK) qsort(order, n, sizeof *order, compare_names);
    for (size_t k = 0; k < n && status == MG_OK; k++) {
        export->chromosome[k] = order[k].chromosome;
        export->contig[order[k].chromosome] = k;
    }
    free(order);
    return status;
}

/* A transcript lies on a chromosome that the genome has, and within it. */
static mg_status check_length(const mg_export *export, size_t transcript, mg_error *err)
{
    const mg_placement *placement = &export->placements.placement[transcript];
    const char *genome = export->options->genome, *name = export->transcriptome.transcript[transcript].name;
    if (placement->n_exons == 0) return MG_OK;
    const char *chromosome = export->placements.chromosome[placement->chromosome];
    int64_t length = export->length[placement->chromosome], end = placement->exon[placement->n_exons - 1].end;
    if (length >= end) return MG_OK;
    if (length < 0)
        return mg_fail(err, MG_EINPUT,
                       "%s has no chromosome '%s', where %s puts transcript %s; are the two of one genome?", genome,
                       chromosome, export->options->annotation, name);
    return mg_fail(err, MG_EINPUT,
                   "%s: chromosome '%s' has %" PRId64 " nt, but by %s transcript %s reaches to %" PRId64
                   "; are the two of one genome?",
                   genome, chromosome, length, export->options->annotation, name, end);
}

static mg_status measure_chromosomes(mg_export *export, mg_error *err)
{
    const mg_placements *p = &export->placements;
    mg_status status = mg_alloc(&export->length, p->n_chromosomes, sizeof *export->length, err);
    for (size_t k = 0; k < p->n_chromosomes && status == MG_OK; k++)
        export->length[k] = -1;
    if (export->options->genome == NULL || status != MG_OK) return status;
    status = mg_contigs_measure(export->options->genome, &p->chromosome_names, export->length, err);
    for (size_t t = 0; t < p->n_placements && status == MG_OK; t++)
        status = check_length(export, t, err);
    return status;
}

/* --- sites, whose places the run has --- */

static mg_status read_chromosomes(mg_export *export, mg_error *err)
{
    mg_placements *p = &export->placements;
    int64_t n = export->run->shape.n_chromosomes;
    char(*name)[MG_NAME_LENGTH + 1] = NULL;
    mg_status status = mg_alloc(&name, (size_t)n, sizeof *name, err);
    if (status == MG_OK) status = mg_alloc(&export->length, (size_t)n, sizeof *export->length, err);
    if (status == MG_OK) status = mg_alloc(&p->chromosome, (size_t)n, sizeof *p->chromosome, err);
    if (status == MG_OK) status = mg_run_file_chromosomes(export->run, 0, n, name, export->length, err);
    for (int64_t k = 0; k < n && status == MG_OK; k++) {
        status = mg_copy_text(&p->chromosome[k], name[k], err);
        p->n_chromosomes += status == MG_OK;
    }
    free(name);
    return status;
}

static mg_status read_sites(mg_export *export, mg_error *err)
{
    mg_placements *p = &export->placements;
    const mg_transcriptome *t = &export->transcriptome;
    size_t n = t->n_transcripts;
    int64_t *value = NULL; /* (4, n): length, chromosome, begin, strand */
    mg_status status = mg_alloc(&value, n, 4 * sizeof *value, err);
    if (status == MG_OK) status = mg_alloc(&p->placement, n, sizeof *p->placement, err);
    if (status == MG_OK) status = mg_alloc(&p->exon, n, sizeof *p->exon, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        value[i] = t->transcript[i].length;
    if (status == MG_OK)
        status = mg_run_file_sites(export->run, (int64_t)n, export->length, value, value + n, value + 2 * n,
                                   value + 3 * n, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        int64_t begin = value[2 * n + i];
        p->exon[i] = (mg_exon){begin, begin + value[i], 0};
        p->placement[i] = (mg_placement){(size_t)value[n + i], value[3 * n + i] < 0 ? '-' : '+', 1, &p->exon[i]};
    }
    p->n_placements = p->n_exons = status == MG_OK ? n : 0;
    free(value);
    return status;
}

static mg_status open_sites(mg_export *export, mg_error *err)
{
    mg_status status = read_chromosomes(export, err);
    if (status == MG_OK) status = read_sites(export, err);
    for (size_t k = 0; k < export->placements.n_chromosomes; k++)
        if (export->length[k] == 0) export->length[k] = -1; /* none of its sites was taken */
    return status == MG_OK ? order_chromosomes(export, err) : status;
}

const char *mg_export_site(const mg_export *export, int64_t transcript, int64_t start, char *kept)
{
    const char *name = export->transcriptome.transcript[transcript].name;
    if (export->sites)
        snprintf(kept, MG_EXPORT_SITE_TEXT, "%s", name);
    else
        snprintf(kept, MG_EXPORT_SITE_TEXT, "%s:%" PRId64, name, start);
    return kept;
}

void mg_export_put_site(const mg_export *export, int64_t transcript, int64_t start, mg_writer *out)
{
    mg_writer_text(out, export->transcriptome.transcript[transcript].name);
    mg_writer_tab(out);
    if (export->sites) {
        const mg_placement *p = &export->placements.placement[transcript];
        mg_writer_text(out, export->placements.chromosome[p->chromosome]);
        mg_writer_tab(out);
        mg_writer_integer(out, mg_placement_to_genome(p, start));
        mg_writer_tab(out);
        mg_writer_letter(out, p->strand);
    } else {
        mg_writer_integer(out, start);
    }
    mg_writer_tab(out);
}

mg_status mg_export_place_open(mg_export *export, mg_error *err)
{
    export->on_genome = export->sites || export->options->annotation != NULL;
    if (export->sites) return open_sites(export, err);
    if (export->options->annotation == NULL) return MG_OK;
    mg_status status =
        mg_placements_read(export->options->annotation, &export->transcriptome, &export->placements, err);
    if (status == MG_OK) status = order_chromosomes(export, err);
    if (status == MG_OK) status = measure_chromosomes(export, err);
    if (status == MG_OK) tell_missing(export);
    return status;
}

void mg_export_place_close(mg_export *export)
{
    mg_placements_destroy(&export->placements);
    free(export->chromosome);
    free(export->contig);
    free(export->length);
    export->chromosome = export->contig = NULL;
    export->length = NULL;
}

bool mg_export_find_place(const mg_export *export, int64_t transcript, mg_export_place *ret)
{
    if (!export->on_genome) {
        ret->contig = transcript;
        ret->whole = (mg_exon){0, export->transcriptome.transcript[transcript].length, 0};
        ret->placement = (mg_placement){(size_t)transcript, '+', 1, &ret->whole};
        return true;
    }
    ret->placement = export->placements.placement[transcript];
    if (ret->placement.n_exons == 0) return false;
    ret->contig = (int64_t) export->contig[ret->placement.chromosome];
    return true;
}

int64_t mg_export_n_contigs(const mg_export *export)
{
    return (int64_t)(export->on_genome ? export->placements.n_chromosomes : export->transcriptome.n_transcripts);
}

const char *mg_export_contig_name(const mg_export *export, int64_t contig)
{
    if (!export->on_genome) return export->transcriptome.transcript[contig].name;
    return export->placements.chromosome[export->chromosome[contig]];
}

int64_t mg_export_contig_length(const mg_export *export, int64_t contig)
{
    if (!export->on_genome) return export->transcriptome.transcript[contig].length;
    return export->length[export->chromosome[contig]];
}
