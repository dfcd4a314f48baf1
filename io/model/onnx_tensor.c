/* onnx_tensor.c  numbers of a tensor: in one of its fields by type, raw, or in a file beside the model */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/base/number.h"
#include "io/model/onnx_call.h"
#include "src/core/memory.h"

/* TensorProto.DataType */
enum { FLOAT = 1, UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL = 9, FLOAT16, DOUBLE, UINT32, UINT64, BFLOAT16 = 16 };
enum { EXTERNAL = 1, MAX_PATH = 4096 };

static size_t type_size(int32_t type)
{
    switch (type) {
    case UINT8:
    case INT8:
    case BOOL:
        return 1;
    case UINT16:
    case INT16:
    case FLOAT16:
    case BFLOAT16:
        return 2;
    case FLOAT:
    case INT32:
    case UINT32:
        return 4;
    case INT64:
    case DOUBLE:
    case UINT64:
        return 8;
    default:
        return 0;
    }
}

/* Little-endian, as the format says. */
static double raw_number(int32_t type, const unsigned char *bytes, size_t i)
{
    size_t size = type_size(type);
    uint64_t word = 0;
    double real;
    for (size_t b = 0; b < size; b++)
        word |= (uint64_t)bytes[i * size + b] << 8 * b;
    switch (type) {
    case FLOAT:
        return (double)mg_number_read(MG_FLOAT32, bytes, i);
    case FLOAT16:
        return (double)mg_number_read(MG_FLOAT16, bytes, i);
    case BFLOAT16:
        return (double)mg_number_read(MG_BFLOAT16, bytes, i);
    case DOUBLE:
        memcpy(&real, &word, sizeof real);
        return real;
    case INT8:
        return (double)(int8_t)word;
    case INT16:
        return (double)(int16_t)word;
    case INT32:
        return (double)(int32_t)word;
    case INT64:
        return (double)(int64_t)word;
    default:
        return (double)word;
    }
}

/* Number i of the field of its type. */
static double field_number(const MgOnnx__Tensor *tensor, size_t i)
{
    unsigned char half[2];
    switch (tensor->data_type) {
    case FLOAT:
        return (double)tensor->float_data[i];
    case DOUBLE:
        return tensor->double_data[i];
    case INT64:
        return (double)tensor->int64_data[i];
    case UINT32:
    case UINT64:
        return (double)tensor->uint64_data[i];
    case FLOAT16:
    case BFLOAT16:
        half[0] = (unsigned char)(tensor->int32_data[i] & 255);
        half[1] = (unsigned char)(tensor->int32_data[i] >> 8 & 255);
        return (double)mg_number_read(tensor->data_type == FLOAT16 ? MG_FLOAT16 : MG_BFLOAT16, half, 0);
    default:
        return (double)tensor->int32_data[i];
    }
}

static size_t field_length(const MgOnnx__Tensor *tensor)
{
    switch (tensor->data_type) {
    case FLOAT:
        return tensor->n_float_data;
    case DOUBLE:
        return tensor->n_double_data;
    case INT64:
        return tensor->n_int64_data;
    case UINT32:
    case UINT64:
        return tensor->n_uint64_data;
    default:
        return tensor->n_int32_data;
    }
}

/* --- outside --- */

static const char *pair(const MgOnnx__Tensor *tensor, const char *key)
{
    for (size_t i = 0; i < tensor->n_external_data; i++) {
        const MgOnnx__StringPair *p = tensor->external_data[i];
        if (p->key != NULL && p->value != NULL && strcmp(p->key, key) == 0) return p->value;
    }
    return NULL;
}

/* A plain name within the folder: nothing that leads out of it. */
static bool stays_inside(const char *location)
{
    return location[0] != '/' && location[0] != '\0' && strstr(location, "..") == NULL &&
           strchr(location, '\\') == NULL;
}

/* How many bytes the file beside holds from the tensor's offset on; 0 when it is not there. */
static size_t room_outside(const MgOnnx__Tensor *tensor, const char *folder)
{
    const char *location = pair(tensor, "location"), *offset = pair(tensor, "offset");
    char path[MAX_PATH];
    struct stat about;
    long long first = offset != NULL ? strtoll(offset, NULL, 10) : 0;
    if (folder == NULL || location == NULL || !stays_inside(location)) return 0;
    if (snprintf(path, sizeof path, "%s/%s", folder, location) >= (int)sizeof path || stat(path, &about) != 0) return 0;
    return first >= 0 && about.st_size > first ? (size_t)(about.st_size - first) : 0;
}

