/* test_allocation.c  a worker takes its memory when it is made, as much as was planned, and none for a window
 *
 * The Makefile has the linker send malloc() and its relatives here, as far as our own objects call them.
 */
#include "tests/support/support.h"

#include <malloc.h>

#include "io/model/model.h"
#include "src/core/random.h"
#include "src/shard/study.h"
#include "tests/support/random_network.h"
#include "tests/support/metrics.h"

enum { N_WINDOWS = 12, MIB = 1 << 20 };

static struct {
    size_t n_calls;
    size_t n_bytes; /* asked for, less what was given back */
} heap;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
void __real_free(void *block);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);
void __wrap_free(void *block);

static void *note(void *block)
{
    heap.n_calls++;
    heap.n_bytes += malloc_usable_size(block);
    return block;
}

void *__wrap_malloc(size_t n)
{
    return note(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return note(__real_calloc(n, size));
}

void *__wrap_realloc(void *block, size_t n)
{
    heap.n_bytes -= malloc_usable_size(block);
    return note(__real_realloc(block, n));
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    return note(__real_aligned_alloc(alignment, n));
}

void __wrap_free(void *block)
{
    heap.n_bytes -= malloc_usable_size(block);
    __real_free(block);
}

/* --- the study of one network --- */

static const char *const every_method[] = {"saliency",
                                           "input_x_gradient",
                                           "guided_backpropagation",
                                           "deconvolution",
                                           "integrated_gradients",
                                           "integrated_gradients:reference=shuffle",
                                           "integrated_gradients:exact",
                                           "deeplift",
                                           "deeplift:reference=shuffle",
                                           "lrp",
                                           "lrp:rule=epsilon",
                                           "smoothgrad:draws=2",
                                           "smoothgrad_squared:draws=2",
                                           "vargrad:draws=2",
                                           "gradient_shap:draws=2",
                                           "expected_gradients:draws=2",
                                           "deep_shap:references=2",
                                           "deeplift_reveal_cancel:reference=shuffle,references=2",
                                           "corrected_gradient",
                                           "input_x_corrected_gradient",
                                           "taylor_mutations",
                                           "occlusion:width=1,replacement=mutants",
                                           "excitation_backprop",
                                           "shapley_sampling:permutations=1,reference=shuffle",
                                           "grad_cam", /* and the next two: where there is a convolution */
                                           "guided_grad_cam",
                                           "grad_cam_plus_plus"};
enum { N_METHODS = sizeof every_method / sizeof *every_method, N_ON_MAPS = 3 };

typedef struct {
    mg_study *study;
    mg_shard shard;
    mg_result result;
} fixture;

static void make_fixture(fixture *f, const mg_graph *network, mg_score score, size_t n_methods)
{
    mg_error err = {0};
    if (mg_study_create(network, mg_score_name(score), n_methods, every_method, 1, &f->study, &err) != MG_OK)
        fail_msg("%s", err.text);
    assert_int_equal(mg_shard_create(N_WINDOWS, network->length, &f->shard, NULL), MG_OK);
    for (int64_t i = 0; i < N_WINDOWS * network->length; i++) /* some unknown bases among them */
        f->shard.base[i] =
            (mg_base)(mg_mix(7, (uint64_t)i) % 41 == 0 ? MG_N_BASES : mg_mix(9, (uint64_t)i) % MG_N_BASES);
    assert_int_equal(mg_result_create(N_WINDOWS, network->length, n_methods, 0, N_START_METRICS, MG_STORE_HYPOTHETICAL,
                                      &f->result, NULL),
                     MG_OK);
}

static void free_fixture(fixture *f)
{
    mg_result_destroy(&f->result);
    mg_shard_destroy(&f->shard);
    mg_study_destroy(f->study);
}

/* All windows, the first of them too, without a single allocation. Returns the bytes of the worker. */
static size_t watch_worker(const mg_graph *network, mg_score score, size_t n_methods)
{
    fixture f;
    mg_worker *worker = NULL;
    make_fixture(&f, network, score, n_methods);
    size_t before = heap.n_bytes;
    assert_int_equal(mg_worker_create(f.study, &worker, NULL), MG_OK);
    size_t bytes = heap.n_bytes - before, planned = mg_worker_bytes(f.study), n_calls = heap.n_calls;
    assert_true(bytes > 0);
    for (int64_t i = 0; i < N_WINDOWS; i++)
        assert_int_equal(mg_worker_window(worker, &f.shard, i, &f.result, NULL), MG_OK);
    assert_int_equal(heap.n_calls, n_calls);
    print_message("# a worker: %zu bytes, planned %zu\n", bytes, planned);
    assert_true((double)planned > 0.9 * (double)bytes && (double)planned < 1.1 * (double)bytes + 65536);
    mg_worker_destroy(worker);
    assert_int_equal(heap.n_bytes, before);
    free_fixture(&f);
    return bytes;
}

static void test_published(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_model model = {0};
    if (mg_model_read("share/models/tis-human.h5", NULL, &model, &err) != MG_OK) fail_msg("%s", err.text);
    for (mg_score score = MG_SCORE_LOG_ODDS; score <= MG_SCORE_PROBABILITY; score++)
        assert_in_range(watch_worker(model.network, score, N_METHODS), 1, 64 * MIB);
    mg_model_destroy(&model);
}

static void test_any(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int i = 0; i < 12; i++) {
        mg_graph *network = random_chain(rng);
        watch_worker(network, MG_SCORE_LOGIT, N_METHODS - N_ON_MAPS);
        mg_graph_destroy(network);
    }
    gsl_rng_free(rng);
}

/* What the counting is worth: it sees an allocation. */
static void test_counting(void **state)
{
    (void)state;
    size_t n_calls = heap.n_calls, n_bytes = heap.n_bytes;
    mg_shard shard;
    assert_int_equal(mg_shard_create(1000, 10, &shard, NULL), MG_OK);
    assert_true(heap.n_calls >= n_calls + 2);
    assert_true(heap.n_bytes >= n_bytes + 10000);
    mg_shard_destroy(&shard);
    assert_int_equal(heap.n_bytes, n_bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counting), cmocka_unit_test(test_published),
                                       cmocka_unit_test(test_any)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
