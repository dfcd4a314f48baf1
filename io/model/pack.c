/* pack.c  a model as one block of bytes
 *
 * Magic number, format, checksum, path and architecture, then the tensors: name, number of dimensions, sizes, numbers.
 * All counts are 64 bits wide in the machine's own byte order. Texts carry their length. Unpacking believes nothing.
 */
#include "io/model/model.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

static const uint64_t magic = 0x314c444d4147544du; /* "MTGAMDL1" in memory */

typedef struct {
    unsigned char *at; /* NULL: count only */
    size_t n;
} writer;

static void put(writer *out, const void *bytes, size_t n)
{
    if (out->at != NULL && n > 0) memcpy(out->at + out->n, bytes, n);
    out->n += n;
}

static void put_number(writer *out, uint64_t number)
{
    put(out, &number, sizeof number);
}

static void put_text(writer *out, const char *text)
{
    put_number(out, strlen(text));
    put(out, text, strlen(text));
}

static void put_model(writer *out, const mg_model *model)
{
    put_number(out, magic);
    put_number(out, (uint64_t)model->format);
    put_text(out, model->sha256);
    put_text(out, model->path);
    put_text(out, model->architecture);
    put_number(out, model->tensors.n);
    for (size_t i = 0; i < model->tensors.n; i++) {
        const mg_tensor *tensor = &model->tensors.tensor[i];
        put_text(out, tensor->name);
        put_number(out, (uint64_t)tensor->n_dims);
        put(out, tensor->dim, sizeof tensor->dim);
        put(out, tensor->data, tensor->n * sizeof *tensor->data);
    }
}

mg_status mg_model_pack(const mg_model *model, unsigned char **ret, size_t *n_ret, mg_error *err)
{
    writer count = {NULL, 0};
    unsigned char *bytes = NULL;
    put_model(&count, model);
    mg_status status = mg_alloc(&bytes, count.n, 1, err);
    if (status != MG_OK) return status;
    writer out = {bytes, 0};
    put_model(&out, model);
    *ret = bytes;
    *n_ret = out.n;
    return MG_OK;
}

typedef struct {
    const unsigned char *at;
    size_t n; /* bytes left */
} reader;

static mg_status damaged(mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "a packed model is damaged");
}

static mg_status get(reader *in, void *ret, size_t n, mg_error *err)
{
    if (n > in->n) return damaged(err);
    if (n > 0) memcpy(ret, in->at, n);
    in->at += n;
    in->n -= n;
    return MG_OK;
}

static mg_status get_number(reader *in, uint64_t most, uint64_t *ret, mg_error *err)
{
    mg_status status = get(in, ret, sizeof *ret, err);
    return status == MG_OK && *ret > most ? damaged(err) : status;
}

static mg_status get_text(reader *in, char **ret, mg_error *err)
{
    uint64_t n = 0;
    char *text = NULL;
    mg_status status = get_number(in, in->n, &n, err);
    if (status == MG_OK) status = mg_alloc(&text, (size_t)n + 1, 1, err);
    if (status == MG_OK) status = get(in, text, (size_t)n, err);
    if (status != MG_OK) {
        free(text);
        return status;
    }
    *ret = text;
    return MG_OK;
}

static mg_status get_tensor(reader *in, mg_tensors *tensors, mg_error *err)
{
    char *name = NULL;
    uint64_t n_dims = 0;
    int64_t dim[MG_MAX_DIMS];
    mg_tensor *tensor = NULL;
    mg_status status = get_text(in, &name, err);
    if (status != MG_OK) return status;
    status = get_number(in, MG_MAX_DIMS, &n_dims, err);
    if (status != MG_OK) goto cleanup;
    status = get(in, dim, sizeof dim, err);
    if (status != MG_OK) goto cleanup;
    size_t n = sizeof(float);
    for (size_t d = 0; d < n_dims; d++) {
        if (dim[d] < 0 || (dim[d] > 0 && n > in->n / (size_t)dim[d])) status = damaged(err);
        if (status != MG_OK) goto cleanup;
        n *= (size_t)dim[d];
    }
    status = mg_tensors_add(tensors, name, (int)n_dims, dim, &tensor, err);
    if (status == MG_OK) status = get(in, tensor->data, tensor->n * sizeof *tensor->data, err);
cleanup:
    free(name);
    return status;
}

static mg_status get_model(reader *in, mg_model *model, mg_error *err)
{
    uint64_t number = 0;
    char *sha256 = NULL;
    mg_status status = get_number(in, UINT64_MAX, &number, err);
    if (status == MG_OK && number != magic) status = damaged(err);
    if (status == MG_OK) status = get_number(in, MG_FORMAT_KERAS, &number, err);
    if (status == MG_OK) status = get_text(in, &sha256, err);
    if (status != MG_OK) return status;
    model->format = (mg_model_format)number;
    if (strlen(sha256) < sizeof model->sha256) memcpy(model->sha256, sha256, strlen(sha256) + 1);
    free(sha256);
    status = get_text(in, &model->path, err);
    if (status == MG_OK) status = get_text(in, &model->architecture, err);
    if (status == MG_OK) status = get_number(in, MG_MAX_TENSORS, &number, err);
    for (uint64_t i = 0; status == MG_OK && i < number; i++)
        status = get_tensor(in, &model->tensors, err);
    if (status == MG_OK && in->n != 0) status = damaged(err);
    return status;
}

mg_status mg_model_unpack(const unsigned char *bytes, size_t n, mg_model *ret, mg_error *err)
{
    mg_model model = {0};
    reader in = {bytes, n};
    mg_status status = get_model(&in, &model, err);
    if (status == MG_OK) status = mg_model_network(model.architecture, model.path, &model.tensors, &model.network, err);
    if (status == MG_OK) {
        *ret = model;
    } else {
        mg_model_destroy(&model);
    }
    return status;
}
