/* canvas.c  lines, shapes and texts on a page of cairo's */
#include "io/figure/canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

#define MM_OF_POINT (25.4 / 72)
#define DOTS_OF_MM  (300 / 25.4)
#define LEADING     1.25 /* of lines in a paragraph, in sizes of the font */

struct mg_canvas {
    mg_canvas_kind kind;
    const char *title;
    cairo_surface_t *surface;
    cairo_t *cairo;
    FILE *file; /* collects the bytes */
    char *bytes;
    size_t n_bytes;
    FILE *words_file; /* and the words, for those who cannot see */
    char *words;
    size_t n_words;
    bool out_of_memory;
};

/* --- the page --- */

static cairo_status_t put_bytes(void *to, const unsigned char *bytes, unsigned n)
{
    return fwrite(bytes, 1, n, to) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void make_surface(mg_canvas *canvas, const mg_canvas_page *page)
{
    double width = page->width / MM_OF_POINT, height = page->height / MM_OF_POINT;
    switch (canvas->kind) {
    case MG_CANVAS_PDF:
        canvas->surface = cairo_pdf_surface_create_for_stream(put_bytes, canvas->file, width, height);
        cairo_pdf_surface_set_metadata(canvas->surface, CAIRO_PDF_METADATA_TITLE, page->title);
        cairo_pdf_surface_set_metadata(canvas->surface, CAIRO_PDF_METADATA_CREATOR, "mutagree");
        cairo_pdf_surface_set_metadata(canvas->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                       page->date != NULL ? page->date : "1970-01-01T00:00:00Z");
        break;
    case MG_CANVAS_SVG:
        canvas->surface = cairo_svg_surface_create_for_stream(put_bytes, canvas->file, width, height);
        break;
    case MG_CANVAS_PNG:
        canvas->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)fmin(ceil(page->width * DOTS_OF_MM), 1e6),
                                                     (int)fmin(ceil(page->height * DOTS_OF_MM), 1e6));
        break;
    default:
        canvas->surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
    }
}

/* Glyphs lie where the font says, not on a grid of dots: the same drawing in every kind of file. */
static void set_font_options(cairo_t *cairo)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cairo, options);
    cairo_font_options_destroy(options);
}

mg_status mg_canvas_create(mg_canvas_kind kind, const mg_canvas_page *page, mg_canvas **ret, mg_error *err)
{
    mg_canvas *canvas = NULL;
    mg_status status = mg_alloc(&canvas, 1, sizeof *canvas, err);
    if (status != MG_OK) return status;
    canvas->kind = kind;
    canvas->title = page->title;
    canvas->file = open_memstream(&canvas->bytes, &canvas->n_bytes);
    canvas->words_file = open_memstream(&canvas->words, &canvas->n_words);
    if (canvas->file == NULL || canvas->words_file == NULL) {
        mg_canvas_destroy(canvas);
        return mg_fail(err, MG_EMEM, "out of memory for a figure");
    }
    make_surface(canvas, page);
    canvas->cairo = cairo_create(canvas->surface);
    double scale = kind == MG_CANVAS_PNG ? DOTS_OF_MM : 1 / MM_OF_POINT;
    cairo_scale(canvas->cairo, scale, scale);
    set_font_options(canvas->cairo);
    if (kind == MG_CANVAS_SVG || kind == MG_CANVAS_PNG)
        mg_canvas_box(canvas, 0, 0, page->width + 1, page->height + 1, 0xffffff);
    *ret = canvas;
    return MG_OK;
}

void mg_canvas_destroy(mg_canvas *canvas)
{
    if (canvas == NULL) return;
    if (canvas->cairo != NULL) cairo_destroy(canvas->cairo);
    if (canvas->surface != NULL) cairo_surface_destroy(canvas->surface);
    if (canvas->file != NULL) fclose(canvas->file);
    if (canvas->words_file != NULL) fclose(canvas->words_file);
    free(canvas->bytes);
    free(canvas->words);
    free(canvas);
}

void mg_canvas_out_of_memory(mg_canvas *canvas)
{
    canvas->out_of_memory = true;
}

/* --- the page's bytes --- */

static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : NULL;
        if (entity != NULL)
            fputs(entity, out);
        else
            putc(*text, out);
    }
}

