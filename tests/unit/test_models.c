/* test_models.c  model files: what is read, what is written, what is refused
 *
 * Right: a checkpoint saved by PyTorch (tests/data/small.pth) gives PyTorch's logits; the published network, where its
 * file is at hand, gives the logits of the reference values from all its formats; what is written reads back the same.
 * Wrong: hostile files are built here byte by byte. Each refusal names the file and what is wrong in it. Files damaged
 * at random never crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zip.h>

#include "io/base/h5_child.h"
#include "io/model/model.h"
#include "io/model/model_h5.h"
#include "io/base/number.h"
#include "io/model/pickle.h"
#include "io/model/safetensors.h"
#include "io/model/torch.h"
#include "src/core/random.h"
#include "src/graph/printed/architecture.h"
#include "tests/oracle/small_model.h"
#include "tests/support/plain_forward.h"

#define SHARED "../shared/"

/* Asked by the leak sanitizer: HDF5 itself loses memory when it finds a file damaged. Ours would still show, because
 * mg_h5_close_file() counts what is open. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

/* --- a folder for the files of one test --- */

static char folder[512];

static int make_folder(void **state)
{
    (void)state;
    const char *above = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/models.XXXXXX", above != NULL ? above : "/tmp");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[600];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

/* The file's path, in a ring of texts so that a few can be used at a time. */
static const char *in_folder(const char *name)
{
    static char path[8][600];
    static int next;
    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    mg_error err = {0};
    if (mg_whole_file_write(path, bytes, n, true, &err) != MG_OK) fail_msg("%s", err.text);
}

static unsigned char *read_file(const char *path, size_t *n)
{
    unsigned char *bytes = NULL;
    mg_error err = {0};
    if (mg_whole_file_read(path, (size_t)1 << 30, &bytes, n, &err) != MG_OK) fail_msg("%s", err.text);
    return bytes;
}

static bool at_hand(const char *path)
{
    if (access(path, R_OK) == 0) return true;
    print_message("# skipped: %s is not here\n", path);
    return false;
}

static mg_model read_model(const char *path, const char *arch)
{
    mg_model model = {0};
    mg_error err = {0};
    if (mg_model_read(path, &(mg_model_words){.arch = arch}, &model, &err) != MG_OK) fail_msg("%s", err.text);
    return model;
}

/* Reading must fail with a sentence that begins with the file's name (or the text's) and holds `wanted`. */
static void refuse(const char *path, const char *arch, const char *wanted)
{
    mg_model model = {0};
    mg_error err = {0};
    assert_int_equal(mg_model_read(path, &(mg_model_words){.arch = arch}, &model, &err), MG_EINPUT);
    if (strstr(err.text, wanted) == NULL) fail_msg("wanted '%s', got '%s'", wanted, err.text);
    if (arch == NULL) assert_ptr_equal(strstr(err.text, path), err.text);
    assert_null(model.network);
    assert_int_equal(mg_model_read(path, &(mg_model_words){.arch = arch}, &model, NULL), MG_EINPUT);
}

/* --- one small network, its text and its tensors --- */

static const char *const small_text = "window 3\nanchor 0\nlayers\nNet(\n  (a): Linear(12, 2)\n)\n";

static mg_tensors small_tensors(void)
{
    const int64_t dim[2] = {2, 12};
    mg_tensors tensors = {0};
    mg_tensor *tensor = NULL;
    assert_int_equal(mg_tensors_add(&tensors, "a.weight", 2, dim, &tensor, NULL), MG_OK);
    for (int i = 0; i < 24; i++)
        tensor->data[i] = (float)i / 7;
    assert_int_equal(mg_tensors_add(&tensors, "a.bias", 1, dim, &tensor, NULL), MG_OK);
    tensor->data[1] = -2.5f;
    return tensors;
}

static void write_small(const char *path)
{
    mg_model model = {.tensors = small_tensors()};
    char text[256];
    snprintf(text, sizeof text, "%s", small_text);
    model.architecture = text;
    mg_error err = {0};
    if (mg_model_write(path, &model, false, &err) != MG_OK) fail_msg("%s", err.text);
    mg_tensors_destroy(&model.tensors);
}

static void assert_same_tensors(const mg_tensors *a, const mg_tensors *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const mg_tensor *other = mg_tensors_find(b, a->tensor[i].name);
        assert_non_null(other);
        assert_int_equal(a->tensor[i].n_dims, other->n_dims);
        assert_memory_equal(a->tensor[i].dim, other->dim, (size_t)other->n_dims * sizeof *other->dim);
        assert_memory_equal(a->tensor[i].data, other->data, other->n * sizeof(float));
    }
}

/* --- reading what others wrote --- */

static void one_hot(const char *window, double *x)
{
    static const char letters[] = "ACGT";
    for (int i = 0; window[i] != '\0'; i++) {
        const char *letter = strchr(letters, window[i]);
        for (int b = 0; b < 4; b++)
            x[4 * i + b] = letter == letters + b;
    }
}

static void test_checkpoint_of_pytorch(void **state)
{
    (void)state;
    static const double wanted[] = SMALL_LOGITS;
    double x[4 * 12];
    one_hot(SMALL_WINDOW, x);
    mg_model model = read_model("tests/data/small.pth", NULL); /* small.arch stands beside it */
    assert_int_equal(model.format, MG_FORMAT_TORCH);
    assert_int_equal(model.tensors.n, 8);
    assert_string_equal(model.network->output[0].class_name[1], "yes");
    double *logit = plain_logits(model.network, x);
    for (int i = 0; i < 2; i++)
        assert_true(fabs(logit[i] - wanted[i]) < 1e-12);
    free(logit);
    mg_model_destroy(&model);
    mg_model_destroy(NULL);
}

