/* plot.c  axes, intervals and words that the figures share */
#include "io/figure/plot.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_TICKS = 6, MAX_TICKS = 64, NOTE_COLOUR = 0x555555 };
#define TICK 1.0 /* mm */
#define CAP  0.8 /* mm: half the height of an interval's ends */
#define LINE 0.5 /* pt */

static const char not_defined[] = "n. d.";

const mg_text_style mg_type_text = {7, MG_INK, MG_LEFT, false};
const mg_text_style mg_type_small = {6, MG_INK, MG_LEFT, false};
const mg_text_style mg_type_note = {6, NOTE_COLOUR, MG_LEFT, false};
const mg_text_style mg_type_bold = {7, MG_INK, MG_LEFT, true};

mg_text_style mg_aligned(mg_text_style style, mg_align align)
{
    style.align = align;
    return style;
}

/* --- axes --- */

mg_range mg_range_empty(void)
{
    return (mg_range){INFINITY, -INFINITY};
}

void mg_range_add(mg_range *range, double x)
{
    if (!isfinite(x)) return;
    range->low = fmin(range->low, x);
    range->high = fmax(range->high, x);
}

mg_axis mg_axis_fit(mg_range range, double begin, double end)
{
    if (!(range.low <= range.high)) range = (mg_range){0, 1};
    double more = 0.04 * (range.high - range.low);
    if (!(more > 1e-12 * fabs(range.high))) more = range.high != 0 ? 0.5 * fabs(range.high) : 0.5;
    return (mg_axis){range.low - more, range.high + more, begin, end};
}

double mg_axis_at(const mg_axis *axis, double x)
{
    double part = (x - axis->low) / (axis->high - axis->low);
    return axis->begin + fmin(fmax(part, 0), 1) * (axis->end - axis->begin);
}

/* The smallest of 1, 2, 5 times a power of ten that gives no more than so many ticks. */
static double tick_step(const mg_axis *axis, int n_most)
{
    static const double round[] = {1, 2, 5, 10};
    double least = (axis->high - axis->low) / n_most, power = pow(10, floor(log10(least)));
    size_t k = 0;
    while (k < 3 && round[k] * power < least)
        k++;
    return round[k] * power;
}

static const char *with_minus_signs(char text[MG_NUMBER_TEXT], const char *format, double x)
{
    char plain[MG_NUMBER_TEXT / 3];
    size_t at = 0;
    snprintf(plain, sizeof plain, format, x);
    for (const char *c = plain; *c != '\0'; c++)
        at += (size_t)snprintf(text + at, MG_NUMBER_TEXT - at, "%s", *c == '-' ? "\u2212" : (char[]){*c, '\0'});
    return text;
}

static const char *tick_text(char text[MG_NUMBER_TEXT], double x, double step)
{
    int decimals = (int)fmax(0, ceil(-log10(step) - 1e-9));
    if (step < 1e5 && decimals <= 4) return mg_number_text(text, x, decimals);
    return with_minus_signs(text, "%.3g", x);
}

/* Ticks of an axis, two at least and at most one in so many mm; returns how many. */
static int find_ticks(const mg_axis *axis, double apart, double tick[MAX_TICKS], double *ret_step)
{
    int n = 0, n_most = (int)fmin(fabs(axis->end - axis->begin) / apart, N_TICKS);
    for (; n < 2 && n_most <= 2 * N_TICKS; n_most++) {
        *ret_step = tick_step(axis, n_most > 1 ? n_most : 1);
        double first = ceil(axis->low / *ret_step);
        for (n = 0; n < MAX_TICKS && (first + n) * *ret_step <= axis->high; n++)
            tick[n] = first + n == 0 ? 0 : (first + n) * *ret_step;
    }
    return n;
}

void mg_axis_draw_bottom(mg_canvas *canvas, const mg_axis *axis, double y, const char *title)
{
    char text[MG_NUMBER_TEXT];
    double tick[MAX_TICKS], step;
    int n = find_ticks(axis, 8, tick, &step);
    mg_canvas_line(canvas, axis->begin, y, axis->end, y, LINE, MG_INK);
    for (int k = 0; k < n; k++) {
        double x = mg_axis_at(axis, tick[k]);
        mg_canvas_line(canvas, x, y, x, y + TICK, LINE, MG_INK);
        mg_canvas_text(canvas, x, y + 3.3, mg_aligned(mg_type_small, MG_CENTRE), tick_text(text, tick[k], step));
    }
    if (title != NULL)
        mg_canvas_text(canvas, (axis->begin + axis->end) / 2, y + 6.9, mg_aligned(mg_type_text, MG_CENTRE), title);
}

void mg_axis_draw_left(mg_canvas *canvas, const mg_axis *axis, double x, const char *title)
{
    char text[MG_NUMBER_TEXT];
    double tick[MAX_TICKS], step;
    int n = find_ticks(axis, 4, tick, &step);
    mg_canvas_line(canvas, x, axis->begin, x, axis->end, LINE, MG_INK);
    for (int k = 0; k < n; k++) {
        double y = mg_axis_at(axis, tick[k]);
        mg_canvas_line(canvas, x - TICK, y, x, y, LINE, MG_INK);
        mg_canvas_text(canvas, x - 1.5, y + 0.75, mg_aligned(mg_type_small, MG_RIGHT), tick_text(text, tick[k], step));
    }
    if (title != NULL)
        mg_canvas_text_up(canvas, x - 7.5, (axis->begin + axis->end) / 2, mg_aligned(mg_type_text, MG_CENTRE), title);
}

