/* test_figures.c  pages, letters, axes, file names, and figures of documents with holes in them */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>
#include <cmocka.h>
#include <jansson.h>

#include "io/figure/figure.h"
#include "io/figure/logo.h"
#include "io/figure/plot.h"
#include "src/core/random.h"

/* --- pages --- */

typedef struct {
    char *bytes;
    size_t n, next;
} page;

static page draw_page(mg_canvas_kind kind, char letter)
{
    const mg_canvas_page size = {30, 20, "title <1>", "2026-11-27T12:00:00Z"};
    page p = {0};
    mg_canvas *canvas = NULL;
    mg_error err;
    assert_int_equal(mg_canvas_create(kind, &size, &canvas, &err), MG_OK);
    mg_canvas_letter(canvas, letter, 5, 4, 8, 12, 0xff0000);
    mg_canvas_print(canvas, 15, 19, mg_type_text, "%s & %d", "n < 3", 7);
    assert_int_equal(mg_canvas_end(canvas, &p.bytes, &p.n, &err), MG_OK);
    mg_canvas_destroy(canvas);
    return p;
}

static void test_pages_are_files_of_their_kind(void **state)
{
    (void)state;
    static const char *const begin[] = {"%PDF-1.", "<?xml", "\x89PNG\r\n"};
    for (int kind = MG_CANVAS_PDF; kind <= MG_CANVAS_PNG; kind++) {
        page p = draw_page((mg_canvas_kind)kind, 'G'), again = draw_page((mg_canvas_kind)kind, 'G');
        assert_true(p.n > 100 && memcmp(p.bytes, begin[kind], strlen(begin[kind])) == 0);
        assert_int_equal(p.n, again.n); /* no clock, no chance */
        assert_memory_equal(p.bytes, again.bytes, p.n);
        if (kind == MG_CANVAS_SVG) {
            assert_non_null(strstr(p.bytes, "<title>title &lt;1&gt;</title>"));
            assert_non_null(strstr(p.bytes, "<desc>n &lt; 3 &amp; 7\n</desc>"));
            assert_non_null(strstr(p.bytes, "width=\"85.03937")); /* 30 mm in pt */
        }
        free(p.bytes);
        free(again.bytes);
    }
}

static cairo_status_t next_bytes(void *from, unsigned char *to, unsigned n)
{
    page *p = from;
    if (p->n - p->next < n) return CAIRO_STATUS_READ_ERROR;
    memcpy(to, p->bytes + p->next, n);
    p->next += n;
    return CAIRO_STATUS_SUCCESS;
}

/* Where the pixels of one colour are, in mm, and how many square mm there are of them. */
typedef struct {
    double x0, x1, y0, y1, area;
    bool middle; /* one of them is at 9 mm, 9 mm */
} patch;

static patch find_patch(page p, mg_colour colour)
{
    const double dots = 300 / 25.4;
    patch found = {1e9, 0, 1e9, 0, 0, false};
    p.next = 0;
    cairo_surface_t *image = cairo_image_surface_create_from_png_stream(next_bytes, &p);
    assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    int width = cairo_image_surface_get_width(image), height = cairo_image_surface_get_height(image);
    int stride = cairo_image_surface_get_stride(image);
    assert_int_equal(width, (int)ceil(30 * dots));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint32_t pixel;
            memcpy(&pixel, cairo_image_surface_get_data(image) + y * stride + 4 * x, sizeof pixel);
            if ((pixel & 0xffffff) != colour) continue;
            found.x0 = fmin(found.x0, x / dots), found.x1 = fmax(found.x1, (x + 1) / dots);
            found.y0 = fmin(found.y0, y / dots), found.y1 = fmax(found.y1, (y + 1) / dots);
            found.area += 1 / (dots * dots);
            found.middle = found.middle || (x == (int)(9 * dots) && y == (int)(9 * dots));
        }
    cairo_surface_destroy(image);
    return found;
}

