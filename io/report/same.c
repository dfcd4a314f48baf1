/* same.c  methods that gave the very same attributions: which, and the sentence
 *
 * Rules that differ at some kind of node only are one method on a network without such nodes: guided backpropagation, deconvolution
 * and input x gradient where nothing is a ReLU. Then their places are shared, and that they agree with one another is no evidence.
 * Contributions are compared number by number in every window of the group; NaN equals NaN.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/report.h"
#include "io/report/table.h"
#include "src/core/log.h"
#include "src/core/memory.h"

mg_status mg_report_same_create(size_t n_methods, mg_report_same *ret, mg_error *err)
{
    mg_status status = mg_alloc(&ret->as, n_methods, sizeof *ret->as, err);
    if (status == MG_OK) status = mg_alloc(&ret->before, n_methods, sizeof *ret->before, err);
    return status == MG_OK ? mg_alloc(&ret->told, n_methods, sizeof *ret->told, err) : status;
}

void mg_report_same_destroy(mg_report_same *same)
{
    free(same->as);
    free(same->before);
    free(same->told);
    *same = (mg_report_same){0};
}

static bool are_equal(const float *a, const float *b, size_t length)
{
    for (size_t p = 0; p < length; p++)
        if (a[p] != b[p] && !(isnan(a[p]) && isnan(b[p]))) return false;
    return true;
}

static bool says_something(const float *a, size_t length)
{
    for (size_t p = 0; p < length; p++)
        if (isfinite(a[p])) return true;
    return false;
}

/* Of a set of methods that were the same so far, each is put to the first that it is the same as in this window too. */
void mg_report_same_add(mg_report_same *same, size_t n_methods, const float *const *contribution, size_t length)
{
    memcpy(same->before, same->as, n_methods * sizeof *same->as);
    for (size_t m = 0; m < n_methods; m++) {
        same->told[m] = same->told[m] || says_something(contribution[m], length);
        size_t o = same->before[m];
        while (o < m && !(same->before[o] == same->before[m] && same->as[o] == o &&
                          are_equal(contribution[o], contribution[m], length)))
            o++;
        same->as[m] = o;
    }
}

/* Does m belong to the set whose first is `first`? Who has said nothing, and the network itself, belong to none. */
static bool is_in(const mg_report *report, size_t first, size_t m)
{
    const mg_report_same *same = &report->effects.same;
    return same->as[m] == first && same->told[m] && !mg_run_method_is_network(&report->run->summary.method[m]);
}

static size_t count_set(const mg_report *report, size_t first)
{
    size_t n = 0;
    for (size_t m = 0; m < report->run->summary.n_methods && report->effects.same.as[first] == first; m++)
        n += is_in(report, first, m);
    return n;
}

static json_t *name_set(const mg_report *report, size_t first)
{
    json_t *list = json_array();
    for (size_t m = 0; m < report->run->summary.n_methods; m++)
        if (is_in(report, first, m) &&
            json_array_append_new(list, mg_json_text(report->run->summary.method[m].name)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

json_t *mg_report_same_list(const mg_report *report)
{
    json_t *sets = json_array();
    for (size_t first = 0; report->has_effects && first < report->run->summary.n_methods; first++) {
        if (count_set(report, first) < 2) continue;
        if (json_array_append_new(sets, name_set(report, first)) == 0) continue;
        json_decref(sets);
        return NULL;
    }
    return sets;
}

void mg_report_tell_same(const mg_report *report, FILE *out)
{
    const mg_run_summary *run = &report->run->summary;
    char n[MG_COUNT_TEXT];
    for (size_t first = 0; report->has_effects && first < run->n_methods; first++) {
        size_t n_set = count_set(report, first), i = 0;
        if (n_set < 2) continue;
        if (ftell(out) > 0) putc(' ', out);
        for (size_t m = 0; m < run->n_methods; m++) {
            if (!is_in(report, first, m)) continue;
            fprintf(out, "%s%s", i == 0 ? "" : i + 1 == n_set ? " and " : ", ", run->method[m].label);
            i++;
        }
        fprintf(out, " gave the very same attributions in %s%s window%s: on this network they are one method.",
                report->group.n == 1 ? "the " : "all ", mg_format_count(n, (int64_t)report->group.n),
                report->group.n == 1 ? "" : "s");
    }
}
