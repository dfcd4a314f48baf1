/* genes.h  the genes that an input names, each once
 *
 * A gene is known by its identifier (gene_id, "gene:...", field 2 of GENCODE's headers); its symbol (gene_name,
 * "gene_symbol:...", field 6) is told beside it, or never. Where only one of the two is told it is both.
 */
#ifndef MG_SEQUENCE_GENES_H
#define MG_SEQUENCE_GENES_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/names.h"

typedef struct {
    char *id;   /* owned; at most 255 bytes, no control byte among them */
    char *name; /* owned; as `id`; NULL until it is told, or mg_genes_normalise() sets the identifier in its place */
} mg_gene;

typedef struct {
    size_t n, n_room;
    mg_gene *gene; /* owned, n of them */
    mg_names by_id;
} mg_genes; /* begin with {0} */

/* mg_genes_add()  the number of a gene, which is entered when it is new, or gets its symbol when that is told now
 *
 * Args:    id, name - n_id and n_name bytes; a symbol of 0 bytes is not told
 *          ret      - OUT, -1 where the identifier is empty, too long, or has control bytes: then no gene was told
 * Returns: MG_OK or MG_EMEM */
mg_status mg_genes_add(mg_genes *genes, const char *id, size_t n_id, const char *name, size_t n_name, int64_t *ret,
                       mg_error *err);

/* mg_genes_normalise()  leave genes that have a transcript, in the order of their first transcripts; each gets a name
 * Args:    gene_of - (n_transcripts) numbers of genes, or -1, which become the new ones
 * Returns: MG_OK or MG_EMEM */
mg_status mg_genes_normalise(mg_genes *genes, int64_t *gene_of, size_t n_transcripts, mg_error *err);

void mg_genes_destroy(mg_genes *genes); /* frees what it holds, not the struct */

#endif
