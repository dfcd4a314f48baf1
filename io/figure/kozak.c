/* kozak.c  the context of the start codon: logos of the mutations' effects and of each method, in one column */
#include "io/figure/figure.h"

#include "io/figure/logo_column.h"

enum { N_COLUMNS = 10 }; /* -6 to +4 */
#define LEFT 13.0        /* mm */

double mg_figure_kozak(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    const json_t *group = mg_find_table(data, "group", NULL);
    const mg_logo_column column = {.rows = mg_find_table(data, "kozak", "rows"),
                                   .height = "mean",
                                   .title = "mutations: mean damage when the base is lost",
                                   .shade = {1, 3},
                                   .letter = (width - LEFT - 3) / N_COLUMNS,
                                   .pitch = 13};
    double y = mg_logo_column_draw(&column, data, canvas, LEFT, 5);
    if (y <= 5) return 0;
    char n[4 * MG_NUMBER_TEXT], fewest[MG_NUMBER_TEXT];
    return mg_plot_note(
        canvas, width, y,
        "n = %s%s. Height of a letter: mean over the windows with that base there (%s or more), for "
        "mutations of minus the effect of the three substitutions, for a method of its contribution, both in units "
        "of the score; letters below the axis: negative. Grey: start codon.",
        mg_count_words(n, mg_find_number(group, "windows"), "window"), data->group,
        mg_count_text(fewest, mg_logo_column_fewest(&column)));
}
