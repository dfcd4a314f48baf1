/* window.c  one window: effects of all substitutions as a heat map, logos of the mutations and of each method in
 * one column, codons and their translation beneath, and the strongest substitutions by name */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/figure/logo.h"

enum { MOST_COLUMNS = 70, MOST_BLOCKS = 3, N_LETTERS = 4 };
#define LEFT 28.0 /* mm for names */
#define CELL 1.9  /* mm: height of a row of the heat map */
#define LOGO 4.6  /* mm of a method's logo */
#define TALL 7.0  /* mm of that of the mutations */
#define GAP  0.6  /* mm between logos */

static const char letters[] = "ACGT";

/* What is shown of the window: columns from `first` of its positions on, in blocks beneath each other. */
typedef struct {
    const json_t *window;
    const char *sequence;
    size_t length, first, n; /* nt: of the window; shown from where, how many */
    size_t n_columns;        /* of a block */
    double anchor_position;  /* position of the window's first letter */
    double largest;          /* absolute effect that is shown */
    double column;           /* mm */
} view;

static view find_view(const mg_figure_data *data, double width)
{
    view v = {.window = data->window, .sequence = mg_find_text(data->window, "sequence")};
    size_t most = MOST_COLUMNS * MOST_BLOCKS;
    v.length = strlen(v.sequence);
    v.anchor_position = mg_find_number(v.window, "first_position");
    if (isnan(v.anchor_position)) v.length = 0;
    v.n = v.length;
    if (v.length > most) { /* the codon's neighbourhood */
        double before = fmax(-v.anchor_position - MOST_COLUMNS, 0);
        v.n = most;
        v.first = (size_t)fmin(before, (double)(v.length - most));
    }
    size_t n_blocks = (v.n + MOST_COLUMNS - 1) / MOST_COLUMNS;
    v.n_columns = n_blocks > 0 ? (v.n + n_blocks - 1) / n_blocks : 0;
    v.column = (width - LEFT - 3) / (double)(v.n_columns > 0 ? v.n_columns : 1);
    const json_t *effect = json_object_get(v.window, "effect");
    for (size_t p = v.first; p < v.first + v.n; p++)
        for (size_t b = 0; b < N_LETTERS; b++) {
            double d = mg_find_item(json_array_get(effect, p), b);
            if (isfinite(d)) v.largest = fmax(v.largest, fabs(d));
        }
    return v;
}

static size_t letter_index(char letter)
{
    const char *at = letter != '\0' ? strchr(letters, letter) : NULL;
    return at != NULL ? (size_t)(at - letters) : N_LETTERS;
}

static double position_of(const view *v, size_t p)
{
    const mg_columns all = {v->anchor_position, 0, 1, v->length};
    return mg_columns_position(&all, p);
}

/* --- heat map --- */

/* White at 0, one colour for damage, one for gain; deepest at the largest effect. */
static mg_colour effect_colour(const view *v, double effect)
{
    double part = v->largest > 0 ? fmin(fabs(effect) / v->largest, 1) : 0;
    return mg_lighter(effect < 0 ? MG_DAMAGE : MG_GAIN, 1 - sqrt(part));
}

static void draw_cell(mg_canvas *canvas, const view *v, size_t p, size_t b, double x, double y)
{
    double effect = mg_find_item(json_array_get(json_object_get(v->window, "effect"), p), b);
    if (isfinite(effect)) {
        mg_canvas_box(canvas, x, y, v->column, CELL, effect_colour(v, effect));
    } else if (letter_index(v->sequence[p]) == b) {
        mg_canvas_dot(canvas, x + v->column / 2, y + CELL / 2, 0.22, false, MG_INK);
    } else {
        mg_canvas_box(canvas, x, y, v->column, CELL, MG_HIGHLIGHT);
    }
}

static double draw_heat_map(mg_canvas *canvas, const view *v, const mg_columns *columns, size_t first, double y)
{
    for (size_t b = 0; b < N_LETTERS; b++) {
        const char label[2] = {letters[b]};
        mg_canvas_text(canvas, LEFT - 1.2, y + CELL * ((double)b + 0.85), mg_aligned(mg_type_small, MG_RIGHT), label);
        for (size_t k = 0; k < columns->n; k++)
            draw_cell(canvas, v, first + k, b, mg_columns_x(columns, k), y + CELL * (double)b);
    }
    mg_canvas_text(canvas, LEFT - 4, y + 2.3 * CELL, mg_aligned(mg_type_small, MG_RIGHT), "substitution by");
    mg_canvas_frame(canvas, LEFT, y, columns->width * (double)columns->n, N_LETTERS * CELL, 0.3, MG_FAINT);
    return y + N_LETTERS * CELL + GAP;
}

