/* export.h  a finished run in the formats of other programs: tables, BED, bedGraph, VCF, the input of TF-MoDISco
 *
 * The run is read in blocks of windows, and what must be sorted is sorted with bounded memory (io/base/record_sort.h). What
 * grows with the run are names and lengths of its transcripts, and the annotation, when one is given. One file a format,
 * io/export/<name>.c; docs/exports.md says what is in each. Not collective: one rank writes.
 */
#ifndef MG_IO_EXPORT_EXPORT_H
#define MG_IO_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/base/writer.h"
#include "io/run/codes.h"
#include "io/run/file.h"
#include "src/statistics/summary.h"
#include "src/task/starts/genetic_code.h"
#include "src/task/starts/substitution.h"
#include "src/core/log.h"
#include "src/core/status.h"
#include "src/sequence/placement.h"
#include "src/sequence/transcript.h"

#define MG_EXPORT_FORMATS "windows|effects|bed|bedgraph|vcf|modisco"

/* What is asked for; texts of the command line. */
typedef struct {
    const char *format; /* of MG_EXPORT_FORMATS */
    const char *out;    /* path, or "-" */
    const char *group;
    const char *method;     /* name of a method, or "mutations"; NULL: not said */
    const char *overlap;    /* "mean" or "strongest" */
    const char *annotation; /* path; NULL: transcript coordinates, or of a run of sites those that it has itself */
    const char *genome;     /* path; NULL: lengths of chromosomes are not told */
    int64_t genetic_code;
    bool force, quiet;
} mg_export_options;

enum { MG_EXPORT_MUTATIONS = -1 }; /* in place of a method: what the mutations say */

typedef struct mg_export {
    const mg_run_file *run;
    const mg_export_options *options;
    bool distinct;  /* as the format */
    bool sites;     /* a run of sites of a genome, which knows where they lie */
    bool on_genome; /* places are those of a genome */
    const mg_task *task;
    mg_group group;
    int64_t method;                 /* index into the run's methods, or MG_EXPORT_MUTATIONS */
    bool one_method;                /* a method, or the mutations, was asked for */
    mg_genetic_code code;           /* that was asked for */
    mg_run_codes codes;             /* owned: those of the transcripts */
    mg_transcriptome transcriptome; /* owned: names, lengths and genes */
    mg_placements placements;       /* owned; of use only with an annotation */
    size_t *chromosome, *contig;    /* owned (n_chromosomes) the k-th of them by name, and the place of each there */
    int64_t *length;                /* owned (n_chromosomes) nt of each; -1: not known */
} mg_export;

/* What a format is. */
typedef struct {
    const char *name;
    mg_store store;        /* what the run must keep, at least */
    bool by_method;        /* takes --method */
    bool on_genome;        /* takes --annotation */
    bool has_lengths;      /* takes --genome */
    bool to_stdout;        /* is text */
    bool distinct;         /* shows each window once, not at all of its places */
    const char *ending[2]; /* of its files; NULL: any name will do */
    mg_status (*write)(const mg_export *export, mg_error *err);
} mg_export_format;

extern const mg_export_format mg_export_windows, mg_export_effects, mg_export_bed, mg_export_bedgraph, mg_export_vcf,
    mg_export_modisco;

/* mg_export_run()  write `run` in the format that is asked for
 *
 * Returns:  MG_OK; MG_EUSAGE: an option that this format does not take; MG_EINPUT: the run does not hold what the format
 *           shows, the group is empty, a file is there and force is not given, or the annotation is not of these
 *           transcripts; MG_EIO, MG_EMEM. Nothing is left behind on failure.
 */
mg_status mg_export_run(const mg_run_file *run, const mg_export_options *options, mg_error *err);

/* mg_export_has_ending()  does the name end in `ending`, and is more than that? */
bool mg_export_has_ending(const char *name, const char *ending);

/* --- for the formats: places of the group's windows, block after block --- */

enum { MG_EXPORT_ROWS = 1024 };

