/* h5_child_serve.c  the child: walks through the file on its standard input and writes down all of it */
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/base/h5_child_stream.h"

enum { NAME = 1 << 16, SENTENCE = 512 };

typedef struct {
    size_t value_bytes;
    char why[SENTENCE]; /* what stopped the walk, "" for a reason of HDF5 */
} server;

/* --- words --- */

static void put(uint64_t word)
{
    fwrite(&word, sizeof word, 1, stdout);
}

static void put_bytes(const void *bytes, size_t n)
{
    static const char zeros[sizeof(uint64_t)];
    put(n);
    fwrite(bytes, 1, n, stdout);
    fwrite(zeros, 1, (sizeof(uint64_t) - n % sizeof(uint64_t)) % sizeof(uint64_t), stdout);
}

static void put_text(const char *text)
{
    put_bytes(text, strlen(text) + 1);
}

/* --- values --- */

/* A dataset or an attribute, and what its values are to be read as. */
typedef struct {
    hid_t object, type, in_memory;
    bool is_attribute, is_variable;
    size_t item; /* bytes in memory */
    mg_h5_value value;
} source;

static herr_t read_values(const source *from, void *to)
{
    if (from->is_attribute) return H5Aread(from->object, from->in_memory, to);
    return H5Dread(from->object, from->in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
}

/* Numbers outside the file could be any file of the user's. */
static bool lies_elsewhere(const source *from)
{
    if (from->is_attribute) return false;
    hid_t list = H5Dget_create_plist(from->object);
    bool elsewhere = list < 0 || H5Pget_layout(list) == H5D_VIRTUAL || H5Pget_external_count(list) != 0;
    if (list >= 0) H5Pclose(list);
    return elsewhere;
}

static void choose_type(source *from)
{
    mg_h5_value *value = &from->value;
    H5T_class_t class = H5Tget_class(from->type);
    value->item_bytes = H5Tget_size(from->type);
    value->kind = MG_H5_OTHER;
    if (class == H5T_FLOAT) {
        value->kind = MG_H5_REAL;
        from->item = value->item_bytes <= sizeof(float) ? sizeof(float) : sizeof(double);
        from->in_memory = H5Tcopy(from->item == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE);
    } else if (class == H5T_INTEGER || class == H5T_ENUM) {
        value->kind = MG_H5_INTEGER;
        from->item = sizeof(int64_t);
        from->in_memory = H5Tcopy(H5T_NATIVE_INT64);
    } else if (class == H5T_STRING) {
        from->is_variable = H5Tis_variable_str(from->type) > 0;
        value->kind = MG_H5_TEXT;
        from->item = from->is_variable ? sizeof(char *) : value->item_bytes;
        if (from->is_variable) value->item_bytes = 0;
        from->in_memory = H5Tcopy(from->type);
    }
}

/* Items of the space; false when they are more than a number can tell, or have too many dims. */
static bool measure(hid_t space, mg_h5_value *value)
{
    hsize_t dim[H5S_MAX_RANK] = {0};
    int n_dims = H5Sget_simple_extent_dims(space, dim, NULL);
    if (H5Sget_simple_extent_type(space) == H5S_NULL) return true; /* no items at all */
    if (n_dims < 0 || n_dims > MG_H5_MAX_DIMS) return false;
    value->n_dims = n_dims;
    value->n = 1;
    for (int d = 0; d < n_dims; d++) {
        if (dim[d] > INT64_MAX || (dim[d] > 0 && value->n > INT64_MAX / (int64_t)dim[d])) return false;
        value->dim[d] = (int64_t)dim[d];
        value->n *= (int64_t)dim[d];
    }
    return true;
}

/* The texts of variable length of n items, each with an ending zero. */
static void put_variable_texts(char *const *text, size_t n)
{
    char *all = NULL;
    size_t n_all = 0;
    FILE *out = open_memstream(&all, &n_all);
    for (size_t i = 0; out != NULL && i < n; i++) {
        fputs(text[i] != NULL ? text[i] : "", out);
        fputc('\0', out);
    }
    if (out == NULL || fclose(out) != 0) _exit(EXIT_FAILURE); /* no memory: the parent says so */
    put_bytes(all, n_all);
    free(all);
}

static void put_fixed_texts(const char *text, size_t n, size_t width, bool spaces)
{
    char *all = calloc(n > 0 ? n : 1, width + 1), *to = all;
    if (all == NULL) _exit(EXIT_FAILURE);
    for (size_t i = 0; i < n; i++, text += width) {
        size_t length = strnlen(text, width);
        while (spaces && length > 0 && text[length - 1] == ' ')
            length--;
        memcpy(to, text, length);
        to += length + 1;
    }
    put_bytes(all, (size_t)(to - all));
    free(all);
}

static bool put_values(server *in, source *from, hid_t space, const char *name)
{
    size_t n = (size_t)from->value.n;
    char *values = calloc(n > 0 ? n : 1, from->item);
    if (values == NULL) _exit(EXIT_FAILURE);
    if (n > 0 && read_values(from, values) < 0) {
        snprintf(in->why, sizeof in->why, "the values of %.200s cannot be read", name);
        free(values);
        return false;
    }
    put(1);
    if (from->value.kind == MG_H5_TEXT && from->is_variable)
        put_variable_texts((char *const *)values, n);
    else if (from->value.kind == MG_H5_TEXT)
        put_fixed_texts(values, n, from->item, H5Tget_strpad(from->type) == H5T_STR_SPACEPAD);
    else
        put_bytes(values, n * from->item);
    if (from->is_variable && n > 0) H5Dvlen_reclaim(from->in_memory, space, H5P_DEFAULT, values);
    free(values);
    return true;
}

static bool put_value(server *in, source *from, hid_t space, const char *name)
{
    mg_h5_value *value = &from->value;
    bool fits = measure(space, value);
    choose_type(from);
    if (!fits || lies_elsewhere(from)) value->kind = MG_H5_OTHER;
    if (value->n > 0 && from->item > 0 && (size_t)value->n > in->value_bytes / from->item) from->item = 0;
    put((uint64_t)value->kind);
    put(value->item_bytes);
    put((uint64_t)value->n_dims);
    for (int d = 0; d < value->n_dims; d++)
        put((uint64_t)value->dim[d]);
    put((uint64_t)value->n);
    if (value->kind != MG_H5_OTHER && from->item > 0) return put_values(in, from, space, name);
    put(0);
    return true;
}

static bool put_object_value(server *in, hid_t object, bool is_attribute, const char *name)
{
    source from = {.object = object, .is_attribute = is_attribute, .in_memory = -1};
    from.type = is_attribute ? H5Aget_type(object) : H5Dget_type(object);
    hid_t space = is_attribute ? H5Aget_space(object) : H5Dget_space(object);
    bool good = from.type >= 0 && space >= 0 && put_value(in, &from, space, name);
    if (!good && in->why[0] == '\0') snprintf(in->why, sizeof in->why, "%.200s is damaged", name);
    if (from.in_memory >= 0) H5Tclose(from.in_memory);
    if (space >= 0) H5Sclose(space);
    if (from.type >= 0) H5Tclose(from.type);
    return good;
}

/* --- objects --- */

static herr_t put_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context)
{
    (void)info;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return -1;
    put(MG_H5_STREAM_ATTRIBUTE);
    put_text(name);
    bool good = put_object_value(context, attribute, true, name);
    H5Aclose(attribute);
    return good ? 0 : -1;
}