/* --- logos --- */

static void draw_logo(mg_canvas *canvas, const view *v, const mg_columns *columns, size_t first, const json_t *value,
                      const char *label, double y, double tall)
{
    mg_range range = {0, 0};
    for (size_t p = v->first; p < v->first + v->n; p++)
        mg_range_add(&range, mg_find_item(value, p));
    mg_axis axis = mg_axis_fit(range, y + tall, y);
    double zero = mg_axis_at(&axis, 0);
    for (size_t k = 0; k < columns->n; k++) {
        double height[MG_LOGO_BASES] = {0};
        size_t b = letter_index(v->sequence[first + k]);
        if (b < N_LETTERS) height[b] = mg_find_item(value, first + k);
        mg_logo_stack(canvas, columns, k, &axis, height);
    }
    mg_canvas_line(canvas, LEFT, zero, mg_columns_x(columns, columns->n), zero, 0.3, MG_INK);
    mg_text_style small = mg_aligned(mg_type_note, MG_RIGHT);
    char low[MG_NUMBER_TEXT], high[MG_NUMBER_TEXT];
    double size = fmax(-range.low, range.high);
    small.size = 5;
    mg_plot_name(canvas, LEFT - 1.2, y + 2.2, mg_aligned(mg_type_small, MG_RIGHT), LEFT - 2.2, label);
    mg_canvas_print(canvas, LEFT - 1.2, y + 4.3, small, "%s to %s", mg_scaled_text(low, range.low, 2, size),
                    mg_scaled_text(high, range.high, 2, size));
}

static double draw_logos(const mg_figure_data *data, mg_canvas *canvas, const view *v, const mg_columns *columns,
                         size_t first, double y)
{
    const json_t *contribution = json_object_get(v->window, "contribution");
    draw_logo(canvas, v, columns, first, json_object_get(v->window, "mean_effect"), "mutations", y, TALL);
    y += TALL + GAP;
    for (size_t m = 0; m < data->n_methods; m++) {
        const mg_figure_method *method = &data->method[m];
        draw_logo(canvas, v, columns, first, json_object_get(contribution, method->name), method->brief, y, LOGO);
        y += LOGO + GAP;
    }
    return y;
}

/* --- sequence, codons --- */

static void draw_sequence(mg_canvas *canvas, const view *v, const mg_columns *columns, size_t first, double y)
{
    for (size_t k = 0; k < columns->n; k++) {
        const char letter[2] = {v->sequence[first + k]};
        mg_text_style style = mg_aligned(mg_type_small, MG_CENTRE);
        style.colour = mg_base_colour(letter[0]);
        style.bold = true;
        mg_canvas_text(canvas, mg_columns_x(columns, k) + columns->width / 2, y + 2, style, letter);
    }
}

/* The codons that begin in this block, each a line under its bases and its amino acid; `*` is a stop. */
static void draw_codons(mg_canvas *canvas, const view *v, const mg_columns *columns, size_t first, double y)
{
    const json_t *codons = json_object_get(v->window, "codons");
    for (size_t i = 0; i < json_array_size(codons); i++) {
        const json_t *codon = json_array_get(codons, i);
        double offset = mg_find_number(codon, "offset") - (double)first;
        double begin = fmax(offset, 0), end = fmin(offset + 3, (double)columns->n), middle = offset + 1.5;
        if (!(begin < end)) continue;
        double x0 = columns->x + begin * columns->width, x1 = columns->x + end * columns->width;
        mg_canvas_line(canvas, x0 + 0.2, y, x1 - 0.2, y, 0.6, i == 0 ? MG_GAIN : MG_INK);
        if (middle > 0 && middle < (double)columns->n)
            mg_canvas_text(canvas, columns->x + middle * columns->width, y + 2.5, mg_aligned(mg_type_small, MG_CENTRE),
                           mg_find_text(codon, "amino_acid"));
    }
}

/* One block from y down; returns y below it. */
static double draw_block(const mg_figure_data *data, mg_canvas *canvas, const view *v, size_t block, double y)
{
    size_t first = v->first + block * v->n_columns, left = v->first + v->n - first;
    const mg_columns columns = {position_of(v, first), LEFT, v->column, left < v->n_columns ? left : v->n_columns};
    double logos = y + 3 + N_LETTERS * CELL + GAP, end = logos + TALL + GAP + (LOGO + GAP) * (double)data->n_methods;
    mg_columns_draw_positions(canvas, &columns, y + 2);
    if (mg_find_codons(data)) mg_columns_shade_codon(canvas, &columns, logos, end);
    draw_heat_map(canvas, v, &columns, first, y + 3);
    draw_logos(data, canvas, v, &columns, first, logos);
    draw_sequence(canvas, v, &columns, first, end);
    draw_codons(canvas, v, &columns, first, end + 3);
    return end + 8.2;
}