/* --- marks and words --- */

void mg_plot_interval(mg_canvas *canvas, const mg_axis *axis, double y, double mean, double low, double high,
                      bool hollow, mg_colour colour)
{
    if (isfinite(low) && isfinite(high)) {
        double from = mg_axis_at(axis, low), to = mg_axis_at(axis, high);
        mg_canvas_line(canvas, from, y, to, y, 0.8, colour);
        mg_canvas_line(canvas, from, y - CAP, from, y + CAP, 0.8, colour);
        mg_canvas_line(canvas, to, y - CAP, to, y + CAP, 0.8, colour);
    }
    if (isfinite(mean)) mg_canvas_dot(canvas, mg_axis_at(axis, mean), y, 0.45, hollow, colour);
}

void mg_plot_zero(mg_canvas *canvas, const mg_axis *axis, double y0, double y1)
{
    if (axis->low > 0 || axis->high < 0) return;
    double x = mg_axis_at(axis, 0);
    mg_canvas_line(canvas, x, y0, x, y1, LINE, MG_FAINT);
}

void mg_plot_name(mg_canvas *canvas, double x, double y, mg_text_style style, double room, const char *name)
{
    double width = mg_canvas_text_width(canvas, style, name);
    if (width > room) style.size *= room / width;
    mg_canvas_text(canvas, x, y, style, name);
}

void mg_plot_panel(mg_canvas *canvas, double x, double y, const char *letter, const char *what)
{
    mg_text_style style = mg_type_bold;
    style.size = 8;
    mg_canvas_text(canvas, x, y, style, letter);
    mg_canvas_text(canvas, x + 3.5, y, mg_type_text, what);
}

double mg_plot_note(mg_canvas *canvas, double width, double y, const char *format, ...)
{
    char *text = NULL;
    va_list list;
    va_start(list, format);
    if (vasprintf(&text, format, list) < 0) {
        text = NULL;
        mg_canvas_out_of_memory(canvas);
    }
    va_end(list);
    y = mg_canvas_paragraph(canvas, 2, y + 2.5, width - 4, mg_type_note, text != NULL ? text : "");
    free(text);
    return y + 2;
}

const char *mg_number_text(char text[MG_NUMBER_TEXT], double x, int decimals)
{
    char plain[MG_NUMBER_TEXT - 4];
    if (!isfinite(x)) return not_defined;
    snprintf(plain, sizeof plain, "%.*f", decimals, x);
    bool minus = plain[0] == '-' && strspn(plain + 1, "0.") < strlen(plain + 1);
    snprintf(text, MG_NUMBER_TEXT, "%s%s", minus ? "\u2212" : "", plain + (plain[0] == '-'));
    return text;
}

const char *mg_scaled_text(char text[MG_NUMBER_TEXT], double x, int decimals, double size)
{
    if (!isfinite(x) || x == 0 || !(size < 0.05)) return mg_number_text(text, x, decimals);
    return with_minus_signs(text, "%.1e", x);
}

const char *mg_count_text(char text[MG_NUMBER_TEXT], double n)
{
    char plain[MG_NUMBER_TEXT / 2];
    if (!(n >= 0 && n < 1e15)) return not_defined;
    snprintf(plain, sizeof plain, "%.0f", n);
    size_t length = strlen(plain), at = 0;
    for (size_t k = 0; k < length; k++) {
        if (k > 0 && (length - k) % 3 == 0) text[at++] = ',';
        text[at++] = plain[k];
    }
    text[at] = '\0';
    return text;
}

const char *mg_count_words(char text[4 * MG_NUMBER_TEXT], double n, const char *noun)
{
    char count[MG_NUMBER_TEXT];
    snprintf(text, 4 * MG_NUMBER_TEXT, "%s %s%s", mg_count_text(count, n), noun, n == 1 ? "" : "s");
    return text;
}

const char *mg_estimate_text(char text[4 * MG_NUMBER_TEXT], double mean, double low, double high, int decimals)
{
    char m[MG_NUMBER_TEXT], l[MG_NUMBER_TEXT], h[MG_NUMBER_TEXT];
    const char *middle = mg_number_text(m, mean, decimals); /* not m itself, where it is not defined */
    if (isfinite(low) && isfinite(high))
        snprintf(text, 4 * MG_NUMBER_TEXT, "%s [%s, %s]", middle, mg_number_text(l, low, decimals),
                 mg_number_text(h, high, decimals));
    else
        snprintf(text, 4 * MG_NUMBER_TEXT, "%s", middle);
    return text;
}

void mg_plot_place(mg_canvas *canvas, double x, double y, double width, double height, double place, double last,
                   bool shared, bool sure)
{
    if (isnan(place)) return;
    mg_text_style style = mg_aligned(sure ? mg_type_bold : mg_type_text, MG_CENTRE);
    double part = last > 1 ? fmin(fmax((place - 1) / (last - 1), 0), 1) : fmin(fmax(place - 1, 0), 1);
    mg_canvas_box(canvas, x + 0.2, y + 0.2, width - 0.4, height - 0.4, mg_lighter(MG_GAIN, 0.4 + 0.6 * part));
    if (sure) mg_canvas_frame(canvas, x + 0.4, y + 0.4, width - 0.8, height - 0.8, 0.8, MG_INK);
    mg_canvas_print(canvas, x + width / 2, y + height / 2 + MG_HALF_LETTER, style, "%.0f%s", place, shared ? "=" : "");
}
