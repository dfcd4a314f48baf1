/* scan_layers.c  a tile of sites goes through the layers of a chain together (scan.h)
 *
 * A site is a position with its three mutants. State of a tile at the input of layer l: for each mutant the difference
 * from the window's own activation, at positions begin .. end - 1 of its reach. A linear layer wants to know which of
 * them are not zero. Where its weights suit (kernels/places.h), their places do, and the values stay where they are, dense;
 * all outputs of a site are worked out at once. Else the differences of a site are compacted to one list; a group of
 * outputs is then worked on for all sites before the next group's weights are fetched. A convolution, ReLU and max
 * pooling are one step, so that what lies between them never leaves L1; the pooling writes the next layer's places or
 * list.
 */
#include <string.h>

#include "src/engine/count.h"
#include "src/core/log.h"
#include "src/engine/scan_inside.h"

/* Where site i's differences live, at the input of layer l. */
mg_difference mg_scan_difference(const mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *i,
                                 const float *delta)
{
    size_t at = l * (size_t)scan->reach->length + (size_t)i->position;
    return (mg_difference){.base = mg_pass_value_of(pass, MG_OF_WINDOW, l),
                           .delta = delta,
                           .step = scan->room,
                           .stride = scan->chain->stride[l],
                           .begin = scan->reach->begin[at],
                           .end = scan->reach->end[at]};
}

/* Site number i of the tile in delta[which]. */
float *mg_scan_room(const mg_scan *scan, int which, int i)
{
    return scan->delta[which] + i * MG_SHARED * scan->room;
}

/* Site number i of the tile at the input of layer l, in places. */
static mg_sparse sparse_input(const mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *sites, int i)
{
    mg_difference in = mg_scan_difference(scan, pass, l, &sites[i], NULL);
    return (mg_sparse){scan->places[0][i], mg_scan_room(scan, 0, i), scan->room, in.begin, in.end};
}

/* How linear layer l takes its input. (The list of the network's input is written without looking at it.) */
static mg_scan_form wanted_form(const mg_scan *scan, size_t l)
{
    const mg_map *map = scan->chain->link[l].map;
    return l > 0 && map != NULL && map->forward.flat != NULL ? MG_SCAN_IN_PLACES : MG_SCAN_IN_LISTS;
}

/* Outputs of linear layer l that are worked on at a time. */
static int64_t group_width(const mg_scan *scan, size_t l)
{
    const mg_rows *op = &scan->chain->link[l].map->forward;
    return wanted_form(scan, l) == MG_SCAN_IN_PLACES ? op->out_stride : op->group_blocks * MG_BLOCK;
}

/* Bring the tile's differences into the form that linear layer l takes, unless the pooling before has done so. */
static void compact_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *sites, int n)
{
    const mg_kernels *kernels = scan->plan->kernels;
    int64_t channels = scan->chain->link[l].in.channels, stride = scan->chain->stride[l];
    for (int i = 0; i < n; i++) {
        mg_sparse in = sparse_input(scan, pass, l, sites, i);
        if (wanted_form(scan, l) == MG_SCAN_IN_PLACES)
            kernels->places->find(&in, stride, channels);
        else
            kernels->compact_shared(in.x, scan->room, in.p_end - in.p_begin, stride, channels, &scan->list[i]);
    }
}

static void count_site(const mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *i, const int32_t *begin)
{
    if (scan->n_macs == NULL) return;
    mg_difference in = mg_scan_difference(scan, pass, l, i, NULL), out = mg_scan_difference(scan, pass, l + 1, i, NULL);
    *scan->n_macs +=
        MG_SHARED * mg_count_rows(&scan->chain->link[l].map->forward, begin, in.begin, in.end, out.begin, out.end);
}

/* The differences that site number i of the tile gets in one group of outputs of linear layer l: in `room`, or where they
 * stand already. */
static mg_difference linear_site(const mg_scan *scan, const mg_pass *pass, size_t l, int64_t group,
                                 const mg_scan_site *sites, int i, float *room)
{
    const mg_kernels *kernels = scan->plan->kernels;
    const mg_rows *op = &scan->chain->link[l].map->forward;
    mg_difference out = mg_scan_difference(scan, pass, l + 1, &sites[i], room);
    if (l == 0 && scan->first.row != NULL) {
        out.delta = mg_first_layer_rows(&scan->first, sites[i].position, sites[i].from, out.begin);
        out.step = scan->first.n_rows * scan->first.stride;
        return out;
    }
    mg_sparse in = sparse_input(scan, pass, l, sites, i);
    bool in_places = wanted_form(scan, l) == MG_SCAN_IN_PLACES;
    if (in_places)
        kernels->places->rows(op, &in, out.begin, out.end, false, room, scan->room);
    else
        kernels->shared_rows(op, group, &scan->list[i], in.p_begin, in.p_end, out.begin, out.end, false, room,
                             scan->room);
    if (group == 0) count_site(scan, pass, l, &sites[i], in_places ? in.places.begin : scan->list[i].begin);
    return out;
}

