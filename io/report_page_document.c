/* report_page_document.c  the document as the page gets it: what it shows, in as few bytes as will do
 *
 * Tables travel as {"$keys": [...], "$rows": [[...], ...]}, a third of their size with the keys in every row;
 * share/report/document.js puts them together again.
 */
#include "io/report_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS = 9,
    WINDOW_DIGITS = 4,   /* of the largest number of an array of a window */
    PACKED_ROWS = 4,     /* a shorter table stays as it is */
    PAGE_BYTES = 4300000 /* of JSON, about: with Vega and the scripts, a page has less than 5 MB */
};

/* --- tables; NULL when memory is out, as all through: jansson's functions take NULL, and fail --- */

static bool same_keys(const json_t *row, const json_t *first)
{
    const char *key;
    json_t *value;
    if (!json_is_object(row) || json_object_size(row) != json_object_size(first)) return false;
    json_object_foreach((json_t *)first, key, value)
    {
        if (json_object_get(row, key) == NULL) return false;
    }
    return true;
}

static bool is_table(const json_t *value)
{
    if (json_array_size(value) < PACKED_ROWS || json_object_size(json_array_get(value, 0)) == 0) return false;
    size_t k;
    json_t *row;
    json_array_foreach(value, k, row)
    {
        if (!same_keys(row, json_array_get(value, 0))) return false;
    }
    return true;
}

static json_t *pack_row(const json_t *row, const json_t *keys)
{
    json_t *list = json_array(), *key;
    size_t k;
    json_array_foreach(keys, k, key)
    {
        if (json_array_append(list, json_object_get(row, json_string_value(key))) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *list_keys(const json_t *row)
{
    json_t *list = json_array(), *value;
    const char *key;
    json_object_foreach((json_t *)row, key, value)
    {
        if (json_array_append_new(list, json_string(key)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *pack_table(const json_t *table)
{
    json_t *keys = list_keys(json_array_get(table, 0)), *rows = json_array(), *row;
    size_t k;
    bool done = keys != NULL && rows != NULL;
    json_array_foreach(table, k, row)
    {
        if (done) done = json_array_append_new(rows, pack_row(row, keys)) == 0;
    }
    if (done) return json_pack("{s:o, s:o}", "$keys", keys, "$rows", rows);
    json_decref(keys);
    json_decref(rows);
    return NULL;
}

/* The value, or for an object one level of its values, with tables packed. */
static json_t *pack(json_t *value)
{
    if (is_table(value)) return pack_table(value);
    if (!json_is_object(value)) return json_incref(value);
    json_t *object = json_object(), *item;
    const char *key;
    json_object_foreach(value, key, item)
    {
        json_t *packed = is_table(item) ? pack_table(item) : json_incref(item);
        if (json_object_set_new(object, key, packed) == 0) continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

/* --- windows --- */

static double largest(const json_t *value)
{
    double most = fabs(json_number_value(value));
    size_t k;
    json_t *item;
    json_array_foreach(value, k, item)
    {
        most = fmax(most, largest(item));
    }
    return most;
}

/* The value with its numbers rounded to multiples of 1 / per_unit. */
static json_t *round_numbers(json_t *value, double per_unit)
{
    if (json_is_number(value)) return json_real(round(json_number_value(value) * per_unit) / per_unit);
    if (!json_is_array(value)) return json_incref(value);
    json_t *list = json_array(), *item;
    size_t k;
    json_array_foreach(value, k, item)
    {
        if (json_array_append_new(list, round_numbers(item, per_unit)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *rounded(json_t *value)
{
    double most = largest(value);
    if (!(most > 1e-100)) return json_incref(value);
    return round_numbers(value, pow(10, WINDOW_DIGITS - 1 - floor(log10(most))));
}

static json_t *shown_window(json_t *window)
{
    json_t *shown = pack(window), *contributions = json_object(), *value;
    const char *method;
    bool done = shown != NULL && contributions != NULL;
    json_object_foreach(json_object_get(window, "contribution"), method, value)
    {
        if (done) done = json_object_set_new(contributions, method, rounded(value)) == 0;
    }
    if (done) done = json_object_set_new(shown, "effect", rounded(json_object_get(window, "effect"))) == 0;
    if (done) done = json_object_set(shown, "contribution", contributions) == 0;
    if (done) json_object_del(shown, "mean_effect"); /* follows from the effects */
    json_decref(contributions);
    if (done) return shown;
    json_decref(shown);
    return NULL;
}

/* As many windows as n_bytes of JSON leave room for, and one; those asked for come first. */
static json_t *shown_windows(const json_t *windows, size_t n_bytes)
{
    json_t *list = json_array(), *window;
    size_t k;
    json_array_foreach(windows, k, window)
    {
        json_t *shown = shown_window(window);
        n_bytes += json_dumpb(shown, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
        if (shown != NULL && k > 0 && n_bytes > PAGE_BYTES) {
            json_decref(shown);
            break;
        }
        if (json_array_append_new(list, shown) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

/* --- the whole --- */

/* What the page does not show, and what a page that is passed on need not tell about the machine. */
static const struct {
    const char *section, *key;
} left_out[] = {{"summary", "pairs"},     {"provenance", "environment"}, {"provenance", "hosts"}, {"provenance", "job"},
                {"provenance", "limits"}, {"provenance", "options"},     {"provenance", "system"}};

static json_t *shown_document(const json_t *document)
{
    json_t *shown = json_object(), *value;
    const char *key;
    json_object_foreach((json_t *)document, key, value)
    {
        /* the page's logos are those of `kozak`; windows come at the end, when it is known what room there is */
        if (strcmp(key, "bases") == 0 || strcmp(key, "windows") == 0) continue;
        if (json_object_set_new(shown, key, pack(value)) == 0) continue;
        json_decref(shown);
        return NULL;
    }
    for (size_t k = 0; k < sizeof left_out / sizeof *left_out; k++)
        json_object_del(json_object_get(shown, left_out[k].section), left_out[k].key);
    const json_t *windows = json_object_get(document, "windows");
    size_t n_bytes = json_dumpb(shown, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    if (json_object_set_new(shown, "windows", shown_windows(windows, n_bytes)) == 0 &&
        json_object_set_new(shown, "windows_in_report", json_integer((json_int_t)json_array_size(windows))) == 0)
        return shown;
    json_decref(shown);
    return NULL;
}

mg_status mg_report_page_document(const json_t *document, char **ret, mg_error *err)
{
    json_t *shown = shown_document(document);
    char *json = json_dumps(shown, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(DIGITS)), *text = NULL;
    size_t n = 0;
    FILE *out = json != NULL ? open_memstream(&text, &n) : NULL;
    for (const char *c = json; out != NULL && *c != '\0'; c++)
        fputs(*c == '<' ? "\\u003c" : (char[]){*c, '\0'}, out);
    bool failed = out == NULL || ferror(out) != 0;
    if (out != NULL && fclose(out) != 0) failed = true;
    json_decref(shown);
    free(json);
    if (failed) free(text);
    if (!failed) *ret = text;
    return failed ? mg_fail(err, MG_EMEM, "out of memory for the page") : MG_OK;
}