/* float64 logits of 33 windows, columns A, G, C, T; row 0 is beta-globin */
static void check_golden(const mg_graph *network, double *worst)
{
    static const int column[] = {0, 2, 1, 3};
    static double x[33][203][4], mine[203 * 4], logits[33][2];
    hid_t file = H5Fopen(SHARED "reference/tisrover_plus_golden.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t input = H5Dopen2(file, "onehot", H5P_DEFAULT), output = H5Dopen2(file, "logits", H5P_DEFAULT);
    assert_true(H5Dread(input, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
    assert_true(H5Dread(output, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, logits) >= 0);
    H5Dclose(input);
    H5Dclose(output);
    H5Fclose(file);
    for (int row = 0; row < 33; row++) {
        for (int t = 0; t < 203; t++)
            for (int b = 0; b < 4; b++)
                mine[4 * t + b] = x[row][t][column[b]];
        double *logit = plain_logits(network, mine);
        for (int o = 0; o < 2; o++) {
            double error = fabs(logit[o] - logits[row][o]);
            if (error > *worst) *worst = error;
            if (error > 1e-9) fail_msg("row %d: logit %d is %.12g, wanted %.12g", row, o, logit[o], logits[row][o]);
        }
        free(logit);
    }
}

static void test_published_network(void **state)
{
    (void)state;
    static const char *const path[] = {SHARED "data/tisrover_plus/tis_rover_plus.pth",
                                       SHARED "data/tisrover_plus/tis_rover_plus.safetensors",
                                       SHARED "data/tisrover_plus/tis_rover_plus.h5"};
    double worst = 0;
    mg_model first = {0};
    for (int i = 0; i < 3; i++) {
        if (!at_hand(path[i])) skip();
        mg_model model = read_model(path[i], "tisrover+");
        assert_int_equal(mg_graph_n_weights(model.network), 130530);
        check_golden(model.network, &worst);
        if (i == 0) {
            first = model;
            continue;
        }
        assert_same_tensors(&first.tensors, &model.tensors);
        mg_model_destroy(&model);
    }
    mg_model_destroy(&first);
    print_message("# largest difference from the reference logits %.1e\n", worst);
}

static void test_model_that_comes_with_us(void **state)
{
    (void)state;
    if (!at_hand("share/models/tis-human.h5")) skip();
    setenv("MUTAGREE_SHARE", "share", 1);
    mg_model model = read_model("tis-human", NULL);
    assert_string_equal(model.path, "share/models/tis-human.h5");
    assert_int_equal(model.network->length, 203);
    mg_architecture architecture = {0};
    assert_int_equal(mg_architecture_parse(model.architecture, "text", &architecture, NULL), MG_OK);
    assert_true(strlen(architecture.notes) > 100);
    mg_architecture_destroy(&architecture);
    mg_model_destroy(&model);
    unsetenv("MUTAGREE_SHARE");
}

/* --- writing, and reading it back --- */

static void test_round_trips(void **state)
{
    (void)state;
    static const char *const name[] = {"a.h5", "b.hdf5", "c.safetensors"};
    mg_tensors wanted = small_tensors();
    for (int i = 0; i < 3; i++) {
        write_small(in_folder(name[i]));
        mg_model model = read_model(in_folder(name[i]), NULL);
        assert_string_equal(model.architecture, small_text);
        assert_same_tensors(&wanted, &model.tensors);
        assert_int_equal(strlen(model.sha256), 64);
        assert_int_equal(mg_model_add_note(&model, "made in a test", NULL), MG_OK);
        assert_int_equal(mg_model_write(in_folder(name[i]), &model, true, NULL), MG_OK);
        mg_model again = read_model(in_folder(name[i]), NULL);
        assert_non_null(strstr(again.architecture, "note    made in a test\nlayers"));
        assert_string_not_equal(again.sha256, model.sha256);
        mg_model_destroy(&again);
        mg_model_destroy(&model);
    }
    mg_tensors_destroy(&wanted);
}

static void test_same_model_same_bytes(void **state)
{
    (void)state;
    size_t n_a = 0, n_b = 0;
    write_small(in_folder("same1.h5"));
    sleep(1); /* a time stamp in the file would differ */
    write_small(in_folder("same2.h5"));
    unsigned char *a = read_file(in_folder("same1.h5"), &n_a), *b = read_file(in_folder("same2.h5"), &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);
    char sha256[MG_SHA256_TEXT];
    mg_sha256("abc", 3, sha256);
    assert_string_equal(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    free(a);
    free(b);
}

static void refuse_writing(const char *path, mg_status wanted, const char *sentence)
{
    mg_model model = {.tensors = small_tensors()};
    char text[256];
    mg_error err = {0};
    snprintf(text, sizeof text, "%s", small_text);
    model.architecture = text;
    assert_int_equal(mg_model_write(path, &model, false, &err), wanted);
    if (strstr(err.text, sentence) == NULL) fail_msg("wanted '%s', got '%s'", sentence, err.text);
    mg_tensors_destroy(&model.tensors);
}

static void test_refused_writing(void **state)
{
    (void)state;
    write_small(in_folder("there.h5"));
    refuse_writing(in_folder("there.h5"), MG_EINPUT, "there.h5 is there already; give --force to replace it");
    refuse_writing(in_folder("model.onnx"), MG_EUSAGE, "models are written as .h5 or .safetensors");
    refuse_writing(in_folder("none/model.h5"), MG_EIO, "No such file or directory");
}

/* A disk that takes no more: here a limit on the size of files, in a process of its own, because HDF5 keeps open what it could
 * not write. */
static void test_writing_that_fails(void **state)
{
    int status;
    (void)state;
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit little = {.rlim_cur = 100, .rlim_max = 100};
        mg_model model = {.tensors = small_tensors()};
        char text[256];
        mg_error err = {0};
        snprintf(text, sizeof text, "%s", small_text);
        model.architecture = text;
        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &little) != 0) _exit(1);
        if (mg_model_write(in_folder("full.h5"), &model, false, &err) != MG_EIO) _exit(2);
        _exit(strstr(err.text, "File too large") != NULL ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_not_equal(access(in_folder("full.h5"), F_OK), 0);
}

static void test_pack(void **state)
{
    (void)state;
    write_small(in_folder("pack.h5"));
    mg_model model = read_model(in_folder("pack.h5"), NULL), other = {0};
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_error err = {0};
    assert_int_equal(mg_model_pack(&model, &bytes, &n, &err), MG_OK);
    assert_int_equal(mg_model_unpack(bytes, n, &other, &err), MG_OK);
    assert_string_equal(model.architecture, other.architecture);
    assert_string_equal(model.sha256, other.sha256);
    assert_string_equal(model.path, other.path);
    assert_int_equal(model.format, other.format);
    assert_same_tensors(&model.tensors, &other.tensors);
    assert_memory_equal(model.network->node[0].weight, other.network->node[0].weight, 24 * sizeof(double));
    mg_model_destroy(&other);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(mg_model_unpack(bytes, i, &other, &err), MG_EINPUT);
    for (size_t i = 0; i < n; i++) {
        unsigned char old = bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] = (unsigned char)(old ^ 1 << bit);
            if (mg_model_unpack(bytes, n, &other, &err) == MG_OK) mg_model_destroy(&other);
        }
        bytes[i] = old;
    }
    free(bytes);
    mg_model_destroy(&model);
}

/* --- what a file needs beside its weights --- */

static void test_architecture_from_elsewhere(void **state)
{
    (void)state;
    unsigned char *bytes = NULL;
    size_t n = 0;
    bytes = read_file("tests/data/small.pth", &n);
    const char *alone = in_folder("alone.pth");
    write_file(alone, bytes, n);
    refuse(alone, NULL, "holds weights only: give --arch tisrover+ or tisrover, or --arch FILE");
    refuse(alone, "nonesuch", "--arch nonesuch is neither a built-in architecture (tisrover+ or tisrover) nor a file");
    refuse(alone, "tisrover+",
           "alone.pth with tisrover+ line 10: Conv2d(1, 32, kernel_size=(7, 4), stride=(1, 1)) needs a "
           "tensor features.0.weight, which is not among the 8 tensors");
    refuse(alone, "tests/data/small.pth", "is no plain text, so no architecture");
    mg_model model = read_model(alone, "tests/data/small.arch");
    mg_model_destroy(&model);
    free(bytes);
}

static void test_refused_files(void **state)
{
    (void)state;
    mg_model model = {0};
    mg_error err = {0};
    static const unsigned char old[] = {0x80, 2, 0x8a, 10, 'l', 0xfc, 0x9c, 'F', 0xf9, ' ', 'j', 0xa8, 'P', 0x19, '.'};
    write_file(in_folder("old.pth"), old, sizeof old);
    refuse(in_folder("old.pth"), NULL, "old.pth: its pickle is damaged at byte 0: it ends in the middle of a value");
    write_file(in_folder("old.pth"), old, sizeof old - 1);
    refuse(in_folder("old.pth"), NULL, "it is a pickle, but none that torch.save() made");
    write_file(in_folder("text"), "hello", 5);
    refuse(in_folder("text"), NULL, "it is no model that mutagree can read");
    write_file(in_folder("empty"), "", 0);
    assert_int_equal(mg_model_read(in_folder("empty"), NULL, &model, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "empty is empty"));
    assert_int_equal(mg_model_read(folder, NULL, &model, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "is no regular file"));
    assert_int_equal(mg_model_read(in_folder("nothing.h5"), NULL, &model, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "No such file or directory"));
    setenv("MUTAGREE_SHARE", folder, 1);
    assert_int_equal(mg_model_read("no-such-model", NULL, &model, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "there is no file no-such-model, and no model of that name comes with"));
    unsetenv("MUTAGREE_SHARE");
}

static void test_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in_folder("models"), 0777), 0);
    write_small(in_folder("models/mine.h5"));
    setenv("MUTAGREE_SHARE", folder, 1);
    mg_model model = read_model("mine", NULL);
    assert_string_equal(model.path, in_folder("models/mine.h5"));
    mg_model_destroy(&model);
    unsetenv("MUTAGREE_SHARE");
}