/* A letter reaches the four sides of its box, and nothing of it lies outside; a good part of the box stays white. */
static void test_letters_fill_their_box(void **state)
{
    (void)state;
    for (const char *letter = "ACGT"; *letter != '\0'; letter++) {
        page p = draw_page(MG_CANVAS_PNG, *letter);
        patch red = find_patch(p, 0xff0000);
        assert_true(fabs(red.x0 - 5) < 0.2 && fabs(red.x1 - 13) < 0.2);
        assert_true(fabs(red.y0 - 4) < 0.2 && fabs(red.y1 - 16) < 0.2);
        assert_true(red.area > 0.25 * 8 * 12 && red.area < 0.6 * 8 * 12);
        assert_int_equal(red.middle, *letter == 'T');
        free(p.bytes);
    }
}

/* What is positive stands on the axis, the largest on top; what is negative hangs below it. */
static void test_letters_are_stacked_from_the_axis(void **state)
{
    (void)state;
    const mg_canvas_page size = {30, 20, "", NULL};
    const mg_columns columns = {1, 5, 10, 1};
    const mg_axis axis = {-1, 1, 18, 2}; /* 8 mm for 1 */
    const double height[MG_LOGO_BASES] = {0.6, -0.5, 0.3, NAN};
    page p = {0};
    mg_canvas *canvas = NULL;
    assert_int_equal(mg_canvas_create(MG_CANVAS_PNG, &size, &canvas, NULL), MG_OK);
    mg_logo_stack(canvas, &columns, 0, &axis, height);
    assert_int_equal(mg_canvas_end(canvas, &p.bytes, &p.n, NULL), MG_OK);
    mg_canvas_destroy(canvas);
    patch a = find_patch(p, mg_base_colour('A')), c = find_patch(p, mg_base_colour('C'));
    patch g = find_patch(p, mg_base_colour('G')), t = find_patch(p, mg_base_colour('T'));
    assert_true(fabs(g.y0 - 7.6) < 0.2 && fabs(g.y1 - 10) < 0.2);
    assert_true(fabs(a.y0 - 2.8) < 0.2 && fabs(a.y1 - 7.6) < 0.2);
    assert_true(fabs(c.y0 - 10) < 0.2 && fabs(c.y1 - 14) < 0.2);
    assert_true(t.area == 0 && a.x0 > 5 && a.x1 < 15);
    free(p.bytes);
}

/* --- numbers and axes --- */

static void test_numbers_are_written_for_people(void **state)
{
    (void)state;
    char text[MG_NUMBER_TEXT], estimate[4 * MG_NUMBER_TEXT];
    assert_string_equal(mg_number_text(text, -1.256, 2), "\u22121.26");
    assert_string_equal(mg_number_text(text, -0.004, 2), "0.00");
    assert_string_equal(mg_number_text(text, NAN, 2), "n. d.");
    assert_string_equal(mg_scaled_text(text, -0.004, 2, 3), "0.00");
    assert_string_equal(mg_scaled_text(text, -1.24e-5, 2, 2e-5), "\u22121.2e\u221205");
    assert_string_equal(mg_scaled_text(text, NAN, 2, 2e-5), "n. d.");
    assert_string_equal(mg_number_text(text, 1e30, 4), "1000000000000000019884624838656.0000");
    assert_string_equal(mg_count_text(text, 1234567), "1,234,567");
    assert_string_equal(mg_count_text(text, 999), "999");
    assert_string_equal(mg_count_text(text, -1), "n. d.");
    assert_string_equal(mg_estimate_text(estimate, 0.539, 0.53362, 0.546, 2), "0.54 [0.53, 0.55]");
    assert_string_equal(mg_estimate_text(estimate, 0.539, NAN, 0.546, 2), "0.54");
}

