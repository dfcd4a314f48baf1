/* file.h  a finished run, open to have its windows read: what it is, and any windows of any dataset
 *
 * Memory does not grow with the number of windows: the caller says which he wants and has the room for them. Not
 * collective. All that the file says about itself is checked before it is believed.
 */
#ifndef MG_IO_RUN_FILE_H
#define MG_IO_RUN_FILE_H

#include <hdf5.h>
#include <stdint.h>

#include "io/base/seal.h"
#include "io/run/fields.h"
#include "io/run/provenance.h"
#include "io/run/run_h5.h"
#include "src/core/status.h"
#include "src/sequence/transcript.h"

typedef struct {
    hid_t file;
    mg_seal seal;           /* owned: its checksums */
    char *path;             /* owned */
    mg_run_shape shape;     /* score_name is a constant */
    int64_t anchor;         /* offset of the candidate codon in a window */
    char *score;            /* owned: all words of the score (src/graph/score.h) */
    mg_run_summary summary; /* owned: methods, aggregates, facts */
    mg_provenance provenance;
} mg_run_file;

/* mg_run_file_open()  open a run and read all but windows and transcripts
 * Returns: MG_OK and *ret for mg_run_file_close(), or MG_EINPUT: not a run, another version, or damaged; the sentence
 *          names the file. */
mg_status mg_run_file_open(const char *path, mg_run_file *ret, mg_error *err);
void mg_run_file_close(mg_run_file *run); /* frees what it holds, not the struct; {0} is fine */

/* mg_run_no_group()  fails: the run has no group of that name; the sentence lists those it has. MG_EUSAGE */
mg_status mg_run_no_group(const mg_run_file *run, const char *name, mg_error *err);

/* mg_run_file_read()  some windows of one dataset
 *
 * Args:     id, s  - the field, one of a window or a place that the run keeps, and which of its datasets
 *                    (mg_field_n_sets())
 *           window - (n) indices of windows, or of places, in any order; neighbours that follow each other are read at
 *                    once
 *           values - OUT (n, row) of the field's type; texts are L letters without an ending zero
 * Returns:  MG_OK, or MG_EINPUT: not there, of another shape, or unreadable; the sentence names file and dataset.
 */
mg_status mg_run_file_read(const mg_run_file *run, mg_field_id id, int64_t s, const int64_t *window, int64_t n,
                           void *values, mg_error *err);

/* mg_run_file_read_at_place()  a field of places, at the first place of each of some windows: (n) items of at most 8 bytes */
mg_status mg_run_file_read_at_place(const mg_run_file *run, mg_field_id id, const int64_t *window, int64_t n,
                                    void *values, mg_error *err);

/* mg_run_file_check()  read every window of every dataset, and hold each chunk against its checksum; what is small was
 * looked at when the file was opened
 * Args:    ret_chunks - OUT: how many checksums the file has
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT naming the chunk that is not what was written. */
mg_status mg_run_file_check(const mg_run_file *run, int64_t *ret_chunks, mg_error *err);

/* mg_run_file_set_path()  the dataset's path in the file */
void mg_run_file_set_path(const mg_run_file *run, mg_field_id id, int64_t s, char path[MG_FIELD_PATH]);

/* mg_run_file_generalise()  "/agreement/lrp/cosine" becomes "/agreement/lrp/" and a star: all datasets of the group */
void mg_run_file_generalise(char path[MG_FIELD_PATH]);

/* mg_run_file_names()  names of n transcripts from `first` on
 * Args:    name - OUT (n) texts with an ending zero; longer ones are an error
 * Returns: MG_OK or MG_EINPUT, as mg_run_file_read(). */
mg_status mg_run_file_names(const mg_run_file *run, int64_t first, int64_t n, char (*name)[MG_NAME_LENGTH + 1],
                            mg_error *err);

/* mg_run_file_genes()  identifiers (id MG_GENE_ID) or symbols (MG_GENE_NAME) of n genes; as mg_run_file_names() */
mg_status mg_run_file_genes(const mg_run_file *run, mg_field_id id, int64_t first, int64_t n,
                            char (*name)[MG_NAME_LENGTH + 1], mg_error *err);

/* mg_run_file_gene_of()  the genes of n transcripts from `first` on: numbers in /genes, -1: none was told */
mg_status mg_run_file_gene_of(const mg_run_file *run, int64_t first, int64_t n, int64_t *gene, mg_error *err);

/* mg_run_file_chromosomes()  names and lengths of n of the run's shape.n_chromosomes; as mg_run_file_names() */
mg_status mg_run_file_chromosomes(const mg_run_file *run, int64_t first, int64_t n, char (*name)[MG_NAME_LENGTH + 1],
                                  int64_t *length, mg_error *err);

/* mg_run_file_sites()  where the n records of a run of sites lie (shape.n_chromosomes > 0)
 * Args:    chromosome_length - of all chromosomes;  length - (n) of the records
 *          chromosome, begin, strand - OUT (n), checked against these: indices, nt, 1 or -1 */
mg_status mg_run_file_sites(const mg_run_file *run, int64_t n, const int64_t *chromosome_length, const int64_t *length,
                            int64_t *chromosome, int64_t *begin, int64_t *strand, mg_error *err);

/* mg_run_file_codes()  numbers of their genetic codes, 0: not told (io/run/codes.h) */
mg_status mg_run_file_codes(const mg_run_file *run, int64_t first, int64_t n, int64_t *number, mg_error *err);

/* mg_run_file_lengths()  their lengths, nt */
mg_status mg_run_file_lengths(const mg_run_file *run, int64_t first, int64_t n, int64_t *length, mg_error *err);

#endif