static void test_nan_in_a_file(void **state)
{
    (void)state;
    mg_model model = {.tensors = small_tensors()};
    char text[256];
    snprintf(text, sizeof text, "%s", small_text);
    model.architecture = text;
    model.tensors.tensor[0].data[13] = NAN;
    assert_int_equal(mg_model_write(in_folder("nan.h5"), &model, true, NULL), MG_OK);
    refuse(in_folder("nan.h5"), NULL, "nan.h5 (its architecture) line 5: a.weight[1, 1] is NaN");
    mg_tensors_destroy(&model.tensors);
}

/* --- number types --- */

static float number(mg_number_type type, uint64_t bits)
{
    unsigned char bytes[16] = {0};
    memcpy(bytes + mg_number_size(type), &bits, mg_number_size(type));
    return mg_number_read(type, bytes, 1);
}

static void test_numbers(void **state)
{
    (void)state;
    assert_true(number(MG_FLOAT16, 0x3c00) == 1.0f);
    assert_true(number(MG_FLOAT16, 0xc000) == -2.0f);
    assert_true(number(MG_FLOAT16, 0x7bff) == 65504.0f);
    assert_true(number(MG_FLOAT16, 0x0001) == ldexpf(1, -24)); /* the smallest number */
    assert_true(number(MG_FLOAT16, 0x0400) == ldexpf(1, -14)); /* the smallest normal one */
    assert_true(isinf(number(MG_FLOAT16, 0xfc00)) && number(MG_FLOAT16, 0xfc00) < 0);
    assert_true(isnan(number(MG_FLOAT16, 0x7e00)));
    assert_true(number(MG_BFLOAT16, 0x3f80) == 1.0f);
    assert_true(number(MG_BFLOAT16, 0xc049) == -3.140625f);
    assert_true(number(MG_FLOAT32, 0x3fc00000) == 1.5f);
    assert_true(number(MG_FLOAT64, 0x3ff8000000000000) == 1.5f);
}

