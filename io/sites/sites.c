/* sites.c  lists of sites: names, chromosomes, each site once */
#include "io/sites/sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

const char *const mg_site_names[MG_N_SITE_KINDS] = {
    [MG_SITE_REGION] = "region", [MG_SITE_DONOR] = "donor", [MG_SITE_ACCEPTOR] = "acceptor", [MG_SITE_TSS] = "tss",
    [MG_SITE_TES] = "tes",       [MG_SITE_START] = "start", [MG_SITE_STOP] = "stop"};

void mg_sites_destroy(mg_sites *sites)
{
    for (size_t i = 0; i < sites->n_chromosomes; i++)
        free(sites->chromosome[i]);
    free(sites->chromosome);
    free(sites->site);
    free(sites->locus);
    mg_names_destroy(&sites->chromosome_names);
    mg_genes_destroy(&sites->genes);
    *sites = (mg_sites){0};
}

mg_status mg_sites_parse(const char *text, unsigned *ret, mg_error *err)
{
    *ret = 0;
    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, ", "), k = MG_SITE_DONOR;
        while (k < MG_N_SITE_KINDS && (strlen(mg_site_names[k]) != n || strncmp(mg_site_names[k], at, n) != 0))
            k++;
        if (n > 0 && k == MG_N_SITE_KINDS)
            return mg_fail(err, MG_EUSAGE,
                           "--sites: there is no '%.*s'; there are donor, acceptor, tss, tes, start, stop",
                           n < 40 ? (int)n : 40, at);
        if (n > 0) *ret |= 1u << k;
        at += n + (at[n] != '\0');
    }
    return *ret != 0 ? MG_OK : mg_fail(err, MG_EUSAGE, "--sites: give donor, acceptor, tss, tes, start or stop");
}

mg_status mg_sites_chromosome(mg_sites *sites, const char *name, size_t n_name, size_t *ret, mg_error *err)
{
    return mg_names_number(&sites->chromosome_names, &sites->chromosome, &sites->n_chromosomes,
                           &sites->n_chromosome_room, name, n_name, ret, err);
}

mg_status mg_sites_add(mg_sites *sites, mg_site site, mg_error *err)
{
    mg_status status = mg_grow(&sites->site, &sites->n_room, sites->n + 1, sizeof *sites->site, err);
    if (status == MG_OK) sites->site[sites->n++] = site;
    return status;
}

/* --- each once --- */

typedef struct {
    mg_site site;
    size_t index;
} numbered;

int mg_site_compare(const mg_site *x, const mg_site *y)
{
    if (x->chromosome != y->chromosome) return x->chromosome < y->chromosome ? -1 : 1;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->strand != y->strand) return x->strand < y->strand ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

static int compare_numbered(const void *a, const void *b)
{
    const numbered *x = a, *y = b;
    int order = mg_site_compare(&x->site, &y->site);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

mg_status mg_sites_unite(mg_sites *sites, mg_error *err)
{
    numbered *order = NULL;
    bool *repeats = NULL;
    size_t n = sites->n, n_kept = 0;
    mg_status status = mg_alloc(&order, n, sizeof *order, err);
    if (status == MG_OK) status = mg_alloc(&repeats, n, sizeof *repeats, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        order[i] = (numbered){sites->site[i], i};
    if (status == MG_OK && n > 0) qsort(order, n, sizeof *order, compare_numbered);
    for (size_t i = 1; i < n && status == MG_OK; i++)
        repeats[order[i].index] = mg_site_compare(&order[i].site, &order[i - 1].site) == 0;
    for (size_t i = 0; i < n && status == MG_OK; i++)
        if (!repeats[i]) sites->site[n_kept++] = sites->site[i];
    if (status == MG_OK) {
        sites->n = n_kept;
        sites->n_repeated += (int64_t)(n - n_kept);
    }
    free(order);
    free(repeats);
    return status;
}
