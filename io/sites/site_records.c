/* site_records.c  chromosome after chromosome: the windows of its sites, and decoys beside them */
#include "io/sites/site_records.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sites/decoys.h"
#include "io/fasta/fasta.h"
#include "io/genome/genome.h"
#include "io/sites/site_kin.h"
#include "src/task/splice/splice.h"
#include "src/core/log.h"
#include "src/core/memory.h"

/* A record that was cut. */
typedef struct {
    size_t order; /* number of the site; decoys come behind all sites */
    mg_site site;
    char *name;         /* owned */
    int64_t begin, end; /* on the chromosome */
    int64_t place;      /* in the spool */
    int64_t window;     /* begin of its window, which may lie before the chromosome */
} record;

/* Numbers by chromosome: a chain for each, begun in `first` and continued in `next`; SIZE_MAX ends it. */
typedef struct {
    size_t *first, *next;
} chains;

typedef struct {
    mg_sites *sites;
    const char *sites_path, *path;
    const mg_site_cutting *how;
    mg_spool *spool;
    chains of_sites, of_loci;
    mg_site *known; /* owned (n_known) the sites in their order */
    size_t n_known;
    int64_t *n_sites; /* owned (n_loci, MG_N_SITE_KINDS) cut so far */
    size_t n, n_room;
    record *record; /* owned */
    size_t n_decoys;
    mg_base *base; /* of the record at hand */
    size_t n_base;
    char **from;                    /* owned (n_chromosomes) the genome's name for each; NULL: not met */
    int64_t *length;                /* owned (n_chromosomes) nt */
    char first[MG_NAME_LENGTH + 1]; /* name of the genome's first chromosome, for a message */
    mg_site_counts counts;
} cutter;

/* --- by chromosome --- */

static mg_status create_chains(size_t n_chromosomes, size_t n, chains *ret, mg_error *err)
{
    mg_status status = mg_alloc(&ret->first, n_chromosomes, sizeof *ret->first, err);
    if (status == MG_OK) status = mg_alloc(&ret->next, n, sizeof *ret->next, err);
    for (size_t c = 0; status == MG_OK && c < n_chromosomes; c++)
        ret->first[c] = SIZE_MAX;
    return status;
}

/* From the last to the first, so that a chain goes upward. */
static void put_before(chains *c, size_t chromosome, size_t i)
{
    c->next[i] = c->first[chromosome];
    c->first[chromosome] = i;
}

static int compare_known(const void *a, const void *b)
{
    return mg_site_compare(a, b);
}

static mg_status prepare(cutter *c, mg_error *err)
{
    const mg_sites *s = c->sites;
    mg_status status = create_chains(s->n_chromosomes, s->n, &c->of_sites, err);
    if (status == MG_OK) status = create_chains(s->n_chromosomes, s->n_loci, &c->of_loci, err);
    if (status == MG_OK) status = mg_alloc(&c->known, s->n, sizeof *c->known, err);
    if (status == MG_OK) status = mg_alloc(&c->n_sites, s->n_loci, MG_N_SITE_KINDS * sizeof *c->n_sites, err);
    if (status == MG_OK) status = mg_alloc(&c->from, s->n_chromosomes, sizeof *c->from, err);
    if (status == MG_OK) status = mg_alloc(&c->length, s->n_chromosomes, sizeof *c->length, err);
    if (status != MG_OK) return status;
    for (size_t i = s->n; i-- > 0;)
        put_before(&c->of_sites, s->site[i].chromosome, i);
    for (size_t i = s->n_loci; i-- > 0;)
        put_before(&c->of_loci, s->locus[i].chromosome, i);
    memcpy(c->known, s->site, s->n * sizeof *c->known);
    c->n_known = s->n;
    qsort(c->known, c->n_known, sizeof *c->known, compare_known);
    return MG_OK;
}

/* --- a window --- */

/* Base `at` as the strand has it. */
static mg_base on_strand(const mg_fasta_record *chromosome, int64_t at, char strand)
{
    return strand == '-' ? mg_base_complement(chromosome->base[at]) : chromosome->base[at];
}

