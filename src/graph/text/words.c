/* words.c  the words of each kind of node in a graph text */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/graph/text/runs.h"
#include "src/graph/text/writer.h"

/* --- tensors --- */

static mg_status add_tensor(mg_text_writer *w, size_t value, const char *part, const double *number, int n_dims,
                            const int64_t *dim)
{
    char name[MG_TEXT_NAME + 16];
    mg_tensor *tensor = NULL;
    snprintf(name, sizeof name, "%s.%s", w->name[value], part);
    mg_status status = mg_tensors_add(w->tensors, name, n_dims, dim, &tensor, w->err);
    for (size_t i = 0; status == MG_OK && i < tensor->n; i++)
        tensor->data[i] = (float)number[i];
    return status;
}

/* A tensor, and the word that names it. */
static mg_status put_tensor(mg_text_writer *w, size_t value, const char *key, const double *number, int n_dims,
                            const int64_t *dim)
{
    if (number == NULL) return MG_OK;
    mg_status status = add_tensor(w, value, key, number, n_dims, dim);
    return status == MG_OK ? mg_writer_put(w, ", %s=%s.%s", key, w->name[value], key) : status;
}

static bool all_zero(const double *number, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (number[i] != 0.0) return false;
    return true;
}

/* --- words --- */

static mg_status put_slide(mg_text_writer *w, const mg_node *node, bool pool)
{
    const mg_slide *s = &node->slide;
    mg_status status = MG_OK;
    if (pool) status = mg_writer_put(w, ", kernel=%" PRId64, s->kernel);
    if (status == MG_OK && s->stride != (pool ? s->kernel : 1))
        status = mg_writer_put(w, ", stride=%" PRId64, s->stride);
    if (status == MG_OK && s->dilation != 1) status = mg_writer_put(w, ", dilation=%" PRId64, s->dilation);
    if (status == MG_OK && (s->pad != 0 || s->pad_end != 0))
        status = s->pad == s->pad_end ? mg_writer_put(w, ", pad=%" PRId64, s->pad)
                                      : mg_writer_put(w, ", pad=%" PRId64 ":%" PRId64, s->pad, s->pad_end);
    if (status == MG_OK && !pool && node->groups != 1) status = mg_writer_put(w, ", groups=%" PRId64, node->groups);
    if (status == MG_OK && node->ceil) status = mg_writer_put(w, ", ceil=true");
    if (status == MG_OK && node->count_pad) status = mg_writer_put(w, ", count_pad=true");
    return status;
}

/* weight (O, C / groups, kernel) */
mg_status mg_words_conv(mg_text_writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    mg_extent in = w->graph->extent[node->input[0]], out = w->graph->extent[value];
    int64_t groups = node->groups > 0 ? node->groups : 1;
    int64_t dim[3] = {out.channels, in.channels / groups, node->slide.kernel};
    mg_status status = put_tensor(w, value, "weight", node->weight, 3, dim);
    if (status == MG_OK && node->bias != NULL && !all_zero(node->bias, out.channels))
        status = put_tensor(w, value, "bias", node->bias, 1, &out.channels);
    return status == MG_OK ? put_slide(w, node, false) : status;
}

mg_status mg_words_dense(mg_text_writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    mg_extent in = w->graph->extent[node->input[0]], out = w->graph->extent[value];
    int64_t dim[2] = {out.channels, in.channels * in.length};
    mg_status status = put_tensor(w, value, "weight", node->weight, 2, dim);
    if (status == MG_OK && node->bias != NULL && !all_zero(node->bias, out.channels))
        status = put_tensor(w, value, "bias", node->bias, 1, &out.channels);
    return status;
}

/* What a batch normalisation was made of, or the line itself. */
mg_status mg_words_affine(mg_text_writer *w, size_t value)
{
    static const char *const keys[MG_NORM_ROWS] = {"weight", "bias", "mean", "variance"};
    const mg_node *node = mg_value_node(w->graph, value);
    int64_t channels = w->graph->extent[value].channels;
    mg_status status = MG_OK;
    if (node->norm == NULL) {
        status = put_tensor(w, value, "scale", node->weight, 1, &channels);
        return status == MG_OK ? put_tensor(w, value, "shift", node->bias, 1, &channels) : status;
    }
    for (int r = 0; r < MG_NORM_ROWS && status == MG_OK; r++)
        status = put_tensor(w, value, keys[r], mg_norm_row(node->norm, r), 1, &channels);
    return status == MG_OK ? mg_writer_put(w, ", eps=%.17g", node->norm->eps) : status;
}

mg_status mg_words_norm(mg_text_writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    int64_t channels = w->graph->extent[value].channels;
    mg_status status = put_tensor(w, value, "weight", node->weight, 1, &channels);
    if (status == MG_OK) status = put_tensor(w, value, "bias", node->bias, 1, &channels);
    return status == MG_OK && node->groups > 0 ? mg_writer_put(w, ", groups=%" PRId64, node->groups) : status;
}

mg_status mg_words_gather(mg_text_writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    mg_extent out = w->graph->extent[value];
    char *index = NULL;
    mg_status status = mg_runs_write(node->index, out.length * out.channels, &index, w->err);
    if (status == MG_OK)
        status = mg_writer_put(w, ", positions=%" PRId64 ", channels=%" PRId64 ", index=%s", out.length, out.channels,
                               index);
    free(index);
    return status;
}

mg_status mg_words_constant(mg_text_writer *w, size_t value)
{
    mg_extent out = w->graph->extent[value];
    int64_t dim[2] = {out.length, out.channels};
    mg_status status = add_tensor(w, value, "weight", mg_value_node(w->graph, value)->weight, 2, dim);
    return status == MG_OK ? mg_writer_put(w, "weight=%s.weight", w->name[value]) : status;
}

mg_status mg_words_pool(mg_text_writer *w, size_t value)
{
    return put_slide(w, mg_value_node(w->graph, value), true);
}

mg_status mg_words_slopes(mg_text_writer *w, size_t value)
{
    return put_tensor(w, value, "weight", mg_value_node(w->graph, value)->weight, 1, &w->graph->extent[value].channels);
}

mg_status mg_words_channel(mg_text_writer *w, size_t value)
{
    return mg_writer_put(w, ", channel=%" PRId64, mg_value_node(w->graph, value)->index[0]);
}

mg_status mg_words_axis(mg_text_writer *w, size_t value)
{
    bool positions = mg_value_node(w->graph, value)->axis == MG_AXIS_POSITIONS;
    return mg_writer_put(w, ", axis=%s", positions ? "positions" : "channels");
}