/* --- safetensors --- */

/* A file with this header (its length as claimed, 0: the true one) and n_data bytes, each 1, behind it. */
static void write_safetensors(const char *path, const char *header, uint64_t claimed, size_t n_data)
{
    size_t n = strlen(header);
    unsigned char *bytes = calloc(1, 8 + n + n_data + 1);
    assert_non_null(bytes);
    uint64_t length = claimed > 0 ? claimed : n;
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, n);
    memset(bytes + 8 + n, 1, n_data);
    write_file(path, bytes, 8 + n + n_data);
    free(bytes);
}

static void refuse_safetensors(const char *header, uint64_t claimed, size_t n_data, const char *wanted)
{
    write_safetensors(in_folder("bad.safetensors"), header, claimed, n_data);
    refuse(in_folder("bad.safetensors"), NULL, wanted);
}

static void test_refused_safetensors(void **state)
{
    (void)state;
    const char *good = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}";
    refuse_safetensors(good, 0, 24, "holds weights only"); /* it is good, but for what its layers are */
    refuse_safetensors(good, 1000, 24,
                       "its safetensors header claims 1000 bytes, but the file ends after 81; is it "
                       "truncated?");
    refuse_safetensors(good, UINT64_MAX, 24, "claims 18446744073709551615 bytes");
    refuse_safetensors(good, 0, 23, "lies at bytes 0 to 24, but the data end at 23; is the file truncated?");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,20]}}", 0, 24,
                       "its tensor a has 20 bytes, which do not fit its shape and type");
    refuse_safetensors("{\"a\":{\"dtype\":\"F64\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 0, 24, "do not fit");
    refuse_safetensors("{\"a\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 0, 8,
                       "its tensor a is of type I32; F32, F64, F16 and BF16 are read");
    refuse_safetensors("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 0, 8, "its tensor a has no dtype");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}}", 0, 4,
                       "has no shape of at most 4 numbers");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 0, 4,
                       "has a dimension that is no size");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 0, 4, "is no size");
    refuse_safetensors(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483648,2147483648,2147483648],\"data_offsets\":[0,0]}}", 0, 4,
        "do not fit its shape");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}}", 0, 8, "has no data_offsets");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 0, 8,
                       "has no data_offsets");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":7}}", 0, 8, "has no data_offsets");
    refuse_safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                       "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                       0, 8, "two of its tensors overlap at byte 4");
    refuse_safetensors("{\"a\":3}", 0, 8, "its tensor a has no dtype");
    refuse_safetensors("{\"a\":", 0, 0, "its safetensors header is no JSON object");
    refuse_safetensors("{\"a\":{},\"a\":{}}", 0, 0, "its safetensors header is no JSON object (duplicate object key");
    refuse_safetensors("{\"\\u001b[31m\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 0, 4,
                       "a tensor's name holds the byte 0x1b");
}

static void test_types_of_safetensors(void **state)
{
    (void)state;
    static const char header[] = "{\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
                                 "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[2,4]},"
                                 "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[4,12]},"
                                 "\"n.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[12,20]}}";
    mg_tensors tensors = {0};
    char *text = NULL;
    size_t n = 0;
    write_safetensors(in_folder("types.safetensors"), header, 0, 20);
    unsigned char *bytes = read_file(in_folder("types.safetensors"), &n);
    assert_int_equal(mg_safetensors_read(bytes, n, &tensors, &text, NULL), MG_OK);
    assert_int_equal(tensors.n, 3);
    assert_null(text);
    assert_true(fabsf(mg_tensors_find(&tensors, "h")->data[0] - 1.5318e-5f) < 1e-9f); /* 0x0101 = 257 * 2^-24 */
    assert_int_equal(mg_tensors_find(&tensors, "d")->n_dims, 0);
    mg_tensors_destroy(&tensors);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(mg_safetensors_read(bytes, i, &tensors, &text, NULL), MG_EINPUT);
    free(bytes);
}

/* --- PyTorch: a pickle put together by hand --- */

typedef struct {
    char bytes[1 << 16];
    size_t n;
} pickle;

static void put(pickle *out, const char *bytes, size_t n)
{
    assert_true(out->n + n <= sizeof out->bytes);
    memcpy(out->bytes + out->n, bytes, n);
    out->n += n;
}
#define PUT(out, literal) put((out), (literal), sizeof(literal) - 1)

static void put_text(pickle *out, const char *text)
{
    uint32_t n = (uint32_t)strlen(text);
    PUT(out, "X");
    put(out, (const char *)&n, 4);
    put(out, text, n);
}

static void put_integer(pickle *out, int64_t value)
{
    PUT(out, "\x8a\x08");
    put(out, (const char *)&value, 8);
}

static void put_tuple(pickle *out, int n, const int64_t *value)
{
    PUT(out, "(");
    for (int i = 0; i < n; i++)
        put_integer(out, value[i]);
    PUT(out, "t");
}

/* torch._utils._rebuild_tensor_v2(storage, offset, shape, stride, False, OrderedDict()) */
static void put_tensor(pickle *out, const char *storage, const char *key, int64_t offset, int n, const int64_t *dim,
                       const int64_t *stride)
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

static void add_entry(zip_t *zip, const char *name, const void *bytes, size_t n, bool pack)
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

static void refuse_pickle(const pickle *in, const char *wanted)
{
    refuse(write_zip(in, (zip_words){.n_storage = 96}), NULL, wanted);
}
#define REFUSE_PICKLE(wanted, literal)                                                                                 \
    do {                                                                                                               \
        pickle p_ = {.n = 0};                                                                                          \
        PUT(&p_, literal);                                                                                             \
        refuse_pickle(&p_, wanted);                                                                                    \
    } while (0)

