/* seal.h  checksums of a file, kept behind its end: is it still what was written?
 *
 * A sealed file is n_file bytes that another format has made (HDF5 does not look behind the end it knows of), then a table,
 * then 32 bytes: "MGSEAL01", bytes of the table, checksum of the table, and n_file. Numbers are of eight bytes, the lowest
 * first; checksums are those of src/core/checksum.h.
 *
 * The bytes are cut into parts, which have a name and a sum for each piece, and the rest (for HDF5: names, shapes,
 * attributes), which has one sum for all. What is small is held against its sums when the file is opened; what is large,
 * by those who read it, piece by piece. So nothing is believed that was not looked at, and nothing is read twice. Sums
 * guard against accidents, not against malice. Not collective.
 */
#ifndef MG_IO_BASE_SEAL_H
#define MG_IO_BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum { MG_SEAL_NAME = 192, MG_SEAL_ID = 65 };

typedef struct {
    char name[MG_SEAL_NAME]; /* of the dataset */
    int64_t offset;          /* where its bytes lie; -1: not as they are, or not in one stretch */
    int64_t n_bytes, piece;  /* its bytes, and those of a piece (the last may be shorter) */
    bool at_once;            /* small: checked when the file is opened */
    int64_t first_sum;       /* in mg_seal.sum; those of its other pieces follow */
    bool is_open;            /* its sums are still to be taken */
} mg_seal_part;

typedef struct {
    int64_t offset, n;
} mg_seal_range;

/* Owned arrays, for mg_seal_destroy(). {0} is an empty seal. */
typedef struct {
    char id[MG_SEAL_ID]; /* to whom the file belongs, in up to 64 letters */
    int64_t n_file;
    uint64_t rest; /* the sum of what lies neither in a part nor in a hole */
    size_t n_parts, n_holes, n_sums;
    mg_seal_part *part;
    mg_seal_range *hole; /* bytes of parts that lie in several stretches */
    uint64_t *sum;
    size_t part_room, hole_room, sum_room;
} mg_seal;

/* mg_seal_sum()  the sum of a piece of n bytes */
uint64_t mg_seal_sum(const void *bytes, int64_t n);

/* --- making --- */

/* mg_seal_add()  a part
 * Args: sum - of its pieces, in order; NULL: they are taken from the file, when offset is known */
mg_status mg_seal_add(mg_seal *seal, const char *name, int64_t offset, int64_t n_bytes, int64_t piece, bool at_once,
                      const uint64_t *sum, mg_error *err);
mg_status mg_seal_add_hole(mg_seal *seal, int64_t offset, int64_t n, mg_error *err);

/* mg_seal_file()  take the sums that are missing from the file, and put the seal behind its end; the caller syncs it.
 * Returns: MG_OK, MG_EIO or MG_EMEM */
mg_status mg_seal_file(const char *path, mg_seal *seal, mg_error *err);

/* mg_seal_image()  the same with a file in memory: *bytes (malloc, *n) becomes longer */
mg_status mg_seal_image(unsigned char **bytes, size_t *n, mg_seal *seal, mg_error *err);

/* --- reading --- */

/* mg_seal_read()  the seal of a file, with the rest and the small parts held against it
 *
 * Args:     ret_there - OUT: is there a seal at all? If not, *ret is empty
 * Returns:  MG_OK, or MG_EINPUT: no such file, no regular file, or damaged; the sentence names file and part.
 */
mg_status mg_seal_read(const char *path, mg_seal *ret, bool *ret_there, mg_error *err);

/* mg_seal_check_file()  the large parts too, as far as they lie in the file as they are */
mg_status mg_seal_check_file(const char *path, const mg_seal *seal, mg_error *err);

const mg_seal_part *mg_seal_find(const mg_seal *seal, const char *name); /* NULL: there is none */
int64_t mg_seal_n_pieces(const mg_seal_part *part);

/* mg_seal_check()  are these the bytes of piece k of a part?
 * Returns: MG_OK, or MG_EINPUT "chunk 3 of dataset /windows/score is damaged ..."; without the file's name. */
mg_status mg_seal_check(const mg_seal *seal, const mg_seal_part *part, int64_t k, const void *bytes, mg_error *err);

void mg_seal_destroy(mg_seal *seal); /* frees what it holds, not the struct */

#endif
