/* header_gene.c  words with keys, and fields between bars */
#include "io/fasta/header_gene.h"

#include <string.h>

typedef struct {
    const char *text;
    size_t n;
} part;

/* What stands behind `key` where that begins a word; it ends at a blank, a bar or a bracket. */
static part value_of(const char *header, const char *key)
{
    size_t n_key = strlen(key);
    for (const char *at = header; (at = strstr(at, key)) != NULL; at += n_key)
        if (at > header && strchr("| \t[", at[-1]) != NULL) return (part){at + n_key, strcspn(at + n_key, "| \t]")};
    return (part){NULL, 0};
}

static part first_value(const char *header, const char *const *key)
{
    part found = {NULL, 0};
    for (; *key != NULL && found.n == 0; key++)
        found = value_of(header, *key);
    return found;
}

/* Field k of the header's first word, from 0; of no bytes when there are not so many. */
static part field(const char *header, int k)
{
    const char *end = header + strcspn(header, " \t");
    for (; k > 0; k--) {
        const char *bar = memchr(header, '|', (size_t)(end - header));
        if (bar == NULL) return (part){NULL, 0};
        header = bar + 1;
    }
    const char *bar = memchr(header, '|', (size_t)(end - header));
    return (part){header, (size_t)((bar != NULL ? bar : end) - header)};
}

/* A gene's own text: no "CDS:78-860", "len=9", "-" or nothing at all. */
static part plain(part p)
{
    for (size_t i = 0; i < p.n; i++)
        if (p.text[i] == ':' || p.text[i] == '=') return (part){NULL, 0};
    return p.n == 1 && *p.text == '-' ? (part){NULL, 0} : p;
}

mg_status mg_header_gene(mg_genes *genes, const char *header, const char *name, int64_t *ret, mg_error *err)
{
    static const char *const id_key[] = {"gene:", "gene_id:", "gene_id=", "gene=", NULL};
    static const char *const name_key[] = {"gene_symbol:", "gene_name:", "gene_name=", "gene_symbol=", "gene=", NULL};
    part id = first_value(header, id_key), symbol = first_value(header, name_key), first = field(header, 0);
    if (id.n == 0) id = symbol;
    if (id.n == 0 && first.n == strlen(name) && memcmp(first.text, name, first.n) == 0) {
        id = plain(field(header, 1));
        symbol = plain(field(header, 5));
    }
    return mg_genes_add(genes, id.text, id.n, symbol.text, symbol.n, ret, err);
}