static void test_pickles_that_call(void **state)
{
    (void)state;
    REFUSE_PICKLE("hand.pth: refuses to run 'posix.system' (pickle global); a state dict holds tensors only",
                  "\x80\x02"
                  "cposix\nsystem\n(X\x04\0\0\0true"
                  "tR.");
    REFUSE_PICKLE("refuses to run 'builtins.eval' (pickle global)", "\x80\x04\x8c\x08"
                                                                    "builtins\x8c\x04"
                                                                    "eval\x93.");
    REFUSE_PICKLE("refuses to run 'os.system' (pickle INST)", "(X\x04\0\0\0true"
                                                              "ios\nsystem\n.");
    REFUSE_PICKLE("refuses to run '__main__.Net' (pickle global)", "\x80\x02"
                                                                   "c__main__\nNet\n)\x81.");
    REFUSE_PICKLE("refuses to run 'a?[31m.b' (pickle global)", "ca\x1b[31m\nb\n.");
    REFUSE_PICKLE("refuses to run pickle OBJ 0x6f at byte 1", "(o.");
    REFUSE_PICKLE("refuses to make an object (pickle NEWOBJ at byte 2)", ")N\x81.");
    REFUSE_PICKLE("refuses to run pickle NEWOBJ_EX 0x92", ")N)\x92.");
    REFUSE_PICKLE("refuses to run pickle EXT 0x82", "\x82\x01.");
    REFUSE_PICKLE("refuses to run pickle PERSID 0x50", "P1\n.");
    REFUSE_PICKLE("refuses to set an object's state (pickle BUILD at byte 2)", "N}b.");
    REFUSE_PICKLE("a call of what is no function", "N)R.");
    REFUSE_PICKLE("a call that no state dict makes", "ctorch\nFloatStorage\n)R.");
    REFUSE_PICKLE("a call that no state dict makes", "ccollections\nOrderedDict\nN\x85R.");
}

static void test_damaged_pickles(void **state)
{
    (void)state;
    REFUSE_PICKLE("its pickle is damaged at byte 0: it ends in the middle of a value", "X\xff\xff\xff\xff");
    REFUSE_PICKLE("it ends in the middle of a value", "\x8d\xff\xff\xff\xff\xff\xff\xff\xff.");
    REFUSE_PICKLE("it ends in the middle", "}");
    REFUSE_PICKLE("its protocol is not 2 to 5", "\x80\x09}.");
    REFUSE_PICKLE("a frame runs past its end", "\x80\x04\x95\xff\0\0\0\0\0\0\0}.");
    REFUSE_PICKLE("its stack is empty", "0.");
    REFUSE_PICKLE("its stack is empty", "\x85.");
    REFUSE_PICKLE("its stack is empty", "N(\x85.");
    REFUSE_PICKLE("a mark is missing", "Nt.");
    REFUSE_PICKLE("items for no container", "NNa.");
    REFUSE_PICKLE("items for no container", "]NNs.");
    REFUSE_PICKLE("a container is missing", "(u.");
    REFUSE_PICKLE("a key without value", "}(Nu.");
    REFUSE_PICKLE("takes an empty place of the memo", "h\x01.");
    REFUSE_PICKLE("a place in the memo beyond all reason", "Nr\xff\xff\xff\xff.");
    REFUSE_PICKLE("an integer of more than 8 bytes", "\x8a\x09"
                                                     "123456789.");
    REFUSE_PICKLE("a persistent id that is no tuple", "NQ.");
    REFUSE_PICKLE("a name has no end", "cposix");
    REFUSE_PICKLE("a name that is no text", "NN\x93.");
    REFUSE_PICKLE("it ends with an untidy stack", "NN.");
    REFUSE_PICKLE("it ends with an untidy stack", "N(.");
    REFUSE_PICKLE("it holds no dict of tensors", "N.");
    REFUSE_PICKLE("it holds no tensors, neither by itself nor below", "}X\x01\0\0\0aK\x01s.");
    REFUSE_PICKLE("it holds no dict of tensors", "]q\0h\0a.");                  /* a list that contains itself */
    REFUSE_PICKLE("it holds no tensors, neither", "}q\0X\x05\0\0\0modelh\0s."); /* and a dict */
}

/* A dict with one tensor of that description. */
static pickle one_tensor(const char *name, const char *storage, const char *key, int64_t offset, int n,
                         const int64_t *dim, const int64_t *stride)
{
    pickle out = {.n = 0};
    PUT(&out, "\x80\x02}");
    put_text(&out, name);
    put_tensor(&out, storage, key, offset, n, dim, stride);
    PUT(&out, "s.");
    return out;
}

static void refuse_tensor(int64_t offset, int n, const int64_t *dim, const int64_t *stride, const char *wanted)
{
    pickle in = one_tensor("a", "FloatStorage", "0", offset, n, dim, stride);
    refuse_pickle(&in, wanted);
}
#define SIZES(...) ((const int64_t[]){__VA_ARGS__})

