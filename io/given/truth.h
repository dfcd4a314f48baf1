/* truth.h  measured effects of substitutions from a table, and which windows of the run they are of
 *
 * FILE is text, plain or packed by gzip, with tabs between columns and a line of their names first; further columns are
 * passed over, and so are empty lines and those that begin with '#':
 *
 *     window      bases of the window, L letters 5' to 3'; then `position` counts its bases from 0; or
 *     chromosome  then `position` counts bases of the chromosome from 1, and `alt` and `ref` are as on its forward strand
 *     position    of the substitution
 *     alt         base that is put there: A, C, G, T
 *     value       what it does: of the alternative minus of the reference; NA, nan or nothing: not measured
 *     se          (optional) standard error of value; NA: not told
 *     ref         (optional) base that was there
 *     strand      (optional, with chromosome) + or -: only of windows on that strand; '.': of both
 *
 * A number that cannot be believed, and a substitution that is given twice with two values, end the run, with the line. What
 * does not fit the windows of the run is left out and counted. Not collective.
 */
#ifndef MG_IO_GIVEN_TRUTH_H
#define MG_IO_GIVEN_TRUTH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "io/base/sha256.h"
#include "io/input/distinct.h"
#include "src/core/status.h"
#include "src/sequence/names.h"
#include "src/shard/measured.h"

/* Lines of one kind, and the first of them. */
typedef struct {
    int64_t n, line;
} mg_truth_count;

typedef enum {
    MG_TRUTH_MISSING,     /* value is NA */
    MG_TRUTH_NO_WINDOW,   /* in no window of the run */
    MG_TRUTH_NO_POSITION, /* the window has no such position */
    MG_TRUTH_SAME_BASE,   /* alt is the base that is there */
    MG_TRUTH_CONTRADICTS, /* ref is not the base that is there, or that base is not known */
    MG_TRUTH_REPEATED,    /* given before, with the same value */
    MG_TRUTH_ELSEWHERE,   /* the window was measured at another place of the genome, which counts */
    MG_N_TRUTH_COUNTS
} mg_truth_kind;

/* A line that has a value. */
typedef struct {
    int64_t key; /* number of the window's text, or of the chromosome */
    int64_t position, line;
    float value, se;  /* se: NaN where it is not told */
    uint8_t alt, ref; /* ref: MG_UNKNOWN where it is not told */
    char strand;      /* '+', '-', or '.' */
} mg_truth_line;

typedef struct {
    int64_t length; /* of a window */
    bool by_chromosome, has_se, has_ref;
    int64_t n_lines;   /* below the names of the columns */
    size_t n, n_room;  /* lines with a value */
    mg_truth_line *at; /* owned (n), in the order of key, position, strand, alt */
    mg_names names;    /* texts of windows, A C G T N, or names of chromosomes */
    char **kept;       /* owned: those texts */
    size_t n_kept, kept_room;
    mg_truth_count count[MG_N_TRUTH_COUNTS];
    int64_t n_windows;  /* of the run, with a value; told by mg_truth_match(), as is ... */
    int64_t n_measured; /* ... how many substitutions of them are measured */
} mg_truth_table;

/* mg_truth_read()  the lines of a file, for windows of `length` nt
 * Returns: MG_OK and *ret for mg_truth_table_destroy(), or MG_EINPUT with file and line; MG_EMEM */
mg_status mg_truth_read(const char *path, int64_t length, mg_truth_table *ret, mg_error *err);
void mg_truth_table_destroy(mg_truth_table *table); /* frees what it holds, not the struct; one that is all 0 is fine */

/* mg_truth_match()  the effects in windows of the run
 *
 * Args:     anchor - of the network's windows
 *           ret    - OUT, for mg_measured_destroy()
 * Returns:  MG_OK; MG_EINPUT: chromosomes, and the input does not tell where its transcripts lie; none of the lines fits;
 *           or more contradict the bases of the run than fit; MG_EIO, MG_EMEM
 */
mg_status mg_truth_match(const char *path, mg_truth_table *table, const mg_distinct *distinct, int64_t anchor,
                         mg_measured *ret, mg_error *err);

/* mg_truth_describe()  a line on what was found and what was left out, for people and for the provenance */
void mg_truth_describe(FILE *out, const mg_truth_table *table);

#endif
