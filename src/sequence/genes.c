/* genes.c  identifiers and symbols */
#include "src/sequence/genes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { MOST_BYTES = 255 }; /* as for the name of a transcript */

/* Files are not to be trusted with what goes to a terminal or a table. */
static bool is_fit(const char *text, size_t n)
{
    if (n == 0 || n > MOST_BYTES) return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127) return false;
    return true;
}

static mg_status copy_bytes(const char *text, size_t n, char **ret, mg_error *err)
{
    char *copy = NULL;
    mg_status status = mg_alloc(&copy, n + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, text, n);
    *ret = copy;
    return MG_OK;
}

static mg_status add_gene(mg_genes *genes, const char *id, size_t n_id, mg_error *err)
{
    size_t n = genes->n;
    mg_status status = mg_grow(&genes->gene, &genes->n_room, n + 1, sizeof *genes->gene, err);
    if (status != MG_OK) return status;
    genes->gene[n] = (mg_gene){0};
    status = copy_bytes(id, n_id, &genes->gene[n].id, err);
    if (status != MG_OK) return status;
    genes->n = n + 1; /* what is half built is given back too */
    return mg_names_add(&genes->by_id, genes->gene[n].id, n_id, n, err);
}

mg_status mg_genes_add(mg_genes *genes, const char *id, size_t n_id, const char *name, size_t n_name, int64_t *ret,
                       mg_error *err)
{
    *ret = -1;
    if (!is_fit(id, n_id)) return MG_OK;
    const mg_name *known = mg_names_find(&genes->by_id, id, n_id);
    size_t index = known != NULL ? known->value : genes->n;
    mg_status status = known != NULL ? MG_OK : add_gene(genes, id, n_id, err);
    if (status != MG_OK) return status;
    *ret = (int64_t)index;
    mg_gene *gene = &genes->gene[index];
    return gene->name == NULL && is_fit(name, n_name) ? copy_bytes(name, n_name, &gene->name, err) : MG_OK;
}

/* New numbers in the order of the transcripts, and the genes in that order. */
static size_t renumber(mg_genes *genes, int64_t *gene_of, size_t n_transcripts, int64_t *number, mg_gene *in_order)
{
    size_t n = 0;
    for (size_t g = 0; g < genes->n; g++)
        number[g] = -1;
    for (size_t t = 0; t < n_transcripts; t++) {
        if (gene_of[t] < 0) continue;
        int64_t *to = &number[gene_of[t]];
        if (*to < 0) {
            in_order[n] = genes->gene[gene_of[t]];
            *to = (int64_t)n++;
        }
        gene_of[t] = *to;
    }
    return n;
}

/* A name for each, and the index anew. */
static mg_status name_genes(mg_genes *genes, mg_error *err)
{
    mg_status status = MG_OK;
    mg_names_destroy(&genes->by_id);
    for (size_t g = 0; g < genes->n && status == MG_OK; g++) {
        mg_gene *gene = &genes->gene[g];
        if (gene->name == NULL) status = mg_copy_text(&gene->name, gene->id, err);
        if (status == MG_OK) status = mg_names_add(&genes->by_id, gene->id, strlen(gene->id), g, err);
    }
    return status;
}

mg_status mg_genes_normalise(mg_genes *genes, int64_t *gene_of, size_t n_transcripts, mg_error *err)
{
    int64_t *number = NULL;
    mg_gene *in_order = NULL;
    if (genes->n == 0) return MG_OK;
    mg_status status = mg_alloc(&number, genes->n, sizeof *number, err);
    if (status == MG_OK) status = mg_alloc(&in_order, genes->n, sizeof *in_order, err);
    if (status == MG_OK) {
        size_t n = renumber(genes, gene_of, n_transcripts, number, in_order);
        for (size_t g = 0; g < genes->n; g++) {
            if (number[g] >= 0) continue;
            free(genes->gene[g].id);
            free(genes->gene[g].name);
        }
        free(genes->gene);
        genes->gene = in_order;
        genes->n_room = genes->n;
        genes->n = n;
        in_order = NULL;
        status = name_genes(genes, err);
    }
    free(number);
    free(in_order);
    return status;
}

void mg_genes_destroy(mg_genes *genes)
{
    for (size_t g = 0; g < genes->n; g++) {
        free(genes->gene[g].id);
        free(genes->gene[g].name);
    }
    free(genes->gene);
    mg_names_destroy(&genes->by_id);
    *genes = (mg_genes){0};
}