static void test_tensors_outside_their_storage(void **state)
{
    (void)state; /* the storage has 24 numbers */
    const char *outside = "the numbers of its tensor a lie outside their storage of 96 bytes";
    const int64_t most = INT64_MAX, wide = (int64_t)1 << 31;
    refuse_tensor(0, 2, SIZES(2, 12), SIZES(12, 1), "holds weights only");
    refuse_tensor(23, 1, SIZES(1), SIZES(most), "holds weights only");
    refuse_tensor(0, 2, SIZES(0, most), SIZES(most, most), "more than 2^31 numbers");
    refuse_tensor(0, 2, SIZES(2, 13), SIZES(12, 1), outside);
    refuse_tensor(1, 2, SIZES(2, 12), SIZES(12, 1), outside);
    refuse_tensor(24, 1, SIZES(1), SIZES(1), outside);
    refuse_tensor(most, 1, SIZES(1), SIZES(1), outside);
    refuse_tensor(0, 1, SIZES(2), SIZES(most), outside);
    refuse_tensor(0, 4, SIZES(wide, wide, wide, wide), SIZES(1, 1, 1, 1), outside);
    refuse_tensor(0, 4, SIZES(wide, wide, wide, wide), SIZES(0, 0, 0, 0), "share their storages too often");
    refuse_tensor(0, 2, SIZES(25, 2), SIZES(0, 24), outside);
    refuse_tensor(0, 1, SIZES((1 << 20) + 5000), SIZES(0), "share their storages too often");
    refuse_tensor(0, 1, SIZES(25), SIZES(0), "holds weights only"); /* an expanded tensor: one number is 25 */
    refuse_tensor(-1, 1, SIZES(1), SIZES(1), "is described in a way that is not known");
    refuse_tensor(0, 1, SIZES(-2), SIZES(1), "is described in a way that is not known");
    refuse_tensor(0, 1, SIZES(2), SIZES(-1), "is described in a way that is not known");
    refuse_tensor(0, 5, SIZES(1, 1, 1, 1, 1), SIZES(1, 1, 1, 1, 1), "is described in a way that is not known");
}

static void test_storages(void **state)
{
    (void)state;
    pickle in = one_tensor("a", "FloatStorage", "7", 0, 1, SIZES(1), SIZES(1));
    refuse_pickle(&in, "the numbers of its tensor a are not in the zip");
    in = one_tensor("a", "ComplexFloatStorage", "0", 0, 1, SIZES(1), SIZES(1));
    refuse_pickle(&in, "refuses to run 'torch.ComplexFloatStorage' (pickle global)");
    in = one_tensor("a", "LongStorage", "0", 0, 1, SIZES(1), SIZES(1));
    refuse_pickle(&in, "it holds no tensors");
    in = one_tensor("", "FloatStorage", "0", 0, 1, SIZES(1), SIZES(1));
    refuse_pickle(&in, "a tensor's name has 0 bytes");
    in = one_tensor("a/b", "FloatStorage", "0", 0, 1, SIZES(1), SIZES(1));
    refuse_pickle(&in, "a tensor's name holds the byte 0x2f");
    in = one_tensor("a", "FloatStorage", "0", 0, 1, SIZES(1), SIZES(1));
    refuse(write_zip(&in, (zip_words){.n_storage = 4096, .pack = true}), NULL,
           "its zip was packed again; torch.save() and Keras store without compression");
    refuse(write_zip(&in, (zip_words){.n_storage = 96, .name = "archive/byteorder", .text = "big"}), NULL,
           "its numbers are big-endian");
    refuse(write_zip(&in, (zip_words){.n_storage = 96, .name = "archive/byteorder", .text = "little"}), NULL,
           "holds weights only");
    refuse(write_zip(&in, (zip_words){.n_storage = 96, .pickle_name = "archive/other.pkl"}), NULL,
           "this zip file holds no data.pkl");
}

/* Many tensors over one storage: memory must not grow without end. */
static void test_shared_storage(void **state)
{
    (void)state;
    pickle in = {.n = 0};
    char name[16];
    PUT(&in, "}(");
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "t%d", i);
        put_text(&in, name);
        put_tensor(&in, "FloatStorage", "0", 0, 1, SIZES(1024), SIZES(1));
    }
    PUT(&in, "u.");
    refuse(write_zip(&in, (zip_words){.n_storage = 4096}), NULL, "its tensors share their storages too often");
}

static void test_state_dict_attributes(void **state)
{
    (void)state;
    pickle in = {.n = 0};
    PUT(&in, "\x80\x02"
             "ccollections\nOrderedDict\n)R(");
    put_text(&in, "a.weight");
    put_tensor(&in, "FloatStorage", "0", 0, 2, SIZES(2, 12), SIZES(1, 2)); /* transposed */
    put_text(&in, "a.bias");
    PUT(&in, "ctorch._utils\n_rebuild_parameter\n(");
    put_tensor(&in, "FloatStorage", "0", 5, 1, SIZES(2), SIZES(1));
    PUT(&in, "\x88NtR"
             "u}X\x09\0\0\0_metadata}sb.");
    write_file(in_folder("net.arch"), small_text, strlen(small_text));
    mg_model model = read_model(write_zip(&in, (zip_words){.n_storage = 96}), in_folder("net.arch"));
    assert_true(model.tensors.tensor[0].data[1] == 2.0f && model.tensors.tensor[0].data[12] == 1.0f);
    assert_true(model.tensors.tensor[1].data[0] == 5.0f);
    mg_model_destroy(&model);
}

/* --- what training programs write --- */

/* Tensors a.weight (2 x 12) and a.bias of small_text, each with words before its name. */
static void put_small(pickle *out, const char *before)
{
    char name[128];
    snprintf(name, sizeof name, "%sa.weight", before);
    put_text(out, name);
    put_tensor(out, "FloatStorage", "0", 0, 2, SIZES(2, 12), SIZES(12, 1));
    snprintf(name, sizeof name, "%sa.bias", before);
    put_text(out, name);
    put_tensor(out, "FloatStorage", "0", 5, 1, SIZES(2), SIZES(0)); /* expanded */
}

static void read_small(const pickle *in)
{
    mg_model model = read_model(write_zip(in, (zip_words){.n_storage = 96}), in_folder("net.arch"));
    assert_string_equal(model.tensors.tensor[0].name, "a.weight");
    assert_true(model.tensors.tensor[0].data[13] == 13.0f);
    assert_true(model.tensors.tensor[1].data[0] == 5.0f && model.tensors.tensor[1].data[1] == 5.0f);
    mg_model_destroy(&model);
}

