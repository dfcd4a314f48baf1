/* scan.c  delta propagation: a tile of sites goes through the layers together (scan.h)
 *
 * A site is a position with its three mutants. State of a tile at the input of layer l: for each mutant the difference
 * from the window's own activation, at positions begin .. end - 1 of its reach. A linear layer wants to know which of
 * them are not zero. Where its weights suit (kernels/places.h), their places do, and the values stay where they are, dense;
 * all outputs of a site are worked out at once. Else the differences of a site are compacted to one list; a group of
 * outputs is then worked on for all sites before the next group's weights are fetched. A convolution, ReLU and max
 * pooling are one step, so that what lies between them never leaves L1; the pooling writes the next layer's places or
 * list.
 */
#include "src/engine/scan.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/first_layer.h"
#include "src/engine/count.h"
#include "src/engine/pass_inside.h"
#include "src/engine/tile_scan.h"

enum { TILE = 16 }; /* sites that share a group's weights while these are in L1 */
_Static_assert(MG_SHARED == MG_N_BASES - 1, "a site is three mutants");

typedef struct {
    int64_t position;
    mg_base from;
} site;

/* How the differences of a tile are told to the linear layer whose input they are. */
typedef enum { DENSE, IN_LISTS, IN_PLACES } form;

struct mg_scan {
    const mg_plan *plan;
    const mg_chain *chain; /* the plan's; NULL: it is none, and all else is the tile scan's: */
    mg_tile_scan *any;
    const mg_reach *reach;
    int64_t room;       /* floats a mutant has in delta[] */
    int64_t list_room;  /* entries a site has in list[] */
    float *delta[2];    /* (TILE, MG_SHARED, room) coming and going */
    float *between;     /* (MG_SHARED, room) of the site in hand, between a linear layer and the pooling behind it */
    mg_list list[TILE]; /* parts of the next three arrays */
    int32_t *begin, *channel;
    float *value;
    mg_places places[2][TILE]; /* coming and going, parts of the next array and, beginnings, of the last */
    int32_t *at, *places_begin;
    site *site;           /* (L) */
    float *output_weight; /* (stride of the last layer's input) its weights, when that input is one position */
    mg_first_layer first;
    uint64_t *n_macs; /* multiply-adds are added to it; NULL: they are not counted */
};

/* --- workspace --- */

static void measure(const mg_chain *chain, const mg_reach *reach, int64_t *room, int64_t *positions)
{
    *room = MG_LANES;
    *positions = 1;
    for (size_t l = 0; l <= reach->n_links; l++) {
        if (reach->widest[l] * chain->stride[l] > *room) *room = reach->widest[l] * chain->stride[l];
        if (reach->widest[l] > *positions) *positions = reach->widest[l];
    }
}

static mg_status copy_output_weights(mg_scan *scan, mg_error *err)
{
    const mg_chain *chain = scan->chain;
    const mg_link *last = &chain->link[chain->n_links - 1];
    size_t n = (size_t)chain->stride[chain->n_links - 1];
    mg_status status = mg_alloc_aligned(&scan->output_weight, n, sizeof(float), err);
    for (int64_t c = 0; status == MG_OK && last->in.length == 1 && c < last->in.channels; c++)
        scan->output_weight[c] = (float)last->map->weight[c];
    return status;
}