/* cairo numbers the surfaces of a process; a page of ours is always the first. */
static void put_first_surface(const char *text, FILE *out)
{
    static const char id[] = "id=\"surface";
    const char *at = strstr(text, id);
    if (at != NULL) {
        fwrite(text, 1, (size_t)(at - text), out);
        fprintf(out, "%s1", id);
        text = at + strlen(id);
        text += strspn(text, "0123456789");
    }
    fputs(text, out);
}

/* What a reader or a search finds in an SVG, behind its first tag. */
static void put_svg(const mg_canvas *canvas, FILE *out)
{
    const char *tag = strstr(canvas->bytes, "<svg"), *end = tag != NULL ? strchr(tag, '>') : NULL;
    size_t n = end != NULL ? (size_t)(end + 1 - canvas->bytes) : 0;
    fwrite(canvas->bytes, 1, n, out);
    fputs("\n<title>", out);
    put_escaped(out, canvas->title);
    fputs("</title>\n<desc>", out);
    put_escaped(out, canvas->words);
    fputs("</desc>", out);
    put_first_surface(canvas->bytes + n, out);
}

/* The chunk pHYs behind the head of a PNG: 11811 dots a metre (PNG specification, third edition, 11.3.4.3). */
static void put_png(const mg_canvas *canvas, FILE *out)
{
    static const unsigned char chunk[] = {0,    0, 0, 9,    'p',  'H', 'Y',  's',  0,    0,   0x2e,
                                          0x23, 0, 0, 0x2e, 0x23, 1,   0x78, 0xa5, 0x3f, 0x76};
    size_t n_head = 33 < canvas->n_bytes ? 33 : canvas->n_bytes; /* signature and IHDR */
    fwrite(canvas->bytes, 1, n_head, out);
    fwrite(chunk, 1, sizeof chunk, out);
    fwrite(canvas->bytes + n_head, 1, canvas->n_bytes - n_head, out);
}

static void put_file(const mg_canvas *canvas, FILE *out)
{
    if (canvas->kind == MG_CANVAS_SVG)
        put_svg(canvas, out);
    else if (canvas->kind == MG_CANVAS_PNG)
        put_png(canvas, out);
    else
        fwrite(canvas->bytes, 1, canvas->n_bytes, out);
}

static bool close_stream(FILE **file)
{
    bool failed = ferror(*file) != 0;
    failed = fclose(*file) != 0 || failed;
    *file = NULL;
    return failed;
}

mg_status mg_canvas_end(mg_canvas *canvas, char **ret, size_t *n_ret, mg_error *err)
{
    cairo_status_t state = cairo_status(canvas->cairo);
    if (state == CAIRO_STATUS_SUCCESS && canvas->kind == MG_CANVAS_PNG)
        state = cairo_surface_write_to_png_stream(canvas->surface, put_bytes, canvas->file);
    cairo_surface_finish(canvas->surface);
    if (state == CAIRO_STATUS_SUCCESS) state = cairo_surface_status(canvas->surface);
    bool failed = close_stream(&canvas->file);
    failed = close_stream(&canvas->words_file) || failed || canvas->out_of_memory;
    if (failed || state == CAIRO_STATUS_NO_MEMORY) return mg_fail(err, MG_EMEM, "out of memory for a figure");
    if (state != CAIRO_STATUS_SUCCESS) return mg_fail(err, MG_EIO, "cairo: %s", cairo_status_to_string(state));
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, n_ret);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory for a figure");
    put_file(canvas, out);
    if (close_stream(&out)) {
        free(bytes);
        return mg_fail(err, MG_EMEM, "out of memory for a figure");
    }
    *ret = bytes;
    return MG_OK;
}

/* --- lines and areas --- */

static void set_colour(mg_canvas *canvas, mg_colour colour)
{
    cairo_set_source_rgb(canvas->cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                         (colour & 0xff) / 255.0);
}

static void stroke(mg_canvas *canvas, double width, mg_colour colour)
{
    set_colour(canvas, colour);
    cairo_set_line_width(canvas->cairo, width * MM_OF_POINT);
    cairo_stroke(canvas->cairo);
}

void mg_canvas_line(mg_canvas *canvas, double x0, double y0, double x1, double y1, double width, mg_colour colour)
{
    cairo_move_to(canvas->cairo, x0, y0);
    cairo_line_to(canvas->cairo, x1, y1);
    stroke(canvas, width, colour);
}

