/* page_document.c  the document as the page gets it: what it shows, in as few bytes as will do
 *
 * Tables travel as {"$keys": [...], "$rows": [[...], ...]}, a third of their size with the keys in every row;
 * share/report/document.js puts them together again.
 */
#include "io/report/page.h"

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

/* Bytes of JSON; 0 for NULL. */
static size_t size_of(const json_t *value)
{
    return json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
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
        n_bytes += size_of(shown);
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

/* --- tables by position --- */

/* The rows of a table in whose column there is a key of `wanted`, packed. */
static json_t *packed_rows(const json_t *table, const char *column, const json_t *wanted)
{
    json_t *rows = json_array(), *row, *packed;
    size_t k;
    json_array_foreach(table, k, row)
    {
        const char *text = json_string_value(json_object_get(row, column));
        if (text == NULL || json_object_get(wanted, text) == NULL || json_array_append(rows, row) == 0) continue;
        json_decref(rows);
        return NULL;
    }
    packed = pack(rows);
    json_decref(rows);
    return packed;
}

/* Of the methods' profiles as many as there is room for: those of the mutations and of the leader in any case. */
static json_t *shown_profile(const json_t *document, size_t room)
{
    const json_t *profile = json_object_get(document, "profile"), *methods = json_object_get(document, "methods");
    json_t *wanted = json_object(), *method, *shown = pack((json_t *)profile);
    const char *leader = json_string_value(json_object_get(json_object_get(document, "verdict"), "leader"));
    size_t each = size_of(shown) / (json_array_size(methods) + 1) + 1, k;
    json_decref(shown);
    json_object_set_new(wanted, "mutations", json_true());
    if (leader != NULL) json_object_set_new(wanted, leader, json_true());
    json_array_foreach(methods, k, method)
    {
        const char *name = json_string_value(json_object_get(method, "name"));
        if (name != NULL && (json_object_size(wanted) + 1) * each <= room)
            json_object_set_new(wanted, name, json_true());
    }
    shown = packed_rows(profile, "source", wanted);
    json_decref(wanted);
    return shown;
}

/* The figure of flips by position is about calls that are lost. */
static json_t *shown_flips(const json_t *positions)
{
    json_t *wanted = json_pack("{s:b}", "lost", 1), *shown = packed_rows(positions, "direction", wanted);
    json_decref(wanted);
    return shown;
}

/* --- the whole --- */

/* What the page does not show, and what a page that is passed on need not tell about the machine. */
static const struct {
    const char *section, *key;
} left_out[] = {{"summary", "pairs"},     {"provenance", "environment"}, {"provenance", "hosts"}, {"provenance", "job"},
                {"provenance", "limits"}, {"provenance", "options"},     {"provenance", "system"}};

/* What has a row a position; room is left for one window. */
static bool add_positions(const json_t *document, json_t *shown)
{
    const json_t *profile = json_object_get(document, "profile");
    const json_t *positions = json_object_get(json_object_get(document, "flips"), "positions");
    json_t *flips = json_object_get(shown, "flips");
    json_t *window = shown_window(json_array_get(json_object_get(document, "windows"), 0));
    size_t n_window = size_of(window);
    json_decref(window);
    if (json_is_array(positions) && json_object_set_new(flips, "positions", shown_flips(positions)) != 0) return false;
    if (!json_is_array(profile)) return profile == NULL || json_object_set(shown, "profile", (json_t *)profile) == 0;
    size_t n_taken = size_of(shown) + n_window, room = n_taken < PAGE_BYTES ? PAGE_BYTES - n_taken : 0;
    return json_object_set_new(shown, "profile", shown_profile(document, room)) == 0;
}

static bool add_windows(const json_t *document, json_t *shown)
{
    const json_t *windows = json_object_get(document, "windows");
    json_int_t n = (json_int_t)json_array_size(windows);
    return json_object_set_new(shown, "windows", shown_windows(windows, size_of(shown))) == 0 &&
           json_object_set_new(shown, "windows_in_report", json_integer(n)) == 0;
}

static json_t *shown_document(const json_t *document)
{
    json_t *shown = json_object(), *value;
    const char *key;
    json_object_foreach((json_t *)document, key, value)
    {
        /* the page's logos are those of `kozak`; what is long comes at the end, when it is known what room there is */
        if (strcmp(key, "bases") == 0 || strcmp(key, "windows") == 0 || strcmp(key, "profile") == 0) continue;
        if (json_object_set_new(shown, key, pack(value)) == 0) continue;
        json_decref(shown);
        return NULL;
    }
    for (size_t k = 0; k < sizeof left_out / sizeof *left_out; k++)
        json_object_del(json_object_get(shown, left_out[k].section), left_out[k].key);
    if (add_positions(document, shown) && add_windows(document, shown)) return shown;
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
