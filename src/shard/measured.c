/* measured.c  the rows of measured effects, found by the bases of the window */
#include "src/shard/measured.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mg_measured_destroy(mg_measured *measured)
{
    mg_foreign_rows_destroy(&measured->effect);
    free(measured->se);
    *measured = (mg_measured){0};
}

size_t mg_measured_bytes(const mg_measured *measured)
{
    size_t numbers = (size_t)(measured->effect.n * mg_foreign_width(&measured->effect)) * sizeof(float);
    return (size_t)(measured->effect.n * measured->effect.length) + numbers * (measured->se != NULL ? 2 : 1);
}

static void fill_empty(const mg_base *base, int64_t length, float *row)
{
    for (int64_t k = 0; k < length * MG_N_BASES; k++)
        row[k] = k % MG_N_BASES == base[k / MG_N_BASES] ? 0 : NAN;
}

bool mg_measured_row(const mg_measured *measured, const mg_base *base, float *effect, float *se)
{
    const mg_foreign_rows *rows = &measured->effect;
    int64_t row = mg_foreign_find(rows, base), width = mg_foreign_width(rows);
    if (row < 0) {
        fill_empty(base, rows->length, effect);
        if (se != NULL) fill_empty(base, rows->length, se);
        return false;
    }
    memcpy(effect, rows->value + row * width, (size_t)width * sizeof *effect);
    if (se != NULL) memcpy(se, measured->se + row * width, (size_t)width * sizeof *se);
    return true;
}