static void test_wrappers(void **state)
{
    (void)state;
    static const char *const before[] = {
        "", "module.", "model.", "_orig_mod.", "_orig_mod.module.", "model._orig_mod.", "net."};
    write_file(in_folder("net.arch"), small_text, strlen(small_text));
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        pickle in = {.n = 0};
        PUT(&in, "}(");
        put_small(&in, before[i]);
        PUT(&in, "u.");
        read_small(&in);
    }
    /* two networks, or one with a stranger's tensor: whose weights are left over? */
    pickle in = {.n = 0};
    PUT(&in, "}(");
    put_small(&in, "module.");
    put_small(&in, "model.");
    PUT(&in, "u.");
    refuse(write_zip(&in, (zip_words){.n_storage = 96}), in_folder("net.arch"),
           "needs a tensor a.weight, which is not among");
    in.n = 0;
    PUT(&in, "}(");
    put_small(&in, "teacher.");
    PUT(&in, "u.");
    refuse(write_zip(&in, (zip_words){.n_storage = 96}), in_folder("net.arch"),
           "needs a tensor a.weight, which is not among");
}

/* A checkpoint with settings, numpy's scalars and the like beside its state_dict. */
static void test_checkpoint(void **state)
{
    (void)state;
    pickle in = {.n = 0};
    write_file(in_folder("net.arch"), small_text, strlen(small_text));
    PUT(&in, "\x80\x02}(");
    put_text(&in, "hyper_parameters");
    PUT(&in, "cpytorch_lightning.utilities.parsing\nAttributeDict\n)R(");
    put_text(&in, "rate");
    PUT(&in, "G\0\0\0\0\0\0\0\0u}b");
    put_text(&in, "best");
    PUT(&in, "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\nX\x02\0\0\0f8K\0K\1\x87R(K\x03X\x01\0\0\0<NtbC\x02xytR");
    put_text(&in, "arguments");
    PUT(&in, "cargparse\nNamespace\n)\x81}b");
    put_text(&in, "state_dict");
    PUT(&in, "}(");
    put_small(&in, "model.");
    PUT(&in, "uu.");
    read_small(&in);
    in.n = 0;
    PUT(&in, "}(");
    put_text(&in, "net");
    PUT(&in, "}(");
    put_small(&in, "");
    PUT(&in, "uu.");
    read_small(&in);
}

static void put_count(pickle *out, int64_t n)
{
    put(out, (const char *)&n, sizeof n);
}

/* A file as torch.save() wrote it before 1.6: little says whether the machine was little-endian. */
static pickle put_legacy(const char *little, int64_t protocol, const char *list)
{
    pickle out = {.n = 0};
    PUT(&out, "\x80\x02\x8a\x0al\xfc\x9c"
              "F\xf9 j\xa8P\x19.\x80\x02");
    put_integer(&out, protocol);
    PUT(&out, ".\x80\x02}");
    put_text(&out, "little_endian");
    put(&out, little, 1);
    PUT(&out, "s.\x80\x02}(");
    put_small(&out, "");
    PUT(&out, "u.\x80\x02](");
    put_text(&out, list);
    PUT(&out, "e.");
    put_count(&out, 24);
    for (int i = 0; i < 24; i++) {
        float value = (float)i;
        put(&out, (const char *)&value, sizeof value);
    }
    return out;
}

static void test_legacy(void **state)
{
    (void)state;
    const char *path = in_folder("legacy.pth");
    write_file(in_folder("net.arch"), small_text, strlen(small_text));
    pickle in = put_legacy("\x88", 1001, "0");
    write_file(path, in.bytes, in.n);
    mg_model model = read_model(path, in_folder("net.arch"));
    assert_true(model.tensors.tensor[0].data[13] == 13.0f && model.tensors.tensor[1].data[1] == 5.0f);
    mg_model_destroy(&model);
    for (size_t n = 15; n < in.n; n++) { /* cut anywhere, it is refused */
        mg_error err = {0};
        write_file(path, in.bytes, n);
        assert_int_equal(mg_model_read(path, &(mg_model_words){.arch = in_folder("net.arch")}, &model, &err),
                         MG_EINPUT);
    }
    in = put_legacy("\x89", 1001, "0");
    write_file(path, in.bytes, in.n);
    refuse(path, in_folder("net.arch"), "its numbers are big-endian");
    in = put_legacy("\x88", 1000, "0");
    write_file(path, in.bytes, in.n);
    refuse(path, in_folder("net.arch"), "in a protocol that is not known");
    in = put_legacy("\x88", 1001, "1");
    write_file(path, in.bytes, in.n);
    refuse(path, in_folder("net.arch"), "none that its tensors speak of");
}

/* weight = g v / |v|: rows 0..11 and 12..23 with lengths 506 and 3818 (squares). */
static void test_weight_norm(void **state)
{
    (void)state;
    static const char *const name[][2] = {
        {"module.a.weight_g", "module.a.weight_v"},
        {"a.parametrizations.weight.original0", "a.parametrizations.weight.original1"}};
    write_file(in_folder("net.arch"), small_text, strlen(small_text));
    for (size_t i = 0; i < 2; i++) {
        pickle in = {.n = 0};
        PUT(&in, "}(");
        put_text(&in, name[i][0]);
        put_tensor(&in, "FloatStorage", "0", 2, 2, SIZES(2, 1), SIZES(1, 1)); /* 2 and 3 */
        put_text(&in, name[i][1]);
        put_tensor(&in, "FloatStorage", "0", 0, 2, SIZES(2, 12), SIZES(12, 1));
        put_text(&in, i == 0 ? "module.a.bias" : "a.bias");
        put_tensor(&in, "FloatStorage", "0", 5, 1, SIZES(2), SIZES(1));
        PUT(&in, "u.");
        mg_model model = read_model(write_zip(&in, (zip_words){.n_storage = 96}), in_folder("net.arch"));
        const mg_tensor *weight = mg_tensors_find(&model.tensors, "a.weight");
        assert_int_equal(model.tensors.n, 2);
        assert_true(fabs((double)weight->data[11] - 2.0 * 11.0 / sqrt(506.0)) < 1e-7);
        assert_true(fabs((double)weight->data[23] - 3.0 * 23.0 / sqrt(3818.0)) < 1e-7);
        mg_model_destroy(&model);
    }
    pickle in = {.n = 0};
    PUT(&in, "}(");
    put_text(&in, "a.weight_g");
    put_tensor(&in, "FloatStorage", "0", 2, 2, SIZES(3, 1), SIZES(1, 1));
    put_text(&in, "a.weight_v");
    put_tensor(&in, "FloatStorage", "0", 0, 2, SIZES(2, 12), SIZES(12, 1));
    PUT(&in, "u.");
    refuse(write_zip(&in, (zip_words){.n_storage = 96}), in_folder("net.arch"),
           "a.weight_g and a.weight_v are no length and direction");
}

