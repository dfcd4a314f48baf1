/* scan.c  our side of a comparison: CPU seconds of one window's mutation scan, or of a sample of its tiles
 *
 *     make build/tests/bench/peers/scan
 *     build/tests/bench/peers/scan --model FILE --window FILE [--tiles N] [--score WORDS] [--effects FILE] ...
 *
 * FILE of --window holds one sequence as long as the network's window. Prints one line: milliseconds of forward pass and
 * all tiles, G multiply-adds counted, the core's peak in G a second, tiles worked out, tiles of the window. Where tiles
 * are a sample, evenly spread, times and counts are scaled from the sites in them to all sites. --effects
 * keeps what was worked out: position, then the effects of A C G T, a line each. peers.sh runs it.
 * Time is that of the thread, so other work on the machine counts only by what it takes of caches and clock.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "io/model/model.h"
#include "src/core/memory.h"
#include "src/core/options.h"
#include "src/engine/scan.h"
#include "src/engine/tile_scan.h"
#include "src/graph/score.h"
#include "src/kernels/kernels.h"
#include "src/kernels/lanes.h"

typedef struct {
    const char *model, *score, *window, *effects;
    mg_model_words words;
    int64_t tiles;
} side_options;

/* One window, and what it takes to scan it: `tile` for graphs, `chain` for chains, which are worked out whole. */
typedef struct {
    mg_model model;
    mg_graph *graph;
    mg_plan *plan;
    mg_pass *pass;
    mg_reach reach;
    mg_scan *chain;
    mg_tile_scan *tile;
    mg_base *base;                      /* (L) */
    double *x;                          /* (L, 4) */
    float *effect;                      /* (L, 4) */
    bool *done;                         /* (L) sites that were worked out */
    int64_t n_tiles, n_wanted, n_sites; /* of the window; worked out; sites in those */
} side;

#define AT(member) offsetof(side_options, member)
static const mg_option table[] = {
    {"model", MG_TEXT, AT(model), NULL, "FILE", 0, 0, "Network", "trained network"},
    MG_MODEL_OPTIONS(side_options, words),
    {"score", MG_TEXT, AT(score), "log-odds", "WORDS", 0, 0, "Network", "what is explained, as in mutagree scan"},
    {"window", MG_TEXT, AT(window), NULL, "FILE", 0, 0, "Input", "one window's sequence"},
    {"tiles", MG_INTEGER, AT(tiles), "0", "N", 0, 1000000, "Input", "a sample of so many tiles; 0: all"},
    {"effects", MG_TEXT, AT(effects), NULL, "FILE", 0, 0, "Result", "keep the effects"},
    {0}};
#undef AT

static const mg_command_help help = {
    .name = "scan", .synopsis = "[OPTION]...", .purpose = "Time one window's mutation scan.", .option = table};

static double thread_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static mg_status read_window(side *s, const char *path, mg_error *err)
{
    int64_t length = s->graph->length, n = 0;
    FILE *file = path != NULL ? fopen(path, "r") : NULL;
    if (file == NULL) return mg_fail(err, MG_EUSAGE, "--window: give the file of one sequence");
    for (int letter; n < length && (letter = getc(file)) != EOF && letter != '\n'; n++) {
        s->base[n] = mg_base_from_letter((char)letter);
        if (s->base[n] < MG_N_BASES) s->x[4 * n + s->base[n]] = 1.0;
    }
    fclose(file);
    if (n < length) return mg_fail(err, MG_EINPUT, "%s: the network's window is longer", path);
    return MG_OK;
}

static mg_status make_graph(side *s, const side_options *o, mg_error *err)
{
    mg_score_spec score;
    if (o->model == NULL) return mg_fail(err, MG_EUSAGE, "give --model");
    mg_status status = mg_model_read(o->model, &o->words, &s->model, err);
    if (status == MG_OK) status = mg_score_parse(o->score, s->model.network, &score, err);
    return status == MG_OK ? mg_graph_score(s->model.network, &score, &s->graph, err) : status;
}

static mg_status set_up(side *s, const side_options *o, mg_error *err)
{
    mg_status status = make_graph(s, o, err);
    if (status == MG_OK) status = mg_plan_create(s->graph, MG_SINGLE, &s->plan, err);
    if (status != MG_OK) return status;
    size_t length = (size_t)s->graph->length;
    status = mg_pass_create(s->plan, &s->pass, err);
    if (status == MG_OK) status = mg_reach_create(s->plan, &s->reach, err);
    if (status == MG_OK && s->plan->chain != NULL) status = mg_scan_create(s->plan, &s->reach, &s->chain, err);
    if (status == MG_OK && s->plan->chain == NULL) status = mg_tile_scan_create(s->plan, true, &s->tile, err);
    if (status == MG_OK) status = mg_alloc(&s->base, length, sizeof *s->base, err);
    if (status == MG_OK) status = mg_alloc(&s->x, 4 * length, sizeof *s->x, err);
    if (status == MG_OK) status = mg_alloc(&s->effect, 4 * length, sizeof *s->effect, err);
    if (status == MG_OK) status = mg_alloc(&s->done, length, sizeof *s->done, err);
    if (status != MG_OK) return status;
    s->n_tiles = (s->graph->length + MG_SITES - 1) / MG_SITES;
    s->n_wanted = o->tiles > 0 && o->tiles < s->n_tiles && s->tile != NULL ? o->tiles : s->n_tiles;
    return read_window(s, o->window, err);
}