static mg_status read_outside(const MgOnnx__Tensor *tensor, const char *folder, size_t n_bytes, unsigned char **ret,
                              mg_error *err)
{
    const char *location = pair(tensor, "location"), *offset = pair(tensor, "offset");
    char path[MAX_PATH];
    struct stat about;
    if (folder == NULL || location == NULL || !stays_inside(location))
        return mg_fail(err, MG_EINPUT, "its numbers are kept in another file%s",
                       location != NULL ? " outside the folder of the model, which is not read" : "");
    if (snprintf(path, sizeof path, "%s/%s", folder, location) >= (int)sizeof path)
        return mg_fail(err, MG_EINPUT, "its numbers are kept in a file with too long a name");
    long long first = offset != NULL ? strtoll(offset, NULL, 10) : 0;
    bool regular = stat(path, &about) == 0 && S_ISREG(about.st_mode); /* a pipe would wait for its writer */
    FILE *file = regular ? fopen(path, "rb") : NULL;
    if (file == NULL) return mg_fail(err, MG_EINPUT, "its numbers are kept in %s, which cannot be opened", path);
    bool room = fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) && first >= 0 && about.st_size >= first &&
                (unsigned long long)(about.st_size - first) >= n_bytes;
    mg_status status = room ? mg_alloc(ret, n_bytes, 1, err)
                            : mg_fail(err, MG_EINPUT, "its numbers are kept in %s, which is too short for them", path);
    if (status == MG_OK && (fseeko(file, (off_t)first, SEEK_SET) != 0 || fread(*ret, 1, n_bytes, file) != n_bytes)) {
        free(*ret);
        *ret = NULL;
        status = mg_fail(err, MG_EIO, "%s cannot be read", path);
    }
    fclose(file);
    return status;
}

/* --- all of it --- */

static mg_status check_dims(const MgOnnx__Tensor *tensor, int64_t *ret_n, mg_error *err)
{
    int64_t n = 1;
    if (tensor->n_dims > MG_VIEW_DIMS) return mg_fail(err, MG_EINPUT, "it has more than %d dims", MG_VIEW_DIMS);
    for (size_t d = 0; d < tensor->n_dims; d++) {
        if (tensor->dims[d] < 0 || (tensor->dims[d] > 0 && n > ((int64_t)1 << 40) / tensor->dims[d]))
            return mg_fail(err, MG_EINPUT, "its dims make no sense");
        n *= tensor->dims[d];
    }
    *ret_n = n;
    return MG_OK;
}

static mg_status fill(const MgOnnx__Tensor *tensor, const char *folder, int64_t n, double *number, mg_error *err)
{
    size_t size = type_size(tensor->data_type), length = (size_t)n;
    if (size == 0) return mg_fail(err, MG_EINPUT, "its type of numbers (%d) is not read", (int)tensor->data_type);
    if (tensor->data_location == EXTERNAL) {
        unsigned char *bytes = NULL;
        mg_status status = read_outside(tensor, folder, length * size, &bytes, err);
        for (size_t i = 0; status == MG_OK && i < length; i++)
            number[i] = raw_number(tensor->data_type, bytes, i);
        free(bytes);
        return status;
    }
    bool raw = tensor->has_raw_data && (length > 0 ? tensor->raw_data.len > 0 : true);
    if (raw ? tensor->raw_data.len != length * size : field_length(tensor) != length)
        return mg_fail(err, MG_EINPUT, "it holds another number of numbers than its dims say");
    for (size_t i = 0; i < length; i++)
        number[i] = raw ? raw_number(tensor->data_type, tensor->raw_data.data, i) : field_number(tensor, i);
    return MG_OK;
}

mg_status mg_onnx_tensor(mg_front *front, const MgOnnx__Tensor *tensor, const char *folder, mg_view *ret,
                         bool *ret_integer, mg_error *err)
{
    int64_t n = 0;
    double *number = NULL;
    mg_status status = check_dims(tensor, &n, err);
    /* The budget was made for the bytes of the file itself. */
    bool outside = tensor->data_location == EXTERNAL && type_size(tensor->data_type) > 0;
    if (status == MG_OK && outside && (size_t)n <= room_outside(tensor, folder) / type_size(tensor->data_type))
        front->budget += n;
    if (status == MG_OK) status = mg_front_numbers(front, n, &number, err);
    if (status == MG_OK) status = fill(tensor, folder, n, number, err);
    if (status != MG_OK)
        return err != NULL ? mg_fail_prefix(err, "tensor %.100s: ", tensor->name != NULL ? tensor->name : "") : status;
    int32_t type = tensor->data_type;
    *ret = mg_view_constant((int)tensor->n_dims, tensor->dims, number);
    *ret_integer = type != FLOAT && type != DOUBLE && type != FLOAT16 && type != BFLOAT16;
    return MG_OK;
}