static void test_axes_hold_what_they_are_made_for(void **state)
{
    (void)state;
    mg_range range = mg_range_empty();
    mg_axis axis = mg_axis_fit(range, 10, 20);
    assert_true(axis.low < axis.high);
    mg_range_add(&range, NAN);
    mg_range_add(&range, 3);
    mg_range_add(&range, INFINITY);
    axis = mg_axis_fit(range, 10, 20);
    assert_true(axis.low < 3 && axis.high > 3 && fabs(mg_axis_at(&axis, 3) - 15) < 1e-9);
    mg_range_add(&range, -1);
    axis = mg_axis_fit(range, 20, 10);
    assert_true(mg_axis_at(&axis, 3) < mg_axis_at(&axis, -1) && mg_axis_at(&axis, 3) >= 10);
    assert_true(axis.low < -1 && axis.high > 3); /* nothing lies on the edge */
    assert_true(mg_axis_at(&axis, 1e9) == 10 && mg_axis_at(&axis, -1e9) == 20);
}

static void test_there_is_no_position_0(void **state)
{
    (void)state;
    const mg_columns columns = {-6, 0, 2, 10};
    static const double position[] = {-6, -5, -4, -3, -2, -1, 1, 2, 3, 4};
    for (size_t k = 0; k < 10; k++) {
        assert_true(mg_columns_position(&columns, k) == position[k]);
        assert_int_equal(mg_columns_find(&columns, position[k]), k);
    }
    const double outside[] = {0, -7, 5, NAN, 1e30, -1e30};
    for (size_t k = 0; k < sizeof outside / sizeof *outside; k++)
        assert_int_equal(mg_columns_find(&columns, outside[k]), 10);
    const mg_columns inside = {4, 0, 1, 3}; /* a window that begins behind the codon */
    assert_true(mg_columns_position(&inside, 2) == 6 && mg_columns_find(&inside, 6) == 2);
}

/* --- file names --- */

static void test_file_names_lead_nowhere(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "../../etc/passwd:5", "a/b:1", "a_b:1/", "a b:1", "gen\u00e9:7", ":", "", "a\nb:2", "a:b:3", "\xff:4"};
    char *name = mg_figure_file_name("NM_000518.5:50", "pdf"), *seen[16];
    assert_string_equal(name, "window-NM_000518.5-50.pdf");
    free(name);
    for (size_t k = 0; k < sizeof hostile / sizeof *hostile; k++) {
        seen[k] = mg_figure_file_name(hostile[k], "svg");
        assert_null(strpbrk(seen[k], "/ \n:"));
        assert_true(strncmp(seen[k], "window-", 7) == 0 && strlen(seen[k]) < 130);
        for (const char *c = seen[k]; *c != '\0'; c++)
            assert_true((unsigned char)*c < 0x80);
        for (size_t i = 0; i < k; i++)
            assert_string_not_equal(seen[i], seen[k]);
    }
    for (size_t k = 0; k < sizeof hostile / sizeof *hostile; k++)
        free(seen[k]);
    char longest[1000], longer[1001];
    memset(longest, 'x', sizeof longest);
    longest[999] = '\0';
    snprintf(longer, sizeof longer, "%sy", longest);
    char *one = mg_figure_file_name(longest, "png"), *two = mg_figure_file_name(longer, "png");
    assert_true(strlen(one) < 130 && strcmp(one, two) != 0);
    free(one);
    free(two);
}

/* --- documents --- */

enum { N_METHODS = 3, LENGTH = 30, ANCHOR = 9 };
static const char *const sources[] = {"mutations", "saliency", "lrp", "lrp_2"};
static const char *const labels[] = {"", "saliency", "LRP (gamma 0.05)", "LRP (gamma 0.25)"};

static void add(json_t *array, json_t *row)
{
    assert_non_null(row);
    assert_int_equal(json_array_append_new(array, row), 0);
}

static json_t *sequence_of(double factor)
{
    json_t *list = json_array();
    for (int p = 0; p < LENGTH; p++)
        add(list, json_real(factor * sin(p)));
    return list;
}

