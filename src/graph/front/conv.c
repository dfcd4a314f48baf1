/* conv.c  convolutions and pools over one or two axes; fully connected layers */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/front/layers.h"

mg_window_words mg_window_plain(void)
{
    return (mg_window_words){.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .groups = 1};
}

void mg_window_same(mg_window_words *words, int d, int64_t length, bool lower)
{
    int64_t stride = words->stride[d], n = (length + stride - 1) / stride;
    int64_t span = (words->kernel[d] - 1) * words->dilation[d] + 1, pad = (n - 1) * stride + span - length;
    if (pad < 0) pad = 0;
    words->before[d] = lower ? pad - pad / 2 : pad / 2;
    words->behind[d] = pad - words->before[d];
}

/* --- what convolutions and pools share --- */

/* A layer over (1, C, rows, columns), of which axis `along` runs along the positions and the other one is unrolled. */
typedef struct {
    mg_view in;
    bool flat; /* it was (1, C, positions) */
    int along; /* 0, 1 */
    mg_window_words words;
    int64_t channels, wide, wide_out; /* C; the other axis before and after */
} plan;

static mg_status check_words(const mg_front *front, const mg_window_words *w, mg_error *err)
{
    const int64_t most = (int64_t)1 << 31;
    for (int d = 0; d < 2; d++) {
        bool good = w->kernel[d] >= 1 && w->kernel[d] <= most && w->stride[d] >= 1 && w->stride[d] <= most &&
                    w->dilation[d] >= 1 && w->dilation[d] <= most && w->before[d] <= most && w->before[d] >= -most &&
                    w->behind[d] <= most && w->behind[d] >= -most;
        if (!good)
            return mg_fail(err, MG_EINPUT, "%s: its kernel, stride, dilation or padding makes no sense", front->name);
    }
    return MG_OK;
}

static mg_status make_plan(mg_front *front, const mg_view *in, const mg_window_words *words, plan *ret, mg_error *err)
{
    char text[MG_DIMS_TEXT];
    *ret = (plan){.in = *in, .flat = in->n_dims == 3, .words = *words};
    if ((in->n_dims != 3 && in->n_dims != 4) || in->dim[0] != 1)
        return mg_fail(err, MG_EINPUT,
                       "%s: it wants (1, channels, positions) or (1, channels, rows, columns), and gets %s",
                       front->name, mg_view_dims_text(in, text));
    mg_status status = check_words(front, words, err);
    if (status == MG_OK && ret->flat) {
        int64_t dim[4] = {1, in->dim[1], in->dim[2], 1};
        status = mg_view_reshape(in, 4, dim, front, &ret->in, err);
    }
    if (status != MG_OK) return status;
    int axis = mg_view_position_axis(&ret->in);
    ret->along = axis == 3 || (axis != 2 && ret->in.dim[3] > ret->in.dim[2]);
    ret->channels = ret->in.dim[1];
    ret->wide = ret->in.dim[3 - ret->along];
    return MG_OK;
}

/* Elements that the window gives along the axis that is unrolled. */
static mg_status slide_across(const mg_front *front, plan *p, mg_error *err)
{
    const mg_window_words *w = &p->words;
    int q = 1 - p->along;
    int64_t room = p->wide + w->before[q] + w->behind[q] - (w->kernel[q] - 1) * w->dilation[q] - 1;
    if (room < 0)
        return mg_fail(err, MG_EINPUT, "%s: its kernel of %" PRId64 " does not fit %" PRId64 " elements", front->name,
                       w->kernel[q], p->wide);
    p->wide_out = room / w->stride[q] + 1;
    return MG_OK;
}

static mg_slide slide_of(const plan *p, int64_t before, int64_t behind)
{
    const mg_window_words *w = &p->words;
    int a = p->along;
    return (mg_slide){w->kernel[a], w->stride[a], w->dilation[a], w->before[a] + before, w->behind[a] + behind};
}

/* (1, channels, rows, columns) of what came out, or (1, channels, positions) */
static mg_status give(mg_front *front, const plan *p, const mg_matrix *matrix, int64_t channels, mg_view *ret,
                      mg_error *err)
{
    int64_t dim[4] = {1, channels, 0, 0};
    dim[3 - p->along] = p->wide_out;
    mg_status status = mg_matrix_view(front, matrix, 2 + p->along, 4, dim, ret, err);
    if (status != MG_OK || !p->flat) return status;
    int64_t flat[3] = {1, channels, ret->dim[2]};
    return mg_view_reshape(ret, 3, flat, front, ret, err);
}

