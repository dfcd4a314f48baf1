/* model_files.h  model files of tests: a folder for them, a small network and its tensors, reading and being refused */
#ifndef MG_TESTS_SUPPORT_MODEL_FILES_H
#define MG_TESTS_SUPPORT_MODEL_FILES_H

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

#define UNUSED __attribute__((unused)) /* not every test that includes this needs everything */

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

static UNUSED int make_folder(void **state)
{
    (void)state;
    const char *above = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/models.XXXXXX", above != NULL ? above : "/tmp");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static UNUSED int remove_folder(void **state)
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

static UNUSED void write_file(const char *path, const void *bytes, size_t n)
{
    mg_error err = {0};
    if (mg_whole_file_write(path, bytes, n, true, &err) != MG_OK) fail_msg("%s", err.text);
}

static UNUSED unsigned char *read_file(const char *path, size_t *n)
{
    unsigned char *bytes = NULL;
    mg_error err = {0};
    if (mg_whole_file_read(path, (size_t)1 << 30, &bytes, n, &err) != MG_OK) fail_msg("%s", err.text);
    return bytes;
}

static UNUSED bool at_hand(const char *path)
{
    if (access(path, R_OK) == 0) return true;
    print_message("# skipped: %s is not here\n", path);
    return false;
}

static UNUSED mg_model read_model(const char *path, const char *arch)
{
    mg_model model = {0};
    mg_error err = {0};
    if (mg_model_read(path, &(mg_model_words){.arch = arch}, &model, &err) != MG_OK) fail_msg("%s", err.text);
    return model;
}

/* Reading must fail with a sentence that begins with the file's name (or the text's) and holds `wanted`. */
static UNUSED void refuse(const char *path, const char *arch, const char *wanted)
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

static UNUSED const char *const small_text = "window 3\nanchor 0\nlayers\nNet(\n  (a): Linear(12, 2)\n)\n";

static UNUSED mg_tensors small_tensors(void)
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

static UNUSED void write_small(const char *path)
{
    mg_model model = {.tensors = small_tensors()};
    char text[256];
    snprintf(text, sizeof text, "%s", small_text);
    model.architecture = text;
    mg_error err = {0};
    if (mg_model_write(path, &model, false, &err) != MG_OK) fail_msg("%s", err.text);
    mg_tensors_destroy(&model.tensors);
}

static UNUSED void assert_same_tensors(const mg_tensors *a, const mg_tensors *b)
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

#endif