static json_t *make_window(const char *id)
{
    json_t *effect = json_array(), *codons = json_array(), *top = json_array(), *contribution = json_object();
    for (int p = 0; p < LENGTH; p++)
        add(effect, json_pack("[n, f, f, f]", sin(p), cos(p), sin(2 * p)));
    for (int p = ANCHOR; p + 3 <= LENGTH; p += 3)
        add(codons, json_pack("{s:i, s:s, s:s}", "offset", p, "codon", "ATG", "amino_acid", "M"));
    add(top, json_pack("{s:s, s:s, s:i, s:s, s:f, s:f, s:b}", "hgvs", "c.5A>T", "protein", "p.(Lys2Ter)", "position", 5,
                       "label", "nonsense", "effect", -5.5, "probability", 0.07, "flips", 1));
    for (int m = 1; m <= N_METHODS; m++)
        assert_int_equal(json_object_set_new(contribution, sources[m], sequence_of(m)), 0);
    return json_pack("{s:s, s:b, s:f, s:f, s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "id", id, "asked", 1, "score", 1.5,
                     "probability", 0.82, "sequence", "AAAAAAAAAATGAAAAAAAAAAAAAAAAAN", "first_position", -ANCHOR,
                     "effect", effect, "mean_effect", sequence_of(0.3), "contribution", contribution, "codons", codons,
                     "top", top);
}

/* Two orders of five points, of the methods and of a baseline; the last method has no value after 10. */
static void add_curves(json_t *root)
{
    static const int positions[] = {1, 2, 5, 10, 20};
    json_t *rows = json_array();
    for (int s = 1; s <= N_METHODS + 1; s++)
        for (int k = 0; k < 10; k++) {
            double mean = (k < 5 ? 1.0 : -0.25) * s * sqrt(positions[k % 5]);
            if (s == N_METHODS && k % 5 == 4) continue;
            add(rows, json_pack("{s:s, s:s, s:i, s:i, s:i, s:f, s:f, s:f}", "order", k < 5 ? "morf" : "lerf", "method",
                                s <= N_METHODS ? sources[s] : "random", "positions", positions[k % 5], "n", 41,
                                "clusters", 37, "mean", mean, "lo", mean - 0.5, "hi", mean + 0.5));
        }
    json_object_set_new(root, "curves", rows);
    json_object_set_new(root, "baselines",
                        json_pack("{s:[{s:s, s:s}]}", "list", "name", "random", "label", "random numbers"));
}

static void add_methods(json_t *root)
{
    json_t *methods = json_array(), *rows = json_array(), *ranks = json_array();
    for (int m = 1; m <= N_METHODS; m++) {
        add(methods, json_pack("{s:s, s:s}", "name", sources[m], "label", labels[m]));
        add(rows, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:f}", "method", sources[m], "metric", "spearman",
                            "region", "all", "group", "all", "n", 1500, "clusters", 40, "mean", 0.2 * m, "lo",
                            0.2 * m - 0.05, "hi", 0.2 * m + 0.05));
        add(ranks, json_pack("{s:s, s:s, s:s, s:s, s:f}", "method", sources[m], "metric", "spearman", "region", "all",
                             "group", "all", "mean_rank", 3.4 - m));
    }
    json_object_set_new(root, "methods", methods);
    json_object_set_new(root, "mean_ranks", ranks);
    json_object_set_new(root, "summary",
                        json_pack("{s:o, s:[{s:s, s:s, s:s}]}", "rows", rows, "metrics", "metric", "spearman", "region",
                                  "all", "description", "Spearman correlation of contribution and mean effect"));
    json_object_set_new(root, "friedman",
                        json_pack("[{s:s, s:s, s:s, s:i, s:f, s:f, s:f, s:f}]", "metric", "spearman", "region", "all",
                                  "group", "all", "clusters", 40, "chi2", 51.0, "df", 2.0, "p", 1e-9,
                                  "critical_difference", 1.2));
    json_object_set_new(root, "indistinct", json_pack("[{s:s, s:[s, s]}]", "group", "all", "methods", "lrp", "lrp_2"));
}

