/* patterns.c  patterns that the strongest stretches share: logos of the mutations' effects and of each method, two side by
 * side */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>

#include "io/figure/logo_column.h"

enum { N_SHOWN = 4, N_ABREAST = 2 };
#define LEFT  13.0 /* mm before each column, for its axis */
#define RIGHT 3.0
#define TITLE 200 /* bytes */

/* "pattern 1 (41 seqlets, 12 reversed): mutations" */
static void write_title(const json_t *pattern, char title[TITLE])
{
    char n[4 * MG_NUMBER_TEXT], reversed[MG_NUMBER_TEXT], k[MG_NUMBER_TEXT];
    snprintf(title, TITLE, "pattern %s (%s, %s reversed): mutations",
             mg_count_text(k, mg_find_number(pattern, "pattern")),
             mg_count_words(n, mg_find_number(pattern, "seqlets"), "seqlet"),
             mg_count_text(reversed, mg_find_number(pattern, "reverse")));
}

/* Returns y below it; y when it has no letter. */
static double draw_pattern(const mg_figure_data *data, const json_t *pattern, mg_canvas *canvas, double x, double y,
                           double width)
{
    char title[TITLE];
    double first;
    mg_logo_column column = {.rows = mg_find_table(data, "seqlets", "logos"), .key = "pattern", .height = "height"};
    column.value = json_object_get(pattern, "pattern");
    column.title = title;
    column.pitch = 11;
    size_t n = mg_logo_column_count(&column, &first);
    if (n == 0) return y;
    column.letter = (width - LEFT - RIGHT) / (double)n;
    write_title(pattern, title);
    return mg_logo_column_draw(&column, data, canvas, x + LEFT, y);
}

double mg_figure_patterns(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    const json_t *patterns = mg_find_table(data, "seqlets", "patterns"),
                 *section = mg_find_table(data, "seqlets", NULL);
    double top = 5, low = top, each = width / N_ABREAST;
    size_t n_drawn = 0;
    for (size_t k = 0; k < json_array_size(patterns) && n_drawn < N_SHOWN; k++) {
        size_t abreast = n_drawn % N_ABREAST;
        if (abreast == 0 && n_drawn > 0) top = low + 4;
        double end = draw_pattern(data, json_array_get(patterns, k), canvas, each * (double)abreast, top, each);
        n_drawn += end > top;
        low = fmax(low, end);
    }
    if (n_drawn == 0) return 0;
    char n[4 * MG_NUMBER_TEXT];
    return mg_plot_note(
        canvas, width, low,
        "%s: of each window the two stretches with the largest sums of |e|, of all windows the strongest. Those that "
        "are alike, "
        "either way round, make a pattern, of which the %zu with most members are shown. Height of a letter: mean over "
        "the members that have a base "
        "there, for mutations of minus the mean effect of the three substitutions, for a method of its contribution, "
        "both in units of the score; letters below the axis: negative.",
        mg_count_words(n, mg_find_number(section, "n"), "seqlet"), n_drawn);
}