/* --- convolutions --- */

static mg_status check_weight(const mg_front *front, const plan *p, const mg_view *weight, const mg_view *bias,
                              mg_error *err)
{
    char text[MG_DIMS_TEXT];
    int64_t groups = p->words.groups;
    int n_dims = p->flat ? 3 : 4;
    bool good = weight->constant && weight->n_dims == n_dims && groups >= 1 && p->channels % groups == 0 &&
                weight->dim[0] > 0 && weight->dim[0] % groups == 0 && weight->dim[1] == p->channels / groups;
    for (int d = 0; good && d < n_dims - 2; d++)
        good = weight->dim[2 + d] == p->words.kernel[d];
    if (!weight->constant || (bias != NULL && !bias->constant))
        return mg_fail(err, MG_EINPUT, "%s: its weights depend on the window, which is not supported", front->name);
    if (!good)
        return mg_fail(err, MG_EINPUT, "%s: weights of %s do not go with %" PRId64 " channels in %" PRId64 " groups",
                       front->name, mg_view_dims_text(weight, text), p->channels, groups);
    if (bias != NULL && mg_view_size(bias) != weight->dim[0])
        return mg_fail(err, MG_EINPUT, "%s: %" PRId64 " biases for %" PRId64 " outputs", front->name,
                       mg_view_size(bias), weight->dim[0]);
    return MG_OK;
}

/* Weight from (c, w) to (o, w_out) at k along the positions: 0 where the window does not reach. */
static double unrolled(const plan *p, const mg_view *weight, int64_t o, int64_t c, int64_t w_out, int64_t w, int64_t k)
{
    int q = 1 - p->along;
    const mg_window_words *words = &p->words;
    int64_t across = w - w_out * words->stride[q] + words->before[q];
    if (across < 0 || across % words->dilation[q] != 0 || across / words->dilation[q] >= words->kernel[q]) return 0.0;
    across /= words->dilation[q];
    int64_t in_group = p->channels / words->groups, row = p->along == 0 ? k : across;
    int64_t column = p->along == 0 ? across : k;
    return mg_view_number(weight, ((o * in_group + c) * words->kernel[0] + row) * words->kernel[1] + column);
}

static mg_status fill_conv(mg_front *front, const plan *p, const mg_view *weight, const mg_view *bias,
                           const mg_matrix *matrix, mg_node *node, mg_error *err)
{
    int64_t n_out = weight->dim[0], in_group = p->channels / p->words.groups, kernel = node->slide.kernel;
    int64_t rows = n_out * p->wide_out, columns = in_group * p->wide;
    node->n_weight = rows * columns * kernel;
    node->n_bias = rows;
    if (node->n_weight > front->budget) return mg_fail(err, MG_EINPUT, "%s: its weights are too many", front->name);
    front->budget -= node->n_weight;
    mg_status status = mg_alloc(&node->weight, (size_t)node->n_weight, sizeof *node->weight, err);
    if (status == MG_OK) status = mg_alloc(&node->bias, (size_t)node->n_bias, sizeof *node->bias, err);
    if (status != MG_OK) return status;
    for (int64_t r = 0; r < rows; r++) {
        if (bias != NULL) node->bias[r] = mg_view_number(bias, r / p->wide_out);
        for (int64_t j = 0; j < columns; j++) {
            double *to = node->weight + (r * columns + mg_matrix_channel(matrix, j)) * kernel;
            for (int64_t k = 0; k < kernel; k++)
                to[k] = unrolled(p, weight, r / p->wide_out, j / p->wide, r % p->wide_out, j % p->wide, k);
        }
    }
    return MG_OK;
}