/* --- HDF5 --- */

/* A file with these attributes; format NULL: none. */
static hid_t create_h5(const char *path, const char *format, int64_t version)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1);
    hid_t space = H5Screate(H5S_SCALAR), attribute;
    if (format != NULL) {
        H5Tset_size(type, strlen(format));
        attribute = H5Acreate2(file, "format", type, space, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Awrite(attribute, type, format) >= 0);
        H5Aclose(attribute);
        attribute = H5Acreate2(file, "version", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Awrite(attribute, H5T_NATIVE_INT64, &version) >= 0);
        H5Aclose(attribute);
    }
    H5Sclose(space);
    H5Tclose(type);
    return file;
}

static void add_h5_dataset(hid_t file, const char *name, hid_t type, int n_dims, const hsize_t *dim, hid_t list)
{
    hid_t space = H5Screate_simple(n_dims, dim, NULL), links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    hid_t dataset = H5Dcreate2(file, name, type, space, links, list, H5P_DEFAULT);
    assert_true(dataset >= 0);
    H5Dclose(dataset);
    H5Pclose(links);
    H5Sclose(space);
}

static void test_refused_hdf5(void **state)
{
    (void)state;
    const char *path = in_folder("bad.h5");
    const hsize_t dim[] = {4, 3, 1, 1, 1}, large[] = {1 << 20, 1 << 20};
    hid_t file = create_h5(path, "mutagree-run", 1);
    H5Gclose(H5Gcreate2(file, "provenance", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(file);
    refuse(path, NULL, "it is the result of a run, not a model");
    H5Fclose(create_h5(path, "mutagree-model", 7));
    refuse(path, NULL, "it is a mutagree model of version 7; this mutagree reads version 1");
    H5Fclose(create_h5(path, "mutagree-model", 1));
    refuse(path, NULL, "it has no attribute architecture");
    H5Fclose(create_h5(path, NULL, 0));
    refuse(path, NULL, "it holds no tensors");
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    file = create_h5(path, NULL, 0);
    add_h5_dataset(file, "a", H5T_IEEE_F32LE, 5, dim, list);
    H5Fclose(file);
    refuse(path, NULL, "its dataset a has no shape of at most 4 dimensions");
    file = create_h5(path, NULL, 0);
    add_h5_dataset(file, "b/c", H5T_IEEE_F32LE, 2, large, list);
    H5Fclose(file);
    refuse(path, NULL, "its dataset b.c claims far more numbers than the file of");
    assert_true(H5Pset_external(list, in_folder("hand.pth"), 0, 48) >= 0);
    file = create_h5(path, NULL, 0);
    add_h5_dataset(file, "a", H5T_IEEE_F32LE, 2, dim, list);
    H5Fclose(file);
    refuse(path, NULL, "it holds no tensors");
    H5Pclose(list);
}

static void test_foreign_hdf5(void **state)
{
    (void)state;
    const char *path = in_folder("foreign.h5");
    const hsize_t weight[] = {2, 12}, bias[] = {2};
    hid_t file = create_h5(path, NULL, 0);
    add_h5_dataset(file, "a/weight", H5T_IEEE_F64BE, 2, weight, H5P_DEFAULT);
    add_h5_dataset(file, "a/bias", H5T_IEEE_F32LE, 1, bias, H5P_DEFAULT);
    add_h5_dataset(file, "step", H5T_STD_I32LE, 1, bias, H5P_DEFAULT);
    assert_true(H5Lcreate_soft("/a/weight", file, "soft", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_external("/etc/none.h5", "/x", file, "outside", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_hard(file, "/", file, "loop", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
    write_file(in_folder("foreign.arch"), small_text, strlen(small_text));
    mg_model model = read_model(path, NULL);
    assert_int_equal(model.tensors.n, 2);
    mg_model_destroy(&model);
}

/* --- damage at random --- */

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
        cmocka_unit_test(test_checkpoint_of_pytorch),
        cmocka_unit_test(test_wrappers),
        cmocka_unit_test(test_checkpoint),
        cmocka_unit_test(test_legacy),
        cmocka_unit_test(test_weight_norm),
        cmocka_unit_test(test_published_network),
        cmocka_unit_test(test_model_that_comes_with_us),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_same_model_same_bytes),
        cmocka_unit_test(test_refused_writing),
        cmocka_unit_test(test_writing_that_fails),
        cmocka_unit_test(test_pack),
        cmocka_unit_test(test_architecture_from_elsewhere),
        cmocka_unit_test(test_refused_files),
        cmocka_unit_test(test_found_by_name),
        cmocka_unit_test(test_nan_in_a_file),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_refused_safetensors),
        cmocka_unit_test(test_types_of_safetensors),
        cmocka_unit_test(test_pickles_that_call),
        cmocka_unit_test(test_damaged_pickles),
        cmocka_unit_test(test_tensors_outside_their_storage),
        cmocka_unit_test(test_storages),
        cmocka_unit_test(test_shared_storage),
        cmocka_unit_test(test_state_dict_attributes),
        cmocka_unit_test(test_refused_hdf5),
        cmocka_unit_test(test_foreign_hdf5),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_damaged_pickle_bytes),
    };
    return cmocka_run_group_tests_name("models", tests, make_folder, remove_folder);
}
