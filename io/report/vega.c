/* vega.c  finds Vega's files and wraps them up */
#include "io/report/vega.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/whole_file.h"
#include "src/core/log.h"

enum { PATH_TEXT = 4096, MAX_FILE = 1 << 24 /* bytes; Vega has half a million */ };

/* Debian's modules that these charts need, each NAME.min.js. The order does not matter: they are run when asked for. */
static const char *const modules[] = {"vega-canvas",     "vega-dataflow",  "vega-encode",     "vega-event-selector",
                                      "vega-expression", "vega-format",    "vega-functions",  "vega-interpreter",
                                      "vega-loader",     "vega-parser",    "vega-runtime",    "vega-scale",
                                      "vega-scenegraph", "vega-selection", "vega-statistics", "vega-time",
                                      "vega-transforms", "vega-util",      "vega-view",       "vega-view-transforms"};

enum { N_MODULES = sizeof modules / sizeof *modules };

/* Where vega.min.js may be below a folder, and where the interpreter may be beside vega.min.js. */
static const char *const bundles[] = {"", "/vega.min.js", "/build/vega.min.js", "/vega/build/vega.min.js",
                                      "/node_modules/vega/build/vega.min.js"};
static const char *const interpreters[] = {"/vega-interpreter.min.js",
                                           "/../../vega-interpreter/build/vega-interpreter.min.js"};

static const char *const usual[] = {"/usr/share/javascript/vega", "/usr/local/share/javascript/vega",
                                    "/usr/share/nodejs", "/usr/local/lib/node_modules", "/usr/lib/node_modules"};

static bool is_file(char path[PATH_TEXT], const char *folder, const char *name)
{
    int n = snprintf(path, PATH_TEXT, "%s%s", folder, name);
    if (n <= 0 || n >= PATH_TEXT || access(path, R_OK) != 0) return false;
    size_t length = strlen(path);
    return length > 3 && strcmp(path + length - 3, ".js") == 0;
}

/* JavaScript that can stand within <script>: the two marks that end or change it there only occur in its strings and
 * patterns, where a backslash does no harm; the pointer to a source map would be looked up. */
static void write_script(FILE *out, const char *text)
{
    static const char map[] = "//# sourceMappingURL=";
    for (; *text != '\0'; text++) {
        if (strncmp(text, map, strlen(map)) == 0)
            text += strcspn(text, "\n");
        else if (strncasecmp(text, "</script", 8) == 0 || strncmp(text, "<!--", 4) == 0)
            fputs("<\\", out), text++;
        if (*text == '\0') break;
        putc(*text, out);
    }
}

static mg_status write_module(FILE *out, const char *name, const char *path, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = mg_whole_file_read(path, MAX_FILE, &bytes, &n, err);
    if (status != MG_OK) return status;
    if (memchr(bytes, '\0', n) != NULL) {
        status = mg_fail(err, MG_EINPUT, "%s is no JavaScript", path);
    } else {
        fprintf(out, "mgModule(\"%s\", function (exports, module, require, define) {\n", name);
        write_script(out, (const char *)bytes);
        fputs("\n});\n", out);
    }
    free(bytes);
    return status;
}

/* --- the two ways in which it comes --- */

static bool has_modules(const char *folder)
{
    char path[PATH_TEXT], name[64];
    for (size_t k = 0; k < N_MODULES; k++) {
        snprintf(name, sizeof name, "/%s.min.js", modules[k]);
        if (!is_file(path, folder, name)) return false;
    }
    return true;
}

static mg_status write_modules(FILE *out, const char *folder, mg_error *err)
{
    char path[PATH_TEXT], name[64];
    mg_status status = MG_OK;
    for (size_t k = 0; k < N_MODULES && status == MG_OK; k++) {
        snprintf(name, sizeof name, "/%s.min.js", modules[k]);
        if (is_file(path, folder, name)) status = write_module(out, modules[k], path, err);
    }
    return status;
}

static bool find_bundle(const char *place, char bundle[PATH_TEXT], char interpreter[PATH_TEXT])
{
    char folder[PATH_TEXT];
    for (size_t k = 0; k < sizeof bundles / sizeof *bundles; k++) {
        if (!is_file(bundle, place, bundles[k])) continue;
        snprintf(folder, sizeof folder, "%s", bundle);
        char *slash = strrchr(folder, '/');
        snprintf(slash != NULL ? slash : folder, 2, "%s", slash != NULL ? "" : ".");
        for (size_t i = 0; i < sizeof interpreters / sizeof *interpreters; i++)
            if (is_file(interpreter, folder, interpreters[i])) return true;
    }
    return false;
}

static bool is_there(const char *place)
{
    char bundle[PATH_TEXT], interpreter[PATH_TEXT];
    return has_modules(place) || find_bundle(place, bundle, interpreter);
}

static mg_status write_vega(FILE *out, const char *place, mg_error *err)
{
    char bundle[PATH_TEXT], interpreter[PATH_TEXT];
    if (has_modules(place)) return write_modules(out, place, err);
    if (!find_bundle(place, bundle, interpreter))
        return mg_fail(
            err, MG_EINPUT,
            "%s holds neither the modules of Debian's libjs-vega nor vega.min.js and vega-interpreter.min.js "
            "(npm install vega@5 vega-interpreter@1)",
            place);
    mg_status status = write_module(out, "vega", bundle, err);
    if (status == MG_OK) status = write_module(out, "vega-interpreter", interpreter, err);
    return status;
}

mg_status mg_report_vega_read(const char *place, char **ret, size_t *ret_n, mg_error *err)
{
    *ret = NULL;
    if (place == NULL) place = getenv("MUTAGREE_VEGA");
    for (size_t k = 0; k < sizeof usual / sizeof *usual && place == NULL; k++)
        if (is_there(usual[k])) place = usual[k];
    if (place == NULL)
        mg_warn("Vega is not on this machine, so the page has tables and logos but no charts; install libjs-vega "
                "(Debian, Ubuntu), or give --vega the folder of npm's vega and vega-interpreter");
    if (place == NULL || strcmp(place, "none") == 0) return MG_OK;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory for Vega");
    mg_status status = write_vega(out, place, err);
    bool failed = ferror(out) != 0;
    if ((fclose(out) != 0 || failed) && status == MG_OK) status = mg_fail(err, MG_EMEM, "out of memory for Vega");
    if (status == MG_OK) {
        *ret = text;
        *ret_n = n;
    } else {
        free(text);
    }
    return status;
}