static mg_status create_lists(mg_scan *scan, mg_error *err)
{
    const mg_reach *reach = scan->reach;
    int64_t positions;
    mg_status status = MG_OK;
    measure(scan->chain, reach, &scan->room, &positions);
    scan->list_room = scan->room + MG_LANES;
    for (int i = 0; i < 2 && status == MG_OK; i++)
        status = mg_alloc_aligned(&scan->delta[i], (size_t)(TILE * MG_SHARED * scan->room), sizeof(float), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->between, (size_t)(MG_SHARED * scan->room), sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&scan->begin, (size_t)(TILE * (positions + 1)), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->channel, (size_t)(TILE * scan->list_room), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->value, (size_t)(TILE * MG_SHARED * scan->list_room), sizeof(float), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->at, (size_t)(2 * TILE * scan->list_room), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc(&scan->places_begin, (size_t)(2 * TILE * (positions + 1)), sizeof(int32_t), err);
    if (status == MG_OK) status = copy_output_weights(scan, err);
    if (status == MG_OK) status = mg_first_layer_create(&scan->chain->link[0], reach, &scan->first, err);
    if (status == MG_OK) status = mg_alloc(&scan->site, (size_t)reach->length, sizeof *scan->site, err);
    if (status != MG_OK) return status;
    for (int i = 0; i < TILE; i++)
        scan->list[i] = (mg_list){.begin = scan->begin + i * (positions + 1),
                                  .channel = scan->channel + i * scan->list_room,
                                  .value = scan->value + i * MG_SHARED * scan->list_room,
                                  .room = scan->list_room};
    for (int i = 0; i < 2 * TILE; i++)
        scan->places[i / TILE][i % TILE] =
            (mg_places){.begin = scan->places_begin + i * (positions + 1), .at = scan->at + i * scan->list_room};
    return MG_OK;
}

mg_status mg_scan_create(const mg_plan *plan, const mg_reach *reach, mg_scan **ret, mg_error *err)
{
    mg_scan *scan = NULL;
    mg_status status = mg_alloc(&scan, 1, sizeof *scan, err);
    if (status != MG_OK) return status;
    scan->plan = plan;
    scan->chain = plan->chain;
    scan->reach = reach;
    status = scan->chain != NULL ? create_lists(scan, err) : mg_tile_scan_create(plan, true, &scan->any, err);
    if (status != MG_OK) {
        mg_scan_destroy(scan);
        return status;
    }
    *ret = scan;
    return MG_OK;
}

void mg_scan_destroy(mg_scan *scan)
{
    if (scan == NULL) return;
    free(scan->delta[0]);
    free(scan->delta[1]);
    free(scan->between);
    free(scan->begin);
    free(scan->channel);
    free(scan->value);
    free(scan->at);
    free(scan->places_begin);
    free(scan->site);
    free(scan->output_weight);
    mg_first_layer_destroy(&scan->first);
    mg_tile_scan_destroy(scan->any);
    free(scan);
}

/* The tile scan of a plan is asked for its size; one that there is no memory for has none. */
static size_t bytes_of_any(const mg_plan *plan)
{
    mg_tile_scan *any = NULL;
    if (mg_tile_scan_create(plan, true, &any, NULL) != MG_OK) return 0;
    size_t bytes = mg_tile_scan_bytes(any);
    mg_tile_scan_destroy(any);
    return bytes;
}

size_t mg_scan_bytes(const mg_plan *plan, const mg_reach *reach)
{
    int64_t room, positions;
    if (plan->chain == NULL) return sizeof(mg_scan) + bytes_of_any(plan);
    measure(plan->chain, reach, &room, &positions);
    return sizeof(mg_scan) + (size_t)(TILE * room) * (3 * MG_SHARED + 3) * sizeof(float) +
           (size_t)(3 * TILE * positions) * sizeof(int32_t) + (size_t)reach->length * sizeof(site);
}

void mg_scan_count(mg_scan *scan, uint64_t *n_macs)
{
    scan->n_macs = n_macs;
    if (scan->any != NULL) mg_tile_scan_count(scan->any, n_macs);
}

/* --- one layer, one tile --- */

/* Where site i's differences live, at the input of layer l. */
static mg_difference difference(const mg_scan *scan, const mg_pass *pass, size_t l, const site *i, const float *delta)
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
static float *room_of(const mg_scan *scan, int which, int i)
{
    return scan->delta[which] + i * MG_SHARED * scan->room;
}

/* Site number i of the tile at the input of layer l, in places. */
static mg_sparse sparse_input(const mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int i)
{
    mg_difference in = difference(scan, pass, l, &sites[i], NULL);
    return (mg_sparse){scan->places[0][i], room_of(scan, 0, i), scan->room, in.begin, in.end};
}

/* How linear layer l takes its input. (The list of the network's input is written without looking at it.) */
static form wanted_form(const mg_scan *scan, size_t l)
{
    const mg_map *map = scan->chain->link[l].map;
    return l > 0 && map != NULL && map->forward.flat != NULL ? IN_PLACES : IN_LISTS;
}

/* Outputs of linear layer l that are worked on at a time. */
static int64_t group_width(const mg_scan *scan, size_t l)
{
    const mg_rows *op = &scan->chain->link[l].map->forward;
    return wanted_form(scan, l) == IN_PLACES ? op->out_stride : op->group_blocks * MG_BLOCK;
}

/* Bring the tile's differences into the form that linear layer l takes, unless the pooling before has done so. */
static void compact_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    const mg_kernels *kernels = scan->plan->kernels;
    int64_t channels = scan->chain->link[l].in.channels, stride = scan->chain->stride[l];
    for (int i = 0; i < n; i++) {
        mg_sparse in = sparse_input(scan, pass, l, sites, i);
        if (wanted_form(scan, l) == IN_PLACES)
            kernels->places->find(&in, stride, channels);
        else
            kernels->compact_shared(in.x, scan->room, in.p_end - in.p_begin, stride, channels, &scan->list[i]);
    }
}