static void add_sensitivity(json_t *root)
{
    static const char *const scale[] = {"log-odds", "probability"}, *const sign[] = {"signed", "absolute"};
    static const char *const reduction[] = {"mean", "worst"};
    json_t *choices = json_array(), *orders = json_array();
    for (int c = 0; c < 8; c++)
        add(orders,
            json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "choice", c, "measure", "spearman", "scale", scale[c % 2],
                      "sign", sign[c / 2 % 2], "reduction", reduction[c / 4 % 2], "winner", "lrp"));
    for (int c = 0; c < 8 * N_METHODS; c++)
        add(choices, json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:f, s:f, s:f}", "choice", c % 8, "place",
                               1 + c / 8, "measure", "spearman", "scale", scale[c % 2], "sign", sign[c / 2 % 2],
                               "reduction", reduction[c / 4 % 2], "method", sources[1 + c / 8], "mean", sin(c), "lo",
                               sin(c) - 0.1, "hi", sin(c) + 0.1));
    json_object_set_new(root, "sensitivity",
                        json_pack("{s:{s:s, s:s, s:s, s:s}, s:o, s:o}", "base", "measure", "spearman", "scale",
                                  "log-odds", "sign", "signed", "reduction", "mean", "choices", choices, "orders",
                                  orders));
}

static void add_places(json_t *root)
{
    static const char *const column[][2] = {{"family", "single mutations"},
                                            {"choice", "spearman, log-odds, absolute, mean"},
                                            {"quarter", "1"},
                                            {"quarter", "4"}};
    json_t *columns = json_array(), *cells = json_array();
    for (int k = 0; k < 4; k++) {
        add(columns, json_pack("{s:s, s:s, s:i, s:s, s:b}", "aspect", column[k][0], "name", column[k][1], "methods",
                               N_METHODS, "leader", "lrp", "sure", k == 0));
        for (int m = 0; m < N_METHODS; m++)
            add(cells, json_pack("{s:s, s:s, s:s, s:i}", "aspect", column[k][0], "name", column[k][1], "method",
                                 sources[1 + m], "place", 1 + (m + k) % N_METHODS));
    }
    json_object_set_new(root, "places", json_pack("{s:o, s:o}", "columns", columns, "cells", cells));
}

static void add_positions(json_t *root)
{
    json_t *profile = json_array(), *rows = json_array(), *flips = json_array();
    for (int p = 0; p < LENGTH; p++) {
        int position = p - ANCHOR + (p >= ANCHOR);
        for (int s = 0; s <= N_METHODS; s++) {
            add(profile, json_pack("{s:i, s:s, s:f, s:f, s:f}", "position", position, "source", sources[s], "mean",
                                   sin(p), "lo", sin(p) - 0.1, "hi", sin(p) + 0.1));
            for (int b = 0; b < 4 && position >= -6 && position <= 4; b++)
                add(rows, json_pack("{s:i, s:s#, s:s, s:i, s:f}", "position", position, "base", &"ACGT"[b], 1, "source",
                                    sources[s], "n", 12, "mean", sin(p + b)));
        }
        add(flips,
            json_pack("{s:s, s:i, s:f}", "direction", p % 2 ? "lost" : "gained", "position", position, "share", 0.1));
    }
    json_object_set_new(root, "profile", profile);
    json_object_set_new(root, "kozak", json_pack("{s:o}", "rows", rows));
    json_object_set_new(root, "flips", json_pack("{s:o}", "positions", flips));
}

/* Donors from -3 to +6, acceptors from -20 to +3, and a pattern of 25 places. */
static void add_sites(json_t *root)
{
    static const struct {
        const char *kind;
        int first, last;
    } kinds[] = {{"donor", -3, 6}, {"acceptor", -20, 3}};
    json_t *consensus = json_array(), *logos = json_array();
    for (int k = 0; k < 2; k++)
        for (int p = kinds[k].first; p <= kinds[k].last; p++)
            for (int s = 0; s <= N_METHODS && p != 0; s++)
                add(consensus, json_pack("{s:s, s:i, s:s, s:s, s:f, s:f}", "kind", kinds[k].kind, "position", p, "base",
                                         "G", "source", sources[s], "share", 0.1, "mean", cos(p + s)));
    for (int p = 1; p <= 25; p++)
        for (int s = 0; s <= N_METHODS; s++)
            add(logos, json_pack("{s:i, s:i, s:s, s:s, s:i, s:f}", "pattern", 1, "position", p, "base", "T", "source",
                                 sources[s], "n", 9, "height", sin(p + s)));
    json_object_set_new(root, "splice", json_pack("{s:o}", "consensus", consensus));
    json_object_set_new(root, "seqlets",
                        json_pack("{s:i, s:o, s:[{s:i, s:s, s:i, s:i}]}", "n", 1200, "logos", logos, "patterns",
                                  "pattern", 1, "spelled", "tgaCTCAn", "seqlets", 41, "reverse", 12));
}

