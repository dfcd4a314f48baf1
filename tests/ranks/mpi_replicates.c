/* mpi_replicates.c  intervals of summaries that several ranks share out are those of one rank, bit by bit */
#include <stdlib.h>
#include <string.h>

#include "mpi/replicates.h"
#include "tests/support/mpi_harness.h"

enum { METHODS = 3, WINDOWS = 400, CLUSTERS = 60, UNITS = 5, SEED = 3 };

static float draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)(*state >> 40) * 0x1p-24F;
}

/* Summary u, whose sweeps are over; the same on all ranks. Group 1 has fewer clusters than group 0. */
static mg_summary *make_summary(int u, int64_t n_bootstrap)
{
    float value[METHODS * WINDOWS];
    uint8_t group[WINDOWS];
    int64_t cluster[WINDOWS];
    uint64_t state = (uint64_t)u;
    mg_summary_plan plan = {.n_methods = METHODS,
                            .n_clusters = CLUSTERS,
                            .metric = MG_SPEARMAN,
                            .better = MG_BETTER_LARGER,
                            .group = (mg_group)(u % 2),
                            .seed = SEED,
                            .n_bootstrap = n_bootstrap};
    mg_summary *summary = NULL;
    if (mg_summary_create(&plan, &summary, NULL) != MG_OK) exit(1);
    for (int w = 0; w < WINDOWS; w++) {
        cluster[w] = (int64_t)(draw(&state) * CLUSTERS);
        group[w] = (uint8_t)(1 | (cluster[w] % 3 == 0) << 1);
    }
    for (int i = 0; i < METHODS * WINDOWS; i++)
        value[i] = draw(&state);
    for (int s = 0; s < MG_SUMMARY_SWEEPS; s++) {
        mg_summary_add(summary, &(mg_summary_windows){WINDOWS, value, group, cluster});
        mg_summary_next(summary);
    }
    return summary;
}

static bool same_rows(const mg_summary_row *a, const mg_summary_row *b)
{
    bool same = true;
    for (int m = 0; m < METHODS; m++)
        same = same && memcmp(&a[m].low, &b[m].low, sizeof a->low) == 0 &&
               memcmp(&a[m].high, &b[m].high, sizeof a->high) == 0 && a[m].mean == b[m].mean;
    return same;
}

/* Each of the first n_owners ranks has all units as its own; the others help. */
static void check(mg_harness *h, int n_owners, int64_t n_bootstrap, const char *name)
{
    mg_error err = {0};
    mg_replicates_plan plan = {SEED, n_bootstrap, METHODS, n_owners};
    mg_summary *summary[UNITS] = {NULL};
    mg_summary_row row[UNITS * METHODS], expected[METHODS];
    mg_summary_pair pair[METHODS];
    size_t n = h->rank < n_owners ? UNITS : 0;
    for (size_t u = 0; u < n; u++)
        summary[u] = make_summary((int)u, n_bootstrap);
    CHECK(h, mg_replicates(MPI_COMM_WORLD, &plan, summary, n, row, &err) == MG_OK);
    for (size_t u = 0; u < n; u++) {
        CHECK(h, mg_summary_finish(summary[u], expected, pair, &err) == MG_OK);
        CHECK(h, same_rows(row + u * METHODS, expected));
        CHECK(h, n_bootstrap < 50 || (expected[0].low < expected[0].mean && expected[0].mean < expected[0].high));
        mg_summary_destroy(summary[u]);
    }
    mg_harness_case(h, name);
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    check(&h, h.size, 200, "every rank has its own");
    check(&h, 1, 200, "all ranks help one");
    check(&h, h.size > 2 ? 2 : 1, 77, "two have summaries, the others help");
    check(&h, 1, 2, "fewer replicates than ranks");
    check(&h, 1, 0, "no interval");
    return mg_harness_end(&h);
}
