/* inputs.c  which input takes the window, in which order of axes and channels; numbers for all others */
#include "io/model/inputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/whole_file.h"
#include "src/core/memory.h"
#include "src/core/decimal.h"
#include "src/graph/front/arithmetic.h"
#include "src/graph/front/matrix.h"
#include "src/graph/text/graph_text.h"

enum { MAX_TEXT = 1 << 26, BASES = 4 };

static const char letters[] = "ACGT";

/* --- what the user says of an input --- */

/* The text behind "NAME=", NULL when nothing is said. */
static const char *find_word(const mg_model_words *words, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < words->inputs.n; i++) {
        const char *text = words->inputs.text[i];
        if (strncmp(text, name, n) == 0 && text[n] == '=') return text + n + 1;
    }
    return NULL;
}

mg_status mg_inputs_check(size_t n, const mg_file_input *input, const mg_model_words *words, mg_error *err)
{
    for (size_t i = 0; i < words->inputs.n; i++) {
        const char *text = words->inputs.text[i], *end = strchr(text, '=');
        bool known = false;
        for (size_t k = 0; k < n && end != NULL; k++)
            known |= strlen(input[k].name) == (size_t)(end - text) &&
                     strncmp(input[k].name, text, (size_t)(end - text)) == 0;
        if (end == NULL) return mg_fail(err, MG_EUSAGE, "--input %s: it is written NAME=VALUE or NAME=FILE", text);
        if (!known)
            return mg_fail(err, MG_EUSAGE, "--input %s: the network has no such input; it has %s%s%s", text,
                           n > 0 ? input[0].name : "none", n > 1 ? ", " : "", n > 1 ? input[1].name : "");
    }
    return MG_OK;
}

/* --- the window's axes --- */

typedef struct {
    int positions, channels; /* axes; channels -1: numbers of letters (tokens) */
} layout;

/* Axes of an input that takes one-hot bases: one of 4, one of any other length, all others of 1. */
static bool find_layout(const mg_file_input *input, layout *ret)
{
    *ret = (layout){-1, -1};
    for (int d = 1; d < input->n_dims; d++) {
        if (input->dim[d] == BASES && ret->channels < 0) {
            ret->channels = d;
        } else if (input->dim[d] == 1) {
            continue;
        } else if (ret->positions < 0) {
            ret->positions = d;
        } else {
            return false;
        }
    }
    return input->n_dims >= 3 && ret->channels >= 0 && ret->positions >= 0 && input->dim[ret->positions] != BASES;
}

/* A number for each base: (batch, positions), and the user says which by --bases A1C2G3T4. */
static bool takes_tokens(const mg_file_input *input, const mg_model_words *words)
{
    return input->n_dims == 2 && words->bases != NULL && strlen(words->bases) == 2 * BASES;
}

bool mg_inputs_takes_tokens(const mg_file_input *input, const mg_model_words *words)
{
    return find_word(words, input->name) == NULL && takes_tokens(input, words);
}

static bool takes_window(const mg_file_input *input, const mg_model_words *words)
{
    const char *word = find_word(words, input->name);
    layout axes;
    if (word != NULL) return strcmp(word, "window") == 0;
    return find_layout(input, &axes) || takes_tokens(input, words);
}

mg_status mg_inputs_length(size_t n, const mg_file_input *input, const mg_model_words *words, int64_t *ret,
                           mg_error *err)
{
    layout axes;
    *ret = words->length;
    if (words->length > 0) return MG_OK;
    for (size_t i = 0; i < n; i++) {
        if (!takes_window(&input[i], words)) continue;
        if (takes_tokens(&input[i], words)) {
            axes.positions = 1;
        } else if (!find_layout(&input[i], &axes)) {
            continue;
        }
        *ret = input[i].dim[axes.positions];
        if (*ret > 0) return MG_OK;
        return mg_fail(err, MG_EUSAGE, "the network takes windows of any length: give --length N");
    }
    return mg_fail(
        err, MG_EUSAGE,
        "no input of the network is plainly the window (four channels, one for each base): give --length N and say "
        "what goes into %s by --input NAME=...",
        n > 0 ? input[0].name : "its inputs");
}

