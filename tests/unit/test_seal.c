/* test_seal.c  every bit of a sealed file that turns is noticed, wherever it is; tables that lie crash nothing */
#include "tests/support/files.h"

#include "io/base/seal.h"
#include "io/base/seal_table.h"
#include "src/core/checksum.h"

enum { N = 300000, PIECE = 4096, SMALL = 1000, HOLE = 200000, N_HOLE = 5000 };

/* Numbers in a file: a small part, a large one, a hole whose sums are told, and a rest between them. */
static const char *make_sealed(const char *name)
{
    char *bytes = calloc(N, 1);
    assert_non_null(bytes);
    for (uint64_t i = 0; i < N; i++)
        bytes[i] = (char)mg_mix(3, i);
    const char *path = write_file(name, "wu", bytes, N);
    uint64_t sum[2] = {mg_seal_sum(bytes + HOLE, N_HOLE / 2), mg_seal_sum(bytes + HOLE + N_HOLE / 2, N_HOLE / 2)};
    mg_seal seal = {.id = "a run"};
    mg_error err = {0};
    assert_int_equal(mg_seal_add(&seal, "/small", 100, SMALL, SMALL, true, NULL, &err), MG_OK);
    assert_int_equal(mg_seal_add(&seal, "/large", 2000, 100000, PIECE, false, NULL, &err), MG_OK);
    assert_int_equal(mg_seal_add(&seal, "/packed", -1, N_HOLE, N_HOLE / 2, false, sum, &err), MG_OK);
    assert_int_equal(mg_seal_add_hole(&seal, HOLE, N_HOLE / 2, &err), MG_OK);
    assert_int_equal(mg_seal_add_hole(&seal, HOLE + N_HOLE / 2, N_HOLE / 2, &err), MG_OK);
    assert_int_equal(seal.n_holes, 1); /* neighbours are one */
    if (mg_seal_file(path, &seal, &err) != MG_OK) fail_msg("%s", err.text);
    mg_seal_destroy(&seal);
    free(bytes);
    return path;
}

/* As a reader does it: the file itself, then the pieces that do not lie in it as they are. */
static mg_status read_all(const char *path, const char *hole, mg_error *err)
{
    mg_seal seal = {0};
    bool there = false;
    mg_status status = mg_seal_read(path, &seal, &there, err);
    if (status == MG_OK && !there) return mg_fail(err, MG_EINPUT, "no seal");
    if (status == MG_OK) status = mg_seal_check_file(path, &seal, err);
    const mg_seal_part *packed = status == MG_OK ? mg_seal_find(&seal, "/packed") : NULL;
    for (int64_t k = 0; status == MG_OK && packed != NULL && k < mg_seal_n_pieces(packed); k++)
        status = mg_seal_check(&seal, packed, k, hole + k * packed->piece, err);
    mg_seal_destroy(&seal);
    return status;
}

static void put(const char *path, const content *all, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(all->byte, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void test_sound(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_seal seal = {0};
    bool there = false;
    const char *path = make_sealed("sound");
    content all = read_content(path);
    if (read_all(path, all.byte + HOLE, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(mg_seal_read(path, &seal, &there, &err), MG_OK);
    assert_string_equal(seal.id, "a run");
    assert_int_equal(mg_seal_n_pieces(mg_seal_find(&seal, "/large")), 25);
    assert_null(mg_seal_find(&seal, "/none"));
    mg_seal_destroy(&seal);
    assert_int_equal(
        mg_seal_read(write_text("plain", "no seal here, and not a short file either"), &seal, &there, &err), MG_OK);
    assert_false(there);
    assert_int_equal(mg_seal_read(path_of("none"), &seal, &there, &err), MG_EINPUT);
    free(all.byte);
}

static void test_bits(void **state)
{
    (void)state;
    const char *path = make_sealed("bits");
    content all = read_content(path);
    for (uint64_t k = 0, at = 0; k < 400; k++) {
        mg_error err = {0};
        /* Half of them in the table, which is small. */
        size_t where = number(&at) % (k % 2 == 0 ? all.n : all.n - N) + (k % 2 == 0 ? 0 : N);
        unsigned bit = 1u << number(&at) % 8;
        all.byte[where] = (char)(all.byte[where] ^ (char)bit);
        put(path, &all, all.n);
        if (read_all(path, all.byte + HOLE, &err) != MG_EINPUT) fail_msg("byte %zu bit %u is not noticed", where, bit);
        all.byte[where] = (char)(all.byte[where] ^ (char)bit);
    }
    for (size_t cut = 1; cut < all.n; cut = cut * 2 + 1) {
        mg_error err = {0};
        put(path, &all, all.n - cut);
        assert_int_equal(read_all(path, all.byte + HOLE, &err), MG_EINPUT);
    }
    free(all.byte);
}

static void test_names(void **state)
{
    (void)state;
    mg_error err = {0};
    const char *path = make_sealed("named");
    content all = read_content(path);
    all.byte[2000 + 3 * PIECE + 7] ^= 4;
    put(path, &all, all.n);
    expect_words(read_all(path, all.byte + HOLE, &err), MG_EINPUT, &err, "named: ", "chunk 3 of 25 of dataset /large",
                 NULL);
    all.byte[2000 + 3 * PIECE + 7] ^= 4;
    all.byte[150] ^= 1;
    put(path, &all, all.n);
    expect_words(read_all(path, all.byte + HOLE, &err), MG_EINPUT, &err, "dataset /small is damaged", NULL);
    all.byte[150] ^= 1;
    all.byte[HOLE + N_HOLE - 1] ^= 1;
    put(path, &all, all.n);
    expect_words(read_all(path, all.byte + HOLE, &err), MG_EINPUT, &err, "chunk 1 of 2 of dataset /packed", NULL);
    free(all.byte);
}

/* Tables whose own checksum is right, and which say what cannot be. */
static void test_lies(void **state)
{
    (void)state;
    const char *path = make_sealed("lies");
    content all = read_content(path);
    size_t n_table = all.n - N - MG_SEAL_END;
    char *table = all.byte + N, *kept = calloc(n_table, 1);
    assert_non_null(kept);
    memcpy(kept, table, n_table);
    for (uint64_t k = 0, tries = 0; tries < 2000; tries++) {
        mg_error err = {0};
        memcpy(table, kept, n_table);
        for (uint64_t changes = 1 + number(&k) % 3; changes > 0; changes--) {
            uint64_t word = number(&k) % 3 == 0 ? number(&k) : UINT64_MAX >> number(&k) % 64;
            memcpy(table + number(&k) % (n_table / 8) * 8, &word, sizeof word);
        }
        uint64_t sum = mg_checksum(0, table, n_table);
        memcpy(all.byte + all.n - 16, &sum, sizeof sum);
        put(path, &all, all.n);
        read_all(path, all.byte + HOLE, &err);
    }
    free(kept);
    free(all.byte);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sound), cmocka_unit_test(test_bits),
                                       cmocka_unit_test(test_names), cmocka_unit_test(test_lies)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
