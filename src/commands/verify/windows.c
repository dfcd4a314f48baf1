/* windows.c  windows out of the file, through the study again, against what the file says of them */
#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/shard/sample.h"
#include "src/commands/verify/verify.h"

enum { BLOCK = 512 }; /* windows at most: a second or less between two looks at the progress */

/* A block of the windows drawn. */
typedef struct {
    mg_shard shard;
    mg_result result;
    int64_t *window;  /* (n) indices in the run */
    char *letter;     /* (n, L) */
    int64_t *cluster; /* (n) */
    float *stored;    /* (n, L, 4), room for any dataset */
} block;

/* --- what is compared --- */

static bool is_compared(mg_field_id id, const mg_run_shape *shape)
{
    return id < MG_N_WINDOW_FIELDS && mg_fields[id].type == MG_FIELD_FLOAT32 && mg_field_is_kept(id, shape);
}

double mg_verify_share(mg_field_id id)
{
    return mg_field_has_methods(id) ? 0.01 : 0;
}

/* Largest difference seen between instruction sets on the example: 3e-6 of a score of 19; 1e-3 for what methods say. */
static double tolerance_of(const mg_verify *v, mg_field_id id)
{
    if (v->same_bits) return 0;
    return mg_field_has_methods(id) ? 1e-3 : 1e-4;
}

static mg_status list_sets(mg_verify *v, mg_error *err)
{
    const mg_run_shape *shape = &v->run.shape;
    size_t n = 0;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        if (is_compared(id, shape)) n += (size_t)mg_field_n_sets(id, shape);
    mg_status status = mg_alloc(&v->set, n, sizeof *v->set, err);
    if (status != MG_OK) return status;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        for (int64_t s = 0; is_compared(id, shape) && s < mg_field_n_sets(id, shape); s++)
            v->set[v->n_sets++] = (mg_verify_set){.id = id, .s = s, .tolerance = tolerance_of(v, id)};
    return MG_OK;
}

/* --- a block --- */

static void destroy_block(block *b)
{
    mg_shard_destroy(&b->shard);
    mg_result_destroy(&b->result);
    free(b->window);
    free(b->letter);
    free(b->cluster);
    free(b->stored);
    *b = (block){0};
}

static mg_status create_block(const mg_run_shape *shape, int64_t n, block *ret, mg_error *err)
{
    size_t windows = (size_t)n, length = (size_t)shape->length;
    *ret = (block){0};
    mg_status status = mg_shard_create(n, shape->length, &ret->shard, err);
    if (status == MG_OK)
        status = mg_result_create(n, shape->length, (size_t)shape->n_methods, (size_t)shape->n_baselines,
                                  shape->metrics->n, shape->store, &ret->result, err);
    if (status == MG_OK && shape->has_truth) status = mg_result_add_measured(&ret->result, shape->has_truth_se, err);
    if (status == MG_OK) status = mg_alloc(&ret->window, windows, sizeof *ret->window, err);
    if (status == MG_OK) status = mg_alloc(&ret->letter, windows, length, err);
    if (status == MG_OK) status = mg_alloc(&ret->cluster, windows, sizeof *ret->cluster, err);
    return status == MG_OK ? mg_alloc(&ret->stored, windows, length * 4 * sizeof *ret->stored, err) : status;
}

