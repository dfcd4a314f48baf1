/* report_page.c  a template, its style and scripts, Vega and the document in one file
 *
 * Tables travel as {"$keys": [...], "$rows": [[...], ...]}, a third of their size with the keys in every row;
 * share/report/document.js puts them together again.
 */
#include "io/report_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/report_vega.h"
#include "io/share.h"
#include "io/whole_file.h"

enum {
    DIGITS = 9,
    WINDOW_DIGITS = 4,      /* of the largest number of an array of a window */
    PACKED_ROWS = 4,        /* a shorter table stays as it is */
    WINDOW_BYTES = 3000000, /* of JSON for windows, about */
    MAX_PART = 1 << 24      /* bytes of a file under share/report */
};

/* --- the document as the page gets it --- */

static bool same_keys(const json_t *row, const json_t *first)
{
    const char *key;
    json_t *value;
    if (!json_is_object(row) || json_object_size(row) != json_object_size(first)) return false;
    json_object_foreach((json_t *)first, key, value) if (json_object_get(row, key) == NULL) return false;
    return true;
}

static bool is_table(const json_t *value)
{
    if (json_array_size(value) < PACKED_ROWS || json_object_size(json_array_get(value, 0)) == 0) return false;
    size_t k;
    json_t *row;
    json_array_foreach(value, k, row) if (!same_keys(row, json_array_get(value, 0))) return false;
    return true;
}

static json_t *pack_row(const json_t *row, const json_t *keys)
{
    json_t *list = json_array(), *key;
    size_t k;
    json_array_foreach(keys, k, key) json_array_append(list, json_object_get(row, json_string_value(key)));
    return list;
}