static void linear_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *sites, int n)
{
    int64_t stride = scan->chain->stride[l + 1], width = group_width(scan, l);
    for (int64_t group = 0; group * width < stride; group++)
        for (int i = 0; i < n; i++) {
            float *room = mg_scan_room(scan, 1, i);
            mg_difference d = linear_site(scan, pass, l, group, sites, i, room);
            for (int m = 0; m < MG_SHARED && d.delta != room && group == 0; m++)
                memcpy(room + m * scan->room, d.delta + m * d.step,
                       (size_t)((d.end - d.begin) * d.stride) * sizeof *room);
        }
}

static mg_pooling pooling_of(const mg_link *link)
{
    return (mg_pooling){.kernel = link->slide->kernel,
                        .step = link->slide->stride,
                        .dilation = link->slide->dilation,
                        .pad = link->slide->pad,
                        .in_length = link->in.length};
}

/* Channels that a max pooling at layer l (or a ReLU before it) takes at a time: those of a group where a linear layer is
 * part of the step, unless that has all its outputs ready. */
static int64_t pool_width(const mg_scan *scan, size_t l, bool after_linear)
{
    bool at_once = !after_linear || (l == 1 && scan->first.row != NULL);
    return at_once ? scan->chain->stride[l] : group_width(scan, l - 1);
}

/* Layer l is a max pooling, or a ReLU before one; after_linear: the linear layer before it is part of the step. */
static void max_tile(mg_scan *scan, const mg_pass *pass, size_t l, bool with_relu, bool after_linear,
                     mg_scan_form to_form, const mg_scan_site *sites, int n)
{
    const mg_kernels *kernels = scan->plan->kernels;
    mg_pooling pooling = pooling_of(&scan->chain->link[l + with_relu]);
    int64_t stride = scan->chain->stride[l], width = pool_width(scan, l, after_linear);
    for (int64_t c = 0; c < stride; c += width)
        for (int i = 0; i < n; i++) {
            mg_difference to = mg_scan_difference(scan, pass, l + with_relu + 1, &sites[i], NULL);
            mg_difference in = after_linear ? linear_site(scan, pass, l - 1, c / width, sites, i, scan->between)
                                            : mg_scan_difference(scan, pass, l, &sites[i], mg_scan_room(scan, 0, i));
            int64_t c_end = c + width < stride ? c + width : stride;
            if (to_form == MG_SCAN_IN_PLACES)
                kernels->places->max_pool(&in, &pooling, with_relu, to.base, to.begin, to.end, mg_scan_room(scan, 1, i),
                                          scan->room, &scan->places[1][i]);
            else
                kernels->delta->max_pool(&in, &pooling, with_relu, to.base, to.begin, to.end, c, c_end,
                                         mg_scan_room(scan, 1, i), scan->room,
                                         to_form == MG_SCAN_IN_LISTS ? &scan->list[i] : NULL);
        }
}

/* Do linear layer l, a ReLU when with_relu, and the max pooling behind make one step from places to places (places.h)? */
static bool is_pool_step(const mg_scan *scan, size_t l, bool with_relu)
{
    const mg_slide *pool = scan->chain->link[l + 1 + with_relu].slide;
    return wanted_form(scan, l) == MG_SCAN_IN_PLACES && wanted_form(scan, l + with_relu + 2) == MG_SCAN_IN_PLACES &&
           pool->dilation == 1 && pool->stride >= pool->kernel;
}

static void pool_tile(mg_scan *scan, const mg_pass *pass, size_t l, bool with_relu, const mg_scan_site *sites, int n)
{
    size_t next = l + with_relu + 2;
    mg_pooling pooling = pooling_of(&scan->chain->link[next - 1]);
    mg_pooled_rows step = {.op = &scan->chain->link[l].map->forward,
                           .pooling = &pooling,
                           .with_relu = with_relu,
                           .base = mg_pass_value_of(pass, MG_OF_WINDOW, l + 1),
                           .pooled = mg_pass_value_of(pass, MG_OF_WINDOW, next)};
    for (int i = 0; i < n; i++) {
        mg_sparse in = sparse_input(scan, pass, l, sites, i);
        mg_difference to = mg_scan_difference(scan, pass, next, &sites[i], NULL);
        scan->plan->kernels->places->pool_rows(&step, &in, to.begin, to.end, mg_scan_room(scan, 1, i), scan->room,
                                               &scan->places[1][i]);
        count_site(scan, pass, l, &sites[i], in.places.begin);
    }
}

