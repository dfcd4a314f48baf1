/* weight_norm.c  length and direction become weights */
#include "io/model/weight_norm.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

/* The dimension along which g has its numbers; 0 where it is one number; -1 when g and v do not go together. */
static int kept_dimension(const mg_tensor *g, const mg_tensor *v)
{
    int kept = 0, n_kept = 0;
    if (g->n == 1) return 0;
    if (g->n_dims != v->n_dims) return -1;
    for (int d = 0; d < v->n_dims; d++) {
        if (g->dim[d] == 1) continue;
        if (g->dim[d] != v->dim[d]) return -1;
        kept = d;
        n_kept++;
    }
    return n_kept == 1 ? kept : -1;
}

/* w = g v / |v|, each index of dimension `kept` by itself; in double, rounded once. */
static mg_status multiply(const mg_tensor *g, const mg_tensor *v, int kept, float *w, mg_error *err)
{
    size_t n_slices = g->n, inner = 1;
    double *norm = NULL;
    for (int d = kept + 1; d < v->n_dims; d++)
        inner *= (size_t)v->dim[d];
    mg_status status = mg_alloc(&norm, n_slices, sizeof *norm, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < v->n; i++)
        norm[i / inner % n_slices] += (double)v->data[i] * (double)v->data[i];
    for (size_t s = 0; s < n_slices; s++)
        norm[s] = sqrt(norm[s]);
    for (size_t i = 0; i < v->n; i++) {
        size_t s = i / inner % n_slices;
        w[i] = (float)((double)g->data[s] * (double)v->data[i] / norm[s]);
    }
    free(norm);
    return MG_OK;
}

static mg_status join(mg_tensors *tensors, const char *name, size_t i_g, size_t i_v, mg_error *err)
{
    mg_tensor *weight = NULL;
    const mg_tensor *g = &tensors->tensor[i_g], *v = &tensors->tensor[i_v];
    int kept = kept_dimension(g, v);
    if (kept < 0)
        return mg_fail(err, MG_EINPUT,
                       "%s and %s are no length and direction of weight_norm: their shapes do not agree", g->name,
                       v->name);
    mg_status status = mg_tensors_add(tensors, name, v->n_dims, v->dim, &weight, err);
    if (status != MG_OK) return status;
    return multiply(&tensors->tensor[i_g], &tensors->tensor[i_v], kept, weight->data, err);
}

/* The name without its ending, "0.parametrizations.weight" as "0.weight"; false when it does not end so. */
static bool name_of(const char *name, const char *ending, char ret[MG_TENSOR_NAME])
{
    static const char words[] = "parametrizations.";
    size_t n = strlen(name), n_ending = strlen(ending);
    if (n <= n_ending || strcmp(name + n - n_ending, ending) != 0) return false;
    snprintf(ret, MG_TENSOR_NAME, "%.*s", (int)(n - n_ending), name);
    char *at = strstr(ret, words);
    if (ending[0] != '.') return at == NULL;
    if (at != NULL) memmove(at, at + sizeof words - 1, strlen(at + sizeof words - 1) + 1);
    return at != NULL && ret[0] != '\0';
}

static size_t index_of(const mg_tensors *tensors, const char *base, size_t n_base, const char *ending)
{
    char name[MG_TENSOR_NAME];
    snprintf(name, sizeof name, "%.*s%s", (int)n_base, base, ending);
    const mg_tensor *found = mg_tensors_find(tensors, name);
    return found != NULL ? (size_t)(found - tensors->tensor) : SIZE_MAX;
}

/* What has become weights goes. */
static void remove_parts(mg_tensors *tensors, const bool *part, size_t n_parts)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < tensors->n; i++) {
        if (i < n_parts && part[i]) {
            free(tensors->tensor[i].name);
            free(tensors->tensor[i].data);
        } else {
            tensors->tensor[n_kept++] = tensors->tensor[i];
        }
    }
    tensors->n = n_kept;
}

/* Join tensor i, when it is a length, with its direction. */
static mg_status join_length(mg_tensors *tensors, size_t i, bool *part, mg_error *err)
{
    static const char *const ending[][2] = {{"_g", "_v"}, {".original0", ".original1"}};
    char name[MG_TENSOR_NAME];
    for (size_t e = 0; e < 2; e++) {
        const char *g = tensors->tensor[i].name;
        if (!name_of(g, ending[e][0], name)) continue;
        size_t i_v = index_of(tensors, g, strlen(g) - strlen(ending[e][0]), ending[e][1]);
        if (i_v == SIZE_MAX || mg_tensors_find(tensors, name) != NULL) continue;
        part[i] = part[i_v] = true;
        return join(tensors, name, i, i_v, err);
    }
    return MG_OK;
}

mg_status mg_weight_norm_join(mg_tensors *tensors, mg_error *err)
{
    size_t n = tensors->n;
    bool *part = NULL;
    mg_status status = mg_alloc(&part, n, sizeof *part, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        status = join_length(tensors, i, part, err);
    if (status == MG_OK) remove_parts(tensors, part, n);
    free(part);
    return status;
}
