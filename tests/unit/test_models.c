/* test_models.c  model files: what is read, what is written, what is refused
 *
 * Right: a checkpoint saved by PyTorch (tests/data/small.pth) gives PyTorch's logits; the published network, where its
 * file is at hand, gives the logits of the reference values from all its formats; what is written reads back the same.
 * Wrong: hostile files are built here byte by byte. Each refusal names the file and what is wrong in it. PyTorch: test_torch.c;
 * files damaged at random: test_model_damage.c.
 */
#include "tests/support/model_files.h"

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

int main(int argc, char **argv)
{
    int child = mg_h5_child_serve(argc, argv);
    if (child >= 0) return child;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checkpoint_of_pytorch),
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
        cmocka_unit_test(test_refused_hdf5),
        cmocka_unit_test(test_foreign_hdf5),
    };
    return cmocka_run_group_tests_name("models", tests, make_folder, remove_folder);
}