static bool is_stop(const mg_fasta_record *chromosome, const int64_t *at, char strand)
{
    mg_base b[3];
    for (int k = 0; k < 3; k++) {
        if (at[k] < 0 || at[k] >= chromosome->length) return false;
        b[k] = on_strand(chromosome, at[k], strand);
    }
    bool purines = b[1] == MG_A && (b[2] == MG_A || b[2] == MG_G);
    return b[0] == MG_T && (purines || (b[1] == MG_G && b[2] == MG_A));
}

/* Some files count the stop codon to the CDS and others do not: TAA, TAG and TGA tell. */
static bool find_stop(const mg_fasta_record *chromosome, mg_site *inout)
{
    if (is_stop(chromosome, inout->stop, inout->strand)) return true;
    if (!is_stop(chromosome, inout->stop + 3, inout->strand)) return false;
    inout->at = inout->stop[3];
    return true;
}

static void leave_out_beyond(cutter *c, const mg_site *site, const mg_fasta_record *chromosome)
{
    char is[MG_COUNT_TEXT], should[MG_COUNT_TEXT];
    mg_left_out_add(&c->counts.beyond,
                    "%s line %" PRId64 ": chromosome %s ends at %s but this %s reaches to %s; are they of one genome?",
                    c->sites_path, site->line, chromosome->name, mg_format_count(is, chromosome->length),
                    site->kind == MG_SITE_REGION ? "region" : "transcript", mg_format_count(should, site->reach));
}

/* May it be looked at? What is left out is counted. */
static bool passes(cutter *c, const mg_fasta_record *chromosome, size_t black, int64_t window)
{
    int64_t begin = window > 0 ? window : 0, end = window + c->how->length, n_known = 0;
    if (end > chromosome->length) end = chromosome->length;
    if (c->how->blacklist != NULL && mg_blacklist_touches(c->how->blacklist, black, begin, end)) {
        c->counts.n_blacklisted++;
        return false;
    }
    for (int64_t at = begin; at < end && n_known == 0; at++)
        n_known += chromosome->base[at] < MG_N_BASES;
    c->counts.n_unknown += n_known == 0;
    return n_known > 0;
}

static mg_status name_record(const cutter *c, const mg_fasta_record *chromosome, record *r, mg_error *err)
{
    char name[2 * MG_NAME_LENGTH];
    bool region = r->site.kind == MG_SITE_REGION;
    int n = snprintf(name, sizeof name, "%s%s%s:%" PRId64 "-%" PRId64 "(%c)", region ? "" : mg_site_names[r->site.kind],
                     region ? "" : ":", chromosome->name, r->window, r->window + c->how->length, r->site.strand);
    if (n > MG_NAME_LENGTH)
        return mg_fail(err, MG_EINPUT, "%s line %" PRId64 ": the name '%.40s...' is too long to name its windows",
                       c->path, chromosome->line, chromosome->name);
    return mg_copy_text(&r->name, name, err);
}