/* Tile k of the sample: the middle of its share of the window. */
static int64_t tile_of(const side *s, int64_t k)
{
    return (2 * k + 1) * s->n_tiles / (2 * s->n_wanted);
}

static void scan(side *s)
{
    bool all = s->n_wanted == s->n_tiles;
    if (s->chain != NULL) mg_scan_window(s->chain, s->pass, s->base, s->effect);
    if (s->tile != NULL && all) mg_tile_scan_window(s->tile, s->pass, s->base, s->effect);
    for (int64_t k = 0; s->tile != NULL && !all && k < s->n_wanted; k++)
        mg_tile_scan_part(s->tile, s->pass, s->base, tile_of(s, k), s->effect);
}

static uint64_t count(side *s)
{
    uint64_t n_macs = 0;
    if (s->chain != NULL) mg_scan_count(s->chain, &n_macs);
    if (s->tile != NULL) mg_tile_scan_count(s->tile, &n_macs);
    scan(s);
    if (s->chain != NULL) mg_scan_count(s->chain, NULL);
    if (s->tile != NULL) mg_tile_scan_count(s->tile, NULL);
    return n_macs;
}

/* Fused multiply-adds a second on registers alone, best of some tries. */
static double peak(void)
{
    enum { TRIES = 5, LOOPS = 200000 };
    double best = 0.0;
    for (int i = 0; i < TRIES; i++) {
        double begin = thread_seconds();
        volatile float keep = mg_kernels_pick()->dense->peak(LOOPS);
        (void)keep;
        double rate = (double)LOOPS * MG_PEAK_MACS / (thread_seconds() - begin);
        if (rate > best) best = rate;
    }
    return best;
}

static void mark_sites(side *s)
{
    for (int64_t k = 0; k < s->n_wanted; k++)
        for (int64_t i = tile_of(s, k) * MG_SITES; i < (tile_of(s, k) + 1) * MG_SITES && i < s->graph->length; i++) {
            s->done[i] = true;
            s->n_sites++;
        }
}

static mg_status keep_effects(const side *s, const char *path, mg_error *err)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) return mg_fail(err, MG_EIO, "%s: cannot be written", path);
    for (int64_t i = 0; i < s->graph->length; i++) {
        const float *e = s->effect + 4 * i;
        if (s->done[i])
            fprintf(file, "%lld %.9g %.9g %.9g %.9g\n", (long long)i, (double)e[0], (double)e[1], (double)e[2],
                    (double)e[3]);
    }
    return fclose(file) == 0 ? MG_OK : mg_fail(err, MG_EIO, "%s: cannot be written", path);
}

/* The first scan warms caches and counts; the next ones are timed, at least TRIES and half a second. */
static mg_status run(side *s, const side_options *o, mg_error *err)
{
    enum { TRIES = 2 };
    mg_status status = set_up(s, o, err);
    if (status != MG_OK) return status;
    double best = 1e30, all = 0.0, highest = peak();
    mark_sites(s);
    mg_pass_forward(s->pass, s->x);
    uint64_t n_macs = count(s);
    for (int i = 0; i < TRIES || all < 0.5; i++) {
        double begin = thread_seconds();
        mg_pass_forward(s->pass, s->x);
        double forward = thread_seconds();
        scan(s);
        double scale = (double)s->graph->length / (double)s->n_sites;
        double took = (thread_seconds() - forward) * scale + forward - begin;
        if (took < best) best = took;
        all += thread_seconds() - begin;
    }
    double scale = (double)s->graph->length / (double)s->n_sites, after = peak();
    printf("%.4f %.4f %.1f %lld %lld\n", best * 1e3, (double)n_macs * scale * 1e-9,
           (after > highest ? after : highest) * 1e-9, (long long)s->n_wanted, (long long)s->n_tiles);
    return o->effects != NULL ? keep_effects(s, o->effects, err) : MG_OK;
}

static void tear_down(side *s)
{
    mg_scan_destroy(s->chain);
    mg_tile_scan_destroy(s->tile);
    mg_reach_destroy(&s->reach);
    mg_pass_destroy(s->pass);
    mg_plan_destroy(s->plan);
    mg_graph_destroy(s->graph);
    mg_model_destroy(&s->model);
    free(s->base);
    free(s->x);
    free(s->effect);
    free(s->done);
}

int main(int argc, char **argv)
{
    side_options options = {0};
    side s = {0};
    mg_error err = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, &err);
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    if (status == MG_OK && !want_help) status = run(&s, &options, &err);
    if (status != MG_OK) fprintf(stderr, "scan: %s\n", err.text);
    tear_down(&s);
    mg_options_free(&help, &options, NULL);
    return mg_exit_status(status);
}