static void count_site(const mg_scan *scan, const mg_pass *pass, size_t l, const site *i, const int32_t *begin)
{
    if (scan->n_macs == NULL) return;
    mg_difference in = difference(scan, pass, l, i, NULL), out = difference(scan, pass, l + 1, i, NULL);
    *scan->n_macs +=
        MG_SHARED * mg_count_rows(&scan->chain->link[l].map->forward, begin, in.begin, in.end, out.begin, out.end);
}

/* The differences that site number i of the tile gets in one group of outputs of linear layer l: in `room`, or where they
 * stand already. */
static mg_difference linear_site(const mg_scan *scan, const mg_pass *pass, size_t l, int64_t group, const site *sites,
                                 int i, float *room)
{
    const mg_kernels *kernels = scan->plan->kernels;
    const mg_rows *op = &scan->chain->link[l].map->forward;
    mg_difference out = difference(scan, pass, l + 1, &sites[i], room);
    if (l == 0 && scan->first.row != NULL) {
        out.delta = mg_first_layer_rows(&scan->first, sites[i].position, sites[i].from, out.begin);
        out.step = scan->first.n_rows * scan->first.stride;
        return out;
    }
    mg_sparse in = sparse_input(scan, pass, l, sites, i);
    bool in_places = wanted_form(scan, l) == IN_PLACES;
    if (in_places)
        kernels->places->rows(op, &in, out.begin, out.end, false, room, scan->room);
    else
        kernels->shared_rows(op, group, &scan->list[i], in.p_begin, in.p_end, out.begin, out.end, false, room,
                             scan->room);
    if (group == 0) count_site(scan, pass, l, &sites[i], in_places ? in.places.begin : scan->list[i].begin);
    return out;
}

static void linear_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    int64_t stride = scan->chain->stride[l + 1], width = group_width(scan, l);
    for (int64_t group = 0; group * width < stride; group++)
        for (int i = 0; i < n; i++) {
            float *room = room_of(scan, 1, i);
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
static void max_tile(mg_scan *scan, const mg_pass *pass, size_t l, bool with_relu, bool after_linear, form to_form,
                     const site *sites, int n)
{
    const mg_kernels *kernels = scan->plan->kernels;
    mg_pooling pooling = pooling_of(&scan->chain->link[l + with_relu]);
    int64_t stride = scan->chain->stride[l], width = pool_width(scan, l, after_linear);
    for (int64_t c = 0; c < stride; c += width)
        for (int i = 0; i < n; i++) {
            mg_difference to = difference(scan, pass, l + with_relu + 1, &sites[i], NULL);
            mg_difference in = after_linear ? linear_site(scan, pass, l - 1, c / width, sites, i, scan->between)
                                            : difference(scan, pass, l, &sites[i], room_of(scan, 0, i));
            int64_t c_end = c + width < stride ? c + width : stride;
            if (to_form == IN_PLACES)
                kernels->places->max_pool(&in, &pooling, with_relu, to.base, to.begin, to.end, room_of(scan, 1, i),
                                          scan->room, &scan->places[1][i]);
            else
                kernels->delta->max_pool(&in, &pooling, with_relu, to.base, to.begin, to.end, c, c_end,
                                         room_of(scan, 1, i), scan->room, to_form == IN_LISTS ? &scan->list[i] : NULL);
        }
}

/* Do linear layer l, a ReLU when with_relu, and the max pooling behind make one step from places to places (places.h)? */
static bool is_pool_step(const mg_scan *scan, size_t l, bool with_relu)
{
    const mg_slide *pool = scan->chain->link[l + 1 + with_relu].slide;
    int64_t stride = scan->chain->stride[l + 1];
    return wanted_form(scan, l) == IN_PLACES && wanted_form(scan, l + with_relu + 2) == IN_PLACES &&
           pool->dilation == 1 && pool->stride >= pool->kernel && pool->kernel * stride <= scan->room;
}

static void pool_tile(mg_scan *scan, const mg_pass *pass, size_t l, bool with_relu, const site *sites, int n)
{
    size_t next = l + with_relu + 2;
    mg_pooling pooling = pooling_of(&scan->chain->link[next - 1]);
    mg_pooled_rows step = {.op = &scan->chain->link[l].map->forward,
                           .pooling = &pooling,
                           .with_relu = with_relu,
                           .base = mg_pass_value_of(pass, MG_OF_WINDOW, l + 1),
                           .pooled = mg_pass_value_of(pass, MG_OF_WINDOW, next),
                           .room = scan->between};
    for (int i = 0; i < n; i++) {
        mg_sparse in = sparse_input(scan, pass, l, sites, i);
        mg_difference to = difference(scan, pass, next, &sites[i], NULL);
        scan->plan->kernels->places->pool_rows(&step, &in, to.begin, to.end, room_of(scan, 1, i), scan->room,
                                               &scan->places[1][i]);
        count_site(scan, pass, l, &sites[i], in.places.begin);
    }
}

/* The end of the network when it is ReLU and a dense layer with one output: difference of F at once. */
static void relu_dot_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    for (int i = 0; i < n; i++) {
        mg_difference in = difference(scan, pass, l, &sites[i], room_of(scan, 0, i));
        float *out = room_of(scan, 1, i);
        if (in.end > in.begin) {
            scan->plan->kernels->delta->relu_dot(&in, scan->output_weight, out, scan->room);
            if (scan->n_macs != NULL) *scan->n_macs += (uint64_t)(MG_SHARED * scan->chain->link[l].out.channels);
            continue;
        }
        for (int m = 0; m < MG_SHARED; m++)
            out[m * scan->room] = 0.0f;
    }
}

