/* foreign.c  a method that copies the row that a file has for the window
 *
 * Formula:   a(i) as in the file; where the file has c(i,b), a(i) = c(i, x_i), 0 where the base is not known
 * Settings:  none; the specification holds the name and the SHA-256 of the file.
 * Source:    whoever wrote the file.
 * Test:      tests/unit/test_own.c; tests/program/i48-own.sh, our own attributions out and in.
 */
#include "src/attribution/foreign.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/attribution/explain.h"
#include "src/core/memory.h"

void mg_foreign_rows_destroy(mg_foreign_rows *rows)
{
    free(rows->base);
    free(rows->value);
    *rows = (mg_foreign_rows){0};
}

int64_t mg_foreign_width(const mg_foreign_rows *rows)
{
    return rows->hypothetical ? rows->length * MG_N_BASES : rows->length;
}

int64_t mg_foreign_find(const mg_foreign_rows *rows, const mg_base *base)
{
    size_t length = (size_t)rows->length;
    int64_t low = 0, high = rows->n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int order = memcmp(base, rows->base + (size_t)middle * length, length);
        if (order == 0) return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

/* --- names --- */

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
enum { N_LETTERS = 52, MAX_NAME = 48 }; /* of the alphabet, with which a name begins */

mg_status mg_foreign_check_name(const char *name, mg_error *err)
{
    size_t n = strlen(name);
    const char *first = n > 0 ? strchr(letters, name[0]) : NULL;
    if (n > MAX_NAME || first == NULL || first - letters >= N_LETTERS || name[strspn(name, letters)] != '\0')
        return mg_fail(err, MG_EUSAGE,
                       "'%.60s' is no name for a method: a letter, then letters, digits, _ and -, %d at most", name,
                       MAX_NAME);
    for (const mg_method_type *const *type = mg_method_types(); *type != NULL; type++)
        if (strcmp((*type)->name, name) == 0)
            return mg_fail(err, MG_EUSAGE, "a method is called %s already; choose another name for your own", name);
    return MG_OK;
}

static const char before_name[] = "foreign:name=";

bool mg_foreign_is(const char *spec, char ret_name[MG_METHOD_NAME])
{
    size_t n = sizeof before_name - 1;
    if (strncmp(spec, before_name, n) != 0) return false;
    if (ret_name != NULL) snprintf(ret_name, MG_METHOD_NAME, "%.*s", (int)strcspn(spec + n, ","), spec + n);
    return true;
}

/* --- the method --- */

static void release(void *state)
{
    mg_foreign_rows_destroy(state);
    free(state);
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)pass;
    (void)scratch;
    const mg_foreign_rows *rows = method->state;
    int64_t row = mg_foreign_find(rows, view->base), width = mg_foreign_width(rows);
    const float *value = row >= 0 ? rows->value + row * width : NULL;
    for (int64_t k = 0; k < width && rows->hypothetical; k++)
        explanation->hypothetical[k] = value != NULL ? (double)value[k] : NAN;
    for (int64_t p = 0; p < rows->length; p++) {
        if (value == NULL)
            explanation->contribution[p] = NAN;
        else if (!rows->hypothetical)
            explanation->contribution[p] = value[p];
        else
            explanation->contribution[p] =
                view->base[p] < MG_N_BASES ? (double)value[p * MG_N_BASES + view->base[p]] : 0.0;
    }
    explanation->claimed_sum = NAN;
}

/* The same twice: with hypothetical contributions and without. */
static const mg_method_type types[2] = {{.name = "foreign",
                                         .formula = "a(i) as in the file",
                                         .source = "a file of the user's",
                                         .passes = mg_explain_without_passes,
                                         .release = release,
                                         .explain = explain},
                                        {.name = "foreign",
                                         .formula = "c(i,b) as in the file, a(i) = c(i, x_i)",
                                         .source = "a file of the user's",
                                         .hypothetical = true,
                                         .passes = mg_explain_without_passes,
                                         .release = release,
                                         .explain = explain}};

mg_status mg_foreign_method(const char *name, const char *sha256, mg_foreign_rows *rows, mg_method *ret, mg_error *err)
{
    mg_foreign_rows *state = NULL;
    mg_status status = mg_alloc(&state, 1, sizeof *state, err);
    if (status != MG_OK) return status;
    *ret = (mg_method){.type = &types[rows->hypothetical], .state = state};
    snprintf(ret->name, sizeof ret->name, "%s", name);
    snprintf(ret->spec, sizeof ret->spec, "%s%s,sha256=%s", before_name, name, sha256);
    snprintf(ret->label, sizeof ret->label, "%s", name);
    *state = *rows;
    *rows = (mg_foreign_rows){0};
    return MG_OK;
}
