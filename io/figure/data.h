/* data.h  the document of a report as figures read it: numbers that may be missing, and methods in their order
 *
 * Every reader copes with what is not there: a number is then NaN, a text "", a table NULL (which has no rows).
 */
#ifndef MG_IO_FIGURE_DATA_H
#define MG_IO_FIGURE_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "io/figure/canvas.h"
#include "src/core/status.h"

/* A method with its row of the summary for the main metric and group. */
typedef struct {
    const char *name, *label; /* of the document */
    char *brief;              /* owned: the label without its settings, where that tells it from the others */
    mg_colour colour;
    double n, clusters, mean, low, high;
} mg_figure_method;

typedef struct {
    const json_t *root;   /* the document */
    const json_t *window; /* for a figure of one window, else NULL */
    char group
        [120]; /* behind a number of windows: " (annotated starts)"; "" of all windows, as the words before it say */
    size_t n_methods;
    mg_figure_method *method; /* owned (n_methods), best first; those without a value last, in the document's order */
    bool has_network;         /* there is a row of the network itself, against measured effects; it is no method */
    mg_figure_method network;
} mg_figure_data;

/* mg_figure_data_begin()  look through a document, which must live on; mg_figure_data_end() in either case
 * Returns: MG_OK, MG_EMEM */
mg_status mg_figure_data_begin(const json_t *document, mg_figure_data *ret, mg_error *err);
void mg_figure_data_end(mg_figure_data *data);

/* --- reading --- */

/* mg_find_codons(), mg_find_odds()  has the run's task codons; has its score a probability (docs/report-json.md, task)
 * mg_find_origin()  what positions are counted from: "the start codon" */
bool mg_find_codons(const mg_figure_data *data);
bool mg_find_odds(const mg_figure_data *data);
const char *mg_find_origin(const mg_figure_data *data);

/* mg_find_unit()  what intervals and tests go by: "gene", or of many: "genes" */
const char *mg_find_unit(const mg_figure_data *data, bool many);

/* mg_find_number()  NaN for what is no number, and for what no axis could hold (above 1e30) */
double mg_find_number(const json_t *row, const char *key);
double mg_find_item(const json_t *array, size_t i); /* the same of an array's item */
const char *mg_find_text(const json_t *row, const char *key);
bool mg_find_flag(const json_t *row, const char *key);

/* mg_find_table()  root[section][key], or root[section] where key is NULL */
const json_t *mg_find_table(const mg_figure_data *data, const char *section, const char *key);

/* mg_find_row()  the first row with these texts under these keys (key, text, key, text, ..., NULL); NULL: none */
const json_t *mg_find_row(const json_t *table, const char *const *pair);

/* mg_row_is()  row[key] is this text */
bool mg_row_is(const json_t *row, const char *key, const char *text);

/* mg_find_method()  index in data->method, n_methods when there is no such */
size_t mg_find_method(const mg_figure_data *data, const char *name);

/* Colours of sources ("mutations" or a method's name), of bases, and of all else. */
mg_colour mg_base_colour(char base);
enum {
    MG_INK = 0x222222,       /* text, axes, and what the network itself says */
    MG_FAINT = 0xb0b0b0,     /* lines that only guide the eye */
    MG_HIGHLIGHT = 0xe8e8e8, /* behind a start codon */
    MG_GAIN = 0x0072b2,      /* ends of the scale of effects, and the two directions of a flip */
    MG_DAMAGE = 0xd55e00
};

#endif
