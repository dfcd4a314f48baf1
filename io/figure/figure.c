/* figure.c  the table of figures, and their files */
#include "io/figure/figure.h"

#include <stdlib.h>
#include <string.h>

#include "io/base/whole_file.h"

enum { NAME_LENGTH = 100, CHECK_LENGTH = 8 };

typedef struct {
    const char *name, *title;
    const char *section; /* of the document; where it is missing the document says why */
    double width;        /* mm */
    double (*draw)(const mg_figure_data *data, mg_canvas *canvas, double width);
} figure;

static const figure figures[] = {
    {"answer", "Agreement of attribution methods with mutations", "summary", MG_ONE_COLUMN, mg_figure_answer},
    {"ranks", "Mean ranks of attribution methods", "mean_ranks", MG_ONE_COLUMN, mg_figure_ranks},
    {"sensitivity", "What the order of methods depends on", "sensitivity", MG_TWO_COLUMNS, mg_figure_sensitivity},
    {"places", "Places of methods, whichever way it is asked", "places", MG_TWO_COLUMNS, mg_figure_places},
    {"curves", "What happens when bases are replaced in the order of a method", "curves", MG_TWO_COLUMNS,
     mg_figure_curves},
    {"choices", "Places of methods under every choice", "sensitivity", MG_TWO_COLUMNS, mg_figure_choices},
    {"profile", "Mean effect and contribution by position", "profile", MG_TWO_COLUMNS, mg_figure_profile},
    {"kozak", "Kozak context in effects and contributions", "kozak", MG_ONE_COLUMN, mg_figure_kozak},
    {"splice", "Consensus of splice sites in effects and contributions", "splice", MG_TWO_COLUMNS, mg_figure_splice},
    {"patterns", "Patterns of the strongest stretches in effects and contributions", "seqlets", MG_TWO_COLUMNS,
     mg_figure_patterns},
    {"stops", "Effect of substitutions by class", "stops", MG_TWO_COLUMNS, mg_figure_stops},
    {"flips", "Substitutions that flip the call", "flips", MG_TWO_COLUMNS, mg_figure_flips},
};

static const figure window_figure = {"window", "Effects of all substitutions in a window, and attributions", "windows",
                                     MG_TWO_COLUMNS, mg_figure_window};

/* --- names --- */

