/* small_dataset.h  windows of nine bases that are numbers, for tests of src/training/ */
#ifndef MG_TESTS_SUPPORT_SMALL_DATASET_H
#define MG_TESTS_SUPPORT_SMALL_DATASET_H

#include <math.h>

#include "src/training/dataset.h"

static void near(double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance)) fail_msg("got %.17g, wanted %.17g +- %g", got, wanted, tolerance);
}

enum { LENGTH = 9, ANCHOR = 3 };

/* Window number `what`: its bases are the digits of the number in base 4, so two differ when their numbers do. */
static void add(mg_dataset *dataset, int64_t transcript, int what, int label, mg_part part)
{
    mg_error err = {0};
    mg_window window = {.transcript = transcript, .label = label};
    mg_base base[LENGTH];
    for (int p = 0; p < LENGTH; p++)
        base[p] = (mg_base)(what >> (2 * p) & 3);
    assert_int_equal(mg_dataset_add(dataset, &window, base, part, &err), MG_OK);
}

#endif
