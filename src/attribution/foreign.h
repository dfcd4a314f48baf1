/* foreign.h  attributions that another program made, as a method: rows looked up by the bases of the window
 *
 * Numbers are held as float32, as all that is kept of a window. A window without a row has NaN at every position, and so
 * have its metrics. No sum is claimed.
 */
#ifndef MG_ATTRIBUTION_FOREIGN_H
#define MG_ATTRIBUTION_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/attribution/method.h"
#include "src/core/status.h"
#include "src/sequence/alphabet.h"

/* Rows of distinct windows, in the order of their bases (memcmp() of the codes). */
typedef struct {
    int64_t n, length;
    bool hypothetical; /* value holds c (n, L, 4), A C G T; else a (n, L) */
    mg_base *base;     /* owned (n, L) codes */
    float *value;      /* owned; all finite */
} mg_foreign_rows;

void mg_foreign_rows_destroy(
    mg_foreign_rows *rows); /* frees what it holds, not the struct; one that is all 0 is fine */

/* mg_foreign_width()  numbers of a row: L, or 4 L */
int64_t mg_foreign_width(const mg_foreign_rows *rows);

/* mg_foreign_find()  the row of a window of `length` bases, -1 when there is none */
int64_t mg_foreign_find(const mg_foreign_rows *rows, const mg_base *base);

/* mg_foreign_check_name()  MG_EUSAGE unless name is a letter and then letters, digits, _ and -, 48 at most, and no method
 * is called so */
mg_status mg_foreign_check_name(const char *name, mg_error *err);

/* mg_foreign_method()  a method of these rows, ready to explain
 *
 * Purpose:  a(i) is the number at position i, or, with hypothetical contributions, c at the base that is present (0 where
 *           it is not known).
 * Args:     name   - checked by mg_foreign_check_name(); label too
 *           sha256 - of the file, for the specification "foreign:name=NAME,sha256=..."
 *           rows   - taken over on success, and then all 0; for mg_method_release()
 */
mg_status mg_foreign_method(const char *name, const char *sha256, mg_foreign_rows *rows, mg_method *ret, mg_error *err);

/* mg_foreign_is()  does a specification name such a method? Where it does, ret_name (may be NULL) gets its name. */
bool mg_foreign_is(const char *spec, char ret_name[MG_METHOD_NAME]);

#endif