/* NULL when memory is out, here and in what follows: jansson's functions take NULL and fail. */
static json_t *pack_table(const json_t *table)
{
    json_t *keys = json_array(), *rows = json_array(), *value;
    const char *key;
    json_object_foreach(json_array_get(table, 0), key, value) json_array_append_new(keys, json_string(key));
    size_t k;
    json_array_foreach(table, k, value) json_array_append_new(rows, pack_row(value, keys));
    bool whole = json_array_size(rows) == json_array_size(table) &&
                 json_array_size(keys) == json_object_size(json_array_get(table, 0));
    if (whole) return json_pack("{s:o, s:o}", "$keys", keys, "$rows", rows);
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

static double largest(const json_t *value)
{
    double most = fabs(json_number_value(value));
    size_t k;
    json_t *item;
    json_array_foreach(value, k, item) most = fmax(most, largest(item));
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
    json_object_foreach(json_object_get(window, "contribution"), method, value) if (done) done =
        json_object_set_new(contributions, method, rounded(value)) == 0;
    if (done) done = json_object_set_new(shown, "effect", rounded(json_object_get(window, "effect"))) == 0;
    if (done) done = json_object_set(shown, "contribution", contributions) == 0;
    if (done) json_object_del(shown, "mean_effect"); /* follows from the effects */
    json_decref(contributions);
    if (done) return shown;
    json_decref(shown);
    return NULL;
}

/* As many windows as there is room for; those asked for come first. */
static json_t *shown_windows(const json_t *windows)
{
    json_t *list = json_array(), *window;
    size_t k, n_bytes = 0;
    json_array_foreach(windows, k, window)
    {
        json_t *shown = shown_window(window);
        n_bytes += json_dumpb(shown, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
        if (shown != NULL && k > 0 && n_bytes > WINDOW_BYTES) {
            json_decref(shown);
            break;
        }
        if (json_array_append_new(list, shown) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *shown_document(const json_t *document)
{
    json_t *shown = json_object(), *value;
    const char *key;
    json_object_foreach((json_t *)document, key, value)
    {
        if (strcmp(key, "bases") == 0) continue; /* a table for others; the page's logos are those of `kozak` */
        bool windows = strcmp(key, "windows") == 0;
        if (json_object_set_new(shown, key, windows ? shown_windows(value) : pack(value)) == 0) continue;
        json_decref(shown);
        return NULL;
    }
    if (json_object_set_new(shown, "windows_in_report",
                            json_integer((json_int_t)json_array_size(json_object_get(document, "windows")))) == 0)
        json_object_del(json_object_get(shown, "summary"), "pairs");
    return shown;
}

/* JSON that can stand within <script>: '<' only occurs in its texts. */
static mg_status document_text(const json_t *document, char **ret, mg_error *err)
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

/* --- the parts under share/report --- */

static const char *const scripts[] = {"document.js", "format.js", "figures.js", "charts.js",  "logos.js", "answer.js",
                                      "certain.js",  "reads.js",  "stops.js",   "windows.js", "trust.js", "page.js"};

static mg_status read_part(const char *name, char **ret, mg_error *err)
{
    char path[MG_SHARE_PATH];
    unsigned char *bytes = NULL;
    size_t n;
    if (!mg_share_find("report", name, path))
        return mg_fail(err, MG_EINPUT,
                       "there is no %s/report/%s, which the page is made of; set MUTAGREE_SHARE to the "
                       "folder share/ of this mutagree",
                       mg_share_folder(), name);
    mg_status status = mg_whole_file_read(path, MAX_PART, &bytes, &n, err);
    if (status == MG_OK) *ret = (char *)bytes;
    return status;
}

/* All scripts, one behind the other. */
static mg_status read_scripts(char **ret, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory for the page");
    mg_status status = MG_OK;
    for (size_t k = 0; k < sizeof scripts / sizeof *scripts && status == MG_OK; k++) {
        char *part = NULL;
        status = read_part(scripts[k], &part, err);
        if (part != NULL) fputs(part, out);
        free(part);
    }
    bool failed = ferror(out) != 0;
    if ((fclose(out) != 0 || failed) && status == MG_OK) status = mg_fail(err, MG_EMEM, "out of memory for the page");
    if (status == MG_OK)
        *ret = text;
    else
        free(text);
    return status;
}

/* --- the page --- */

enum { N_PIECES = 5, POLICY_TEXT = 512, HASH_TEXT = 48 };

/* What stands for {{name}} in the template. */
typedef struct {
    const char *name;
    const char *text;
} piece;

/* SHA-256 of a script's text as a policy writes it: base64. */
static void hash_script(const char *script, char text[HASH_TEXT])
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[MG_SHA256_TEXT];
    unsigned char byte[33] = {0}; /* 32, and one to fill the last three */
    mg_sha256(script, strlen(script), hex);
    for (size_t k = 0; k < 32; k++)
        byte[k] = (unsigned char)strtoul((char[]){hex[2 * k], hex[2 * k + 1], '\0'}, NULL, 16);
    for (size_t k = 0; k < 11; k++) {
        unsigned three = (unsigned)byte[3 * k] << 16 | (unsigned)byte[3 * k + 1] << 8 | byte[3 * k + 2];
        for (int i = 0; i < 4; i++)
            *text++ = letter[three >> (18 - 6 * i) & 63];
    }
    text[-1] = '=';
    *text = '\0';
}

static void write_policy(const char *vega, const char *script, char text[POLICY_TEXT])
{
    char a[HASH_TEXT], b[HASH_TEXT];
    hash_script(vega, a);
    hash_script(script, b);
    snprintf(text, POLICY_TEXT,
             "default-src 'none'; script-src 'sha256-%s' 'sha256-%s'; style-src 'unsafe-inline'; img-src data: blob:; "
             "base-uri 'none'; form-action 'none'",
             a, b);
}

static const char *find_piece(const piece pieces[N_PIECES], const char *name, size_t n)
{
    for (size_t k = 0; k < N_PIECES; k++)
        if (strlen(pieces[k].name) == n && strncmp(pieces[k].name, name, n) == 0) return pieces[k].text;
    return NULL;
}

/* Write the template with its {{name}}s replaced. */
static mg_status fill_template(FILE *out, const char *template, const piece pieces[N_PIECES], mg_error *err)
{
    for (const char *open; (open = strstr(template, "{{")) != NULL;) {
        const char *close = strstr(open, "}}");
        const char *text = close != NULL ? find_piece(pieces, open + 2, (size_t)(close - open) - 2) : NULL;
        if (text == NULL) return mg_fail(err, MG_EINPUT, "report/page.html asks for an unknown piece: %.20s", open);
        fwrite(template, 1, (size_t)(open - template), out);
        fputs(text, out);
        template = close + 2;
    }
    fputs(template, out);
    return MG_OK;
}

static mg_status write_page(const char *path, const char *template, const piece pieces[N_PIECES], bool force,
                            mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory for the page");
    mg_status status = fill_template(out, template, pieces, err);
    bool failed = ferror(out) != 0;
    if ((fclose(out) != 0 || failed) && status == MG_OK) status = mg_fail(err, MG_EMEM, "out of memory for the page");
    if (status == MG_OK) status = mg_whole_file_write(path, text, n, force, err);
    free(text);
    return status;
}

mg_status mg_report_page_write(const json_t *document, const char *vega, const char *folder, bool force, mg_error *err)
{
    char *template = NULL, *style = NULL, *script = NULL, *charts = NULL, *data = NULL, *path = NULL;
    char policy[POLICY_TEXT];
    size_t n_charts = 0;
    if (asprintf(&path, "%s/report.html", folder) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = read_part("page.html", &template, err);
    if (status == MG_OK) status = read_part("page.css", &style, err);
    if (status == MG_OK) status = read_scripts(&script, err);
    if (status == MG_OK) status = mg_report_vega_read(vega, &charts, &n_charts, err);
    if (status == MG_OK) status = document_text(document, &data, err);
    if (status != MG_OK) goto cleanup;
    write_policy(charts != NULL ? charts : "", script, policy);
    const piece pieces[N_PIECES] = {{"policy", policy},
                                    {"style", style},
                                    {"data", data},
                                    {"script", script},
                                    {"vega", charts != NULL ? charts : ""}};
    status = write_page(path, template, pieces, force, err);
cleanup:
    free(template);
    free(style);
    free(script);
    free(charts);
    free(data);
    free(path);
    return status;
}
