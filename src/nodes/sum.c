/* sum.c  two or more values number by number: add, subtract, multiply, maximum
 *
 * An input with one position, or with one channel, is repeated along the other's (squeeze-and-excitation gates, biases).
 * What an output hands down to a repeated number is summed.
 *
 * Rules where papers leave a choice (docs/methods/README.md):
 *     add, subtract   linear: the multiplier itself. LRP shares relevance in proportion, a / (sum + epsilon sign(sum)),
 *                     which is the multiplier m sum / (sum + epsilon sign(sum)).
 *     multiply        DeepLIFT: a gets m (b + b0) / 2, b gets m (a + a0) / 2, the Shapley value of two players: together
 *                     a b - a0 b0. LRP: the signal takes all, the gate nothing; where neither is a gate, half each.
 *     maximum         the winner takes all, the first of equals; DeepLIFT: cross-maximum rule, as at max pools.
 */
#include <string.h>

#include "src/core/clones.h"
#include "src/engine/step.h"
#include "src/engine/tile.h"
#include "src/nodes/kinds.h"

/* Where number (t, c) of the output finds its partner in an input of this extent. */
static inline int64_t place(mg_extent in, int64_t stride, int64_t t, int64_t c)
{
    return (in.length == 1 ? 0 : t) * stride + (in.channels == 1 ? 0 : c);
}

/* Is input k as large as the output? Then number meets number. */
static bool is_whole(const mg_step *step, size_t k)
{
    mg_extent in = mg_step_extent_in(step, k), out = mg_step_extent_out(step);
    return in.length == out.length && in.channels == out.channels;
}

static mg_status shape_repeated(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    mg_extent out = in[0];
    for (size_t k = 1; k < node->n_inputs; k++) {
        if (in[k].length > out.length) out.length = in[k].length;
        if (in[k].channels > out.channels) out.channels = in[k].channels;
    }
    for (size_t k = 0; k < node->n_inputs; k++)
        if ((in[k].length != 1 && in[k].length != out.length) ||
            (in[k].channels != 1 && in[k].channels != out.channels))
            return mg_fail(err, MG_EINPUT,
                           "input %zu has %lld positions of %lld channels, another %lld of %lld: neither equal nor one",
                           k + 1, (long long)in[k].length, (long long)in[k].channels, (long long)out.length,
                           (long long)out.channels);
    *ret_out = out;
    return MG_OK;
}

static mg_status shape_equal(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    if (in[0].length != in[1].length || in[0].channels != in[1].channels)
        return mg_fail(err, MG_EINPUT, "its inputs have %lld positions of %lld channels and %lld of %lld",
                       (long long)in[0].length, (long long)in[0].channels, (long long)in[1].length,
                       (long long)in[1].channels);
    return shape_repeated(node, in, ret_out, err);
}

/* --- a tile of mutants --- */

/* The input's differences that meet (t, c) of the output; NULL: none, or the input does not depend on the window. */
static const float *met(const mg_step *step, const mg_tile *tile, size_t k, int64_t t, int64_t c)
{
    mg_extent in = mg_step_extent_in(step, k);
    size_t v = mg_step_input(step, k);
    if (!tile->plan->explains[v]) return NULL;
    return mg_tile_listed(tile, v, in.length == 1 ? 0 : t, in.channels == 1 ? 0 : c);
}

static float own(const mg_step *step, const mg_tile *tile, size_t k, int64_t t, int64_t c)
{
    mg_extent in = mg_step_extent_in(step, k);
    return mg_tile_own(tile, mg_step_input(step, k), in.length == 1 ? 0 : t, in.channels == 1 ? 0 : c);
}

/* The sum of the inputs' differences into tile->row; false: there are none. */
static bool summed(const mg_step *step, mg_tile *tile, float later_sign, int64_t t, int64_t c)
{
    bool any = false;
    for (size_t k = 0; k < step->node->n_inputs; k++) {
        const float *row = met(step, tile, k, t, c);
        if (row == NULL) continue;
        if (!any) memset(tile->row, 0, MG_MUTANTS * sizeof *tile->row);
        any = true;
        tile->kernels->add(row, k == 0 ? 1.0f : later_sign, tile->row);
    }
    return any;
}

/* Are the inputs that vary as large as the output? Then rows meet rows. */
static bool meets_whole(const mg_step *step, const mg_tile *tile)
{
    for (size_t k = 0; k < step->node->n_inputs; k++)
        if (tile->plan->explains[mg_step_input(step, k)] && !is_whole(step, k)) return false;
    return true;
}

/* Add input k's rows at t to what lies there already. */
static void add_position(const mg_step *step, mg_tile *tile, size_t k, float sign, int64_t t)
{
    const mg_tile_value *in = &tile->value[mg_step_input(step, k)];
    mg_tile_value *out = &tile->value[step->output];
    int64_t channels = mg_step_extent_out(step).channels;
    uint64_t *mask = out->mask + t * out->words;
    for (int64_t c = mg_tile_next(in, t, 0, channels); c < channels; c = mg_tile_next(in, t, c + 1, channels)) {
        float *to = mg_tile_row(tile, step->output, t, c);
        const float *row = mg_tile_row(tile, mg_step_input(step, k), t, c);
        uint64_t bit = (uint64_t)1 << (c % 64);
        if ((mask[c / 64] & bit) == 0) memset(to, 0, MG_MUTANTS * sizeof *to);
        mask[c / 64] |= bit;
        tile->kernels->add(row, sign, to);
    }
}

