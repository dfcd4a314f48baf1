/* check.c  line by line: window, numbers, forward pass */
#include "src/commands/convert/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/whole_file.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/decimal.h"
#include "src/engine/pass.h"

#define TOLERANCE                                                                                                      \
    1e-4 /* of the range: wide enough for float32 and other orders of summation, far below a wrong layer */

enum { MAX_FILE = 1 << 30 };

typedef struct {
    const char *path;
    const mg_graph *network;
    mg_pass *pass;
    double *window; /* owned (L, 4) */
    int64_t n;      /* numbers of the output */
    int line;
    size_t n_windows, n_numbers, room;
    double *want, *got; /* owned (n_numbers) */
    int *at;            /* owned (n_windows): lines */
    size_t at_room, got_room;
} comparison;

static mg_status read_window(comparison *c, const char *text, size_t n, mg_error *err)
{
    if ((int64_t)n != c->network->length)
        return mg_fail(err, MG_EINPUT, "%s line %d: a window of %zu letters; the network takes %" PRId64, c->path,
                       c->line, n, c->network->length);
    memset(c->window, 0, n * 4 * sizeof *c->window);
    for (size_t i = 0; i < n; i++) {
        const char *at = strchr("ACGTacgtUu", text[i]);
        if (at == NULL && strchr("Nn", text[i]) == NULL)
            return mg_fail(err, MG_EINPUT, "%s line %d: '%c' is no base", c->path, c->line, text[i]);
        size_t b = at != NULL ? (size_t)(at - "ACGTacgtUu") : 8;
        if (at != NULL) c->window[i * 4 + (b >= 8 ? 3 : b % 4)] = 1.0;
    }
    return MG_OK;
}

static mg_status read_numbers(comparison *c, char *text, double *want, mg_error *err)
{
    int64_t n = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, " \t\r", &rest); word != NULL; word = strtok_r(NULL, " \t\r", &rest)) {
        double x;
        if (!mg_decimal_read(word, &x))
            return mg_fail(err, MG_EINPUT, "%s line %d: '%.40s' is no number", c->path, c->line, word);
        if (n < c->n) want[n] = x;
        n++;
    }
    if (n == c->n) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s line %d: %" PRId64 " numbers behind the window; output %s has %" PRId64, c->path,
                   c->line, n, c->network->output[0].name, c->n);
}

static void run_window(comparison *c, double *got)
{
    const mg_output *output = &c->network->output[0];
    mg_extent extent = c->network->extent[output->value];
    mg_pass_forward(c->pass, c->window);
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t k = 0; k < extent.channels; k++)
            got[t * extent.channels + k] = mg_pass_value(c->pass, output->value, t, k);
}

static mg_status read_line(comparison *c, char *line, mg_error *err)
{
    size_t n = strcspn(line, " \t\r"), n_all = c->n_numbers + (size_t)c->n;
    if (line[0] == '#' || line[strspn(line, " \t\r")] == '\0') return MG_OK;
    mg_status status = mg_grow(&c->want, &c->room, n_all, sizeof *c->want, err);
    if (status == MG_OK) status = mg_grow(&c->got, &c->got_room, n_all, sizeof *c->got, err);
    if (status == MG_OK) status = mg_grow(&c->at, &c->at_room, c->n_windows + 1, sizeof *c->at, err);
    if (status == MG_OK) status = read_window(c, line, n, err);
    if (status == MG_OK) status = read_numbers(c, line + n, c->want + c->n_numbers, err);
    if (status != MG_OK) return status;
    run_window(c, c->got + c->n_numbers);
    c->at[c->n_windows++] = c->line;
    c->n_numbers = n_all;
    return MG_OK;
}

static mg_status read_table(comparison *c, char *text, mg_error *err)
{
    mg_status status = MG_OK;
    for (char *next = text; status == MG_OK && next != NULL && *next != '\0';) {
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        c->line++;
        status = read_line(c, line, err);
    }
    if (status == MG_OK && c->n_windows == 0) status = mg_fail(err, MG_EINPUT, "%s holds no window", c->path);
    return status;
}

static mg_status judge(const comparison *c, mg_error *err)
{
    double low = INFINITY, high = -INFINITY, worst = 0.0;
    size_t first = SIZE_MAX, n_wrong = 0;
    for (size_t i = 0; i < c->n_numbers; i++) {
        low = fmin(low, c->want[i]);
        high = fmax(high, c->want[i]);
    }
    double range = high > low ? high - low : fmax(fabs(high), 1.0);
    for (size_t i = 0; i < c->n_numbers; i++) {
        double difference = fabs(c->got[i] - c->want[i]);
        if (!(difference <= worst)) worst = difference;
        if (difference <= TOLERANCE * range) continue;
        if (n_wrong++ == 0) first = i;
    }
    if (n_wrong == 0) {
        mg_note("equal to %s: %zu windows, largest difference %.2g at a range of %.4g", c->path, c->n_windows, worst,
                range);
        return MG_OK;
    }
    size_t k = first % (size_t)c->n;
    return mg_fail(
        err, MG_EINPUT,
        "the network is not that of %s: line %d, number %zu, is %.6g there and %.6g here; %zu of %zu numbers differ by "
        "more "
        "than %g of their range. Look at the order of the bases (--bases), at the last activation (--head), then at "
        "padding and at the order of flatten",
        c->path, c->at[first / (size_t)c->n], k + 1, c->want[first], c->got[first], n_wrong, c->n_numbers, TOLERANCE);
}

mg_status mg_convert_check(const char *path, const mg_graph *network, mg_error *err)
{
    mg_extent extent = network->extent[network->output[0].value];
    comparison c = {.path = path, .network = network, .n = extent.length * extent.channels};
    unsigned char *text = NULL;
    size_t n = 0;
    mg_plan *plan = NULL;
    mg_status status = mg_whole_file_read(path, MAX_FILE, &text, &n, err);
    if (status == MG_OK) status = mg_alloc(&c.window, (size_t)network->length * 4, sizeof *c.window, err);
    if (status == MG_OK) status = mg_plan_create(network, MG_DOUBLE, &plan, err);
    if (status == MG_OK) status = mg_pass_create(plan, &c.pass, err);
    if (status == MG_OK) status = read_table(&c, (char *)text, err);
    if (status == MG_OK) status = judge(&c, err);
    mg_pass_destroy(c.pass);
    mg_plan_destroy(plan);
    free(c.window);
    free(c.want);
    free(c.got);
    free(c.at);
    free(text);
    return status;
}
