/* change_to_own.c RUN METHOD WHAT OUT ROWS  a method of a run as a file for --attribution
 *
 * WHAT: contribution (N, L), hypothetical (N, L, 4), or first (N, 4, L). OUT: .npz, else HDF5. ROWS: all; half: those of
 * even windows, and one of a window that no run has; twice: the first one again; clash: again, with other numbers. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

typedef struct {
    size_t n, length, width;
    float *value;
    char *letter;
} table;

static int read_table(const char *run, const char *method, const char *what, table *t)
{
    char path[200];
    hsize_t dim[3] = {0, 0, 1};
    snprintf(path, sizeof path, "/attribution/%s/%s", method, what);
    hid_t file = H5Fopen(run, H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, path, H5P_DEFAULT);
    hid_t windows = H5Dopen2(file, "/windows/sequence", H5P_DEFAULT), type = H5Dget_type(windows);
    hid_t space = H5Dget_space(set);
    if (set < 0 || windows < 0 || H5Sget_simple_extent_dims(space, dim, NULL) < 2) return 0;
    *t = (table){.n = (size_t)dim[0], .length = (size_t)dim[1], .width = (size_t)(dim[1] * dim[2])};
    t->value = calloc(t->n + 1, t->width * sizeof(float));
    t->letter = calloc(t->n + 1, t->length);
    return H5Tget_size(type) == t->length && t->value != NULL && t->letter != NULL &&
           H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, t->value) >= 0 &&
           H5Dread(windows, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, t->letter) >= 0;
}

static void copy_row(table *t, size_t from, size_t to)
{
    memmove(t->value + to * t->width, t->value + from * t->width, t->width * sizeof(float));
    memmove(t->letter + to * t->length, t->letter + from * t->length, t->length);
}

static void choose_rows(table *t, const char *rows)
{
    if (strcmp(rows, "half") == 0) {
        size_t n = (t->n + 1) / 2;
        for (size_t i = 0; i < n; i++)
            copy_row(t, 2 * i, i);
        memset(t->letter + n * t->length, 'a', t->length);
        t->n = n + 1;
    }
    if (strcmp(rows, "twice") == 0 || strcmp(rows, "clash") == 0) copy_row(t, 0, t->n++);
    if (strcmp(rows, "clash") == 0) t->value[(t->n - 1) * t->width + 7] += 1;
}

/* (N, L, 4) -> (N, 4, L) */
static void turn(table *t)
{
    float *row = calloc(t->width, sizeof *row);
    for (size_t i = 0; i < t->n && row != NULL; i++) {
        float *value = t->value + i * t->width;
        memcpy(row, value, t->width * sizeof *row);
        for (size_t k = 0; k < t->width; k++)
            value[k % 4 * t->length + k / 4] = row[k];
    }
    free(row);
}

static int write_h5(const char *path, const table *t, int n_dims, const hsize_t *dim)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, t->length);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    hid_t space = H5Screate_simple(n_dims, dim, NULL), rows = H5Screate_simple(1, dim, NULL);
    hid_t set = H5Dcreate2(file, "attribution", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t windows = H5Dcreate2(file, "windows", type, rows, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    int done = H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, t->value) >= 0 &&
               H5Dwrite(windows, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, t->letter) >= 0;
    H5Dclose(set);
    H5Dclose(windows);
    return H5Fclose(file) >= 0 && done;
}

static int add_npy(zip_t *zip, const char *name, const char *type, const char *shape, const void *bytes, size_t n)
{
    enum { HEADER = 128 };
    char *npy = malloc(HEADER + n);
    if (npy == NULL) return 0;
    memset(npy, ' ', HEADER);
    memcpy(npy, "\x93NUMPY\x01\x00\x76\x00", 10);
    int k = snprintf(npy + 10, HEADER - 10, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    npy[10 + k] = ' ';
    npy[HEADER - 1] = '\n';
    memcpy(npy + HEADER, bytes, n);
    zip_source_t *source = zip_source_buffer(zip, npy, HEADER + n, 1);
    return source != NULL && zip_file_add(zip, name, source, 0) >= 0;
}

static int write_npz(const char *path, const table *t, int n_dims, const hsize_t *dim)
{
    char shape[80], rows[40], type[40];
    int why = 0, n = snprintf(shape, sizeof shape, "(%zu, %zu", t->n, (size_t)dim[1]);
    snprintf(shape + n, sizeof shape - (size_t)n, n_dims == 3 ? ", %zu)" : ")", (size_t)dim[2]);
    snprintf(rows, sizeof rows, "(%zu,)", t->n);
    snprintf(type, sizeof type, "|S%zu", t->length);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
    return zip != NULL && add_npy(zip, "attribution.npy", "<f4", shape, t->value, t->n * t->width * sizeof(float)) &&
           add_npy(zip, "windows.npy", type, rows, t->letter, t->n * t->length) && zip_close(zip) == 0;
}

int main(int argc, char **argv)
{
    table t = {0};
    if (argc != 6) return 2;
    int first = strcmp(argv[3], "first") == 0, n_dims = strcmp(argv[3], "contribution") == 0 ? 2 : 3;
    if (!read_table(argv[1], argv[2], first ? "hypothetical" : argv[3], &t)) return 1;
    choose_rows(&t, argv[5]);
    if (first) turn(&t);
    const hsize_t dim[3] = {t.n, first ? 4 : t.length, first ? t.length : 4};
    size_t n = strlen(argv[4]);
    int npz = n > 4 && strcmp(argv[4] + n - 4, ".npz") == 0;
    int done = npz ? write_npz(argv[4], &t, n_dims, dim) : write_h5(argv[4], &t, n_dims, dim);
    free(t.value);
    free(t.letter);
    return !done;
}