/* --- bases --- */

/* Channel of A, C, G, T in the order that the user says. */
static mg_status read_order(const char *bases, int64_t order[BASES], mg_error *err)
{
    const char *text = bases != NULL ? bases : letters;
    bool good = strlen(text) == BASES;
    for (int b = 0; good && b < BASES; b++) {
        const char *at = strchr(letters, text[b] == 'U' ? 'T' : text[b]);
        good = at != NULL && *at != '\0';
        if (good) order[b] = at - letters;
    }
    for (int b = 0; good && b < BASES; b++)
        for (int c = 0; c < b; c++)
            good &= order[b] != order[c];
    if (good) return MG_OK;
    return mg_fail(err, MG_EUSAGE, "--bases %s: an order of channels is four letters, as ACGT", text);
}

/* Rows of a table that A, C, G, T look up. */
static mg_status read_tokens(const char *bases, int64_t n_rows, int64_t row[BASES], mg_error *err)
{
    bool good = bases != NULL && strlen(bases) == 2 * BASES;
    for (int b = 0; good && b < BASES; b++)
        row[b] = -1;
    for (int k = 0; good && k < BASES; k++) {
        char letter = bases[2 * k] == 'U' ? 'T' : bases[2 * k], digit = bases[2 * k + 1];
        const char *at = letter != '\0' ? strchr(letters, letter) : NULL;
        good = at != NULL && digit >= '0' && digit <= '9' && row[at - letters] < 0;
        if (good) row[at - letters] = digit - '0';
    }
    if (!good)
        return mg_fail(err, MG_EUSAGE, "--bases %s: four letters with a digit each are expected, as A1C2G3T4",
                       bases != NULL ? bases : letters);
    for (int b = 0; b < BASES; b++)
        if (row[b] >= n_rows)
            return mg_fail(err, MG_EUSAGE,
                           "--bases %s: the table that the numbers look up has rows 0 to %" PRId64 " only", bases,
                           n_rows - 1);
    return MG_OK;
}

mg_status mg_inputs_embed(mg_front *front, const mg_view *table, const mg_view *tokens, const char *bases, mg_view *ret,
                          mg_error *err)
{
    int64_t row[BASES], dim[2] = {table->dim[1], BASES};
    double *number = NULL;
    mg_status status = read_tokens(bases, table->dim[0], row, err);
    if (status == MG_OK) status = mg_front_numbers(front, BASES * dim[0], &number, err);
    for (int64_t o = 0; status == MG_OK && o < dim[0]; o++)
        for (int b = 0; b < BASES; b++)
            number[o * BASES + b] = mg_view_number(table, row[b] * dim[0] + o);
    mg_view weight = mg_view_constant(2, dim, number);
    return status == MG_OK ? mg_front_linear(front, tokens, &weight, NULL, ret, err) : status;
}

/* The window, or constant bases (L, 4), brought to the axes of the input. */
static mg_status lay_out(mg_front *front, const mg_file_input *input, const mg_model_words *words, mg_view *view,
                         mg_error *err)
{
    layout axes;
    int64_t order[BASES], dim[MG_VIEW_DIMS], length = view->dim[1];
    const int swap[3] = {0, 2, 1};
    if (!find_layout(input, &axes))
        return mg_fail(err, MG_EUSAGE,
                       "input %s has other dims than a window has; say what goes into it by --input %s=text:FILE",
                       input->name, input->name);
    if (input->dim[axes.positions] > 0 && input->dim[axes.positions] != length)
        return mg_fail(err, MG_EUSAGE, "input %s takes %" PRId64 " positions, not %" PRId64, input->name,
                       input->dim[axes.positions], length);
    mg_status status = read_order(words->bases, order, err);
    if (status == MG_OK) status = mg_view_take(view, 2, BASES, order, front, view, err);
    if (status == MG_OK && axes.channels < axes.positions) status = mg_view_transpose(view, swap, front, view, err);
    for (int d = 0; d < input->n_dims; d++)
        dim[d] = d == axes.channels ? BASES : d == axes.positions ? length : 1;
    return status == MG_OK ? mg_view_reshape(view, input->n_dims, dim, front, view, err) : status;
}

