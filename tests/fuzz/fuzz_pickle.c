/* fuzz_pickle.c  bytes as a pickle, and as a file of PyTorch before 1.6, which is made of pickles */
#include "tests/fuzz/fuzz.h"

#include "io/model/pickle.h"
#include "io/model/torch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mg_error err = {0};
    mg_pickle pickle = {0};
    mg_tensors tensors = {0};
    size_t n_used = 0;
    fuzz_expect(mg_pickle_read(data, size, &pickle, &n_used, &err), &err);
    mg_pickle_destroy(&pickle);
    fuzz_expect(mg_torch_read_legacy(data, size, &tensors, &err), &err);
    mg_tensors_destroy(&tensors);
    return 0;
}