void mg_canvas_path(mg_canvas *canvas, size_t n, const double *x, const double *y, double width, double dash,
                    mg_colour colour)
{
    cairo_new_path(canvas->cairo);
    for (size_t k = 0; k < n; k++)
        cairo_line_to(canvas->cairo, x[k], y[k]);
    cairo_set_dash(canvas->cairo, &dash, dash > 0 ? 1 : 0, 0);
    stroke(canvas, width, colour);
    cairo_set_dash(canvas->cairo, NULL, 0, 0);
}

void mg_canvas_band(mg_canvas *canvas, size_t n, const double *x, const double *low, const double *high,
                    mg_colour colour)
{
    const double opaque = 0.16;
    cairo_new_path(canvas->cairo);
    for (size_t k = 0; k < n; k++)
        cairo_line_to(canvas->cairo, x[k], low[k]);
    for (size_t k = n; k > 0; k--)
        cairo_line_to(canvas->cairo, x[k - 1], high[k - 1]);
    cairo_close_path(canvas->cairo);
    cairo_set_source_rgba(canvas->cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                          (colour & 0xff) / 255.0, opaque);
    cairo_fill(canvas->cairo);
}

void mg_canvas_box(mg_canvas *canvas, double x, double y, double width, double height, mg_colour colour)
{
    cairo_rectangle(canvas->cairo, x, y, width, height);
    set_colour(canvas, colour);
    cairo_fill(canvas->cairo);
}

void mg_canvas_frame(mg_canvas *canvas, double x, double y, double width, double height, double line, mg_colour colour)
{
    cairo_rectangle(canvas->cairo, x, y, width, height);
    stroke(canvas, line, colour);
}

void mg_canvas_dot(mg_canvas *canvas, double x, double y, double radius, bool hollow, mg_colour colour)
{
    cairo_new_path(canvas->cairo);
    cairo_arc(canvas->cairo, x, y, radius, 0, 2 * M_PI);
    cairo_close_path(canvas->cairo);
    set_colour(canvas, hollow ? 0xffffff : colour);
    cairo_fill_preserve(canvas->cairo);
    stroke(canvas, 0.6, colour);
}

/* --- letters of a logo, in the unit square --- */

enum { N_CORNERS = 8 };

static void add_polygon(cairo_t *cairo, const double corner[][2], size_t n)
{
    cairo_new_sub_path(cairo);
    for (size_t k = 0; k < n; k++)
        cairo_line_to(cairo, corner[k][0], corner[k][1]);
    cairo_close_path(cairo);
}

static void add_a(cairo_t *cairo)
{
    static const double outline[N_CORNERS][2] = {{0, 1},    {0.38, 0},   {0.62, 0},   {1, 1},
                                                 {0.78, 1}, {0.7, 0.77}, {0.3, 0.77}, {0.22, 1}};
    static const double hole[3][2] = {{0.355, 0.61}, {0.645, 0.61}, {0.5, 0.19}};
    add_polygon(cairo, outline, N_CORNERS);
    add_polygon(cairo, hole, 3); /* the other way round: left out by the winding rule */
}

static void add_t(cairo_t *cairo)
{
    static const double outline[N_CORNERS][2] = {{0, 0},    {1, 0},    {1, 0.17},    {0.61, 0.17},
                                                 {0.61, 1}, {0.39, 1}, {0.39, 0.17}, {0, 0.17}};
    add_polygon(cairo, outline, N_CORNERS);
}

/* A ring that is open to the right, between an angle above and one below; `width` is how wide the whole ring is. */
static void add_ring(cairo_t *cairo, double below, double above, double width)
{
    cairo_save(cairo);
    cairo_scale(cairo, width, 1);
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, 0.5, 0.5, 0.5, below, above);
    cairo_arc_negative(cairo, 0.5, 0.5, 0.31, above, below);
    cairo_close_path(cairo);
    cairo_restore(cairo);
}

static void add_c(cairo_t *cairo)
{
    double end = 0.24 * M_PI;
    add_ring(cairo, end, 2 * M_PI - end, 1 / (0.5 + 0.5 * cos(end)));
}

static void add_g(cairo_t *cairo)
{
    static const double bar[6][2] = {{0.54, 0.49}, {0.99, 0.49}, {0.99, 0.95}, {0.8, 0.95}, {0.8, 0.65}, {0.54, 0.65}};
    add_ring(cairo, 0.25 * M_PI, 1.76 * M_PI, 1);
    add_polygon(cairo, bar, 6);
}

