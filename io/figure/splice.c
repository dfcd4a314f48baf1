/* splice.c  the consensus of splice sites: logos of the mutations' effects and of each method, donors beside acceptors */
#include "io/figure/figure.h"

#include <math.h>
#include <string.h>

#include "io/figure/logo_column.h"

#define LEFT   13.0 /* mm before each column, for its axis */
#define RIGHT  3.0
#define WIDEST 7.0 /* mm of a letter */

enum { N_KINDS = 2 };

/* What the kinds of the document look like; of a kind that has no rows nothing is drawn. */
static const struct {
    const char *kind, *title;
    double shade[2]; /* GT behind a donor, AG before an acceptor */
} kinds[N_KINDS] = {
    {"donor", "donors: mutations", {1, 2}},
    {"acceptor", "acceptors: mutations", {-2, -1}},
};

/* The value of the document that says this kind; NULL when no row does. */
static const json_t *find_kind(const json_t *rows, const char *kind)
{
    return json_object_get(mg_find_row(rows, (const char *const[]){"kind", kind, NULL}), "kind");
}

/* The columns of the kinds that are there, all letters of one width; returns how many. */
static size_t find_columns(const mg_figure_data *data, double width, mg_logo_column *column, size_t *n_positions)
{
    const json_t *rows = mg_find_table(data, "splice", "consensus");
    size_t n = 0, n_all = 0;
    for (size_t k = 0; k < N_KINDS; k++) {
        const json_t *kind = find_kind(rows, kinds[k].kind);
        double first;
        if (kind == NULL) continue;
        column[n] = (mg_logo_column){
            .rows = rows, .key = "kind", .value = kind, .height = "mean", .weight = "share", .pitch = 13};
        column[n].title = kinds[k].title;
        memcpy(column[n].shade, kinds[k].shade, sizeof kinds[k].shade);
        n_positions[n] = mg_logo_column_count(&column[n], &first);
        n_all += n_positions[n];
        n += n_positions[n] > 0;
    }
    for (size_t k = 0; k < n; k++)
        column[k].letter = fmin(WIDEST, (width - LEFT * (double)n - RIGHT) / (double)n_all);
    return n;
}

double mg_figure_splice(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    const json_t *group = mg_find_table(data, "group", NULL);
    mg_logo_column column[N_KINDS];
    size_t n_positions[N_KINDS], n = find_columns(data, width, column, n_positions);
    double x = 0, low = 5;
    for (size_t k = 0; k < n; k++) {
        low = fmax(low, mg_logo_column_draw(&column[k], data, canvas, x + LEFT, 5));
        x += LEFT + column[k].letter * (double)n_positions[k];
    }
    if (low <= 5) return 0;
    char windows[4 * MG_NUMBER_TEXT];
    return mg_plot_note(
        canvas, width, low,
        "n = %s%s. Position +1 is the first base behind the cut: of the intron at a donor, of the exon at an "
        "acceptor. "
        "Height of a letter: its mean where it stands (minus the effect of the three substitutions; a method's "
        "contribution), in units of the score, times the share of windows that have it there, so that a column adds up "
        "to the mean of its position; letters below the axis: negative. Grey: the intron's two bases at the site.",
        mg_count_words(windows, mg_find_number(group, "windows"), "window"), data->group);
}