static mg_status write_bases(cutter *c, const mg_fasta_record *chromosome, record *r, mg_error *err)
{
    int64_t n = r->end - r->begin;
    mg_status status = mg_grow(&c->base, &c->n_base, (size_t)n, sizeof *c->base, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        c->base[i] = on_strand(chromosome, r->site.strand == '-' ? r->end - 1 - i : r->begin + i, r->site.strand);
    r->place = mg_spool_take(c->spool, n);
    return mg_spool_write(c->spool, r->place, c->base, n, err);
}

static mg_status add_record(cutter *c, const mg_fasta_record *chromosome, record r, mg_error *err)
{
    const mg_site_cutting *how = c->how;
    r.begin = r.window > how->margin ? r.window - how->margin : 0;
    r.end = r.window + how->length + how->margin;
    if (r.end > chromosome->length) r.end = chromosome->length;
    mg_status status = mg_grow(&c->record, &c->n_room, c->n + 1, sizeof *c->record, err);
    if (status == MG_OK) status = name_record(c, chromosome, &r, err);
    if (status != MG_OK) return status;
    c->record[c->n++] = r;
    if (r.site.locus != SIZE_MAX && r.site.label == 1)
        c->n_sites[r.site.locus * MG_N_SITE_KINDS + (size_t)r.site.kind]++;
    return write_bases(c, chromosome, &c->record[c->n - 1], err);
}

static mg_status cut_site(cutter *c, const mg_fasta_record *chromosome, size_t black, size_t order, mg_site site,
                          mg_error *err)
{
    const mg_site_cutting *how = c->how;
    if (site.kind == MG_SITE_STOP && site.label == 1 && !find_stop(chromosome, &site)) {
        c->counts.n_no_stop++;
        return MG_OK;
    }
    if (site.reach > chromosome->length) {
        leave_out_beyond(c, &site, chromosome);
        return MG_OK;
    }
    if (site.at < 0 || site.at >= chromosome->length) {
        c->counts.n_outside++;
        return MG_OK;
    }
    int64_t window = site.strand == '-' ? site.at + how->anchor + 1 - how->length : site.at - how->anchor;
    if (!passes(c, chromosome, black, window)) return MG_OK;
    return add_record(c, chromosome, (record){.order = order, .site = site, .window = window}, err);
}

/* --- decoys --- */

static mg_status add_decoys(cutter *c, const mg_fasta_record *chromosome, size_t black, size_t locus, mg_site_kind kind,
                            mg_error *err)
{
    const mg_site_locus *l = &c->sites->locus[locus];
    int64_t n = c->how->decoys * c->n_sites[locus * MG_N_SITE_KINDS + kind], *at = NULL;
    if (n == 0) return MG_OK;
    mg_status status = mg_alloc(&at, (size_t)n, sizeof *at, err);
    if (status != MG_OK) return status;
    int64_t n_found = mg_decoys_draw(l, chromosome->name, kind, c->known, c->n_known, chromosome->base,
                                     chromosome->length, c->how->decoy_seed, n, at);
    c->counts.n_few_decoys += n - n_found;
    for (int64_t k = 0; k < n_found && status == MG_OK; k++) {
        mg_site decoy = {.chromosome = l->chromosome, .at = at[k], .locus = locus, .kind = kind, .strand = l->strand};
        status = cut_site(c, chromosome, black, c->sites->n + c->n_decoys++, decoy, err);
    }
    free(at);
    return status;
}

/* --- chromosomes --- */

static mg_status cut_chromosome(cutter *c, const mg_fasta_record *chromosome, mg_error *err)
{
    const mg_name *known = mg_genome_find_chromosome(&c->sites->chromosome_names, chromosome->name);
    if (known == NULL) return MG_OK;
    size_t number = known->value;
    if (c->from[number] != NULL)
        return mg_fail(
            err, MG_EINPUT, "%s line %" PRId64 ": both %s and %s are chromosome %s of %s; leave one of them out",
            c->path, chromosome->line, c->from[number], chromosome->name, c->sites->chromosome[number], c->sites_path);
    size_t black = c->how->blacklist != NULL ? mg_blacklist_find(c->how->blacklist, chromosome->name) : SIZE_MAX;
    mg_status status = mg_copy_text(&c->from[number], chromosome->name, err);
    c->length[number] = chromosome->length;
    for (size_t i = c->of_sites.first[number]; i != SIZE_MAX && status == MG_OK; i = c->of_sites.next[i])
        status = cut_site(c, chromosome, black, i, c->sites->site[i], err);
    for (size_t i = c->of_loci.first[number]; i != SIZE_MAX && status == MG_OK; i = c->of_loci.next[i]) {
        status = add_decoys(c, chromosome, black, i, MG_SITE_DONOR, err);
        if (status == MG_OK) status = add_decoys(c, chromosome, black, i, MG_SITE_ACCEPTOR, err);
    }
    return status;
}

static mg_status cut_all(cutter *c, mg_error *err)
{
    mg_fasta *fasta = NULL;
    mg_fasta_record chromosome;
    mg_status status = mg_fasta_open(c->path, MG_FASTA_CHROMOSOMES, &fasta, err);
    if (status == MG_OK && c->how->ambiguous) mg_fasta_keep_ambiguous(fasta);
    if (status == MG_OK && c->how->mask) mg_fasta_mask(fasta);
    while (status == MG_OK) {
        status = mg_fasta_next(fasta, &chromosome, err);
        if (status != MG_OK || chromosome.name == NULL) break;
        if (c->first[0] == '\0') snprintf(c->first, sizeof c->first, "%s", chromosome.name);
        status = cut_chromosome(c, &chromosome, err);
    }
    mg_fasta_close(fasta);
    return status;
}

static mg_status check_cut(cutter *c, mg_error *err)
{
    const mg_sites *s = c->sites;
    size_t n_met = 0;
    for (size_t i = 0; i < s->n_chromosomes; i++)
        n_met += c->from[i] != NULL;
    for (size_t i = 0; i < s->n; i++) {
        if (c->from[s->site[i].chromosome] != NULL) continue;
        if (c->counts.n_missing++ == 0)
            snprintf(c->counts.missing, sizeof c->counts.missing, "%s", s->chromosome[s->site[i].chromosome]);
    }
    if (n_met == 0)
        return mg_fail(
            err, MG_EINPUT,
            "%s: none of its chromosomes is in %s; it names for example '%s', the genome '%s' (a 'chr' before "
            "the name makes no difference; other names have to be made the same)",
            c->sites_path, c->path, s->chromosome[0], c->first);
    if (c->counts.beyond.n > (int64_t)c->n) return mg_fail(err, MG_EINPUT, "%s", c->counts.beyond.first);
    if (c->n > 0) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "%s: no window is left: %" PRId64 " of chromosomes that %s lacks, %" PRId64
                   " on the blacklist, %" PRId64 " without a known base",
                   c->sites_path, c->counts.n_missing, c->path, c->counts.n_blacklisted, c->counts.n_unknown);
}