/* --- what is constant --- */

/* The text of a file, or the word itself where there is no such file. */
static mg_status find_text(const char *word, char **ret, mg_error *err)
{
    size_t n = 0;
    unsigned char *bytes = NULL;
    if (access(word, F_OK) != 0) return mg_copy_text(ret, word, err);
    mg_status status = mg_whole_file_read(word, MAX_TEXT, &bytes, &n, err);
    if (status == MG_OK) *ret = (char *)bytes;
    return status;
}

static mg_status read_numbers(mg_front *front, const mg_file_input *input, char *text, mg_view *ret, mg_error *err)
{
    int64_t dim[MG_VIEW_DIMS] = {1}, n = 1, n_read = 0;
    double *number = NULL;
    for (int d = 1; d < input->n_dims; d++) {
        dim[d] = input->dim[d] > 0 ? input->dim[d] : front->graph->length;
        if (dim[d] > ((int64_t)1 << 31) / n) return mg_fail(err, MG_EINPUT, "input %s is too large", input->name);
        n *= dim[d];
    }
    mg_status status = mg_front_numbers(front, n, &number, err);
    if (status != MG_OK) return status;
    char *rest = NULL;
    for (char *word = strtok_r(text, " \t\r\n,;", &rest); word != NULL; word = strtok_r(NULL, " \t\r\n,;", &rest)) {
        double x;
        if (!mg_decimal_read(word, &x))
            return mg_fail(err, MG_EUSAGE, "--input %s: '%.40s' is no number and no file", input->name, word);
        if (n_read < n) number[n_read] = x;
        n_read++;
    }
    if (n_read != n)
        return mg_fail(err, MG_EUSAGE, "--input %s: %" PRId64 " numbers are given, %" PRId64 " are wanted", input->name,
                       n_read, n);
    *ret = mg_view_constant(input->n_dims, dim, number);
    return MG_OK;
}

/* One-hot rows of a sequence; other letters are rows of zeros. */
static mg_status read_bases(mg_front *front, const char *text, mg_view *ret, mg_error *err)
{
    int64_t length = 0, dim[3] = {1, 0, BASES};
    double *number = NULL;
    mg_status status = mg_front_numbers(front, (int64_t)strlen(text) * BASES, &number, err);
    for (const char *at = text; status == MG_OK && *at != '\0'; at++) {
        if (strchr(" \t\r\n", *at) != NULL) continue;
        const char *base = strchr(letters, *at == 'U' ? 'T' : *at);
        if (base != NULL) number[length * BASES + (base - letters)] = 1.0;
        length++;
    }
    dim[1] = length;
    if (status == MG_OK) *ret = mg_view_constant(3, dim, number);
    return status;
}

static mg_status make_constant(mg_front *front, const mg_file_input *input, const mg_model_words *words,
                               const char *word, mg_view *ret, mg_error *err)
{
    char *text = NULL;
    bool bases = strncmp(word, "bases:", 6) == 0;
    mg_status status = find_text(bases ? word + 6 : word, &text, err);
    if (status == MG_OK && bases) status = read_bases(front, text, ret, err);
    if (status == MG_OK && bases) status = lay_out(front, input, words, ret, err);
    if (status == MG_OK && !bases) status = read_numbers(front, input, text, ret, err);
    free(text);
    return status;
}

/* --- made from the window --- */

