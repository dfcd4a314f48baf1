/* describe.h  what a file is, told as JSON: for `mutagree info`
 *
 * The object holds "file", "kind" (a few words), what is known of such files, and lists of equal objects ("layers",
 * "datasets"), which are shown as tables. Not collective.
 */
#ifndef MG_IO_DESCRIBE_DESCRIBE_H
#define MG_IO_DESCRIBE_DESCRIBE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "io/model/model_words.h"
#include "src/core/status.h"

/* mg_describe()  look into a file of any kind
 *
 * Args:     path - the file, or the name of a model that comes with mutagree
 *           words - as in mg_model_read(), may be NULL
 * Returns:  MG_OK and *ret for json_decref(); MG_EINPUT when it is not there, or is of a kind we know and damaged;
 *           MG_EIO, MG_EMEM. A file of no kind we know is no error: that is what is told.
 */
mg_status mg_describe(const char *path, const mg_model_words *words, json_t **ret, mg_error *err);

/* The parts of it. Each adds what it finds to `about`. */
mg_status mg_describe_model(const char *path, const mg_model_words *words, json_t *about, mg_error *err);
mg_status mg_describe_h5(const char *path, json_t *about, mg_error *err);
mg_status mg_describe_text(const char *path, json_t *about, mg_error *err);

json_t *mg_describe_shape(int n_dims, const int64_t *dim); /* [203, 4] */

/* mg_describe_print()  the object for people: one line a value, tables for lists of objects */
void mg_describe_print(FILE *out, json_t *about);

#endif
