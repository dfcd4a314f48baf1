/* test_programs.c  model files that hold a program: each is refused, with the lines of Python that make an ONNX file of it
 *
 * A whole module (torch.save(model)), TorchScript, .pt2, joblib, SavedModel and checkpoints of TensorFlow, made here as far as
 * their names and first bytes go. Damaged files are not told to be programs.
 */
#include "tests/support/files.h"

#include <sys/stat.h>
#include <zip.h>

#include "io/model/model.h"
#include "io/model/programs.h"
#include "io/model/torch.h"

#define MODULE                                                                                                         \
    "\x80\x02"                                                                                                         \
    "c__main__\nNet\n)\x81."

static void write_zip(const char *path, const char *entry, const char *more)
{
    static const char *const names[] = {"archive/data.pkl", "archive/version"};
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    const char *const all[] = {entry != NULL ? entry : names[0], names[1], more};
    for (size_t i = 0; i < 3 && all[i] != NULL; i++) {
        zip_source_t *source = zip_source_buffer(zip, i == 0 ? MODULE : "3", i == 0 ? sizeof MODULE - 1 : 1, 0);
        zip_int64_t at = zip_file_add(zip, all[i], source, 0);
        assert_true(at >= 0);
        assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0), 0);
    }
    assert_int_equal(zip_close(zip), 0);
}

/* Refused with a sentence that names the file and holds all of the words; `unwanted` is not in it. */
static void refuse(const char *path, const char *what, const char *line, const char *unwanted)
{
    mg_model model = {0};
    mg_error err = {0};
    assert_int_equal(mg_model_read(path, NULL, &model, &err), MG_EINPUT);
    const char *const wanted[] = {path, what, line};
    for (size_t i = 0; i < 3; i++)
        if (wanted[i] != NULL && strstr(err.text, wanted[i]) == NULL)
            fail_msg("wanted '%s', got '%s'", wanted[i], err.text);
    if (unwanted != NULL && strstr(err.text, unwanted) != NULL) fail_msg("'%s' in '%s'", unwanted, err.text);
    assert_null(strchr(err.text, '\n'));
    assert_int_equal(mg_model_read(path, NULL, &model, NULL), MG_EINPUT);
}

static void test_pytorch(void **state)
{
    (void)state;
    write_zip(path_of("whole.pth"), NULL, NULL);
    refuse(path_of("whole.pth"), "refuses to run '__main__.Net'",
           "whole.pth', weights_only=False).eval(); torch.onnx.export(m", "jit");
    write_zip(path_of("script.pt"), NULL, "script/code/__torch__/net.py");
    refuse(path_of("script.pt"), NULL, "m = torch.jit.load('", "weights_only");
    write_zip(path_of("script2.pt"), NULL, "script/constants.pkl");
    refuse(path_of("script2.pt"), NULL, "m = torch.jit.load('", "weights_only");
    write_zip(path_of("net.pt2"), "serialized_exported_program.json", NULL);
    refuse(path_of("net.pt2"), "no PyTorch state dict", "torch.export.load('", "jit");
    write_zip(path_of("new.pt2"), "net/models/model.json", NULL);
    refuse(path_of("new.pt2"), NULL, "torch.export.load('", "jit");
    write_file("plain.pkl", "wu", MODULE, sizeof MODULE - 1);
    refuse(path_of("plain.pkl"), "none that torch.save() made", "torch.load('", "joblib");
}

static void test_joblib(void **state)
{
    static const char pickled[] = "\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x13joblib.numpy_pickle\x94.",
                      packed[] = "x\x9c\x03\0\0";
    (void)state;
    write_file("a.pkl", "wu", pickled, sizeof pickled - 1);
    refuse(path_of("a.pkl"), "none that torch.save() made", "m = joblib.load('", "torch.load");
    write_file("b.bin", "wu", packed, sizeof packed - 1);
    refuse(path_of("b.bin"), "no model that mutagree can read", "m = joblib.load('", NULL);
    write_file("c.joblib", "wu", "any", 3);
    refuse(path_of("c.joblib"), "it is a file of joblib", "m = joblib.load('", NULL);
}

static void test_tensorflow(void **state)
{
    static const char table[] = "\0\0\0\x57\xfb\x80\x8b\x24\x75\x47\xdb";
    (void)state;
    assert_int_equal(mkdir(path_of("saved"), 0777), 0);
    write_file("saved/saved_model.pb", "wu", "\x08\x01\x12", 3);
    refuse(path_of("saved"), "it is a SavedModel", "python -m tf2onnx.convert --saved-model '", NULL);
    refuse(path_of("saved/saved_model.pb"), "it is a SavedModel", "tf2onnx.convert", NULL);
    unlink(path_of("saved/saved_model.pb"));
    rmdir(path_of("saved"));
    write_file("net.ckpt.index", "wu", table, sizeof table - 1);
    refuse(path_of("net.ckpt"), "part of a checkpoint", "m.load_weights('", NULL);
    refuse(path_of("net.ckpt.index"), "part of a checkpoint", "tf2onnx.convert.from_keras", NULL);
    write_file("other.index", "wu", table, sizeof table - 1);
    refuse(path_of("other.index"), NULL, "m.load_weights('", NULL);
    write_file("net.ckpt.data-00000-of-00001", "wu", "any", 3);
    refuse(path_of("net.ckpt.data-00000-of-00001"), "part of a checkpoint", "m.load_weights('", NULL);
}

/* Nothing is said of programs where the file is only damaged, or is no model at all. */
static void test_others(void **state)
{
    (void)state;
    write_file("short.pkl", "wu", "\x80\x02X\xff\xff\xff\xff", 7);
    refuse(path_of("short.pkl"), NULL, NULL, "jit");
    write_file("text", "wu", "hello", 5);
    refuse(path_of("text"), "no model that mutagree can read", NULL, "Python");
    assert_int_equal(mg_program_of_path(path_of("nothing")), MG_PROGRAM_NONE);
    assert_int_equal(mkdir(path_of("empty"), 0777), 0);
    refuse(path_of("empty"), "is no regular file", NULL, "Python");
    rmdir(path_of("empty"));
    assert_int_equal(mg_torch_program((const unsigned char *)"PK\3\4", 4), MG_PROGRAM_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pytorch), cmocka_unit_test(test_joblib),
                                       cmocka_unit_test(test_tensorflow), cmocka_unit_test(test_others)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
