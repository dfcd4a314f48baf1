/* record.c  columns and attributes of GTF and GFF3 */
#include "io/annotation/record.h"

#include <string.h>

size_t mg_record_split(const char *line, mg_field column[MG_N_COLUMNS])
{
    size_t n_columns = 0;
    while (n_columns < MG_N_COLUMNS) {
        size_t n = n_columns == MG_COLUMN_ATTRIBUTES ? strlen(line) : strcspn(line, "\t");
        column[n_columns++] = (mg_field){line, n};
        if (line[n] == '\0') break;
        line += n + 1;
    }
    return n_columns;
}

bool mg_field_is(mg_field text, const char *word)
{
    return text.n == strlen(word) && memcmp(text.text, word, text.n) == 0;
}

bool mg_field_next_item(mg_field *inout, mg_field *ret)
{
    if (inout->n == 0) return false;
    const char *comma = memchr(inout->text, ',', inout->n);
    ret->text = inout->text;
    ret->n = comma != NULL ? (size_t)(comma - inout->text) : inout->n;
    size_t used = comma != NULL ? ret->n + 1 : ret->n;
    inout->text += used;
    inout->n -= used;
    return true;
}

static int hexadecimal(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

mg_field mg_field_decode(mg_field text, char *room)
{
    if (text.n == 0 || memchr(text.text, '%', text.n) == NULL) return text;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        room[n] = text.text[i];
        if (text.text[i] == '%' && i + 2 < text.n) {
            int high = hexadecimal(text.text[i + 1]), low = hexadecimal(text.text[i + 2]);
            int byte = high >= 0 && low >= 0 ? 16 * high + low : 0;
            if (byte >= ' ' && byte != 127) {
                room[n] = (char)byte;
                i += 2;
            }
        }
        n++;
    }
    room[n] = '\0';
    return (mg_field){room, n};
}

/* The next attribute of *inout; false when there is no more. Quotes, where there are some, hold the value together. */
static bool next_attribute(const char **inout, mg_field *ret_key, mg_field *ret_value, bool *ret_gff3)
{
    const char *at = *inout + strspn(*inout, " ;");
    if (*at == '\0') return false;
    *ret_key = (mg_field){at, strcspn(at, " =;")};
    at += ret_key->n;
    at += strspn(at, " ");
    *ret_gff3 = *at == '=';
    if (*at == '=') at++;
    if (*at == '"') {
        at++;
        *ret_value = (mg_field){at, strcspn(at, "\"")};
        at += ret_value->n;
        at += strcspn(at, ";");
    } else {
        size_t n = strcspn(at, ";");
        *ret_value = (mg_field){at, n};
        at += n;
        while (ret_value->n > 0 && ret_value->text[ret_value->n - 1] == ' ')
            ret_value->n--;
    }
    *inout = at;
    return true;
}

static bool tag_says_no_start(mg_field list)
{
    mg_field tag;
    while (mg_field_next_item(&list, &tag))
        if (mg_field_is(tag, "cds_start_NF") || mg_field_is(tag, "mRNA_start_NF")) return true;
    return false;
}

static bool says_trans_splicing(mg_field key, mg_field value)
{
    if (mg_field_is(key, "trans_splicing")) return true;
    return mg_field_is(key, "exception") &&
           (mg_field_is(value, "trans-splicing") || mg_field_is(value, "trans_splicing"));
}

/* Names and numbers. False when the key is another. */
static bool take_value(mg_attributes *found, mg_field key, mg_field value)
{
    const struct {
        const char *key;
        mg_field *value;
    } known[] = {{"transcript_id", &found->transcript_id},
                 {"Parent", &found->parent},
                 {"ID", &found->id},
                 {"protein_id", &found->protein_id},
                 {"transl_table", &found->transl_table},
                 {"version", &found->version},
                 {"gene_id", &found->gene_id},
                 {"gene_name", &found->gene_name},
                 {"gene", &found->gene},
                 {"Name", &found->name},
                 {"transcript_version", &found->transcript_version}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!mg_field_is(key, known[i].key)) continue;
        *known[i].value = value;
        return true;
    }
    bool part = mg_field_is(key, "part");
    if (!part && (found->number_is_part || !mg_field_is(key, "exon_number"))) return false;
    found->number = value;
    found->number_is_part = part;
    return true;
}

/* Prodigal's partial=10: the gene runs over the left end of its contig, =01 over the right, =11 over both. */
static void take_partial(mg_attributes *found, mg_field value)
{
    if (value.n != 2) return;
    found->left_partial = found->left_partial || value.text[0] == '1';
    found->right_partial = found->right_partial || value.text[1] == '1';
}

mg_attributes mg_record_attributes(const char *text)
{
    mg_attributes found = {.gff3 = false};
    mg_field key, value;
    bool gff3;
    while (next_attribute(&text, &key, &value, &gff3)) {
        found.gff3 = found.gff3 || gff3;
        if (take_value(&found, key, value)) continue;
        if (mg_field_is(key, "tag"))
            found.start_not_found = found.start_not_found || tag_says_no_start(value);
        else if (mg_field_is(key, "start_range")) /* NCBI: ".,120" where the feature begins before what is known */
            found.left_partial = true;
        else if (mg_field_is(key, "end_range"))
            found.right_partial = true;
        else if (mg_field_is(key, "partial"))
            take_partial(&found, value);
        else if (says_trans_splicing(key, value))
            found.trans_spliced = true;
    }
    return found;
}
