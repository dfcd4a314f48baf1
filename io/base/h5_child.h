/* h5_child.h  an HDF5 file that is not ours, read by a child process in our place
 *
 * The HDF5 library trusts the structures of a file: a few changed bytes make it loop, crash or ask for all memory. So what
 * comes from elsewhere is read by a child, the same program started with a hidden argument, whose time and memory are
 * limited; what it finds comes back through a pipe as one flat buffer, which is checked again. The parent makes no HDF5
 * call. It need not matter whether MPI runs: the child is started by posix_spawn(), which no fork handler sees, and does
 * not start MPI itself.
 *
 *     mg_h5_tree *tree = NULL;
 *     mg_status status = mg_h5_child_read_file(path, NULL, &tree, err);
 *     const mg_h5_object *kernel = mg_h5_tree_find(tree, "/model_weights/dense/kernel:0");
 *     if (kernel != NULL) status = mg_h5_value_floats(&kernel->value, weights, err);
 *     mg_h5_tree_destroy(tree);
 *
 * A program that calls this (a test too) begins its main() with mg_h5_child_serve(). Not collective: one rank reads.
 */
#ifndef MG_IO_BASE_H5_CHILD_H
#define MG_IO_BASE_H5_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum { MG_H5_MAX_DIMS = 8 };

typedef enum {
    MG_H5_NOTHING, /* a group has no value; an attribute may be empty */
    MG_H5_REAL,    /* any floating-point type */
    MG_H5_INTEGER, /* signed, unsigned, enumerations (booleans of h5py) */
    MG_H5_TEXT,    /* of fixed or variable length */
    MG_H5_OTHER    /* compounds, references, and what lies in another file: has no values here */
} mg_h5_kind;

/* The value of a dataset or an attribute: a scalar has no dims and one item. */
typedef struct {
    mg_h5_kind kind;
    size_t item_bytes; /* of one item in the file: 2 for float16, 4 for float32; of texts of variable length 0 */
    int n_dims;        /* at most MG_H5_MAX_DIMS; with more the kind is MG_H5_OTHER */
    int64_t dim[MG_H5_MAX_DIMS];
    int64_t n;         /* items: the product of the dims */
    bool has_values;   /* false: larger than mg_h5_limits.value_bytes, empty, or MG_H5_OTHER */
    const void *bytes; /* for the functions below */
    size_t n_bytes;
} mg_h5_value;

typedef struct {
    const char *name;
    mg_h5_value value;
} mg_h5_attribute;

typedef struct {
    const char *path; /* "/" for the root, "/model_weights/dense/kernel:0" */
    bool is_dataset;  /* else a group */
    mg_h5_value value;
    size_t n_attributes;
    const mg_h5_attribute *attribute; /* (n_attributes) in the order of their names */
} mg_h5_object;

/* All that a file holds, parents before their children, names in alphabetical order. Soft and external links are left out;
 * an object with several names is told once. */
typedef struct {
    size_t n_objects;
    const mg_h5_object *object; /* (n_objects) */
} mg_h5_tree;

/* What the child may take. 0 of any member means the default. */
typedef struct {
    double seconds;      /* wall-clock and processor time: 60 */
    size_t memory_bytes; /* on top of what the program takes when it starts: 4 GiB */
    size_t value_bytes;  /* the largest value that is handed over; larger ones come without values: 1 GiB */
    size_t total_bytes;  /* of the buffer that is handed over; more is a failure: 8 GiB */
} mg_h5_limits;

/* mg_h5_child_read_file(), mg_h5_child_read_bytes()  read a file, or an image of one in memory
 *
 * Args:     limits - NULL: the defaults
 *           ret    - OUT, for mg_h5_tree_destroy(); untouched on failure
 * Returns:  MG_OK; MG_EINPUT: no such file, no regular file, no HDF5, damaged, or beyond a limit: the child is then
 *           ended by its number and waited for; MG_EIO, MG_EMEM. The sentence names the file (not that of an image).
 */
mg_status mg_h5_child_read_file(const char *path, const mg_h5_limits *limits, mg_h5_tree **ret, mg_error *err);
mg_status mg_h5_child_read_bytes(const unsigned char *bytes, size_t n, const mg_h5_limits *limits, mg_h5_tree **ret,
                                 mg_error *err);
void mg_h5_tree_destroy(mg_h5_tree *tree); /* NULL is fine */

/* mg_h5_tree_find()  the object of that path, NULL when there is none or tree is NULL */
const mg_h5_object *mg_h5_tree_find(const mg_h5_tree *tree, const char *path);

/* mg_h5_object_attribute()  the value of that attribute, NULL when there is none */
const mg_h5_value *mg_h5_object_attribute(const mg_h5_object *object, const char *name);

/* mg_h5_value_*()  all value->n items, as another type
 *
 * Args:     to - OUT (n); reals are rounded to float32; integers of 2^63 and more become 2^63 - 1
 * Returns:  MG_OK, or MG_EINPUT: no values, texts, or reals where integers are wanted. */
mg_status mg_h5_value_floats(const mg_h5_value *value, float *to, mg_error *err);
mg_status mg_h5_value_doubles(const mg_h5_value *value, double *to, mg_error *err);
mg_status mg_h5_value_integers(const mg_h5_value *value, int64_t *to, mg_error *err);

/* mg_h5_value_text()  item i of texts, without the padding of fixed lengths; NULL when the value has no such text. It may
 * be no UTF-8. To look at all of many, go on with the text behind the ending zero of the one before. */
const char *mg_h5_value_text(const mg_h5_value *value, int64_t i);

/* mg_h5_child_serve()  be the child, when this process was started as one: the first thing in main()
 * Returns: the exit status to end with, or -1 when this is no such process and the program goes on as it is. */
int mg_h5_child_serve(int argc, char **argv);

#endif
