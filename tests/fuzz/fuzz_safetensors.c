/* fuzz_safetensors.c  bytes as a safetensors file */
#include "tests/fuzz/fuzz.h"

#include "io/model/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mg_error err = {0};
    mg_tensors tensors = {0};
    char *architecture = NULL;
    fuzz_expect(mg_safetensors_read(data, size, &tensors, &architecture, &err), &err);
    mg_tensors_destroy(&tensors);
    free(architecture);
    return 0;
}