mg_status mg_front_conv(mg_front *front, const mg_view *in, const mg_window_words *words, const mg_view *weight,
                        const mg_view *bias, mg_view *ret, mg_error *err)
{
    plan p;
    mg_matrix matrix;
    int64_t before, behind;
    mg_status status = make_plan(front, in, words, &p, err);
    if (status == MG_OK) status = check_weight(front, &p, weight, bias, err);
    if (status == MG_OK) status = slide_across(front, &p, err);
    if (status == MG_OK)
        status = mg_front_matrix_padded(front, &p.in, 2 + p.along, words->groups > 1, &matrix, &before, &behind, err);
    if (status != MG_OK) return status;
    mg_node node = {.slide = slide_of(&p, before, behind), .groups = words->groups};
    status = fill_conv(front, &p, weight, bias, &matrix, &node, err);
    if (status != MG_OK) {
        mg_node_clear(&node);
        return status;
    }
    mg_matrix made = {0};
    status = mg_front_add(front, "conv", &node, 1, &matrix.value, &made.value, err);
    if (status == MG_OK) status = give(front, &p, &made, weight->dim[0], ret, err);
    return status;
}

/* --- transposed convolutions ---
 *
 * Each input position is set down `stride` apart with zeros between, and a plain convolution with the kernel turned round goes
 * over that: so there is no kind of its own, and every method knows what to do. Kernels pass over zeros. */

static mg_status check_transposed(const mg_front *front, const plan *p, const mg_view *weight, const mg_view *bias,
                                  mg_error *err)
{
    const mg_window_words *words = &p->words;
    int q = 1 - p->along;
    bool good = weight->constant && weight->n_dims == (p->flat ? 3 : 4) && words->groups >= 1 && p->wide == 1 &&
                words->kernel[q] == 1 && words->before[q] == 0 && words->behind[q] == 0 &&
                weight->dim[0] == p->channels && p->channels % words->groups == 0 && (bias == NULL || bias->constant);
    good = good && mg_view_size(weight) == p->channels * weight->dim[1] * words->kernel[p->along];
    if (good && (bias == NULL || mg_view_size(bias) == weight->dim[1] * words->groups)) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s: a transposed convolution with these weights is not supported", front->name);
}

/* Positions `stride` apart, zeros between them. */
static mg_status spread(mg_front *front, int64_t stride, mg_matrix *matrix, mg_error *err)
{
    mg_extent in = front->graph->extent[matrix->value];
    mg_node node = {.asked = {.length = (in.length - 1) * stride + 1, .channels = in.channels}};
    int64_t n = node.asked.length * in.channels;
    if (stride == 1) return MG_OK;
    if (n > front->budget) return mg_fail(err, MG_EINPUT, "%s: it gives too many numbers", front->name);
    mg_status status = mg_alloc(&node.index, (size_t)n, sizeof *node.index, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++) {
        int64_t t = i / in.channels, c = i % in.channels;
        node.index[i] = t % stride == 0 ? t / stride * in.channels + c : -1;
    }
    return mg_front_add(front, "gather", &node, 1, &matrix->value, &matrix->value, err);
}

/* Weight (in, out / groups, kernel) as (out, in / groups, kernel), the kernel turned round. */
static mg_status turn_weights(const plan *p, const mg_view *weight, const mg_view *bias, mg_node *node, mg_error *err)
{
    int64_t out_group = weight->dim[1], in_group = p->channels / p->words.groups, kernel = node->slide.kernel;
    node->n_weight = mg_view_size(weight);
    node->n_bias = out_group * p->words.groups;
    mg_status status = mg_alloc(&node->weight, (size_t)node->n_weight, sizeof *node->weight, err);
    if (status == MG_OK) status = mg_alloc(&node->bias, (size_t)node->n_bias, sizeof *node->bias, err);
    if (status != MG_OK) return status;
    for (int64_t o = 0; o < node->n_bias; o++) {
        if (bias != NULL) node->bias[o] = mg_view_number(bias, o);
        for (int64_t c = 0; c < in_group; c++)
            for (int64_t k = 0; k < kernel; k++) {
                int64_t from = (o / out_group * in_group + c) * out_group + o % out_group;
                node->weight[(o * in_group + c) * kernel + kernel - 1 - k] = mg_view_number(weight, from * kernel + k);
            }
    }
    return MG_OK;
}