static herr_t put_object(hid_t file, const char *path, const H5O_info_t *info, void *context)
{
    bool is_dataset = info->type == H5O_TYPE_DATASET, is_root = strcmp(path, ".") == 0;
    char whole[NAME];
    if (!is_dataset && info->type != H5O_TYPE_GROUP) return 0;
    if ((size_t)snprintf(whole, sizeof whole, "/%s", is_root ? "" : path) >= sizeof whole) return -1;
    hid_t object = H5Oopen(file, path, H5P_DEFAULT);
    if (object < 0) return -1;
    put(MG_H5_STREAM_OBJECT);
    put(is_dataset);
    put_text(whole);
    bool good = !is_dataset || put_object_value(context, object, false, whole);
    if (good) good = H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, put_attribute, context) >= 0;
    H5Oclose(object);
    return good ? 0 : -1;
}

static herr_t innermost(unsigned n, const H5E_error2_t *entry, void *context)
{
    if (n == 0) snprintf(context, SENTENCE, "%.200s (%.60s)", entry->desc, entry->func_name);
    return 0;
}

static void put_failure(server *in)
{
    char reason[SENTENCE] = "", sentence[2 * SENTENCE + 4];
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason);
    snprintf(sentence, sizeof sentence, "%s%s%s", in->why[0] != '\0' ? in->why : "its structure is damaged",
             reason[0] != '\0' ? ": " : "", reason);
    put(MG_H5_STREAM_FAILURE);
    put_text(sentence);
}

