/* run_h5.h  the result file run.h5: laid out by one rank, filled by all, read by anybody
 *
 * In a virtual layout the fields by position stay in the shard files, and their datasets only refer to them.
 *
 * One rank lays the file out: groups, empty datasets with their units and descriptions, provenance, and all that is
 * small or of places (transcripts, genes, methods, metrics, summary). Then all ranks fill the datasets of the windows together (mpi/merge.h). Which
 * datasets there are stands in io/run/fields.h.
 */
#ifndef MG_IO_RUN_RUN_H5_H
#define MG_IO_RUN_RUN_H5_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/run/fields.h"
#include "io/run/provenance.h"
#include "io/run/summary.h"
#include "src/statistics/summary.h"
#include "src/attribution/method.h"
#include "src/core/status.h"
#include "src/sequence/placement.h"
#include "src/sequence/transcript.h"
#include "src/sequence/window.h"

enum { MG_RUN_VERSION = 2, MG_METHOD_SOURCE = 256 };

/* A method as a run knows it. */
typedef struct {
    char name[MG_METHOD_NAME], label[MG_METHOD_LABEL], spec[MG_METHOD_SPEC], source[MG_METHOD_SOURCE];
    int64_t passes; /* of a window (mg_method_passes()) */
} mg_run_method;

/* mg_run_method_is_foreign()  attributions of a file (src/attribution/foreign.h)
 * mg_run_method_is_network()  no method: the network, against what was measured (src/attribution/network.h) */
bool mg_run_method_is_foreign(const mg_run_method *method);
bool mg_run_method_is_network(const mg_run_method *method);

/* What the numbers of methods and metrics stand for; plain pointers. */
typedef struct {
    size_t n_methods, n_baselines;
    const mg_run_method *method; /* (n_methods + n_baselines) */
    const mg_metric_set *metrics;
} mg_run_names;

/* What the aggregates are of: the head of summary.tsv and summary.json, attributes of /summary. Nothing here depends on
 * the machine, the ranks or the time. */
typedef enum {
    MG_FACT_PROGRAM,
    MG_FACT_MODEL,
    MG_FACT_NETWORK,
    MG_FACT_SCORE,
    MG_FACT_INPUTS,
    MG_FACT_CHOICES,
    MG_FACT_TRANSCRIPTS,
    MG_FACT_WINDOWS,
    MG_FACT_CLUSTERS, /* "4,512 by gene" */
    MG_FACT_UNIT,     /* what a cluster is: "gene", "transcript", "cluster of FILE" */
    MG_FACT_SEED,
    MG_FACT_BOOTSTRAP,
    MG_N_FACTS
} mg_fact;

extern const char *const mg_fact_keys[MG_N_FACTS];

/* Where places come from when the file is laid out, in their order, some at a time. */
typedef struct {
    void *context;
    mg_status (*read)(void *context, int64_t first, int64_t n, mg_place *ret, mg_error *err);
} mg_run_places;

/* A run without what is known of its single windows; all pointers belong to the caller. */
typedef struct {
    mg_run_shape shape;
    int64_t anchor;   /* offset of the candidate codon in a window */
    int64_t compress; /* 0: not; 1..9: deflate, the larger the slower */
    int64_t align;    /* bytes: datasets of that size and more begin at a multiple of it; 0: anywhere */
    const char
        *shards; /* virtual layout: the folder of the shards, from the folder of run.h5; NULL: all goes into it */
    int64_t shard_size; /* ... and their size */
    const char *score;  /* all words of the score (src/graph/score.h); NULL: shape.score_name is all */
    const mg_transcriptome *transcriptome;
    const mg_placements *placements;  /* of sites, one exon each; NULL: where transcripts lie is not told */
    const int64_t *chromosome_length; /* (shape.n_chromosomes) nt; of use with placements */
    mg_run_places places;             /* of use with shape.n_places > 0 */
    const mg_run_method *method;      /* (n_methods + n_baselines): these have no spec, and source says what they are */
    const char *const *fact;          /* (MG_N_FACTS) */
    const mg_summary_row *row;        /* shape.n_rows: (metrics, groups, methods) */
    const mg_summary_pair *pair;      /* shape.n_pairs: (metrics, groups, pairs of methods) */
    const mg_provenance *provenance;
} mg_run;