/* A block; begin with mg_export_begin(). */
typedef struct {
    const mg_export *export;
    int64_t n_rows; /* places looked at at once */
    int64_t next;   /* the first place that was not looked at */
    int64_t last;   /* transcript of the last one */
    uint64_t *seen; /* owned (a bit a window) it was given out; NULL: it may be again */
    mg_progress progress;
    int64_t n; /* places at hand; their members: */
    int64_t place[MG_EXPORT_ROWS], window[MG_EXPORT_ROWS], transcript[MG_EXPORT_ROWS], start[MG_EXPORT_ROWS];
    int8_t label[MG_EXPORT_ROWS];
    float score[MG_EXPORT_ROWS], probability[MG_EXPORT_ROWS];
    int32_t padded[MG_EXPORT_ROWS], unknown[MG_EXPORT_ROWS];
} mg_export_block;

/* mg_export_begin()  before the first block; mg_export_end() after the last, or when something has failed. NULL ends
 * nothing. */
mg_status mg_export_begin(const mg_export *export, mg_export_block **ret, mg_error *err);
void mg_export_end(mg_export_block *block);

/* mg_export_next()  the next block. Places stand in the order of the run, those of a transcript together; label and padding
 * are those of the place, and with --group annotated the places that are annotated are shown.
 * Returns: MG_OK, with n = 0 after the last one; MG_EINPUT: the run cannot be read, or its windows are out of order */
mg_status mg_export_next(mg_export_block *block, mg_error *err);

/* mg_export_count()  places of the group, or distinct windows */
mg_status mg_export_count(const mg_export *export, int64_t *ret, mg_error *err);

/* mg_export_read_bases()  their bases: OUT base (n, L) codes */
mg_status mg_export_read_bases(const mg_export_block *block, mg_base *base, mg_error *err);

/* mg_export_read()  another field: OUT values (n, row) */
mg_status mg_export_read(const mg_export_block *block, mg_field_id id, int64_t set, void *values, mg_error *err);

/* mg_export_gene()  the symbol of a transcript's gene; "." where none was told */
const char *mg_export_gene(const mg_export *export, int64_t transcript);

/* mg_export_probability_change()  what an effect means for the probability; NaN where F is no log-odds */
double mg_export_probability_change(const mg_export *export, double score, double effect);

/* --- for the formats: places --- */

/* A transcript in the coordinates that were asked for. Contigs are the chromosomes of the annotation by name, byte by
 * byte, or without one the transcripts themselves in the order of the run. */
typedef struct {
    int64_t contig;
    mg_exon whole;          /* the transcript, when it is its own contig */
    mg_placement placement; /* points to `whole`, so this struct must not be copied, or into mg_export.placements */
} mg_export_place;

/* mg_export_place_open()  read the annotation, when there is one, or the places that a run of sites has itself; transcripts
 *                         that have no place are told
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT: it places none, or another length, or one where the genome ends before */
mg_status mg_export_place_open(mg_export *export, mg_error *err);
void mg_export_place_close(mg_export *export);

/* mg_export_find_place()  false: the transcript has none */
/* mg_export_site()  what a window is called: of sites the record, which has the place in its name, else TRANSCRIPT:START
 * Args: kept - room of MG_EXPORT_SITE_TEXT;  Returns: kept */
enum { MG_EXPORT_SITE_TEXT = MG_NAME_LENGTH + 24 };
const char *mg_export_site(const mg_export *export, int64_t transcript, int64_t start, char *kept);

/* mg_export_put_site()  cells of a table, each with a tab behind it: transcript and start; of sites name, chromosome,
 * position of the site's base counted from 0, strand */
void mg_export_put_site(const mg_export *export, int64_t transcript, int64_t start, mg_writer *out);

bool mg_export_find_place(const mg_export *export, int64_t transcript, mg_export_place *ret);

int64_t mg_export_n_contigs(const mg_export *export);
const char *mg_export_contig_name(const mg_export *export, int64_t contig);
int64_t mg_export_contig_length(const mg_export *export, int64_t contig); /* nt; -1: not known */

#endif