static void add_classes(json_t *root)
{
    static const char *const directions[] = {"lost", "gained"};
    json_t *classes = json_array(), *auroc = json_array(), *by_class = json_array(), *by_base = json_array();
    for (int k = 0; k < 3; k++)
        add(classes, json_pack("{s:s, s:s, s:b, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "class",
                               k ? "silent" : "nonsense", "label", "a class", "coding", 1, "n", 77, "q01", -3.0 - k,
                               "q05", -2.0, "q25", -1.0, "median", 0.0, "q75", 1.0, "q95", 2.0, "q99", 3.0));
    for (int s = 0; s <= N_METHODS; s++)
        add(auroc, json_pack("{s:s, s:i, s:f, s:f, s:f}", "source", sources[s], "n", 40, "mean", 0.5 + 0.1 * s, "lo",
                             0.4, "hi", 0.9));
    for (int d = 0; d < 2; d++) {
        add(by_class, json_pack("{s:s, s:s, s:s, s:f, s:f, s:f}", "direction", directions[d], "class", "nonsense",
                                "label", "nonsense", "share", 0.5, "lo", 0.4, "hi", 0.6));
        add(by_base, json_pack("{s:s, s:s, s:f, s:f, s:f}", "direction", directions[d], "to", "A", "share_of_flips",
                               0.5, "lo_of_flips", 0.4, "hi_of_flips", 0.6));
    }
    json_t *flips = json_object_get(root, "flips");
    json_object_set_new(flips, "classes", by_class);
    json_object_set_new(flips, "bases", by_base);
    json_object_set_new(
        root, "stops",
        json_pack("{s:{s:s}, s:o, s:o}", "genetic_code", "name", "Standard", "classes", classes, "auroc", auroc));
}

/* A document of three methods in which every figure has something to show. */
static json_t *make_document(void)
{
    json_t *root = json_pack(
        "{s:{s:s, s:s, s:s}, s:{s:s, s:s}, s:{s:i, s:i, s:s}, s:{s:s, s:i, s:i}, s:{s:s, s:b}, s:{s:s}}", "main",
        "metric", "spearman", "region", "all", "group", "all", "unit", "one", "gene", "many", "genes", "run", "length",
        LENGTH, "first_position", -ANCHOR, "score", "log-odds", "group", "label", "all windows", "windows", 1500,
        "called", 700, "verdict", "winner", "lrp_2", "enough", 1, "provenance", "finished", "2026-11-27T12:00:00Z");
    assert_non_null(root);
    add_methods(root);
    add_sensitivity(root);
    add_places(root);
    add_positions(root);
    add_classes(root);
    add_sites(root);
    add_curves(root);
    json_object_set_new(root, "windows", json_pack("[o]", make_window("NM_1:9")));
    return root;
}

static double (*const figures[])(const mg_figure_data *, mg_canvas *, double) = {
    mg_figure_answer,  mg_figure_ranks,    mg_figure_sensitivity, mg_figure_places, mg_figure_choices,
    mg_figure_profile, mg_figure_kozak,    mg_figure_stops,       mg_figure_flips,  mg_figure_window,
    mg_figure_splice,  mg_figure_patterns, mg_figure_curves};
enum { N_FIGURES = sizeof figures / sizeof *figures };