mg_status mg_front_conv_transposed(mg_front *front, const mg_view *in, const mg_window_words *words,
                                   const mg_view *weight, const mg_view *bias, mg_view *ret, mg_error *err)
{
    plan p;
    mg_matrix matrix, made = {0};
    mg_status status = make_plan(front, in, words, &p, err);
    if (status != MG_OK) return status;
    int a = p.along;
    p.wide_out = 1;
    status = check_transposed(front, &p, weight, bias, err);
    if (status == MG_OK) status = mg_front_matrix(front, &p.in, 2 + a, true, &matrix, err);
    if (status == MG_OK) status = spread(front, words->stride[a], &matrix, err);
    if (status != MG_OK) return status;
    int64_t reach = (words->kernel[a] - 1) * words->dilation[a];
    mg_node node = {.groups = words->groups};
    node.slide = (mg_slide){.kernel = words->kernel[a],
                            .stride = 1,
                            .dilation = words->dilation[a],
                            .pad = reach - words->before[a],
                            .pad_end = reach - words->behind[a]};
    status = turn_weights(&p, weight, bias, &node, err);
    if (status != MG_OK) {
        mg_node_clear(&node);
        return status;
    }
    status = mg_front_add(front, "conv", &node, 1, &matrix.value, &made.value, err);
    if (status == MG_OK) status = give(front, &p, &made, weight->dim[1] * words->groups, ret, err);
    return status;
}

/* --- pools --- */

/* A pool along the positions; the other axis keeps its elements. */
static mg_status pool_along(mg_front *front, mg_pool_kind kind, const plan *p, mg_view *ret, mg_error *err)
{
    mg_matrix matrix;
    mg_status status = mg_front_matrix(front, &p->in, 2 + p->along, false, &matrix, err);
    if (status != MG_OK) return status;
    mg_node node = {.slide = slide_of(p, 0, 0), .groups = 1, .ceil = p->words.ceil, .count_pad = p->words.count_pad};
    status = mg_front_add(front, kind == MG_POOL_MAX ? "max_pool" : "average_pool", &node, 1, &matrix.value,
                          &matrix.value, err);
    if (status == MG_OK) status = give(front, p, &matrix, p->channels, ret, err);
    return status;
}

static bool slides(const mg_window_words *w, int d)
{
    return w->kernel[d] != 1 || w->stride[d] != 1 || w->before[d] != 0 || w->behind[d] != 0;
}

/* Over a picture in both directions: one after the other, which is the same for the largest and for means. */
mg_status mg_front_pool(mg_front *front, mg_pool_kind kind, const mg_view *in, const mg_window_words *words,
                        mg_view *ret, mg_error *err)
{
    plan p;
    mg_status status = make_plan(front, in, words, &p, err);
    if (status != MG_OK) return status;
    bool flat = p.flat;
    mg_view at = p.in;
    for (int turn = 0; turn < 2 && status == MG_OK; turn++) {
        int along = turn == 0 ? p.along : 1 - p.along;
        if (!slides(words, along) && !(turn == 0 && !slides(words, 1 - along))) continue;
        if (flat && along == 1) continue;
        plan one = {.in = at, .along = along, .words = *words, .channels = p.channels, .wide_out = at.dim[3 - along]};
        status = pool_along(front, kind, &one, &at, err);
    }
    if (status != MG_OK) return status;
    *ret = at;
    if (!flat) return MG_OK;
    int64_t dim[3] = {1, at.dim[1], at.dim[2]};
    return mg_view_reshape(&at, 3, dim, front, ret, err);
}

/* --- fully connected --- */

/* Whether the elements are all of the value, each once. */
static mg_status covers_value(mg_front *front, const mg_view *in, bool *ret, mg_error *err)
{
    int64_t n = in->constant ? -1 : in->extent.length * in->extent.channels, *seen = NULL;
    *ret = false;
    if (n != mg_view_size(in)) return MG_OK;
    mg_status status = mg_front_places(front, n, &seen, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++) {
        int64_t place = mg_view_place(in, i);
        if (place < 0 || place >= n || seen[place]++ > 0) return MG_OK;
    }
    *ret = status == MG_OK;
    return status;
}

