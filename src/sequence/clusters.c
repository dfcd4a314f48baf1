/* clusters.c  union-find over transcripts, with path halving; the root of a component is its first transcript
 *
 * Joining towards the smaller number instead of by size costs a logarithm at worst, and makes the roots the same
 * whatever the order of the places.
 */
#include "src/sequence/clusters.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/log.h"
#include "src/core/memory.h"

static uint32_t find_root(uint32_t *parent, uint32_t t)
{
    while (parent[t] != t)
        t = parent[t] = parent[parent[t]];
    return t;
}

/* False: they were together before. */
static bool join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = find_root(parent, a);
    b = find_root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
    return a != b;
}

/* --- genes --- */

typedef struct {
    int64_t gene;
    uint32_t transcript;
} member;

static int compare_members(const void *a, const void *b)
{
    const member *x = a, *y = b;
    if (x->gene != y->gene) return x->gene < y->gene ? -1 : 1;
    return x->transcript < y->transcript ? -1 : x->transcript > y->transcript;
}

/* Sorted by gene, so that gene numbers may be any. */
static mg_status join_genes(mg_clusters *clusters, const int64_t *gene, mg_error *err)
{
    member *list = NULL;
    size_t n = clusters->n_transcripts;
    mg_status status = mg_alloc(&list, n, sizeof *list, err);
    if (status != MG_OK) return status;
    for (size_t t = 0; t < n; t++)
        list[t] = (member){gene[t], (uint32_t)t};
    qsort(list, n, sizeof *list, compare_members);
    for (size_t k = 1; k < n; k++)
        if (list[k].gene >= 0 && list[k].gene == list[k - 1].gene)
            join(clusters->parent, list[k - 1].transcript, list[k].transcript);
    free(list);
    return MG_OK;
}

mg_status mg_clusters_create(size_t n_transcripts, const int64_t *gene, mg_clusters *ret, mg_error *err)
{
    mg_clusters made = {.n_transcripts = n_transcripts};
    if (n_transcripts >= MG_NO_CLUSTER)
        return mg_fail(err, MG_EINPUT, "%zu transcripts are more than one run can take; split them", n_transcripts);
    mg_status status = mg_alloc(&made.parent, n_transcripts, sizeof *made.parent, err);
    for (size_t t = 0; t < n_transcripts && status == MG_OK; t++)
        made.parent[t] = (uint32_t)t;
    if (status == MG_OK && gene != NULL) status = join_genes(&made, gene, err);
    if (status == MG_OK)
        *ret = made;
    else
        mg_clusters_destroy(&made);
    return status;
}

void mg_clusters_destroy(mg_clusters *clusters)
{
    free(clusters->parent);
    free(clusters->window);
    *clusters = (mg_clusters){0};
}

/* --- places --- */

mg_status mg_clusters_add(mg_clusters *clusters, size_t window, size_t transcript, mg_error *err)
{
    assert(window <= clusters->n_windows && transcript < clusters->n_transcripts);
    if (window < clusters->n_windows) {
        clusters->n_joined += join(clusters->parent, clusters->window[window], (uint32_t)transcript);
        return MG_OK;
    }
    mg_status status = mg_grow(&clusters->window, &clusters->n_room, window + 1, sizeof *clusters->window, err);
    if (status == MG_OK) {
        clusters->window[window] = (uint32_t)transcript;
        clusters->n_windows = window + 1;
    }
    return status;
}

/* --- numbers --- */

/* Numbers of the roots, in the order of the windows; the windows get them. */
static size_t number_windows(mg_clusters *clusters, uint32_t *number)
{
    uint32_t n = 0;
    for (size_t t = 0; t < clusters->n_transcripts; t++)
        number[t] = MG_NO_CLUSTER;
    for (size_t w = 0; w < clusters->n_windows; w++) {
        uint32_t root = find_root(clusters->parent, clusters->window[w]);
        if (number[root] == MG_NO_CLUSTER) number[root] = n++;
        clusters->window[w] = number[root];
    }
    return n;
}

/* Windows of each cluster are counted where the numbers of the roots were, which are no longer needed. */
static void find_largest(const mg_clusters *clusters, uint32_t *count, mg_clusters_facts *facts)
{
    for (size_t c = 0; c < clusters->n_clusters; c++)
        count[c] = 0;
    for (size_t w = 0; w < clusters->n_windows; w++)
        count[clusters->window[w]]++;
    for (size_t c = 0; c < clusters->n_clusters; c++)
        if (count[c] > facts->n_largest_windows) {
            facts->n_largest_windows = count[c];
            facts->largest = c;
        }
}

mg_status mg_clusters_number(mg_clusters *clusters, uint32_t *of_transcript, mg_clusters_facts *ret, mg_error *err)
{
    uint32_t *number = NULL;
    mg_status status = mg_alloc(&number, clusters->n_transcripts, sizeof *number, err);
    if (status != MG_OK) return status;
    clusters->n_clusters = number_windows(clusters, number);
    for (size_t t = 0; t < clusters->n_transcripts && of_transcript != NULL; t++)
        of_transcript[t] = number[find_root(clusters->parent, (uint32_t)t)];
    *ret = (mg_clusters_facts){.n_clusters = clusters->n_clusters, .n_joined = clusters->n_joined};
    find_largest(clusters, number, ret);
    free(number);
    return MG_OK;
}

/* --- words --- */

void mg_clusters_unit(const mg_clusters_facts *facts, char unit[MG_UNIT_TEXT])
{
    static const char *const words[] = {"gene", "transcript", "region"};
    for (size_t k = 0; facts->n_joined > 0 && k < sizeof words / sizeof *words; k++) {
        if (strcmp(unit, words[k]) != 0) continue;
        snprintf(unit, MG_UNIT_TEXT, "cluster of %ss", words[k]);
        return;
    }
}

const char *mg_clusters_units(char *text, size_t n_text, int64_t n, const char *unit)
{
    char count[MG_COUNT_TEXT];
    size_t word = strncmp(unit, "cluster of ", 11) == 0 ? strlen("cluster") : strlen(unit);
    snprintf(text, n_text, "%s %.*s%s%s", mg_format_count(count, n), (int)word, unit, n == 1 ? "" : "s", unit + word);
    return text;
}

const char *mg_clusters_describe(char *text, size_t n_text, const mg_clusters *clusters, const mg_clusters_facts *facts,
                                 const char *unit)
{
    char n[MG_COUNT_TEXT], held[MG_COUNT_TEXT], all[MG_COUNT_TEXT];
    int end = snprintf(text, n_text, "%s by %s", mg_format_count(n, (int64_t)facts->n_clusters), unit);
    bool large =
        facts->n_clusters > 1 && facts->n_largest_windows >= 2 && 3 * facts->n_largest_windows >= clusters->n_windows;
    if (large && end > 0 && (size_t)end < n_text)
        snprintf(text + end, n_text - (size_t)end,
                 "; one of them holds %s of the %s distinct windows, through windows that are shared",
                 mg_format_count(held, (int64_t)facts->n_largest_windows),
                 mg_format_count(all, (int64_t)clusters->n_windows));
    return text;
}