/* An image in memory has no name, which HDF5 wants of a file: it is read as one that lies in our memory. */
static hid_t open_image(void)
{
    struct stat info = {0};
    char *image = NULL;
    hid_t list = H5Pcreate(H5P_FILE_ACCESS), file = -1;
    size_t n = fstat(STDIN_FILENO, &info) == 0 ? (size_t)info.st_size : 0;
    if (n > 0 && lseek(STDIN_FILENO, 0, SEEK_SET) == 0) image = malloc(n);
    if (image != NULL && fread(image, 1, n, stdin) == n && H5Pset_fapl_core(list, 1 << 20, 0) >= 0 &&
        H5Pset_file_image(list, image, n) >= 0)
        file = H5Fopen("/dev/null/image.h5", H5F_ACC_RDONLY, list);
    free(image); /* HDF5 has copied it */
    return file;
}

static hid_t open_input(void)
{
    static const char name[] = "/proc/self/fd/0", in_memory[] = "/memfd:";
    char target[sizeof in_memory] = "";
    if (readlink(name, target, sizeof target - 1) > 0 && strcmp(target, in_memory) == 0) return open_image();
    return H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
}

/* Does it begin as HDF5 files do? (Few have a block of somebody else's before that.) */
static bool has_signature(void)
{
    static const char signature[] = "\211HDF\r\n\032\n";
    char begin[sizeof signature - 1];
    return pread(STDIN_FILENO, begin, sizeof begin, 0) == (ssize_t)sizeof begin &&
           memcmp(begin, signature, sizeof begin) == 0;
}

static void serve(server *in)
{
    hid_t file = open_input();
    if (file < 0)
        snprintf(in->why, sizeof in->why, "%s",
                 has_signature() ? "it cannot be read; it may be cut off or damaged" : "it is not an HDF5 file");
    if (file < 0 || H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, put_object, in) < 0)
        put_failure(in);
    else
        put(MG_H5_STREAM_END);
}

/* --- limits --- */

/* Pages that the process has asked for so far, in bytes: shared libraries count too. */
static size_t size_now(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fscanf(file, "%lu", &pages) != 1) pages = 0;
    if (file != NULL) fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

#if defined(__GLIBC__)
typedef __rlimit_resource_t resource; /* an enumeration of its own there */
#else
typedef int resource;
#endif

static void limit(resource what, size_t most)
{
    struct rlimit both;
    if (getrlimit(what, &both) != 0 || (both.rlim_max != RLIM_INFINITY && both.rlim_max < most)) return;
    both = (struct rlimit){most, most};
    setrlimit(what, &both);
}

int mg_h5_child_serve(int argc, char **argv)
{
    if (argc != 5 || strcmp(argv[1], MG_H5_CHILD_WORD) != 0) return -1;
    unsigned seconds = (unsigned)strtoul(argv[2], NULL, 10);
    server in = {.value_bytes = strtoull(argv[4], NULL, 10)};
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left to read */
    alarm(seconds);
    limit(RLIMIT_CPU, seconds);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, size_now() + strtoull(argv[3], NULL, 10));
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    serve(&in);
    if (fflush(stdout) != 0) _exit(EXIT_FAILURE);
    _exit(EXIT_SUCCESS); /* nothing of HDF5 is closed: what is damaged could hang in that too */
}