/* One link that is neither a map nor a max pool. */
static void plain_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    const mg_link *link = &scan->chain->link[l];
    for (int i = 0; i < n; i++) {
        mg_difference in = difference(scan, pass, l, &sites[i], room_of(scan, 0, i));
        mg_difference to = difference(scan, pass, l + 1, &sites[i], NULL);
        float *out = room_of(scan, 1, i);
        if (link->rectifier) scan->plan->kernels->delta->relu(&in, out, scan->room);
        if (link->rectifier) continue;
        for (int m = 0; m < MG_SHARED; m++, in.delta += scan->room, out += scan->room)
            link->step->ops->difference(link->step, &in, &to, out);
        if (link->step->node->kind->n_macs != NULL && scan->n_macs != NULL)
            *scan->n_macs += (uint64_t)(MG_SHARED * (in.end - in.begin) * link->out.channels);
    }
}

static bool is_pooled(const mg_chain *chain, size_t l, bool *with_relu)
{
    *with_relu = chain->link[l].rectifier;
    return chain->link[l + *with_relu].choice;
}

/* What was going is coming. */
static void swap_sides(mg_scan *scan)
{
    float *delta = scan->delta[0];
    scan->delta[0] = scan->delta[1];
    scan->delta[1] = delta;
    for (int i = 0; i < TILE; i++) {
        mg_places places = scan->places[0][i];
        scan->places[0][i] = scan->places[1][i];
        scan->places[1][i] = places;
    }
}

/* Take the tile through layer l, and through those behind it that are done in the same step; returns the next layer.
 * `now` tells, before and after, what form the differences are in. (The last layer is linear, so there is a layer behind
 * any other.) */
static size_t layer_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n, form *now)
{
    const mg_chain *chain = scan->chain;
    size_t n_links = chain->n_links, next = l + 1;
    bool linear = chain->link[l].map != NULL, relu;
    form to_form = DENSE;
    if (linear && *now == DENSE) compact_tile(scan, pass, l, sites, n);
    if (next < n_links && is_pooled(chain, l + linear, &relu)) {
        next = l + linear + relu + 1;
        bool at_once = pool_width(scan, l + linear, linear) >= scan->chain->stride[l + linear];
        if (at_once && chain->link[next].map != NULL) to_form = wanted_form(scan, next);
        if (linear && is_pool_step(scan, l, relu))
            pool_tile(scan, pass, l, relu, sites, n);
        else
            max_tile(scan, pass, l + linear, relu, linear, to_form, sites, n);
    } else if (linear) {
        linear_tile(scan, pass, l, sites, n);
    } else if (chain->link[l].rectifier && l + 2 == n_links && chain->link[l].out.length == 1) {
        next = n_links;
        relu_dot_tile(scan, pass, l, sites, n);
    } else {
        plain_tile(scan, pass, l, sites, n);
    }
    *now = to_form;
    swap_sides(scan);
    return next;
}