/* mg_run_block_rows()  windows that are written at once: a power of two, a multiple of the rows of every chunk, and
 * some 64 MB of data at most. Depends on the shape alone, so that the file does too. */
int64_t mg_run_block_rows(const mg_run_shape *shape);

/* mg_run_chunk_rows()  rows of a chunk of a window field: what is compressed at once, and what has a checksum (see
 * io/run/run_seal.h), at most some 256 KB. A power of two that divides mg_run_block_rows(), or all windows when they are
 * fewer. */
int64_t mg_run_chunk_rows(mg_field_id id, const mg_run_shape *shape);

/* mg_run_open_settings()  a property list of file access with this alignment, for mg_h5_close_list(); below 0: no memory.
 * All who open a run to write into it take it. */
hid_t mg_run_open_settings(int64_t align);

/* mg_run_lay_out()  create `path` with all but the windows. Not collective.
 * Returns: MG_OK, or MG_EIO ... with the file in an unknown state, for the caller to remove. */
mg_status mg_run_lay_out(const char *path, const mg_run *run, mg_error *err);

/* mg_run_lay_out_rows()  the first half of it: the fields by position, which may be filled while windows are worked on.
 *                        Of run it takes shape, compress, align, shards, shard_size and method.
 * mg_run_lay_out_rest()  the other half, into that file. Both together give the same bytes as mg_run_lay_out(). */
mg_status mg_run_lay_out_rows(const char *path, const mg_run *run, mg_error *err);
mg_status mg_run_lay_out_rest(const char *path, const mg_run *run, mg_error *err);

/* What a report needs of a run; owned, for mg_run_summary_destroy(). */
typedef struct {
    size_t n_methods, n_baselines;
    mg_run_method *method;  /* (n_methods + n_baselines) */
    mg_metric_set *metrics; /* as /metrics lists them */
    size_t n_rows, n_pairs; /* of all MG_N_GROUPS; n is 0 in those of groups that the run does not have */
    mg_summary_row *row;
    mg_summary_pair *pair;
    const mg_task *task;    /* what the windows are about */
    const char *score_name; /* a constant: the first word of the score */
    char *fact[MG_N_FACTS];
    int64_t n_windows, n_places, n_clusters, n_transcripts, n_genes, n_chromosomes;
} mg_run_summary;

/* mg_run_read_summary()  methods and aggregates of a finished run. Not collective.
 * Returns: MG_OK, or MG_EINPUT: not a run, another version, damaged, or of virtual layout with a shard missing, which
 *          HDF5 itself would pass over in silence; the sentence names the file. */
mg_status mg_run_read_summary(const char *path, mg_run_summary *ret, mg_error *err);
/* mg_run_read_summary_of()  the same of a file that is open, and whose checksums are right (io/run/run_seal.h); id is that of
 * its seal, which the shards of a virtual layout have as well. The sentence does not name the file. */
mg_status mg_run_read_summary_of(hid_t file, const char *path, const char *id, mg_run_summary *ret, mg_error *err);
void mg_run_summary_destroy(mg_run_summary *summary); /* frees what it holds, not the struct */

/* mg_run_allow_files()  HDF5 keeps all shards open that a read of a virtual dataset touches, and gives NaN for those that
 * it cannot open: let the process have n of them open. False when the system does not allow that many. */
bool mg_run_allow_files(int64_t n);

/* mg_run_n_rows(), mg_run_n_pairs()  of a run with so many methods, baselines and metrics: all metrics and groups */
int64_t mg_run_n_rows(int64_t n_methods, int64_t n_baselines, size_t n_metrics);
int64_t mg_run_n_pairs(int64_t n_methods, int64_t n_baselines, size_t n_metrics);

#endif
