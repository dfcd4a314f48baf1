/* test_torch.c  checkpoints of PyTorch and of training programs: what is read of a pickle, and what is refused
 *
 * Hostile files are built here byte by byte; each refusal names the file and what is wrong in it.
 */
#include "tests/support/pickle_file.h"

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

int main(int argc, char **argv)
{
    int child = mg_h5_child_serve(argc, argv);
    if (child >= 0) return child;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pickles_that_call),
        cmocka_unit_test(test_damaged_pickles),
        cmocka_unit_test(test_tensors_outside_their_storage),
        cmocka_unit_test(test_storages),
        cmocka_unit_test(test_shared_storage),
        cmocka_unit_test(test_state_dict_attributes),
        cmocka_unit_test(test_wrappers),
        cmocka_unit_test(test_checkpoint),
        cmocka_unit_test(test_legacy),
        cmocka_unit_test(test_weight_norm),
    };
    return cmocka_run_group_tests_name("torch", tests, make_folder, remove_folder);
}