/* --- what comes of it --- */

static int compare_records(const void *a, const void *b)
{
    const record *x = a, *y = b;
    int order = mg_site_compare(&x->site, &y->site);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static int compare_order(const void *a, const void *b)
{
    const record *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* Two CDS that end in one stop codon may have told it in two ways. */
static void unite(cutter *c)
{
    size_t n = 0;
    qsort(c->record, c->n, sizeof *c->record, compare_records);
    for (size_t i = 0; i < c->n; i++) {
        if (n > 0 && mg_site_compare(&c->record[i].site, &c->record[n - 1].site) == 0) {
            free(c->record[i].name);
            c->counts.n_repeated++;
        } else {
            c->record[n++] = c->record[i];
        }
    }
    c->n = n;
    qsort(c->record, c->n, sizeof *c->record, compare_order);
}

static mg_status find_kin(const cutter *c, mg_site_records *ret, mg_error *err)
{
    mg_kin_window *window = NULL;
    mg_status status = mg_alloc(&window, c->n, sizeof *window, err);
    for (size_t i = 0; i < c->n && status == MG_OK; i++) {
        const record *r = &c->record[i];
        const mg_site_locus *locus = r->site.locus != SIZE_MAX ? &c->sites->locus[r->site.locus] : NULL;
        int64_t group = -1;
        if (locus != NULL) group = locus->gene >= 0 ? locus->gene : (int64_t)(c->sites->genes.n + r->site.locus);
        window[i] = (mg_kin_window){r->site.chromosome, r->window, r->window + c->how->length, group, i};
    }
    if (status == MG_OK) mg_site_kin(window, c->n, ret->kin);
    free(window);
    return status;
}

/* The record as a transcript, with its site, its start, and its place. */
static mg_status put_record(const cutter *c, size_t i, mg_site_records *ret, mg_error *err)
{
    record *r = &c->record[i];
    const mg_site *site = &r->site;
    mg_transcript *t = &ret->transcriptome.transcript[i];
    int64_t at = site->strand == '-' ? r->end - 1 - site->at : site->at - r->begin;
    t->name = r->name;
    r->name = NULL;
    t->length = r->end - r->begin;
    t->place = r->place;
    ret->transcriptome.gene_of[i] = site->locus != SIZE_MAX ? c->sites->locus[site->locus].gene : -1;
    ret->kind[i] = (uint8_t)site->kind;
    t->kind = site->kind == MG_SITE_ACCEPTOR ? MG_SPLICE_ACCEPTOR : 0; /* the first kind of any other task */
    ret->placements.exon[i] = (mg_exon){r->begin, r->end, 0};
    ret->placements.placement[i] = (mg_placement){site->chromosome, site->strand, 1, &ret->placements.exon[i]};
    mg_status status = mg_alloc(&ret->listed[i].start, 1, sizeof at, err);
    if (status == MG_OK && site->label == 1) status = mg_alloc(&t->start, 1, sizeof at, err);
    if (status != MG_OK) return status;
    ret->listed[i].n = 1;
    ret->listed[i].start[0] = at;
    if (site->label == 1) {
        t->start[0] = at;
        t->n_starts = 1;
    }
    int64_t *count = site->label == 0 ? ret->counts.n_decoys_of_kind : ret->counts.n_of_kind;
    count[site->kind]++;
    ret->counts.n_forward += site->strand == '+';
    return MG_OK;
}

/* Chromosomes go by the genome's names. */
static mg_status put_chromosomes(cutter *c, mg_site_records *ret, mg_error *err)
{
    mg_placements *p = &ret->placements;
    size_t n = c->sites->n_chromosomes;
    mg_status status = mg_alloc(&p->chromosome, n, sizeof *p->chromosome, err);
    for (size_t k = 0; k < n && status == MG_OK; k++) {
        status = mg_copy_text(&p->chromosome[k], c->from[k] != NULL ? c->from[k] : c->sites->chromosome[k], err);
        if (status != MG_OK) break;
        p->n_chromosomes = k + 1;
        const char *name = p->chromosome[k];
        if (mg_names_find(&p->chromosome_names, name, strlen(name)) == NULL)
            status = mg_names_add(&p->chromosome_names, name, strlen(name), k, err);
    }
    ret->chromosome_length = c->length;
    c->length = NULL;
    return status;
}

static mg_status put_records(cutter *c, mg_site_records *ret, mg_error *err)
{
    size_t n = c->n;
    mg_transcriptome *t = &ret->transcriptome;
    ret->counts = c->counts;
    mg_status status = mg_alloc(&t->transcript, n, sizeof *t->transcript, err);
    if (status == MG_OK) status = mg_alloc(&t->gene_of, n, sizeof *t->gene_of, err);
    if (status == MG_OK) status = mg_alloc(&ret->listed, n, sizeof *ret->listed, err);
    if (status == MG_OK) status = mg_alloc(&ret->kin, n, sizeof *ret->kin, err);
    if (status == MG_OK) status = mg_alloc(&ret->kind, n, sizeof *ret->kind, err);
    if (status == MG_OK) status = mg_alloc(&ret->placements.placement, n, sizeof *ret->placements.placement, err);
    if (status == MG_OK) status = mg_alloc(&ret->placements.exon, n, sizeof *ret->placements.exon, err);
    if (status != MG_OK) return status;
    t->n_transcripts = ret->placements.n_placements = ret->placements.n_exons = n;
    for (size_t i = 0; i < n && status == MG_OK; i++)
        status = put_record(c, i, ret, err);
    if (status == MG_OK) status = find_kin(c, ret, err);
    if (status == MG_OK) status = put_chromosomes(c, ret, err);
    if (status != MG_OK) return status;
    t->genes = c->sites->genes;
    c->sites->genes = (mg_genes){0};
    return mg_placements_index(&ret->placements, err);
}

static void free_cutter(cutter *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->record[i].name);
    for (size_t i = 0; c->from != NULL && i < c->sites->n_chromosomes; i++)
        free(c->from[i]);
    free(c->record);
    free(c->from);
    free(c->length);
    free(c->known);
    free(c->n_sites);
    free(c->base);
    free(c->of_sites.first);
    free(c->of_sites.next);
    free(c->of_loci.first);
    free(c->of_loci.next);
}

mg_status mg_sites_cut(const char *path, mg_sites *sites, const char *sites_path, const mg_site_cutting *how,
                       mg_spool *spool, mg_site_records *ret, mg_error *err)
{
    cutter c = {.sites = sites, .sites_path = sites_path, .path = path, .how = how, .spool = spool};
    *ret = (mg_site_records){.kin = NULL};
    mg_status status = prepare(&c, err);
    if (status == MG_OK) status = cut_all(&c, err);
    if (status == MG_OK) status = check_cut(&c, err);
    if (status == MG_OK) unite(&c);
    if (status == MG_OK) status = put_records(&c, ret, err);
    free_cutter(&c);
    if (status != MG_OK) mg_site_records_destroy(ret);
    return status;
}

void mg_site_records_destroy(mg_site_records *records)
{
    mg_start_lists_destroy(records->listed, records->transcriptome.n_transcripts);
    mg_transcriptome_destroy(&records->transcriptome);
    mg_placements_destroy(&records->placements);
    free(records->kin);
    free(records->kind);
    free(records->chromosome_length);
    *records = (mg_site_records){.kin = NULL};
}