/* (1, positions, channels) as the input wants it: its axes of more than one element are these two, in either order. */
static mg_status fit_dims(mg_front *front, const mg_file_input *input, mg_view *view, mg_error *err)
{
    char text[MG_DIMS_TEXT];
    const int swap[3] = {0, 2, 1};
    int64_t dim[MG_VIEW_DIMS] = {1}, want[2] = {view->dim[1], view->dim[2]};
    int n = 0, at[2] = {0, 0};
    for (int d = 1; d < input->n_dims; d++) {
        dim[d] = input->dim[d] > 0 ? input->dim[d] : 1;
        if (input->dim[d] != 1 && n < 2) at[n] = d;
        n += input->dim[d] != 1;
    }
    bool turned = n == 2 && input->dim[at[0]] == want[1] && input->dim[at[0]] != want[0];
    mg_status status = turned ? mg_view_transpose(view, swap, front, view, err) : MG_OK;
    for (int k = 0; n == 2 && k < 2; k++)
        if (input->dim[at[k]] < 0) dim[at[k]] = want[turned ? 1 - k : k];
    if (status == MG_OK && mg_view_reshape(view, input->n_dims, dim, front, view, NULL) != MG_OK)
        return mg_fail(err, MG_EUSAGE, "input %s takes other dims than %s, which the text makes (positions x channels)",
                       input->name, mg_view_dims_text(view, text) + 4);
    return status;
}

static mg_status make_from_text(mg_front *front, const mg_file_input *input, const mg_model_words *words,
                                const char *path, mg_view *ret, mg_error *err)
{
    unsigned char *text = NULL;
    size_t n = 0;
    mg_status status = mg_whole_file_read(path, MAX_TEXT, &text, &n, err);
    if (status == MG_OK && memchr(text, '\0', n) != NULL) status = mg_fail(err, MG_EINPUT, "%s is no text", path);
    if (status == MG_OK) status = mg_graph_text_apply(front, (const char *)text, path, words->bases, 0, NULL, ret, err);
    if (status == MG_OK) status = fit_dims(front, input, ret, err);
    free(text);
    return status;
}

/* --- any --- */

/* Positions and bases backwards: the other strand, since A pairs with T and C with G. */
static mg_status reverse(mg_front *front, mg_view *view, mg_error *err)
{
    int64_t length = view->dim[1];
    mg_status status = mg_view_slice(view, 1, length - 1, -1, length, front, view, err);
    return status == MG_OK ? mg_view_slice(view, 2, BASES - 1, -1, BASES, front, view, err) : status;
}

static mg_status no_word(const mg_file_input *input, mg_error *err)
{
    char text[MG_DIMS_TEXT];
    mg_view shape = {.n_dims = input->n_dims - 1};
    memcpy(shape.dim, input->dim + 1, (size_t)shape.n_dims * sizeof shape.dim[0]);
    return mg_fail(
        err, MG_EUSAGE,
        "input %s (%s) is not the window: say what goes into it by --input %s=VALUE,VALUE,... or --input %s=FILE; it "
        "is then the same for all windows",
        input->name, mg_view_dims_text(&shape, text), input->name, input->name);
}

mg_status mg_inputs_view(mg_front *front, size_t n, const mg_file_input *input, size_t i, const mg_model_words *words,
                         mg_view *ret, mg_error *err)
{
    const char *word = find_word(words, input[i].name);
    layout axes;
    (void)n;
    if (word != NULL && strncmp(word, "text:", 5) == 0)
        return make_from_text(front, &input[i], words, word + 5, ret, err);
    if (word != NULL && strcmp(word, "window") != 0 && strcmp(word, "reverse-complement") != 0)
        return make_constant(front, &input[i], words, word, ret, err);
    if (word == NULL && takes_tokens(&input[i], words)) {
        *ret = mg_view_positions(front, 0);
        return MG_OK;
    }
    if (word == NULL && !find_layout(&input[i], &axes)) return no_word(&input[i], err);
    for (size_t k = 0; k < i && word == NULL; k++)
        if (takes_window(&input[k], words))
            return mg_fail(
                err, MG_EUSAGE,
                "inputs %s and %s could both take the window: give --input %s=window, reverse-complement or bases:FILE",
                input[k].name, input[i].name, input[i].name);
    mg_view view = mg_view_positions(front, 0);
    mg_status status = MG_OK;
    if (word != NULL && strcmp(word, "reverse-complement") == 0) status = reverse(front, &view, err);
    if (status == MG_OK) status = lay_out(front, &input[i], words, &view, err);
    if (status == MG_OK) *ret = view;
    return status;
}