/* The end of the network when it is ReLU and a dense layer with one output: difference of F at once. */
static void relu_dot_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *sites, int n)
{
    for (int i = 0; i < n; i++) {
        mg_difference in = mg_scan_difference(scan, pass, l, &sites[i], mg_scan_room(scan, 0, i));
        float *out = mg_scan_room(scan, 1, i);
        if (in.end > in.begin) {
            scan->plan->kernels->delta->relu_dot(&in, scan->output_weight, out, scan->room);
            if (scan->n_macs != NULL) *scan->n_macs += (uint64_t)(MG_SHARED * scan->chain->link[l].out.channels);
            continue;
        }
        for (int m = 0; m < MG_SHARED; m++)
            out[m * scan->room] = 0.0f;
    }
}

/* The same with the linear layer l before the ReLU, from places. */
static void dot_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *sites, int n)
{
    const mg_rows *op = &scan->chain->link[l].map->forward;
    for (int i = 0; i < n; i++) {
        mg_sparse in = sparse_input(scan, pass, l, sites, i);
        mg_difference between = mg_scan_difference(scan, pass, l + 1, &sites[i], NULL);
        float *out = mg_scan_room(scan, 1, i);
        if (between.end > between.begin) {
            const float *base = between.base + between.begin * between.stride;
            scan->plan->kernels->places->dot_rows(op, &in, between.begin, base, scan->output_weight, out, scan->room);
            count_site(scan, pass, l, &sites[i], in.places.begin);
            if (scan->n_macs != NULL) *scan->n_macs += (uint64_t)(MG_SHARED * op->out_channels);
            continue;
        }
        for (int m = 0; m < MG_SHARED; m++)
            out[m * scan->room] = 0.0f;
    }
}

/* One link that is neither a map nor a max pool. */
static void plain_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *sites, int n)
{
    const mg_link *link = &scan->chain->link[l];
    for (int i = 0; i < n; i++) {
        mg_difference in = mg_scan_difference(scan, pass, l, &sites[i], mg_scan_room(scan, 0, i));
        mg_difference to = mg_scan_difference(scan, pass, l + 1, &sites[i], NULL);
        float *out = mg_scan_room(scan, 1, i);
        if (link->rectifier) scan->plan->kernels->delta->relu(&in, out, scan->room);
        if (link->rectifier) continue;
        for (int m = 0; m < MG_SHARED; m++, in.delta += scan->room, out += scan->room)
            link->step->ops->difference(link->step, &in, &to, out);
        if (link->step->node->kind->n_macs != NULL && scan->n_macs != NULL)
            *scan->n_macs += (uint64_t)(MG_SHARED * (in.end - in.begin) * link->out.channels);
    }
}

/* What was going is coming. */
static void swap_sides(mg_scan *scan)
{
    float *delta = scan->delta[0];
    scan->delta[0] = scan->delta[1];
    scan->delta[1] = delta;
    for (int i = 0; i < MG_SCAN_TILE; i++) {
        mg_places places = scan->places[0][i];
        scan->places[0][i] = scan->places[1][i];
        scan->places[1][i] = places;
    }
}

/* --- rewrites --- */

static bool is_pooled(const mg_chain *chain, size_t l)
{
    return l < chain->n_links && chain->link[l].choice;
}

static size_t span_places(const mg_scan *scan, size_t l)
{
    const mg_chain *chain = scan->chain;
    bool relu = l + 1 < chain->n_links && chain->link[l + 1].rectifier;
    if (chain->link[l].map == NULL || !is_pooled(chain, l + 1 + relu)) return 0;
    return is_pool_step(scan, l, relu) ? 2u + relu : 0;
}

static void run_places(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n)
{
    pool_tile(scan, pass, step->from, step->next - step->from == 3, sites, n);
}

static size_t span_map_pool(const mg_scan *scan, size_t l)
{
    const mg_chain *chain = scan->chain;
    bool relu = l + 1 < chain->n_links && chain->link[l + 1].rectifier;
    return chain->link[l].map != NULL && is_pooled(chain, l + 1 + relu) ? 2u + relu : 0;
}

static void run_map_pool(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n)
{
    max_tile(scan, pass, step->from + 1, step->next - step->from == 3, true, step->to_form, sites, n);
}

static size_t span_relu_pool(const mg_scan *scan, size_t l)
{
    return scan->chain->link[l].rectifier && is_pooled(scan->chain, l + 1) ? 2 : 0;
}

