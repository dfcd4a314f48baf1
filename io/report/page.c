/* page.c  a template, its style and scripts, Vega and the document in one file */
#include "io/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/vega.h"
#include "io/base/share.h"
#include "io/base/whole_file.h"

enum { MAX_PART = 1 << 24 /* bytes of a file under share/report */ };

/* --- the parts under share/report --- */

/* In their order. What belongs to a section of some tasks stands in the page where the document has that section. */
static const struct {
    const char *name;
    const char *section; /* a key of the document; NULL: in every page */
} scripts[] = {{"document.js", NULL}, {"format.js", NULL},    {"figures.js", NULL},    {"charts.js", NULL},
               {"logos.js", NULL},    {"answer.js", NULL},    {"places.js", NULL},     {"curves.js", NULL},
               {"certain.js", NULL},  {"reads.js", NULL},     {"kozak.js", "kozak"},   {"stops.js", "stops"},
               {"windows.js", NULL},  {"codons.js", "kozak"}, {"splice.js", "splice"}, {"seqlets.js", "seqlets"},
               {"heat.js", "heat"},   {"trust.js", NULL},     {"page.js", NULL}};

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

/* The page's scripts, one behind the other. */
static mg_status read_scripts(const json_t *document, char **ret, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory for the page");
    mg_status status = MG_OK;
    for (size_t k = 0; k < sizeof scripts / sizeof *scripts && status == MG_OK; k++) {
        char *part = NULL;
        if (scripts[k].section != NULL && json_object_get(document, scripts[k].section) == NULL) continue;
        status = read_part(scripts[k].name, &part, err);
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
    if (status == MG_OK) status = read_scripts(document, &script, err);
    if (status == MG_OK) status = mg_report_vega_read(vega, &charts, &n_charts, err);
    if (status == MG_OK) status = mg_report_page_document(document, &data, err);
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
