/* fields.h  every dataset of run.h5, described once
 *
 * The writer, the shard files, the page docs/file-format.md and the test of the schema all come from this table. A path
 * may hold <method> and <metric>: then there is one dataset for each method, or for each method and metric. In a shard
 * file these words are left out of the path and become the leading dimensions: /agreement/<method>/<metric> (N) of
 * run.h5 is /agreement (methods, metrics, n) of a shard.
 */
#ifndef MG_IO_RUN_FIELDS_H
#define MG_IO_RUN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "src/core/status.h"
#include "src/shard/shard.h"
#include "src/task/task.h"

typedef enum {
    MG_FIELD_INT8,
    MG_FIELD_INT32,
    MG_FIELD_INT64,
    MG_FIELD_FLOAT32,
    MG_FIELD_FLOAT64,
    MG_FIELD_TEXT /* fixed length, padded with zeros */
} mg_field_type;

typedef enum {
    MG_DIM_NONE,
    MG_DIM_TRANSCRIPTS, /* T */
    MG_DIM_WINDOWS,     /* N */
    MG_DIM_PLACES,      /* K */
    MG_DIM_GENES,       /* G */
    MG_DIM_CHROMOSOMES, /* H */
    MG_DIM_LENGTH,      /* L */
    MG_DIM_BASES,       /* 4: A C G T */
    MG_DIM_METHODS,     /* M */
    MG_DIM_METRICS,     /* C */
    MG_DIM_BASELINES,   /* A */
    MG_DIM_OUTPUTS,     /* O */
    MG_DIM_ROWS,        /* R: metrics x groups x (methods and baselines) */
    MG_DIM_PAIRS        /* P: metrics x groups x pairs of methods */
} mg_field_dim;

enum { MG_FIELD_MAX_DIMS = 3, MG_FIELD_PATH = 192 };

/* In the order of the table. Those of a window come first: they are what a shard file holds. */
typedef enum {
    MG_WINDOW_PLACE,
    MG_WINDOW_CLUSTER,
    MG_WINDOW_LABEL,
    MG_WINDOW_KIND,
    MG_WINDOW_SEQUENCE,
    MG_WINDOW_SCORE,
    MG_WINDOW_PROBABILITY,
    MG_WINDOW_UNKNOWN,
    MG_WINDOW_MEASURED,
    MG_MUTATION_EFFECT,
    MG_TRUTH_EFFECT,
    MG_TRUTH_SE,
    MG_ATTRIBUTION_CONTRIBUTION,
    MG_ATTRIBUTION_HYPOTHETICAL,
    MG_AGREEMENT,
    MG_N_WINDOW_FIELDS,
    MG_PLACE_WINDOW = MG_N_WINDOW_FIELDS,
    MG_PLACE_TRANSCRIPT,
    MG_PLACE_START,
    MG_PLACE_LABEL,
    MG_PLACE_PADDED,
    MG_TRANSCRIPT_NAME,
    MG_TRANSCRIPT_LENGTH,
    MG_TRANSCRIPT_GENE,
    MG_TRANSCRIPT_CHROMOSOME,
    MG_TRANSCRIPT_BEGIN,
    MG_TRANSCRIPT_STRAND,
    MG_TRANSCRIPT_CODE,
    MG_CHROMOSOME_NAME,
    MG_CHROMOSOME_LENGTH,
    MG_GENE_ID,
    MG_GENE_NAME,
    MG_METHOD_FIELD_NAME,
    MG_METHOD_FIELD_LABEL,
    MG_METHOD_FIELD_SPEC,
    MG_METHOD_FIELD_SOURCE,
    MG_METHOD_FIELD_PASSES,
    MG_METRIC_FIELD_DATASET,
    MG_METRIC_FIELD_METRIC,
    MG_METRIC_FIELD_REGION,
    MG_METRIC_FIELD_FAMILY,
    MG_METRIC_FIELD_UNIT,
    MG_METRIC_FIELD_BETTER,
    MG_METRIC_FIELD_SAMPLED,
    MG_METRIC_FIELD_POINT,
    MG_METRIC_FIELD_DESCRIPTION,
    MG_BASELINE_FIELD_NAME,
    MG_BASELINE_FIELD_LABEL,
    MG_BASELINE_FIELD_SOURCE,
    MG_OUTPUT_NAME,
    MG_OUTPUT_SCORE,
    MG_ROW_METHOD,
    MG_ROW_METRIC,
    MG_ROW_REGION,
    MG_ROW_GROUP,
    MG_ROW_N,
    MG_ROW_UNDEFINED,
    MG_ROW_UNMEASURED,
    MG_ROW_CLUSTERS,
    MG_ROW_MEAN,
    MG_ROW_SD,
    MG_ROW_LO,
    MG_ROW_HI,
    MG_ROW_MEDIAN,
    MG_ROW_Q25,
    MG_ROW_Q75,
    MG_ROW_MEAN_RANK,
    MG_PAIR_METHOD,
    MG_PAIR_OTHER,
    MG_PAIR_METRIC,
    MG_PAIR_REGION,
    MG_PAIR_GROUP,
    MG_PAIR_N,
    MG_PAIR_WINS,
    MG_PAIR_TIES,
    MG_PAIR_MEAN_DIFFERENCE,
    MG_PAIR_P,
    MG_PAIR_P_HOLM,
    MG_N_FIELDS
} mg_field_id;