/* The height of a figure, and its words when they are asked for. */
static double height_of(const json_t *document, int figure, char **ret_words)
{
    const mg_canvas_page size = {MG_TWO_COLUMNS, 250, "", NULL};
    mg_figure_data data;
    mg_canvas *canvas = NULL;
    size_t n;
    assert_int_equal(mg_figure_data_begin(document, &data, NULL), MG_OK);
    data.window = json_array_get(json_object_get(document, "windows"), 0);
    assert_int_equal(mg_canvas_create(ret_words != NULL ? MG_CANVAS_SVG : MG_CANVAS_MEASURE, &size, &canvas, NULL),
                     MG_OK);
    double height = figures[figure](&data, canvas, MG_TWO_COLUMNS);
    if (ret_words != NULL) assert_int_equal(mg_canvas_end(canvas, ret_words, &n, NULL), MG_OK);
    mg_canvas_destroy(canvas);
    mg_figure_data_end(&data);
    return height;
}

static void test_estimates_as_text(void **state)
{
    (void)state;
    char text[4 * MG_NUMBER_TEXT];
    memset(text, 0xff, sizeof text);
    assert_string_equal(mg_estimate_text(text, 0.5, 0.25, 0.75, 2), "0.50 [0.25, 0.75]");
    assert_string_equal(mg_estimate_text(text, 0.5, NAN, 0.75, 2), "0.50");
    assert_string_equal(mg_estimate_text(text, NAN, NAN, NAN, 2), "n. d."); /* a method without a value */
}

static void test_figures_say_their_numbers(void **state)
{
    (void)state;
    static const char *const words[N_FIGURES][4] = {
        {"\n0.60 [0.55, 0.65]\n", "saliency\n", "LRP (gamma 0.25)\n", "1,500 windows"},
        {"LRP (gamma 0.25)\n0.40\n", "saliency\n2.40\n", "critical difference 1.20\n", "40 genes"},
        {"absolute\n", "probability\n", "worst\n", "1,500 windows"},
        {"single mutations\n", "highest\n", "\n1\n", "spearman, log-odds, absolute, mean\n"},
        {"worst\n", "absolute\n", "\n1\n", "1,500 windows"},
        {"+1\n", "\u22125\n", "saliency\n", "base 3\n"},
        {"\u22126\n", "+4\n", "saliency\n", "(12 or more)"},
        {"77\n", "a class\n", "0.80 [0.40, 0.90]\n", "area under ROC\n"},
        {"call lost\n", "call gained\n", "nonsense\n", "700 of them called"},
        {"NM_1:9\n", "c.5A&gt;T\n", "p.(Lys2Ter)\n", "\u22125.50\n"},
        {"donors: mutations", "acceptors: mutations", "\u221220\n", "1,500 windows"},
        {"pattern 1 (41 seqlets, 12 reversed): mutations", "+25\n", "saliency\n", "1,200 seqlets"},
        {"largest contributions first\n", "random numbers\n", "LRP (gamma 0.25)\n", "41 windows of 37 genes. "}};
    json_t *document = make_document();
    for (int f = 0; f < N_FIGURES; f++) {
        char *svg = NULL;
        double height = height_of(document, f, &svg);
        assert_true(height > 20 && height < 250);
        assert_true(fabs(height - height_of(document, f, NULL)) < 1e-9);
        for (int k = 0; k < 4; k++)
            if (strstr(svg, words[f][k]) == NULL) fail_msg("figure %d does not say: %s", f, words[f][k]);
        free(svg);
    }
    json_decref(document);
}

static void test_what_is_no_number_is_nan(void **state)
{
    (void)state;
    json_t *row = json_pack("{s:f, s:f, s:s, s:n, s:i}", "x", -2.5, "huge", 1e300, "text", "7", "null", "count", 3);
    assert_true(mg_find_number(row, "x") == -2.5 && mg_find_number(row, "count") == 3);
    assert_true(isnan(mg_find_number(row, "huge")) && isnan(mg_find_number(row, "text")));
    assert_true(isnan(mg_find_number(row, "null")) && isnan(mg_find_number(row, "absent")));
    assert_true(isnan(mg_find_number(NULL, "x")) && isnan(mg_find_item(NULL, 0)));
    assert_string_equal(mg_find_text(row, "x"), "");
    json_decref(row);
}