static size_t span_pool(const mg_scan *scan, size_t l)
{
    return is_pooled(scan->chain, l) ? 1 : 0;
}

static void run_pool(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n)
{
    max_tile(scan, pass, step->from, step->next - step->from == 2, false, step->to_form, sites, n);
}

static size_t span_dot(const mg_scan *scan, size_t l)
{
    const mg_link *link = &scan->chain->link[l];
    return link->rectifier && l + 2 == scan->chain->n_links && link->out.length == 1 ? 2 : 0;
}

static void run_dot(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n)
{
    relu_dot_tile(scan, pass, step->from, sites, n);
}

static size_t span_map_dot(const mg_scan *scan, size_t l)
{
    const mg_chain *chain = scan->chain;
    if (l + 1 >= chain->n_links || chain->link[l].map == NULL) return 0;
    return wanted_form(scan, l) == MG_SCAN_IN_PLACES && span_dot(scan, l + 1) > 0 ? 3 : 0;
}

static void run_map_dot(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n)
{
    dot_tile(scan, pass, step->from, sites, n);
}

static size_t span_map(const mg_scan *scan, size_t l)
{
    return scan->chain->link[l].map != NULL ? 1 : 0;
}

static void run_map(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n)
{
    linear_tile(scan, pass, step->from, sites, n);
}

static size_t span_any(const mg_scan *scan, size_t l)
{
    (void)scan;
    (void)l;
    return 1;
}

static void run_any(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n)
{
    plain_tile(scan, pass, step->from, sites, n);
}

/* The first row that fits is taken; the last three are no rewrites, and one of them always fits. span: links that the row
 * takes from l on, 0: it does not fit there. */
typedef struct mg_scan_row {
    mg_rewrite rewrite; /* MG_N_REWRITES: none */
    size_t (*span)(const mg_scan *scan, size_t l);
    void (*run)(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, const mg_scan_site *sites, int n);
} mg_scan_row;

static const mg_scan_row rows[] = {
    {MG_REWRITE_PLACES, span_places, run_places}, {MG_REWRITE_MAP_POOL, span_map_pool, run_map_pool},
    {MG_REWRITE_POOL, span_relu_pool, run_pool},  {MG_REWRITE_DOT, span_map_dot, run_map_dot},
    {MG_REWRITE_DOT, span_dot, run_dot},          {MG_N_REWRITES, span_pool, run_pool},
    {MG_N_REWRITES, span_map, run_map},           {MG_N_REWRITES, span_any, run_any}};

static bool is_left_out(const mg_scan *scan, mg_rewrite rewrite)
{
    return (scan->without >> rewrite & 1u) != 0;
}

/* The form that a step leaves the differences in: where it ends with a max pool of all channels at once, that which the map
 * behind wants. */
static mg_scan_form form_after(const mg_scan *scan, size_t from, size_t next)
{
    const mg_chain *chain = scan->chain;
    if (next == chain->n_links || !chain->link[next - 1].choice || chain->link[next].map == NULL) return MG_SCAN_DENSE;
    bool map = chain->link[from].map != NULL;
    bool at_once = pool_width(scan, from + map, map) >= chain->stride[from + map];
    return at_once && !is_left_out(scan, MG_REWRITE_FORMS) ? wanted_form(scan, next) : MG_SCAN_DENSE;
}

void mg_scan_find_steps(mg_scan *scan)
{
    for (size_t l = 0; l < scan->chain->n_links;) {
        const mg_scan_row *row = rows;
        size_t span = 0;
        for (; span == 0; row++)
            if (!is_left_out(scan, row->rewrite)) span = row->span(scan, l);
        scan->step[scan->n_steps++] = (mg_scan_step){row - 1, l, l + span, form_after(scan, l, l + span)};
        l += span;
    }
}

void mg_scan_do(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, mg_scan_form now,
                const mg_scan_site *sites, int n)
{
    double begin = scan->cost != NULL ? mg_clock() : 0.0;
    uint64_t counted = scan->n_macs != NULL ? *scan->n_macs : 0;
    if (scan->chain->link[step->from].map != NULL && now == MG_SCAN_DENSE)
        compact_tile(scan, pass, step->from, sites, n);
    step->row->run(scan, pass, step, sites, n);
    swap_sides(scan);
    if (scan->cost == NULL) return;
    mg_scan_cost *cost = &scan->cost[scan->chain->link[step->from].step - scan->plan->step];
    cost->seconds += mg_clock() - begin;
    if (scan->n_macs != NULL) cost->n_macs += *scan->n_macs - counted;
}
