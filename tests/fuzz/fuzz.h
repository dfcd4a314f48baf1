/* fuzz.h  what the drivers share: each gives bytes to one reader of model files and gives back what it made
 *
 * `make fuzz` builds them with clang's libFuzzer and runs each RUNS times, beginning with the files in its corpus. A reader may
 * refuse anything; it must not crash, hang, leak or take memory beyond its limits.
 */
#ifndef MG_TESTS_FUZZ_FUZZ_H
#define MG_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/status.h"
#include "src/graph/printed/tensor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes with a zero behind them, for free(). */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* A reader that fails must say why. */
static inline void fuzz_expect(mg_status status, const mg_error *err)
{
    if (status != MG_OK && err->text[0] == '\0') abort();
}

/* A few tensors that texts can name: conv.weight (2, 4, 3), conv.bias (2), dense.weight (2, 20), dense.bias (2). */
static inline void fuzz_tensors(mg_tensors *tensors)
{
    static const struct {
        const char *name;
        int n_dims;
        int64_t dim[4];
    } row[] = {
        {"conv.weight", 3, {2, 4, 3}}, {"conv.bias", 1, {2}}, {"dense.weight", 2, {2, 20}}, {"dense.bias", 1, {2}}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        mg_tensor *tensor = NULL;
        if (mg_tensors_add(tensors, row[i].name, row[i].n_dims, row[i].dim, &tensor, NULL) != MG_OK) abort();
        for (size_t k = 0; k < tensor->n; k++)
            tensor->data[k] = 0.01f * (float)k;
    }
}

#endif