static void test_methods_stand_best_first(void **state)
{
    (void)state;
    json_t *document = make_document(), *rows = json_object_get(json_object_get(document, "summary"), "rows");
    mg_figure_data data;
    json_object_set_new(json_array_get(rows, 1), "mean", json_null());
    assert_int_equal(mg_figure_data_begin(document, &data, NULL), MG_OK);
    assert_string_equal(data.method[0].name, "lrp_2");
    assert_string_equal(data.method[1].brief, "saliency");
    assert_string_equal(data.method[2].name, "lrp");               /* without a value */
    assert_string_equal(data.method[0].brief, "LRP (gamma 0.25)"); /* or the two could not be told apart */
    assert_int_equal(data.method[2].colour, 0x0072b2);
    mg_figure_data_end(&data);
    json_decref(document);
}

typedef struct {
    uint64_t seed, n_drawn;
} chance;

static uint64_t below(chance *random, uint64_t n)
{
    return mg_mix(random->seed, random->n_drawn++) % n;
}

/* Replace some values, wherever they are, by others that do not belong there. */
static json_t *damaged(const json_t *value, chance *random, double share)
{
    static const double numbers[] = {0, -1, 1e300, -1e29, 1e-300, 1e9, 4};
    if (below(random, 1000) < (uint64_t)(1000 * share)) {
        switch (below(random, 6)) {
        case 0:
            return json_null();
        case 1:
            return json_string("");
        case 2:
            return json_string("a very long word with \u00e4 and \u4e2d in it, and <tags> & %s%n");
        case 3:
            return json_array();
        case 4:
            return json_integer((json_int_t)below(random, 1u << 20) - 1000);
        default:
            return json_real(numbers[below(random, 7)]);
        }
    }
    if (json_is_array(value)) {
        json_t *copy = json_array();
        for (size_t k = 0; k < json_array_size(value); k++)
            add(copy, damaged(json_array_get(value, k), random, share));
        return copy;
    }
    if (!json_is_object(value)) return json_deep_copy(value);
    json_t *copy = json_object();
    for (void *item = json_object_iter((json_t *)value); item != NULL;
         item = json_object_iter_next((json_t *)value, item))
        if (below(random, 100) > 0)
            json_object_set_new(copy, json_object_iter_key(item), damaged(json_object_iter_value(item), random, share));
    return copy;
}

static void test_damaged_documents_are_drawn_as_far_as_they_go(void **state)
{
    (void)state;
    json_t *whole = make_document(), *empty = json_object();
    for (int f = 0; f < N_FIGURES; f++)
        assert_true(height_of(empty, f, NULL) == 0);
    int n_drawn = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        chance random = {seed, 0};
        json_t *document = damaged(whole, &random, seed % 3 == 0 ? 0.3 : 0.02);
        for (int f = 0; f < N_FIGURES; f++) {
            double height = height_of(document, f, NULL);
            assert_true(height >= 0 && isfinite(height));
            n_drawn += height > 0;
        }
        json_decref(document);
    }
    assert_true(n_drawn > 60); /* not all of it was lost */
    json_decref(whole);
    json_decref(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_are_files_of_their_kind),
        cmocka_unit_test(test_letters_fill_their_box),
        cmocka_unit_test(test_letters_are_stacked_from_the_axis),
        cmocka_unit_test(test_numbers_are_written_for_people),
        cmocka_unit_test(test_axes_hold_what_they_are_made_for),
        cmocka_unit_test(test_there_is_no_position_0),
        cmocka_unit_test(test_file_names_lead_nowhere),
        cmocka_unit_test(test_estimates_as_text),
        cmocka_unit_test(test_figures_say_their_numbers),
        cmocka_unit_test(test_what_is_no_number_is_nan),
        cmocka_unit_test(test_methods_stand_best_first),
        cmocka_unit_test(test_damaged_documents_are_drawn_as_far_as_they_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