static mg_status fill_dense(const mg_view *in, mg_extent extent, bool direct, const mg_view *weight,
                            const mg_view *bias, mg_node *node, mg_error *err)
{
    int64_t n_out = weight->dim[0], n_in = weight->dim[1];
    node->n_weight = n_out * n_in;
    node->n_bias = n_out;
    mg_status status = mg_alloc(&node->weight, (size_t)node->n_weight, sizeof *node->weight, err);
    if (status == MG_OK) status = mg_alloc(&node->bias, (size_t)n_out, sizeof *node->bias, err);
    for (int64_t i = 0; status == MG_OK && i < n_in; i++) {
        int64_t place = direct ? mg_view_place(in, i) : i, t = place / extent.channels, c = place % extent.channels;
        for (int64_t o = 0; o < n_out; o++)
            node->weight[(o * extent.channels + c) * extent.length + t] = mg_view_number(weight, o * n_in + i);
    }
    for (int64_t o = 0; status == MG_OK && bias != NULL && o < n_out; o++)
        node->bias[o] = mg_view_number(bias, o);
    return status;
}

static mg_status dense(mg_front *front, const mg_view *in, const mg_view *weight, const mg_view *bias, mg_view *ret,
                       mg_error *err)
{
    bool direct = false;
    mg_matrix matrix = {.value = in->value, .extent = in->extent};
    mg_node node = {.groups = 1};
    mg_status status = covers_value(front, in, &direct, err);
    if (status == MG_OK && !direct) status = mg_front_matrix(front, in, -1, true, &matrix, err);
    if (status != MG_OK) return status;
    status = fill_dense(in, matrix.extent, direct, weight, bias, &node, err);
    if (status != MG_OK) {
        mg_node_clear(&node);
        return status;
    }
    mg_matrix made = {0};
    int64_t dim[MG_VIEW_DIMS];
    memcpy(dim, in->dim, sizeof dim);
    dim[in->n_dims - 1] = weight->dim[0];
    status = mg_front_add(front, "dense", &node, 1, &matrix.value, &made.value, err);
    if (status == MG_OK) status = mg_matrix_view(front, &made, -1, in->n_dims, dim, ret, err);
    return status;
}

/* At each of several places the same: a convolution of width 1. */
static mg_status dense_by_position(mg_front *front, const mg_view *in, const mg_view *weight, const mg_view *bias,
                                   mg_view *ret, mg_error *err)
{
    mg_view rows, kernel;
    int64_t n_in = weight->dim[1], n_rows = mg_view_size(in) / n_in, dim[MG_VIEW_DIMS];
    int64_t row_dim[3] = {1, n_rows, n_in}, kernel_dim[3] = {weight->dim[0], n_in, 1};
    const int swap[3] = {0, 2, 1};
    mg_window_words words = mg_window_plain();
    memcpy(dim, in->dim, sizeof dim);
    dim[in->n_dims - 1] = weight->dim[0];
    mg_status status = mg_view_reshape(in, 3, row_dim, front, &rows, err);
    if (status == MG_OK) status = mg_view_transpose(&rows, swap, front, &rows, err);
    if (status == MG_OK) status = mg_view_reshape(weight, 3, kernel_dim, front, &kernel, err);
    if (status == MG_OK) status = mg_front_conv(front, &rows, &words, &kernel, bias, &rows, err);
    if (status == MG_OK) status = mg_view_transpose(&rows, swap, front, &rows, err);
    if (status == MG_OK) status = mg_view_reshape(&rows, in->n_dims, dim, front, ret, err);
    return status;
}

mg_status mg_front_linear(mg_front *front, const mg_view *in, const mg_view *weight, const mg_view *bias, mg_view *ret,
                          mg_error *err)
{
    char text[MG_DIMS_TEXT], other[MG_DIMS_TEXT];
    if (!weight->constant || (bias != NULL && !bias->constant))
        return mg_fail(err, MG_EINPUT, "%s: its weights depend on the window, which is not supported", front->name);
    bool good = in->n_dims >= 1 && weight->n_dims == 2 && weight->dim[0] > 0 && weight->dim[1] > 0 &&
                in->dim[in->n_dims - 1] == weight->dim[1] && (bias == NULL || mg_view_size(bias) == weight->dim[0]);
    if (!good)
        return mg_fail(err, MG_EINPUT, "%s: weights of %s do not go with %s", front->name,
                       mg_view_dims_text(weight, text), mg_view_dims_text(in, other));
    bool one = mg_view_size(in) == weight->dim[1];
    return (one ? dense : dense_by_position)(front, in, weight, bias, ret, err);
}