/* --- window --- */

static int list_sites(mg_scan *scan, const mg_base *base)
{
    int n = 0;
    for (int64_t i = 0; i < scan->reach->length; i++)
        if (base[i] < MG_N_BASES && !scan->reach->blind[i]) scan->site[n++] = (site){.position = i, .from = base[i]};
    return n;
}

/* The base that mutant m of a site has. */
static mg_base other(const site *i, int m)
{
    return (mg_base)(m + (m >= i->from));
}

/* The mutants' differences from the window's one-hot row: as a list, or dense. */
static void begin_list(const site *i, mg_list *list)
{
    list->begin[0] = 0;
    list->begin[1] = MG_N_BASES;
    for (mg_base b = 0; b < MG_N_BASES; b++) {
        list->channel[b] = b;
        for (int m = 0; m < MG_SHARED; m++)
            list->value[m * list->room + b] = b == i->from ? -1.0f : (float)(b == other(i, m));
    }
}

static void begin_dense(const mg_scan *scan, const mg_pass *pass, const site *i, float *delta)
{
    mg_difference d = difference(scan, pass, 0, i, delta);
    for (int m = 0; m < MG_SHARED; m++, delta += scan->room) {
        float *row = delta + (i->position - d.begin) * d.stride;
        memset(delta, 0, (size_t)((d.end - d.begin) * d.stride) * sizeof *delta);
        row[i->from] = -1.0f;
        row[other(i, m)] = 1.0f;
    }
}

static void scan_tile(mg_scan *scan, const mg_pass *pass, const site *sites, int n, float *effect)
{
    const mg_chain *chain = scan->chain;
    form now = chain->link[0].map != NULL ? IN_LISTS : DENSE;
    for (int i = 0; i < n; i++) {
        if (now == IN_LISTS)
            begin_list(&sites[i], &scan->list[i]);
        else
            begin_dense(scan, pass, &sites[i], room_of(scan, 0, i));
    }
    for (size_t l = 0; l < chain->n_links;)
        l = layer_tile(scan, pass, l, sites, n, &now);
    for (int i = 0; i < n; i++) {
        mg_difference d = difference(scan, pass, chain->n_links, &sites[i], room_of(scan, 0, i));
        for (int m = 0; m < MG_SHARED && d.end > d.begin; m++)
            effect[sites[i].position * MG_N_BASES + other(&sites[i], m)] = d.delta[m * d.step];
    }
}

void mg_scan_window(mg_scan *scan, const mg_pass *pass, const mg_base *base, float *effect)
{
    if (scan->chain == NULL) {
        mg_tile_scan_window(scan->any, pass, base, effect);
        return;
    }
    int n = list_sites(scan, base);
    memset(effect, 0, (size_t)scan->reach->length * MG_N_BASES * sizeof *effect);
    for (int i = 0; i < n; i += TILE)
        scan_tile(scan, pass, scan->site + i, n - i < TILE ? n - i : TILE, effect);
}

void mg_scan_window_ref(mg_pass *pass, const mg_base *base, double *x, double *effect)
{
    int64_t length = mg_pass_plan(pass)->graph->length;
    memset(x, 0, (size_t)length * 4 * sizeof *x);
    memset(effect, 0, (size_t)length * 4 * sizeof *effect);
    for (int64_t i = 0; i < length; i++)
        if (base[i] < MG_N_BASES) x[i * 4 + base[i]] = 1.0;
    double f = mg_pass_forward(pass, x);
    for (int64_t i = 0; i < length; i++) {
        if (base[i] >= MG_N_BASES) continue;
        x[i * 4 + base[i]] = 0.0;
        for (mg_base b = 0; b < MG_N_BASES; b++) {
            if (b == base[i]) continue;
            x[i * 4 + b] = 1.0;
            effect[i * 4 + b] = mg_pass_forward(pass, x) - f;
            x[i * 4 + b] = 0.0;
        }
        x[i * 4 + base[i]] = 1.0;
    }
}
