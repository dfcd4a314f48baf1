/* layers.c  the mutation scan node by node: multiply-adds, share of the core's peak, and what bounds each */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/json_text.h"
#include "src/commands/bench/bench.h"
#include "src/core/memory.h"
#include "src/engine/plan.h"
#include "src/graph/kind.h"
#include "src/kernels/lanes.h"

mg_status mg_bench_layers_begin(mg_bench *b, mg_error *err)
{
    size_t n = b->plan->n_steps;
    mg_status status = mg_alloc(&b->layers.cost, n + 1, sizeof *b->layers.cost, err);
    if (status == MG_OK) status = mg_alloc(&b->layers.least, n + 1, sizeof *b->layers.least, err);
    if (status == MG_OK) status = mg_alloc(&b->layers.inside, n, sizeof *b->layers.inside, err);
    return status == MG_OK ? mg_tile_scan_inside(b->plan, b->layers.inside, err) : status;
}

void mg_bench_layers_end(mg_bench *b)
{
    free(b->layers.cost);
    free(b->layers.least);
    free(b->layers.inside);
}

/* All windows once; multiply-adds are counted in a pass that is not on the clock, because counting takes time. */
static void scan_windows(mg_bench *b, uint64_t *n_macs)
{
    mg_scan_count(b->scan, n_macs);
    mg_scan_watch(b->scan, b->layers.cost);
    for (int64_t i = 0; i < b->shard.n; i++) {
        mg_pass_forward(b->pass, b->x + i * b->shard.length * 4);
        mg_scan_window(b->scan, b->pass, b->shard.base + i * b->shard.length, b->effect);
    }
    mg_scan_watch(b->scan, NULL);
    mg_scan_count(b->scan, NULL);
}

void mg_bench_count_layers(mg_bench *b)
{
    uint64_t n_macs = 0;
    scan_windows(b, &n_macs);
    for (size_t i = 0; i <= b->plan->n_steps; i++)
        b->layers.least[i] = INFINITY;
}

void mg_bench_time_layers(mg_bench *b)
{
    for (size_t i = 0; i <= b->plan->n_steps; i++)
        b->layers.cost[i].seconds = 0.0;
    scan_windows(b, NULL);
    for (size_t i = 0; i <= b->plan->n_steps; i++)
        b->layers.least[i] = fmin(b->layers.least[i], b->layers.cost[i].seconds);
}

/* --- what they come to --- */

static double seconds_of(const mg_bench *b, size_t i)
{
    return b->layers.least[i] / (double)b->shard.n;
}

static double macs_of(const mg_bench *b, size_t i)
{
    return (double)b->layers.cost[i].n_macs / (double)b->shard.n;
}

/* All of them for each mutant, one forward pass each. */
static double dense_of(const mg_bench *b, size_t i)
{
    const mg_graph *graph = b->graph;
    const mg_node *node = &graph->node[i];
    mg_extent in[16];
    if (node->kind->n_macs == NULL || node->n_inputs > 16) return 0.0;
    for (size_t k = 0; k < node->n_inputs; k++)
        in[k] = graph->extent[node->input[k]];
    return 3.0 * (double)graph->length * (double)node->kind->n_macs(node, in, graph->extent[mg_node_value(i)]);
}

static double share_of_peak(const mg_bench *b, size_t i)
{
    return macs_of(b, i) / seconds_of(b, i) / b->peak_rate.median;
}

static double second_cache(void)
{
    long bytes = -1;
#ifdef _SC_LEVEL2_CACHE_SIZE
    bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
    return bytes > 0 ? (double)bytes : 1048576.0;
}

/* Half of the time at the peak, it is the multiply-adds; else what a tile leaves of a graph is larger than the second cache, or
 * it is all the work around them. */
static const char *bound_of(const mg_bench *b, size_t i)
{
    double tiles = ceil((double)b->graph->length / MG_SITES) * (double)(b->shard.n * (b->options->rounds + 1));
    double bytes = (double)b->layers.cost[i].n_rows * MG_MUTANTS * sizeof(float) / tiles;
    if (i < b->plan->n_steps && share_of_peak(b, i) >= 0.5) return "multiply-adds";
    return bytes > second_cache() ? "memory" : "lists, gates";
}

static bool is_told(const mg_bench *b, size_t i)
{
    return b->layers.least[i] > 0.0 &&
           (i == b->plan->n_steps || macs_of(b, i) > 0.0 || seconds_of(b, i) > 0.005 * mg_bench_layers_seconds(b));
}

double mg_bench_layers_seconds(const mg_bench *b)
{
    double sum = 0.0;
    for (size_t i = 0; i <= b->plan->n_steps; i++)
        sum += seconds_of(b, i);
    return sum;
}

static void print_layer(const mg_bench *b, size_t i)
{
    bool named = i < b->plan->n_steps;
    const mg_node *node = named ? &b->graph->node[i] : NULL;
    double dense = named ? dense_of(b, i) : 0.0, seconds = seconds_of(b, i);
    char name[MG_NODE_NAME + 64];
    snprintf(name, sizeof name, "%s%s%s%s", named ? node->name : "tail, sets of positions", named ? " (" : "",
             named ? node->kind->title : "", named ? ")" : "");
    printf("%-44.44s %11.4f %6.1f%%", name, seconds * 1e3, 100.0 * seconds / mg_bench_layers_seconds(b));
    if (dense > 0.0)
        printf(" %11.2f %11.2f %11.2f %7.1f%%  %s\n", dense * 1e-6, b->layers.inside[i] * 1e-6, macs_of(b, i) * 1e-6,
               100.0 * share_of_peak(b, i), bound_of(b, i));
    else
        printf(" %11s %11s %11s %8s  %s\n", "", "", "", "", bound_of(b, i));
}

void mg_bench_print_layers(const mg_bench *b)
{
    printf("\n%-44s %11s %7s %11s %11s %11s %8s  %s\n", "mutation scan, node by node", "ms a window", "share",
           "M MAC dense", "inside", "executed", "of peak", "bound by");
    for (size_t i = 0; i <= b->plan->n_steps; i++)
        if (is_told(b, i)) print_layer(b, i);
}

json_t *mg_bench_layers_to_json(const mg_bench *b)
{
    json_t *layers = json_array();
    for (size_t i = 0; b->wanted[MG_BENCH_LAYERS] && i <= b->plan->n_steps; i++) {
        bool named = i < b->plan->n_steps;
        if (!is_told(b, i)) continue;
        json_array_append_new(layers,
                              json_pack("{s:o, s:s, s:f, s:f, s:f, s:f, s:f, s:s}", "layer",
                                        mg_json_text(named ? b->graph->node[i].name : ""), "kind",
                                        named ? b->graph->node[i].kind->title : "", "scan_milliseconds",
                                        seconds_of(b, i) * 1e3, "macs_dense", named ? dense_of(b, i) : 0.0,
                                        "macs_inside", named ? b->layers.inside[i] : 0.0, "macs_executed",
                                        macs_of(b, i), "of_peak", share_of_peak(b, i), "bound_by", bound_of(b, i)));
    }
    return layers;
}
