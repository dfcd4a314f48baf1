/* pickle_names.c  names of a state dict, and of what lies beside it in checkpoints */
#include "io/model/pickle_names.h"

#include <string.h>

static const struct {
    const char *module, *name;
    mg_pickle_global global;
    int width; /* of a storage: bytes of a number */
} known[] = {
    {"collections", "OrderedDict", MG_GLOBAL_ORDERED_DICT, 0},
    {"torch._utils", "_rebuild_tensor_v2", MG_GLOBAL_REBUILD_TENSOR, 0},
    {"torch._utils", "_rebuild_tensor", MG_GLOBAL_REBUILD_TENSOR, 0}, /* the same first four arguments */
    {"torch._utils", "_rebuild_parameter", MG_GLOBAL_REBUILD_PARAMETER, 0},
    {"torch", "FloatStorage", MG_GLOBAL_FLOAT_STORAGE, 4},
    {"torch", "DoubleStorage", MG_GLOBAL_DOUBLE_STORAGE, 8},
    {"torch", "HalfStorage", MG_GLOBAL_HALF_STORAGE, 2},
    {"torch", "BFloat16Storage", MG_GLOBAL_BFLOAT16_STORAGE, 2},
    {"torch", "LongStorage", MG_GLOBAL_INTEGER_STORAGE, 8},
    {"torch", "IntStorage", MG_GLOBAL_INTEGER_STORAGE, 4},
    {"torch", "ShortStorage", MG_GLOBAL_INTEGER_STORAGE, 2},
    {"torch", "CharStorage", MG_GLOBAL_INTEGER_STORAGE, 1},
    {"torch", "ByteStorage", MG_GLOBAL_INTEGER_STORAGE, 1},
    {"torch", "BoolStorage", MG_GLOBAL_INTEGER_STORAGE, 1},
};

/* What optimisers, callbacks and settings leave in a checkpoint. A module that ends in '.' stands for all below it. */
static const struct {
    const char *module, *name; /* name NULL: any */
} passed_over[] = {
    {"collections", "defaultdict"},
    {"collections", "Counter"},
    {"argparse", "Namespace"},
    {"types", "SimpleNamespace"},
    {"datetime", NULL},
    {"pathlib", NULL},
    {"pathlib.", NULL},
    {"_codecs", "encode"},
    {"numpy", "dtype"},
    {"numpy", "ndarray"},
    {"numpy.core.multiarray", "scalar"},
    {"numpy.core.multiarray", "_reconstruct"},
    {"numpy._core.multiarray", "scalar"},
    {"numpy._core.multiarray", "_reconstruct"},
    {"torch", "device"},
    {"torch", "Size"},
    {"torch", "float16"},
    {"torch", "bfloat16"},
    {"torch", "float32"},
    {"torch", "float64"},
    {"torch", "int64"},
    {"pytorch_lightning.", NULL},
    {"lightning.", NULL},
    {"lightning_fabric.", NULL},
    {"omegaconf.", NULL},
};

static bool same(mg_words w, const char *text)
{
    return w.n == strlen(text) && memcmp(w.text, text, w.n) == 0;
}

static bool is_of_module(mg_words w, const char *module)
{
    size_t n = strlen(module);
    if (module[n - 1] != '.') return same(w, module);
    return w.n > n && memcmp(w.text, module, n) == 0;
}

bool mg_pickle_known_name(mg_words module, mg_words name, mg_pickle_value *ret)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!same(module, known[i].module) || !same(name, known[i].name)) continue;
        ret->global = known[i].global;
        ret->integer = known[i].width;
        return true;
    }
    for (size_t i = 0; i < sizeof passed_over / sizeof *passed_over; i++) {
        if (!is_of_module(module, passed_over[i].module)) continue;
        if (passed_over[i].name != NULL && !same(name, passed_over[i].name)) continue;
        ret->global = MG_GLOBAL_OPAQUE;
        ret->integer = 0;
        return true;
    }
    return false;
}

size_t mg_pickle_storage_width(const mg_pickle_value *type)
{
    return type->kind == MG_PICKLE_GLOBAL ? (size_t)type->integer : 0;
}

/* For messages: at most 60 bytes, what cannot be printed becomes '?'. */
static char *printable(mg_words w, char text[64])
{
    size_t n = w.n < 60 ? w.n : 60;
    for (size_t i = 0; i < n; i++)
        text[i] = w.text[i] >= ' ' && w.text[i] <= '~' ? w.text[i] : '?';
    text[n] = '\0';
    return text;
}

mg_status mg_pickle_refuse_name(mg_words module, mg_words name, const char *what, mg_error *err)
{
    char first[64], second[64];
    return mg_fail(err, MG_EINPUT, "refuses to run '%s.%s' (pickle %s); " MG_PICKLE_WANTS_MORE,
                   printable(module, first), printable(name, second), what);
}
