/* test_model_damage.c  model files damaged at random: whatever comes of it, nothing crashes */
#include "tests/support/pickle_file.h"

/* Copies of a good file with one to six bytes changed, or cut off; whatever comes of it, nothing may crash. */
static void damage(const char *what, const unsigned char *good, size_t n, size_t n_front, uint64_t n_copies,
                   void (*read)(const unsigned char *bytes, size_t n))
{
    unsigned char *bytes = malloc(n);
    assert_non_null(bytes);
    uint64_t name = mg_hash_bytes(0, what, strlen(what));
    for (uint64_t copy = 0; copy < n_copies; copy++) {
        uint64_t seed = mg_mix(name, copy);
        memcpy(bytes, good, n);
        for (uint64_t i = 0; i <= seed % 6; i++)
            bytes[mg_mix(seed, 2 * i) % (seed >> 8 & 1 ? n : n_front)] = (unsigned char)mg_mix(seed, 2 * i + 1);
        read(bytes, seed >> 9 & 1 ? n : (size_t)(mg_mix(seed, 99) % n) + 1);
    }
    free(bytes);
}

static void read_safetensors(const unsigned char *bytes, size_t n)
{
    mg_tensors tensors = {0};
    char *text = NULL;
    mg_error err;
    mg_safetensors_read(bytes, n, &tensors, &text, &err);
    free(text);
    mg_tensors_destroy(&tensors);
}

static void read_torch(const unsigned char *bytes, size_t n)
{
    mg_tensors tensors = {0};
    mg_error err;
    mg_torch_read(bytes, n, &tensors, &err);
    mg_tensors_destroy(&tensors);
}

static void read_h5(const unsigned char *bytes, size_t n)
{
    mg_tensors tensors = {0};
    char *text = NULL;
    mg_error err;
    mg_model_h5_read(bytes, n, &tensors, &text, &err);
    free(text);
    mg_tensors_destroy(&tensors);
}

static void read_pickle(const unsigned char *bytes, size_t n)
{
    mg_pickle out = {0};
    mg_error err;
    mg_pickle_read(bytes, n, &out, NULL, &err);
    mg_pickle_destroy(&out);
}

static void test_damaged_files(void **state)
{
    (void)state;
    size_t n = 0;
    write_small(in_folder("damage.safetensors"));
    unsigned char *bytes = read_file(in_folder("damage.safetensors"), &n);
    damage("safetensors", bytes, n, 300, 20000, read_safetensors);
    free(bytes);
    bytes = read_file("tests/data/small.pth", &n);
    damage("torch", bytes, n, n, 10000, read_torch);
    for (size_t i = 0; i <= n; i++)
        read_torch(bytes, i);
    free(bytes);
    write_small(in_folder("damage.h5"));
    bytes = read_file(in_folder("damage.h5"), &n);
    damage("hdf5", bytes, n, n, 3000, read_h5);
    free(bytes);
}

/* The zip's checksum hides most damage from the pickle reader, so that one is fed directly. */
static void test_damaged_pickle_bytes(void **state)
{
    (void)state;
    pickle in = {.n = 0};
    PUT(&in, "\x80\x02"
             "ccollections\nOrderedDict\nq\0)Rq\x01(");
    put_text(&in, "a.weight");
    put_tensor(&in, "FloatStorage", "0", 0, 2, SIZES(2, 12), SIZES(12, 1));
    put_text(&in, "b");
    PUT(&in, "]q\x02(K\x01M\x02\x03J\x01\x02\x03\x04G12345678NeX\x01\0\0\0ch\x02u}b.");
    damage("pickle", (const unsigned char *)in.bytes, in.n, in.n, 50000, read_pickle);
    for (size_t i = 0; i <= in.n; i++)
        read_pickle((const unsigned char *)in.bytes, i);
}

int main(int argc, char **argv)
{
    int child = mg_h5_child_serve(argc, argv);
    if (child >= 0) return child;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_damaged_pickle_bytes),
    };
    return cmocka_run_group_tests_name("model damage", tests, make_folder, remove_folder);
}
