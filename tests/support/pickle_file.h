/* pickle_file.h  checkpoints of PyTorch, put together by hand: a pickle, and the zip around it */
#ifndef MG_TESTS_SUPPORT_PICKLE_FILE_H
#define MG_TESTS_SUPPORT_PICKLE_FILE_H

#include "tests/support/model_files.h"

typedef struct {
    char bytes[1 << 16];
    size_t n;
} pickle;

static UNUSED void put(pickle *out, const char *bytes, size_t n)
{
    assert_true(out->n + n <= sizeof out->bytes);
    memcpy(out->bytes + out->n, bytes, n);
    out->n += n;
}
#define PUT(out, literal) put((out), (literal), sizeof(literal) - 1)

static UNUSED void put_text(pickle *out, const char *text)
{
    uint32_t n = (uint32_t)strlen(text);
    PUT(out, "X");
    put(out, (const char *)&n, 4);
    put(out, text, n);
}

static UNUSED void put_integer(pickle *out, int64_t value)
{
    PUT(out, "\x8a\x08");
    put(out, (const char *)&value, 8);
}

static UNUSED void put_tuple(pickle *out, int n, const int64_t *value)
{
    PUT(out, "(");
    for (int i = 0; i < n; i++)
        put_integer(out, value[i]);
    PUT(out, "t");
}

/* torch._utils._rebuild_tensor_v2(storage, offset, shape, stride, False, OrderedDict()) */
static UNUSED void put_tensor(pickle *out, const char *storage, const char *key, int64_t offset, int n,
                              const int64_t *dim, const int64_t *stride)
{
    PUT(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_text(out, "storage");
    PUT(out, "ctorch\n");
    put(out, storage, strlen(storage));
    PUT(out, "\n");
    put_text(out, key);
    put_text(out, "cpu");
    put_integer(out, 1);
    PUT(out, "tQ");
    put_integer(out, offset);
    put_tuple(out, n, dim);
    put_tuple(out, n, stride);
    PUT(out, "\x89"
             "ccollections\nOrderedDict\n)RtR");
}

/* A zip with data.pkl, storage 0 of n bytes, and more entries that the caller names. */
typedef struct {
    size_t n_storage;
    bool pack;               /* compress the storage */
    const char *pickle_name; /* NULL: archive/data.pkl */
    const char *name, *text; /* one more entry, or NULL */
} zip_words;

static UNUSED void add_entry(zip_t *zip, const char *name, const void *bytes, size_t n, bool pack)
{
    zip_source_t *source = zip_source_buffer(zip, bytes, n, 0);
    assert_non_null(source);
    zip_int64_t index = zip_file_add(zip, name, source, ZIP_FL_OVERWRITE);
    assert_true(index >= 0);
    assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)index, pack ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0), 0);
}

static const char *write_zip(const pickle *in, zip_words words)
{
    const char *path = in_folder("hand.pth");
    static unsigned char storage[4096];
    int why = 0;
    for (size_t i = 0; i < sizeof storage / 4; i++) {
        float value = (float)i;
        memcpy(storage + 4 * i, &value, 4);
    }
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
    assert_non_null(zip);
    add_entry(zip, words.pickle_name != NULL ? words.pickle_name : "archive/data.pkl", in->bytes, in->n, false);
    add_entry(zip, "archive/data/0", storage, words.n_storage, words.pack);
    if (words.name != NULL) add_entry(zip, words.name, words.text, strlen(words.text), false);
    assert_int_equal(zip_close(zip), 0);
    return path;
}

static UNUSED void refuse_pickle(const pickle *in, const char *wanted)
{
    refuse(write_zip(in, (zip_words){.n_storage = 96}), NULL, wanted);
}
#define REFUSE_PICKLE(wanted, literal)                                                                                 \
    do {                                                                                                               \
        pickle p_ = {.n = 0};                                                                                          \
        PUT(&p_, literal);                                                                                             \
        refuse_pickle(&p_, wanted);                                                                                    \
    } while (0)

/* Dims or strides in place. */
#define SIZES(...) ((const int64_t[]){__VA_ARGS__})

#endif