typedef struct {
    const char *path; /* "/attribution/<method>/contribution" */
    mg_field_type type;
    mg_field_dim dim[MG_FIELD_MAX_DIMS]; /* ends with MG_DIM_NONE; the L of a sequence is the length of its texts */
    const char *unit;                    /* "score": the run's; "F": the same, but log-odds for a probability;
                                          * "as the metric": its own */
    const char *description;             /* one sentence; of /agreement, the metric's own comes after it */
    mg_store from;                       /* kept with this choice of --store and those after it */
} mg_field;

extern const mg_field mg_fields[MG_N_FIELDS];

/* How large a run is, in the words of the table. */
typedef struct {
    int64_t n_transcripts, n_genes, n_places;
    int64_t n_chromosomes;     /* of the genome that sites were taken from; 0: where transcripts lie is not told */
    int64_t n_windows, length; /* distinct windows */
    int64_t n_clusters;        /* that they fall into */
    int64_t n_methods;
    int64_t n_baselines;          /* compared behind the methods */
    int64_t n_rows, n_pairs;      /* in memory: of all MG_N_GROUPS; a file keeps those of the groups that the run has */
    const mg_metric_set *metrics; /* of the study, or of the file that was read */
    mg_store store;
    bool has_truth, has_truth_se; /* measured effects were given, with standard errors */
    const char *score_name;       /* "log-odds", ...: the unit "score" */
    const mg_task *task;          /* what the windows are about; NULL: `starts` */
} mg_run_shape;

/* mg_shape_task()  its task, never NULL
 * mg_shape_group()  a group of its windows; NULL: the run has no such group (mg_task_group_of()) */
const mg_task *mg_shape_task(const mg_run_shape *shape);
const mg_task_group *mg_shape_group(const mg_run_shape *shape, mg_group group);

/* mg_shape_has_odds()  is the score log-odds or a probability, so that its sign, or one half, calls? */
bool mg_shape_has_odds(const mg_run_shape *shape);

bool mg_field_is_kept(mg_field_id id, const mg_run_shape *shape);
bool mg_field_has_methods(mg_field_id id);
bool mg_field_has_metrics(mg_field_id id);
/* mg_field_is_by_position()  does a window have something for each of its L positions? These fields make up nearly all
 * of a run. */
bool mg_field_is_by_position(mg_field_id id);
/* mg_field_n_sets()  datasets the field makes: 1, n_methods, or (n_methods + n_baselines) x metrics */
int64_t mg_field_n_sets(mg_field_id id, const mg_run_shape *shape);
/* mg_field_row_bytes()  bytes of one item along the first dimension; texts other than sequences: of one byte each */
size_t mg_field_row_bytes(mg_field_id id, const mg_run_shape *shape);
/* mg_field_dims()  the dataset's dims without the texts' own length; returns how many. `n` replaces the first when
 * >= 0. */
int mg_field_dims(mg_field_id id, const mg_run_shape *shape, int64_t n, int64_t dim[MG_FIELD_MAX_DIMS]);
/* mg_field_method(), mg_field_metric()  what set s of a field is of: the method's number (of baselines: behind the
 * methods), 0 where it has none; the metric,
 * NULL where it has none */
int64_t mg_field_method(mg_field_id id, const mg_run_shape *shape, int64_t s);
const mg_metric_info *mg_field_metric(mg_field_id id, const mg_run_shape *shape, int64_t s);
/* mg_field_set_of()  the set of a method and a metric (its place in shape->metrics; ignored where the field has none) */
int64_t mg_field_set_of(mg_field_id id, const mg_run_shape *shape, size_t method, size_t metric);
/* mg_field_path()  the path in run.h5 of set s, whose method has this name (ignored where the path has none) */
void mg_field_path(mg_field_id id, const mg_run_shape *shape, int64_t s, const char *method, char path[MG_FIELD_PATH]);
/* mg_field_shard_path()  the path in a shard file */
void mg_field_shard_path(mg_field_id id, char path[MG_FIELD_PATH]);
const char *mg_field_unit(mg_field_id id, const mg_run_shape *shape, int64_t s);
void mg_field_description(mg_field_id id, const mg_run_shape *shape, int64_t s, char *text, size_t n_text);

/* mg_run_window_bytes()  bytes that one window takes in run.h5, before compression */
int64_t mg_run_window_bytes(const mg_run_shape *shape);

/* mg_run_place_bytes()  bytes that one place takes there */
int64_t mg_run_place_bytes(void);

/* mg_fields_print_markdown()  the page docs/file-format.md */
void mg_fields_print_markdown(FILE *out);

#endif