/* --- words above and below --- */

static void draw_scale(mg_canvas *canvas, const view *v, double right, double y)
{
    enum { STEPS = 21, HALF = 10 };
    char text[MG_NUMBER_TEXT];
    double step = 1.0, x = right - 12 - STEPS * step;
    for (int k = 0; k < STEPS; k++)
        mg_canvas_box(canvas, x + k * step, y - 2, step + 0.02, 2, effect_colour(v, v->largest * (k - HALF) / HALF));
    mg_canvas_text(canvas, x - 1, y, mg_aligned(mg_type_small, MG_RIGHT),
                   mg_scaled_text(text, -v->largest, 1, v->largest));
    mg_canvas_print(canvas, x + STEPS * step + 1, y, mg_type_small, "+%s",
                    mg_scaled_text(text, v->largest, 1, v->largest));
}

static void draw_head(const mg_figure_data *data, mg_canvas *canvas, const view *v, double width)
{
    char score[MG_NUMBER_TEXT], probability[MG_NUMBER_TEXT];
    mg_text_style style = mg_type_bold;
    style.size = 8;
    mg_canvas_text(canvas, 2, 4, style, mg_find_text(v->window, "id"));
    mg_canvas_print(canvas, 2, 7.6, mg_type_small, "%s %s%s%s", mg_find_text(mg_find_table(data, "run", NULL), "score"),
                    mg_number_text(score, mg_find_number(v->window, "score"), 2),
                    mg_find_odds(data) ? ", probability " : "",
                    mg_find_odds(data) ? mg_number_text(probability, mg_find_number(v->window, "probability"), 3) : "");
    draw_scale(canvas, v, width - 3, 4);
    mg_canvas_text(canvas, width - 3, 7.6, mg_aligned(mg_type_small, MG_RIGHT),
                   "effect of a substitution on the score");
}

static double draw_top(const mg_figure_data *data, mg_canvas *canvas, const view *v, double y)
{
    static const double place[] = {2, 24, 52, 100, 120, 140}; /* mm */
    bool odds = mg_find_odds(data), codons = mg_find_codons(data);
    const char *const head[] = {"strongest substitutions", "", "", "effect", odds ? "probability" : "", ""};
    const json_t *top = json_object_get(v->window, "top");
    char effect[MG_NUMBER_TEXT], probability[MG_NUMBER_TEXT];
    for (size_t c = 0; c < sizeof place / sizeof *place; c++)
        mg_canvas_text(canvas, place[c], y, mg_type_bold, head[c]);
    for (size_t k = 0; k < json_array_size(top); k++) {
        const json_t *row = json_array_get(top, k);
        const char *const cell[] = {mg_find_text(row, codons ? "hgvs" : "name"),
                                    mg_find_text(row, "protein"),
                                    mg_find_text(row, "label"),
                                    mg_scaled_text(effect, mg_find_number(row, "effect"), 2, v->largest),
                                    odds ? mg_number_text(probability, mg_find_number(row, "probability"), 3) : "",
                                    !mg_find_flag(row, "flips") ? ""
                                    : codons                    ? "flips the call"
                                                                : "turns it"};
        y += 2.9;
        for (size_t c = 0; c < sizeof place / sizeof *place; c++)
            mg_canvas_text(canvas, place[c], y, mg_type_small, cell[c]);
    }
    return y;
}

double mg_figure_window(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    view v = find_view(data, width);
    double y = 9.5;
    char from[MG_NUMBER_TEXT], to[MG_NUMBER_TEXT];
    if (v.n == 0) return 0;
    draw_head(data, canvas, &v, width);
    for (size_t block = 0; block * v.n_columns < v.n; block++)
        y = draw_block(data, canvas, &v, block, y);
    y = draw_top(data, canvas, &v, y + 1);
    return mg_plot_note(
        canvas, width, y + 2,
        "Positions %s to +%s. Heat map: effect of putting that base, colour by the root of the effect; dots: the "
        "base that is there. Logos: mutations: minus the mean effect of the three substitutions; methods: "
        "contribution; upright below the axis: negative; each with its own range, the same in all rows.%s",
        mg_number_text(from, position_of(&v, v.first), 0), mg_number_text(to, position_of(&v, v.first + v.n - 1), 0),
        mg_find_codons(data) ? " Grey: start codon. Coding notation counts from its A." : "");
}