/* The bases of the block's windows, as they are in the file. */
static mg_status read_bases(const mg_verify *v, block *b, mg_error *err)
{
    int64_t n = b->shard.n, length = b->shard.length;
    mg_status status = mg_run_file_read(&v->run, MG_WINDOW_SEQUENCE, 0, b->window, n, b->letter, err);
    if (status == MG_OK) status = mg_run_file_read(&v->run, MG_WINDOW_CLUSTER, 0, b->window, n, b->cluster, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        b->shard.window[i].cluster = b->cluster[i];
    for (int64_t i = 0; status == MG_OK && i < n * length; i++) {
        char letter = b->letter[i];
        b->shard.base[i] = mg_base_from_letter(letter);
        if (letter == '\0' || strchr("ACGTN", letter) == NULL)
            status = mg_fail(err, MG_EINPUT, "%s: window %lld: letter %lld of /windows/sequence is none of A C G T N",
                             v->run.path, (long long)b->window[i / length], (long long)(i % length));
    }
    return status;
}

static mg_status read_kinds(const mg_verify *v, block *b, mg_error *err)
{
    int8_t *kind = NULL;
    if (!mg_field_is_kept(MG_WINDOW_KIND, &v->run.shape)) return MG_OK;
    mg_status status = mg_alloc(&kind, (size_t)b->shard.n, sizeof *kind, err);
    if (status == MG_OK) status = mg_run_file_read(&v->run, MG_WINDOW_KIND, 0, b->window, b->shard.n, kind, err);
    for (int64_t i = 0; status == MG_OK && i < b->shard.n; i++)
        b->shard.window[i].kind = kind[i];
    free(kind);
    return status;
}

/* Values of dataset s: (n, row). */
static const float *recomputed(const mg_result *result, const mg_verify_set *set, size_t row)
{
    size_t at = (size_t)set->s * (size_t)result->n * row;
    switch (set->id) {
    case MG_WINDOW_SCORE:
        return result->score + at;
    case MG_WINDOW_PROBABILITY:
        return result->probability + at;
    case MG_MUTATION_EFFECT:
        return result->effect + at;
    case MG_TRUTH_EFFECT:
        return result->measured + at;
    case MG_TRUTH_SE:
        return result->measured_se + at;
    case MG_ATTRIBUTION_CONTRIBUTION:
        return result->contribution + at;
    case MG_ATTRIBUTION_HYPOTHETICAL:
        return result->hypothetical + at;
    default:
        return result->agreement + at;
    }
}

static mg_status compare_block(mg_verify *v, const block *b, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < v->n_sets && status == MG_OK; k++) {
        mg_verify_set *set = &v->set[k];
        size_t row = mg_field_row_bytes(set->id, &v->run.shape) / sizeof(float);
        const float *now = recomputed(&b->result, set, row);
        status = mg_run_file_read(&v->run, set->id, set->s, b->window, b->shard.n, b->stored, err);
        for (int64_t i = 0; status == MG_OK && i < b->shard.n; i++)
            mg_difference_add(&set->difference, b->stored + (size_t)i * row, now + (size_t)i * row, row, set->tolerance,
                              b->window[i]);
    }
    return status;
}

/* Windows `at` .. `at` + n - 1 of those drawn. */
static mg_status verify_block(mg_verify *v, int64_t at, int64_t n, mg_error *err)
{
    block b;
    mg_status status = create_block(&v->run.shape, n, &b, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        b.window[i] = mg_sample_window(v->run.shape.n_windows, v->n_drawn, (uint64_t)v->options->seed, at + i);
    if (status == MG_OK) status = read_bases(v, &b, err);
    if (status == MG_OK) status = read_kinds(v, &b, err);
    if (status == MG_OK) {
        status = mg_team_work(v->team, &b.shard, &b.result, NULL, err);
        if (status != MG_OK) mg_fail_prefix(err, "%s: recomputing, counted from %lld: ", v->run.path, (long long)at);
    }
    if (status == MG_OK) status = compare_block(v, &b, err);
    destroy_block(&b);
    return status;
}

mg_status mg_verify_windows(mg_verify *v, mg_error *err)
{
    int64_t most = mg_run_block_rows(&v->run.shape), size = most < BLOCK ? most : BLOCK;
    mg_progress progress;
    mg_status status = list_sets(v, err);
    mg_progress_start(&progress, "windows", v->n_drawn, v->options->quiet);
    for (int64_t at = 0; at < v->n_drawn && status == MG_OK; at += size) {
        int64_t left = v->n_drawn - at, n = left < size ? left : size;
        status = verify_block(v, at, n, err);
        mg_progress_update(&progress, at + n);
    }
    mg_progress_finish(&progress);
    return status;
}