static bool harmless(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

char *mg_figure_file_name(const char *id, const char *kind)
{
    char text[NAME_LENGTH + 1], sum[MG_SHA256_TEXT], *name = NULL;
    const char *colon = strrchr(id, ':');
    bool changed = strlen(id) > NAME_LENGTH;
    size_t n = 0;
    for (; id[n] != '\0' && n < NAME_LENGTH; n++) {
        text[n] = id[n];
        if (id + n == colon) text[n] = '-';
        if (harmless(text[n])) continue;
        text[n] = '_';
        changed = true;
    }
    text[n] = '\0';
    mg_sha256(id, strlen(id), sum);
    sum[CHECK_LENGTH] = '\0';
    if (asprintf(&name, "window-%s%s%s.%s", text, changed ? "-" : "", changed ? sum : "", kind) < 0) return NULL;
    return name;
}

static mg_canvas_kind kind_of(const char *kind)
{
    if (strcmp(kind, "svg") == 0) return MG_CANVAS_SVG;
    return strcmp(kind, "png") == 0 ? MG_CANVAS_PNG : MG_CANVAS_PDF;
}

/* --- one figure --- */

static mg_status measure(const figure *f, const mg_figure_data *data, double *ret_height, mg_error *err)
{
    const mg_canvas_page page = {f->width, 1, f->title, NULL};
    mg_canvas *canvas = NULL;
    mg_status status = mg_canvas_create(MG_CANVAS_MEASURE, &page, &canvas, err);
    if (status == MG_OK) *ret_height = f->draw(data, canvas, f->width);
    mg_canvas_destroy(canvas);
    return status;
}

static mg_status draw(const figure *f, const mg_figure_data *data, mg_canvas_kind kind, double height, char **ret,
                      size_t *n_ret, mg_error *err)
{
    const char *date = mg_find_text(json_object_get(data->root, "provenance"), "finished");
    const mg_canvas_page page = {f->width, height, f->title, date[0] != '\0' ? date : NULL};
    mg_canvas *canvas = NULL;
    mg_status status = mg_canvas_create(kind, &page, &canvas, err);
    if (status == MG_OK) f->draw(data, canvas, f->width);
    if (status == MG_OK) status = mg_canvas_end(canvas, ret, n_ret, err);
    mg_canvas_destroy(canvas);
    return status;
}

/* Why the document has nothing for this figure. */
static const char *missing_because(const figure *f, const json_t *document)
{
    const json_t *missing = json_object_get(document, "missing");
    const char *why = mg_find_text(mg_find_row(missing, (const char *const[]){"section", f->section, NULL}), "why");
    return why[0] != '\0' ? why : "none of its numbers is defined";
}

static mg_status write_figure(const figure *f, const mg_figure_data *data, const char *path, const char *kind,
                              bool force, FILE *talk, mg_error *err)
{
    double height = 0;
    char *bytes = NULL;
    size_t n = 0;
    if (json_object_get(data->root, f->section) == NULL) return MG_OK; /* another task's */
    mg_status status = measure(f, data, &height, err);
    if (status == MG_OK && height <= 0) {
        fprintf(talk, "left out %s: %s\n", path, missing_because(f, data->root));
        return MG_OK;
    }
    if (status == MG_OK) status = draw(f, data, kind_of(kind), height, &bytes, &n, err);
    if (status != MG_OK) return mg_fail_prefix(err, "%s: ", path);
    status = mg_whole_file_write(path, bytes, n, force, err);
    if (status == MG_OK) fprintf(talk, "wrote %s\n", path);
    free(bytes);
    return status;
}

/* --- all of them --- */

/* A window that was asked for twice is one figure. */
static bool seen_before(const json_t *windows, size_t k)
{
    const char *id = mg_find_text(json_array_get(windows, k), "id");
    for (size_t i = 0; i < k; i++)
        if (mg_row_is(json_array_get(windows, i), "id", id)) return true;
    return false;
}

static mg_status write_windows(mg_figure_data *data, const char *folder, const char *kind, bool force, FILE *talk,
                               mg_error *err)
{
    const json_t *windows = mg_find_table(data, "windows", NULL);
    mg_status status = MG_OK;
    for (size_t k = 0; k < json_array_size(windows) && status == MG_OK; k++) {
        data->window = json_array_get(windows, k);
        if (!mg_find_flag(data->window, "asked") || seen_before(windows, k)) continue;
        char *path = NULL, *name = mg_figure_file_name(mg_find_text(data->window, "id"), kind);
        if (name == NULL || asprintf(&path, "%s/%s", folder, name) < 0) {
            path = NULL;
            status = mg_fail(err, MG_EMEM, "out of memory for a figure");
        }
        if (status == MG_OK) status = write_figure(&window_figure, data, path, kind, force, talk, err);
        free(name);
        free(path);
    }
    return status;
}

static mg_status write_all(mg_figure_data *data, const char *folder, const char *kind, bool force, FILE *talk,
                           mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < sizeof figures / sizeof *figures && status == MG_OK; k++) {
        char *path = NULL;
        if (json_object_get(data->root, figures[k].section) == NULL) continue; /* no section of this task */
        if (asprintf(&path, "%s/%s.%s", folder, figures[k].name, kind) < 0)
            return mg_fail(err, MG_EMEM, "out of memory for a figure");
        status = write_figure(&figures[k], data, path, kind, force, talk, err);
        free(path);
    }
    return status == MG_OK ? write_windows(data, folder, kind, force, talk, err) : status;
}

mg_status mg_figures_write(const json_t *document, const char *folder, const char *kind, bool force, FILE *talk,
                           mg_error *err)
{
    mg_figure_data data = {0};
    char *path = NULL;
    if (asprintf(&path, "%s/figures", folder) < 0) return mg_fail(err, MG_EMEM, "out of memory for a figure");
    mg_status status = mg_figure_data_begin(document, &data, err);
    if (status == MG_OK) status = mg_folder_make(path, err);
    if (status == MG_OK) status = write_all(&data, path, kind, force, talk, err);
    free(path);
    mg_figure_data_end(&data);
    return status;
}