static void add_rows(const mg_step *step, mg_tile *tile, float later_sign)
{
    mg_tile_value *out = &tile->value[step->output];
    int64_t channels = mg_step_extent_out(step).channels;
    for (int64_t p = 0; p < out->n; p++) {
        int64_t t = out->position[p];
        bool there = false;
        for (size_t k = 0; k < step->node->n_inputs; k++) {
            const mg_tile_value *in = &tile->value[mg_step_input(step, k)];
            there = there || (in->difference == out->difference && in->changed[t]);
        }
        if (there && out->bounded) memset(tile->squares, 0, MG_MUTANTS * sizeof *tile->squares);
        if (!there) mg_tile_begin(tile, step->output, t);
        for (size_t k = 0; k < step->node->n_inputs; k++) {
            const mg_tile_value *in = &tile->value[mg_step_input(step, k)];
            if (in->n > 0 && in->difference != out->difference && in->changed[t])
                add_position(step, tile, k, k == 0 ? 1.0f : later_sign, t);
        }
        for (int64_t c = out->bounded ? mg_tile_next(out, t, 0, channels) : channels; c < channels;
             c = mg_tile_next(out, t, c + 1, channels))
            tile->kernels->square(mg_tile_row(tile, step->output, t, c), tile->squares);
        mg_tile_end(tile, step->output, t);
    }
}

static void add_up(const mg_step *step, mg_tile *tile, float later_sign)
{
    size_t out = step->output;
    if (meets_whole(step, tile)) {
        add_rows(step, tile, later_sign);
        return;
    }
    for (int64_t p = 0; p < tile->value[out].n; p++) {
        int64_t t = tile->value[out].position[p];
        mg_tile_begin(tile, out, t);
        for (int64_t c = 0; c < mg_step_extent_out(step).channels; c++)
            if (summed(step, tile, later_sign, t, c)) mg_tile_keep(tile, out, t, c, tile->row);
        mg_tile_end(tile, out, t);
    }
}

static void add_tile(const mg_step *step, mg_tile *tile)
{
    add_up(step, tile, 1.0f);
}

static void subtract_tile(const mg_step *step, mg_tile *tile)
{
    add_up(step, tile, -1.0f);
}

/* (a + da)(b + db) - a b = da (b + db) + a db */
static void multiply_tile(const mg_step *step, mg_tile *tile)
{
    size_t out = step->output;
    for (int64_t p = 0; p < tile->value[out].n; p++) {
        int64_t t = tile->value[out].position[p];
        mg_tile_begin(tile, out, t);
        for (int64_t c = 0; c < mg_step_extent_out(step).channels; c++) {
            const float *da = met(step, tile, 0, t, c), *db = met(step, tile, 1, t, c);
            float a = own(step, tile, 0, t, c), b = own(step, tile, 1, t, c);
            if (da == NULL && db == NULL) continue;
            for (int m = 0; m < MG_MUTANTS; m++) {
                float change = db != NULL ? db[m] : 0.0f;
                tile->row[m] = (da != NULL ? da[m] * (b + change) : 0.0f) + a * change;
            }
            mg_tile_keep(tile, out, t, c, tile->row);
        }
        mg_tile_end(tile, out, t);
    }
}

#define REAL       float
#define NAME(name) name##_single
#include "src/nodes/sum_walk.h"
#undef REAL
#undef NAME
#define REAL       double
#define NAME(name) name##_double
#include "src/nodes/sum_walk.h"

enum { LINEAR = MG_TRAIT_LINEAR | MG_TRAIT_PIECEWISE_LINEAR };

static const mg_kind kinds[] = {
    {.name = "add",
     .title = "sum",
     .traits = LINEAR | MG_TRAIT_KEEPS_SIGN | MG_TRAIT_SUM,
     .min_inputs = 2,
     .max_inputs = MG_ANY_INPUTS,
     .shape = shape_repeated,
     .rules = "LRP: in proportion, m z / (z + epsilon sign(z))",
     .ops = {&add_ops_single, &add_ops_double}},
    {.name = "subtract",
     .title = "difference",
     .traits = LINEAR | MG_TRAIT_SUM,
     .min_inputs = 2,
     .max_inputs = 2,
     .shape = shape_repeated,
     .rules = "LRP: in proportion, m z / (z + epsilon sign(z))",
     .ops = {&subtract_ops_single, &subtract_ops_double}},
    {.name = "multiply",
     .title = "product",
     .traits = MG_TRAIT_KEEPS_SIGN,
     .min_inputs = 2,
     .max_inputs = 2,
     .shape = shape_repeated,
     .rules = "DeepLIFT: a gets m (b + b0) / 2; LRP: the signal takes all, the gate nothing; neither: half each",
     .ops = {&multiply_ops_single, &multiply_ops_double}},
    {.name = "maximum",
     .title = "maximum",
     .traits = MG_TRAIT_KEEPS_SIGN,
     .min_inputs = 2,
     .max_inputs = 2,
     .shape = shape_equal,
     .rules = "all: to the winner, the first of equals; DeepLIFT: cross-maximum",
     .ops = {&maximum_ops_single, &maximum_ops_double}},
};

const mg_kind *mg_sum_kind(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}
