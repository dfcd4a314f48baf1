/* safetensors.c  header by jansson, every offset checked before a number is touched */
#include "io/model/safetensors.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/number.h"
#include "src/core/memory.h"

enum { LENGTH_BYTES = 8, MAX_HEADER = 1 << 25 };

static const char architecture_key[] = "mutagree.architecture";

typedef struct {
    size_t begin, end;
} span;

typedef struct {
    const unsigned char *data; /* behind the header */
    size_t n_data;
    size_t n_spans, n_room;
    span *spans; /* owned: where the tensors so far lie, to find overlaps */
} source;

static mg_status parse_header(const unsigned char *bytes, size_t n, json_t **ret, source *from, mg_error *err)
{
    uint64_t n_header = 0;
    if (n < LENGTH_BYTES) return mg_fail(err, MG_EINPUT, "%zu bytes are no safetensors file; is it truncated?", n);
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        n_header = n_header << 8 | bytes[i];
    if (n_header > n - LENGTH_BYTES)
        return mg_fail(err, MG_EINPUT,
                       "its safetensors header claims %llu bytes, but the file ends after %zu; is it truncated?",
                       (unsigned long long)n_header, n - LENGTH_BYTES);
    if (n_header > MAX_HEADER)
        return mg_fail(err, MG_EINPUT, "its safetensors header has %llu bytes; at most %d are read",
                       (unsigned long long)n_header, MAX_HEADER);
    json_error_t why;
    json_t *header = json_loadb((const char *)bytes + LENGTH_BYTES, (size_t)n_header, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(header)) {
        json_decref(header);
        return mg_fail(err, MG_EINPUT, "its safetensors header is no JSON object (%s)",
                       header == NULL ? why.text : "another kind of value");
    }
    *ret = header;
    from->data = bytes + LENGTH_BYTES + n_header;
    from->n_data = n - LENGTH_BYTES - (size_t)n_header;
    return MG_OK;
}

static mg_status read_type(const char *name, const json_t *entry, mg_number_type *ret, bool *ret_skip, mg_error *err)
{
    static const struct {
        const char *word;
        mg_number_type type;
    } types[] = {{"F32", MG_FLOAT32}, {"F64", MG_FLOAT64}, {"F16", MG_FLOAT16}, {"BF16", MG_BFLOAT16}};
    static const char counter[] = "num_batches_tracked";
    const char *word = json_string_value(json_object_get(entry, "dtype"));
    size_t n = strlen(name);
    *ret_skip = n >= sizeof counter - 1 && strcmp(name + n - (sizeof counter - 1), counter) == 0;
    if (word == NULL) return mg_fail(err, MG_EINPUT, "its tensor %.80s has no dtype", name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].word, word) != 0) continue;
        *ret = types[i].type;
        return MG_OK;
    }
    if (*ret_skip) return MG_OK;
    return mg_fail(err, MG_EINPUT, "its tensor %.80s is of type %.20s; F32, F64, F16 and BF16 are read", name, word);
}

static mg_status read_shape(const char *name, const json_t *entry, int *n_dims, int64_t dim[MG_MAX_DIMS], mg_error *err)
{
    const json_t *shape = json_object_get(entry, "shape");
    size_t n = json_array_size(shape);
    if (!json_is_array(shape) || n > MG_MAX_DIMS)
        return mg_fail(err, MG_EINPUT, "its tensor %.80s has no shape of at most %d numbers", name, MG_MAX_DIMS);
    for (size_t d = 0; d < n; d++) {
        const json_t *size = json_array_get(shape, d);
        dim[d] = json_integer_value(size);
        if (!json_is_integer(size) || dim[d] < 0 || dim[d] > MG_MAX_NUMBERS)
            return mg_fail(err, MG_EINPUT, "its tensor %.80s has a dimension that is no size", name);
    }
    *n_dims = (int)n;
    return MG_OK;
}

static mg_status read_span(const char *name, const json_t *entry, source *from, span *ret, mg_error *err)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    json_int_t low = json_integer_value(begin), high = json_integer_value(end);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end) || low < 0 || high < low)
        return mg_fail(err, MG_EINPUT, "its tensor %.80s has no data_offsets [begin, end]", name);
    if ((unsigned long long)high > from->n_data)
        return mg_fail(err, MG_EINPUT,
                       "its tensor %.80s lies at bytes %lld to %lld, but the data end at %zu; is the "
                       "file truncated?",
                       name, (long long)low, (long long)high, from->n_data);
    mg_status status = mg_grow(&from->spans, &from->n_room, from->n_spans + 1, sizeof *from->spans, err);
    if (status != MG_OK) return status;
    *ret = from->spans[from->n_spans++] = (span){(size_t)low, (size_t)high};
    return MG_OK;
}

/* The product of the sizes in bytes, or SIZE_MAX when it is larger than any file. */
static size_t bytes_of(int n_dims, const int64_t *dim, mg_number_type type)
{
    size_t n = mg_number_size(type);
    for (int d = 0; d < n_dims; d++) {
        if (dim[d] > 0 && n > SIZE_MAX / (size_t)dim[d]) return SIZE_MAX;
        n *= (size_t)dim[d];
    }
    return n;
}

