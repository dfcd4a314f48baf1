/* line.c  lines of a VCF with the bytes that were read */
#include "io/variant/line.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUAL = 5, INFO = 7, SAMPLES = 9 }; /* columns, from 0 */

int mg_info_fields_add(mg_info_fields *inout, const char *key, const char *value)
{
    if (inout->n < sizeof inout->key / sizeof *inout->key) inout->key[inout->n++] = key;
    if (value == NULL) return 0;
    if (inout->text.l > 0) kputc(';', &inout->text);
    kputs(key, &inout->text);
    kputc('=', &inout->text);
    return kputs(value, &inout->text) < 0 ? -1 : 0;
}

/* --- a line that was read --- */

static int is_key(const char *field, size_t n, const mg_info_fields *fields)
{
    size_t n_key = strcspn(field, "=;\t");
    if (n_key > n) n_key = n;
    for (size_t i = 0; i < fields->n; i++)
        if (strlen(fields->key[i]) == n_key && memcmp(fields->key[i], field, n_key) == 0) return 1;
    return 0;
}

/* The fields of the INFO column at `text` that are not ours; *ret_end is behind the column. */
static void put_others(const char *text, const mg_info_fields *fields, kstring_t *inout, const char **ret_end)
{
    size_t begin = inout->l;
    for (;;) {
        size_t n = strcspn(text, ";\t");
        int is_empty = n == 0 || (n == 1 && *text == '.');
        if (!is_empty && !is_key(text, n, fields)) {
            if (inout->l > begin) kputc(';', inout);
            kputsn(text, n, inout);
        }
        text += n;
        if (*text != ';') break;
        text++;
    }
    *ret_end = text;
}

int mg_variant_line_with(const char *line, const mg_info_fields *fields, kstring_t *inout)
{
    const char *info = line, *end;
    for (int k = 0; k < INFO; k++)
        info += strcspn(info, "\t") + 1;
    inout->l = 0;
    kputsn(line, (size_t)(info - line), inout);
    size_t begin = inout->l;
    put_others(info, fields, inout, &end);
    if (inout->l > begin && fields->text.l > 0) kputc(';', inout);
    if (fields->text.l > 0) kputsn(fields->text.s, fields->text.l, inout);
    if (inout->l == begin) kputc('.', inout);
    return kputs(end, inout) < 0 ? -1 : 0;
}

/* --- a record of a BCF --- */

/* The fewest digits, six at least, that give the number again. */
static void put_number(float value, kstring_t *inout)
{
    char text[32];
    if (bcf_float_is_missing(value)) {
        kputc('.', inout);
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value) break;
    }
    kputs(text, inout);
}

/* n of them, with commas between; a vector may end before. */
static void put_numbers(const uint8_t *bytes, int n, kstring_t *inout)
{
    for (int i = 0; i < n; i++) {
        float value;
        memcpy(&value, bytes + (size_t)i * sizeof value, sizeof value);
        if (bcf_float_is_vector_end(value)) return;
        if (i > 0) kputc(',', inout);
        put_number(value, inout);
    }
}

/* A piece of text, which ends at one of `ends`, as it is; *inout_text moves on to that. */
static void put_piece(const char **inout_text, const char *ends, kstring_t *inout)
{
    size_t n = strcspn(*inout_text, ends);
    kputsn(*inout_text, n, inout);
    *inout_text += n;
}

static void pass_piece(const char **inout_text, const char *ends)
{
    *inout_text += strcspn(*inout_text, ends);
}

/* The separator, if one of `these` is next. */
static int put_separator(const char **inout_text, const char *these, kstring_t *inout)
{
    if (**inout_text == '\0' || strchr(these, **inout_text) == NULL) return 0;
    kputc(*(*inout_text)++, inout);
    return 1;
}

static void put_info(const bcf1_t *record, const char **inout_text, kstring_t *inout)
{
    for (int i = 0; i < record->n_info; i++) {
        const bcf_info_t *field = &record->d.info[i];
        if (field->vptr == NULL) continue; /* taken out */
        if (field->type == BCF_BT_FLOAT && field->len > 0) {
            put_piece(inout_text, "=", inout);
            put_separator(inout_text, "=", inout);
            put_numbers(field->vptr, field->len, inout);
            pass_piece(inout_text, ";\t\n");
        } else {
            put_piece(inout_text, ";\t\n", inout);
        }
        if (!put_separator(inout_text, ";", inout)) break;
    }
    put_piece(inout_text, "\t\n", inout);
}

/* Fields of sample s at the text of its column. htslib leaves out what is missing at the end. */
static void put_sample(const bcf1_t *record, int s, const char **inout_text, kstring_t *inout)
{
    for (int f = 0; f < (int)record->n_fmt; f++) {
        const bcf_fmt_t *field = &record->d.fmt[f];
        if (field->p == NULL) continue;
        if (field->type == BCF_BT_FLOAT && field->n > 0) {
            put_numbers(field->p + (size_t)s * (size_t)field->size, field->n, inout);
            pass_piece(inout_text, ":\t\n");
        } else {
            put_piece(inout_text, ":\t\n", inout);
        }
        if (!put_separator(inout_text, ":", inout)) break;
    }
    put_piece(inout_text, "\t\n", inout);
}

int mg_variant_line_of(const bcf_hdr_t *header, bcf1_t *record, kstring_t *inout)
{
    kstring_t plain = {0, 0, NULL};
    inout->l = 0;
    if (bcf_unpack(record, BCF_UN_ALL) < 0 || vcf_format(header, record, &plain) < 0) {
        free(plain.s);
        return -1;
    }
    const char *at = plain.s;
    for (int k = 0; k < SAMPLES; k++) {
        if (k == QUAL) {
            put_number(record->qual, inout);
            pass_piece(&at, "\t\n");
        } else if (k == INFO) {
            put_info(record, &at, inout);
        } else {
            put_piece(&at, "\t\n", inout);
        }
        if (!put_separator(&at, "\t", inout)) break;
    }
    for (int s = 0; s < (int)record->n_sample && *at != '\n' && *at != '\0'; s++) {
        put_sample(record, s, &at, inout);
        if (!put_separator(&at, "\t", inout)) break;
    }
    int status = kputs(at, inout) < 0 ? -1 : 0;
    free(plain.s);
    return status;
}