void mg_canvas_letter(mg_canvas *canvas, char letter, double x, double y, double width, double height, mg_colour colour)
{
    cairo_t *cairo = canvas->cairo;
    if (!(width > 1e-6) || !(height > 1e-6)) return;
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, width, height);
    cairo_new_path(cairo);
    if (letter == 'A') add_a(cairo);
    if (letter == 'C') add_c(cairo);
    if (letter == 'G') add_g(cairo);
    if (letter == 'T') add_t(cairo);
    cairo_restore(cairo);
    set_colour(canvas, colour);
    cairo_fill(cairo);
}

/* --- texts --- */

static void set_font(mg_canvas *canvas, mg_text_style style)
{
    cairo_select_font_face(canvas->cairo, "Helvetica", CAIRO_FONT_SLANT_NORMAL,
                           style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(canvas->cairo, style.size * MM_OF_POINT);
}

double mg_canvas_text_width(mg_canvas *canvas, mg_text_style style, const char *text)
{
    cairo_text_extents_t extents;
    set_font(canvas, style);
    cairo_text_extents(canvas->cairo, text, &extents);
    return extents.x_advance;
}

/* Show a text from the current point on; angle is 0 or a quarter turn. */
static void show(mg_canvas *canvas, double x, double y, double angle, mg_text_style style, const char *text)
{
    double width = style.align == MG_LEFT ? 0 : mg_canvas_text_width(canvas, style, text);
    cairo_save(canvas->cairo);
    cairo_translate(canvas->cairo, x, y);
    cairo_rotate(canvas->cairo, angle);
    set_font(canvas, style);
    set_colour(canvas, style.colour);
    cairo_move_to(canvas->cairo, style.align == MG_CENTRE ? -width / 2 : -width, 0);
    cairo_show_text(canvas->cairo, text);
    cairo_new_path(canvas->cairo);
    cairo_restore(canvas->cairo);
    fprintf(canvas->words_file, "%s\n", text);
}

void mg_canvas_text(mg_canvas *canvas, double x, double y, mg_text_style style, const char *text)
{
    show(canvas, x, y, 0, style, text);
}

void mg_canvas_text_up(mg_canvas *canvas, double x, double y, mg_text_style style, const char *text)
{
    show(canvas, x, y, -M_PI / 2, style, text);
}

void mg_canvas_print(mg_canvas *canvas, double x, double y, mg_text_style style, const char *format, ...)
{
    char *text = NULL;
    va_list list;
    va_start(list, format);
    if (vasprintf(&text, format, list) < 0) text = NULL;
    va_end(list);
    if (text != NULL)
        mg_canvas_text(canvas, x, y, style, text);
    else
        canvas->out_of_memory = true;
    free(text);
}

/* The longest beginning of text that ends at a blank and is no wider than width, one word at least; its bytes. */
static size_t fit_line(mg_canvas *canvas, double width, mg_text_style style, const char *text, char *line)
{
    size_t fits = 0, n = 0;
    while (text[n] != '\0') {
        n += strspn(text + n, " ");
        n += strcspn(text + n, " ");
        memcpy(line, text, n);
        line[n] = '\0';
        if (fits > 0 && mg_canvas_text_width(canvas, style, line) > width) break;
        fits = n;
    }
    memcpy(line, text, fits);
    line[fits] = '\0';
    return fits;
}

double mg_canvas_paragraph(mg_canvas *canvas, double x, double y, double width, mg_text_style style, const char *text)
{
    char *line = NULL;
    if (mg_alloc(&line, strlen(text) + 1, 1, NULL) != MG_OK) {
        canvas->out_of_memory = true;
        return y;
    }
    for (bool first = true; *text != '\0'; first = false) {
        if (!first) y += LEADING * style.size * MM_OF_POINT;
        text += fit_line(canvas, width, style, text, line);
        text += strspn(text, " ");
        mg_canvas_text(canvas, x, y, style, line);
    }
    free(line);
    return y;
}

mg_colour mg_lighter(mg_colour colour, double part)
{
    mg_colour mixed = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double c = colour >> shift & 0xff;
        mixed |= (mg_colour)lround(c + (255 - c) * part) << shift;
    }
    return mixed;
}