static mg_status read_tensor(const char *name, const json_t *entry, source *from, mg_tensors *tensors, mg_error *err)
{
    mg_number_type type = MG_FLOAT32;
    bool skip = false;
    int n_dims = 0;
    int64_t dim[MG_MAX_DIMS];
    span where = {0};
    mg_status status = read_type(name, entry, &type, &skip, err);
    if (status == MG_OK) status = read_span(name, entry, from, &where, err);
    if (status != MG_OK || skip) return status;
    status = read_shape(name, entry, &n_dims, dim, err);
    if (status != MG_OK) return status;
    if (bytes_of(n_dims, dim, type) != where.end - where.begin)
        return mg_fail(err, MG_EINPUT, "its tensor %.80s has %zu bytes, which do not fit its shape and type", name,
                       where.end - where.begin);
    mg_tensor *tensor = NULL;
    status = mg_tensors_add(tensors, name, n_dims, dim, &tensor, err);
    for (size_t i = 0; status == MG_OK && i < tensor->n; i++)
        tensor->data[i] = mg_number_read(type, from->data + where.begin, i);
    return status;
}

static int compare_spans(const void *a, const void *b)
{
    const span *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static mg_status check_overlaps(source *from, mg_error *err)
{
    if (from->n_spans < 2) return MG_OK;
    qsort(from->spans, from->n_spans, sizeof *from->spans, compare_spans);
    for (size_t i = 1; i < from->n_spans; i++) {
        if (from->spans[i].begin < from->spans[i - 1].end)
            return mg_fail(err, MG_EINPUT, "two of its tensors overlap at byte %zu of the data", from->spans[i].begin);
    }
    return MG_OK;
}

mg_status mg_safetensors_read(const unsigned char *bytes, size_t n, mg_tensors *tensors, char **ret_architecture,
                              mg_error *err)
{
    source from = {0};
    json_t *header = NULL, *entry;
    const char *name;
    *ret_architecture = NULL;
    mg_status status = parse_header(bytes, n, &header, &from, err);
    if (status != MG_OK) return status;
    json_object_foreach(header, name, entry)
    {
        if (strcmp(name, "__metadata__") == 0) continue;
        status = read_tensor(name, entry, &from, tensors, err);
        if (status != MG_OK) goto cleanup;
    }
    status = check_overlaps(&from, err);
    if (status != MG_OK) goto cleanup;
    const char *text = json_string_value(json_object_get(json_object_get(header, "__metadata__"), architecture_key));
    if (text != NULL) status = mg_copy_text(ret_architecture, text, err);
cleanup:
    free(from.spans);
    json_decref(header);
    return status;
}

/* --- writing --- */

/* {"dtype": "F32", "shape": [...], "data_offsets": [begin, begin + bytes]}; NULL when memory runs out */
static json_t *describe(const mg_tensor *tensor, size_t begin)
{
    json_t *shape = json_array();
    for (int d = 0; d < tensor->n_dims; d++)
        json_array_append_new(shape, json_integer(tensor->dim[d]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets", (json_int_t)begin,
                     (json_int_t)(begin + tensor->n * sizeof(float)));
}

static char *header_text(const mg_tensors *tensors, const char *architecture)
{
    json_t *header = json_object();
    bool good = json_object_set_new(header, "__metadata__",
                                    json_pack("{s:s, s:s}", "format", "pt", architecture_key, architecture)) == 0;
    size_t begin = 0;
    for (size_t i = 0; i < tensors->n && good; i++) {
        good = json_object_set_new(header, tensors->tensor[i].name, describe(&tensors->tensor[i], begin)) == 0;
        begin += tensors->tensor[i].n * sizeof(float);
    }
    char *text = good ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    return text;
}

mg_status mg_safetensors_pack(const mg_tensors *tensors, const char *architecture, unsigned char **ret, size_t *n_ret,
                              mg_error *err)
{
    char *header = header_text(tensors, architecture);
    if (header == NULL) return mg_fail(err, MG_EINPUT, "names or architecture are no UTF-8 text, as safetensors wants");
    size_t n_text = strlen(header);
    size_t n_header = (n_text + 7) / 8 * 8; /* spaces up to a multiple of 8 keep the numbers aligned */
    size_t n = LENGTH_BYTES + n_header;
    for (size_t i = 0; i < tensors->n; i++)
        n += tensors->tensor[i].n * sizeof(float);
    unsigned char *bytes = NULL;
    mg_status status = mg_alloc(&bytes, n, 1, err);
    if (status == MG_OK) {
        unsigned char *at = bytes;
        for (int i = 0; i < LENGTH_BYTES; i++)
            *at++ = (unsigned char)(n_header >> 8 * i);
        memcpy(at, header, n_text);
        memset(at + n_text, ' ', n_header - n_text);
        at += n_header;
        for (size_t i = 0; i < tensors->n; i++) {
            size_t n_bytes = tensors->tensor[i].n * sizeof(float);
            memcpy(at, tensors->tensor[i].data, n_bytes);
            at += n_bytes;
        }
        *ret = bytes;
        *n_ret = n;
    }
    free(header);
    return status;
}
