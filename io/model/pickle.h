/* pickle.h  the part of Python's pickle format that a state dict is written in, and nothing that could run code
 *
 * A pickle is a program for a small stack machine; unpickling one in Python may call any function it names. This reader
 * is such a machine without any call: the only names ("globals") it knows are the containers and tensors of a PyTorch
 * state dict, for which it makes inert values, and what training programs leave beside it in a checkpoint (numpy's
 * scalars, paths, settings), of which nothing is kept; all other names, and all opcodes that neither has use for, are
 * refused. Every opcode makes at most one value and no value is ever copied, so memory is bounded by the length of the
 * input. Values live in one array and refer to each other by index; a list may contain itself, so whoever walks over
 * values has to bound the depth.
 * Source: CPython, Lib/pickletools.py (protocols 2 to 5).
 */
#ifndef MG_IO_MODEL_PICKLE_H
#define MG_IO_MODEL_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

/* In every sentence that refuses a pickle because it wants more than a state dict needs. */
#define MG_PICKLE_WANTS_MORE "a state dict holds tensors only"

typedef enum {
    MG_PICKLE_NONE,
    MG_PICKLE_INTEGER, /* also True and False */
    MG_PICKLE_REAL,
    MG_PICKLE_TEXT,
    MG_PICKLE_TUPLE,   /* items */
    MG_PICKLE_LIST,    /* items */
    MG_PICKLE_DICT,    /* items: key, value, key, value, ...; OrderedDict too */
    MG_PICKLE_GLOBAL,  /* one of the known names: which */
    MG_PICKLE_STORAGE, /* a persistent id; items: what the id's tuple holds */
    MG_PICKLE_TENSOR,  /* items: the arguments of torch._utils._rebuild_tensor_v2 */
    MG_PICKLE_OPAQUE   /* something of which nothing is kept */
} mg_pickle_kind;

typedef enum {
    MG_GLOBAL_ORDERED_DICT,
    MG_GLOBAL_REBUILD_TENSOR,
    MG_GLOBAL_REBUILD_PARAMETER,
    MG_GLOBAL_FLOAT_STORAGE,
    MG_GLOBAL_DOUBLE_STORAGE,
    MG_GLOBAL_HALF_STORAGE,
    MG_GLOBAL_BFLOAT16_STORAGE,
    MG_GLOBAL_INTEGER_STORAGE, /* of any width; bool too */
    MG_GLOBAL_OPAQUE           /* what it makes is of no use */
} mg_pickle_global;

typedef struct {
    mg_pickle_kind kind;
    mg_pickle_global global; /* of a GLOBAL */
    int64_t integer;         /* of an INTEGER; of a GLOBAL storage the bytes of a number */
    const char *text;        /* of a TEXT: n bytes inside the input, not ended by a zero */
    size_t n, n_room;        /* bytes of text, or items */
    uint32_t *item;          /* owned: indices of values */
} mg_pickle_value;

typedef struct {
    size_t n, n_room;
    mg_pickle_value *value; /* owned */
    uint32_t root;          /* what the pickle makes */
} mg_pickle;

/* mg_pickle_read()  run the pickle in n bytes, which have to outlive the result
 *
 * Args:     ret_n_used - OUT, bytes of the pickle, behind which others may follow; NULL: not wanted
 * Returns:  MG_OK and *ret for mg_pickle_destroy(), MG_EMEM, or MG_EINPUT: "refuses to run 'posix.system' (pickle
 *           global); a state dict holds tensors only", an opcode that is not known (with its place), a pickle that ends
 *           early or is inconsistent. The sentence does not name the file.
 */
mg_status mg_pickle_read(const unsigned char *bytes, size_t n, mg_pickle *ret, size_t *ret_n_used, mg_error *err);
void mg_pickle_destroy(mg_pickle *pickle); /* frees what it holds, not the struct; NULL is fine */

/* mg_pickle_item()  item i of a container, NULL when there is none */
const mg_pickle_value *mg_pickle_item(const mg_pickle *pickle, const mg_pickle_value *value, size_t i);

/* mg_pickle_storage_width()  bytes of a number in a storage of the type that this GLOBAL names; 0 when it names none */
size_t mg_pickle_storage_width(const mg_pickle_value *type);

/* mg_pickle_is_text()  whether the value is exactly this text */
bool mg_pickle_is_text(const mg_pickle_value *value, const char *text);

#endif
