/* annotated_sites.c  splice sites, ends and codons of the transcripts of an annotation */
#include <stdlib.h>
#include <string.h>

#include "io/sites/sites.h"
#include "src/core/memory.h"
#include "src/sequence/placement.h"

/* --- loci --- */

typedef struct {
    int64_t gene; /* or, where none is told, a number below 0 of the transcript's own */
    size_t entry;
} member;

static int compare_members(const void *a, const void *b)
{
    const member *x = a, *y = b;
    if (x->gene != y->gene) return x->gene < y->gene ? -1 : 1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

static bool is_usable(const mg_entry *entry)
{
    return entry->n_exons > 0 && (entry->state == MG_ENTRY_USABLE || entry->state == MG_ENTRY_INCOMPLETE);
}

static bool is_at(const mg_site_locus *locus, const mg_entry *entry, size_t chromosome)
{
    return locus->chromosome == chromosome && locus->strand == entry->strand;
}

/* The locus of an entry among those from `first` on, which are of its gene. */
static mg_status find_locus(mg_sites *sites, const mg_annotation *a, const mg_entry *entry, size_t first, size_t *ret,
                            mg_error *err)
{
    const mg_exon *exon = a->exon + entry->first_exon;
    const char *name = a->chromosome[entry->chromosome];
    size_t chromosome;
    mg_status status = mg_sites_chromosome(sites, name, strlen(name), &chromosome, err);
    if (status != MG_OK) return status;
    int64_t begin = exon[0].begin, end = exon[entry->n_exons - 1].end;
    for (*ret = first; *ret < sites->n_loci; ++*ret) {
        mg_site_locus *locus = &sites->locus[*ret];
        if (!is_at(locus, entry, chromosome)) continue;
        if (begin < locus->begin) locus->begin = begin;
        if (end > locus->end) locus->end = end;
        return MG_OK;
    }
    status = mg_grow(&sites->locus, &sites->n_locus_room, sites->n_loci + 1, sizeof *sites->locus, err);
    if (status == MG_OK)
        sites->locus[sites->n_loci++] = (mg_site_locus){chromosome, entry->strand, begin, end, entry->gene};
    return status;
}

/* The locus of each entry; SIZE_MAX of those that cannot be used. */
static mg_status find_loci(mg_sites *sites, const mg_annotation *a, size_t *locus, mg_error *err)
{
    member *order = NULL;
    size_t n = a->n_entries, first = 0;
    mg_status status = mg_alloc(&order, n, sizeof *order, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < n; i++)
        order[i] = (member){a->entry[i].gene >= 0 ? a->entry[i].gene : -1 - (int64_t)i, i};
    qsort(order, n, sizeof *order, compare_members);
    for (size_t k = 0; k < n && status == MG_OK; k++) {
        const mg_entry *entry = &a->entry[order[k].entry];
        if (k > 0 && order[k].gene != order[k - 1].gene) first = sites->n_loci;
        locus[order[k].entry] = SIZE_MAX;
        if (is_usable(entry)) status = find_locus(sites, a, entry, first, &locus[order[k].entry], err);
    }
    free(order);
    return status;
}

/* --- sites --- */

typedef struct {
    mg_sites *sites;
    const mg_entry *entry;
    mg_site site; /* what all sites of the entry have in common */
    mg_placement placement;
} transcript;

static mg_status add(const transcript *t, mg_site_kind kind, int64_t at, mg_error *err)
{
    mg_site site = t->site;
    if ((t->sites->kinds & 1u << kind) == 0) return MG_OK;
    site.kind = kind;
    site.at = at;
    return mg_sites_add(t->sites, site, err);
}

static mg_status add_introns(const transcript *t, mg_error *err)
{
    const mg_exon *exon = t->placement.exon;
    bool forward = t->placement.strand == '+';
    mg_status status = MG_OK;
    for (size_t i = 0; i + 1 < t->placement.n_exons && status == MG_OK; i++) {
        int64_t begin = exon[i].end, end = exon[i + 1].begin; /* of the intron */
        if (end - begin < MG_SHORTEST_INTRON) {
            t->sites->n_short += end > begin;
            continue;
        }
        status = add(t, MG_SITE_DONOR, forward ? begin : end - 1, err);
        if (status == MG_OK) status = add(t, MG_SITE_ACCEPTOR, forward ? end : begin - 1, err);
    }
    return status;
}

static mg_status add_ends(const transcript *t, mg_error *err)
{
    const mg_exon *exon = t->placement.exon;
    bool forward = t->placement.strand == '+';
    int64_t begin = exon[0].begin, end = exon[t->placement.n_exons - 1].end;
    mg_status status = add(t, MG_SITE_TSS, forward ? begin : end - 1, err);
    return status == MG_OK ? add(t, MG_SITE_TES, forward ? end : begin - 1, err) : status;
}

static mg_status add_codons(transcript *t, mg_error *err)
{
    const mg_coding *coding = &t->entry->coding;
    mg_status status = MG_OK;
    for (size_t k = 0; k < t->entry->n_starts && status == MG_OK; k++)
        status = add(t, MG_SITE_START, mg_placement_to_genome(&t->placement, t->entry->start[k].position), err);
    if (status != MG_OK || coding->end < 3) return status;
    for (int64_t k = 0; k < 6; k++)
        t->site.stop[k] = mg_placement_to_genome(&t->placement, coding->end - 3 + k);
    return add(t, MG_SITE_STOP, t->site.stop[0], err);
}

static mg_status add_entry(mg_sites *sites, const mg_annotation *a, const mg_entry *entry, size_t locus, mg_error *err)
{
    const mg_exon *exon = a->exon + entry->first_exon;
    size_t chromosome = sites->locus[locus].chromosome;
    transcript t = {.sites = sites, .entry = entry};
    t.placement = (mg_placement){chromosome, entry->strand, entry->n_exons, exon};
    t.site = (mg_site){.chromosome = chromosome,
                       .reach = exon[entry->n_exons - 1].end,
                       .line = entry->line,
                       .locus = locus,
                       .strand = entry->strand,
                       .label = 1};
    mg_status status = add_introns(&t, err);
    if (status == MG_OK) status = add_ends(&t, err);
    return status == MG_OK ? add_codons(&t, err) : status;
}

static mg_status none_found(const mg_annotation *a, const char *path, unsigned kinds, mg_error *err)
{
    char list[128] = "";
    for (int k = 0; k < MG_N_SITE_KINDS; k++)
        if ((kinds & 1u << k) != 0) {
            strcat(list, *list != '\0' ? "," : "");
            strcat(list, mg_site_names[k]);
        }
    if (a->n_exons == 0)
        return mg_fail(err, MG_EINPUT, "%s holds no exons; sites are found by those of a GTF, GFF3 or BED12", path);
    return mg_fail(err, MG_EINPUT, "%s has no site of the kinds asked for (--sites %s)", path, list);
}

mg_status mg_sites_from_annotation(mg_annotation *inout, const char *path, unsigned kinds, mg_sites *ret, mg_error *err)
{
    size_t *locus = NULL;
    *ret = (mg_sites){.kinds = kinds, .format = "annotation", .odd = inout->odd, .strand_is_told = true};
    mg_status status = mg_alloc(&locus, inout->n_entries, sizeof *locus, err);
    if (status == MG_OK) status = find_loci(ret, inout, locus, err);
    for (size_t i = 0; i < inout->n_entries && status == MG_OK; i++) {
        if (locus[i] != SIZE_MAX) status = add_entry(ret, inout, &inout->entry[i], locus[i], err);
        ret->n_unplaced += locus[i] == SIZE_MAX;
    }
    free(locus);
    if (status == MG_OK && ret->n == 0) status = none_found(inout, path, kinds, err);
    if (status == MG_OK) status = mg_sites_unite(ret, err);
    if (status != MG_OK) {
        mg_sites_destroy(ret);
        return status;
    }
    ret->genes = inout->genes;
    inout->genes = (mg_genes){0};
    return MG_OK;
}
