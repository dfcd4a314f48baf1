/* score.h  the effect of given variants: what `mutagree score` holds, and its parts in the order they come
 *
 * Records are read in blocks. Of each alternative allele the transcripts that it lies in are found, and each of these
 * pairs is worked on by a thread, which writes its own slot; what came of a block is then told in the order of the
 * input. So the output is the same for any number of threads, and memory does not grow with the file, but for 40 bytes
 * a line of a ranked table.
 */
#ifndef MG_COMMANDS_SCORE_SCORE_H
#define MG_COMMANDS_SCORE_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "io/input/input.h"
#include "io/model/model.h"
#include "io/variant/file.h"
#include "io/variant/table.h"
#include "src/core/log.h"
#include "src/core/options.h"
#include "src/core/status.h"
#include "src/mutation/edit_place.h"
#include "src/sequence/transcript_names.h"
#include "src/shard/site_variant.h"
#include "src/shard/variant_study.h"

/* What the user asked for. */
typedef struct {
    const char *model, *score;
    mg_model_words words;
    mg_input_options input;
    const char *vcf;
    int64_t genetic_code, mitochondrial_code; /* the latter 0: not told */
    const char *out, *sort;
    bool skip_mismatch, scored_only, force, quiet;
    int64_t threads;
} mg_score_options;

/* Where a name of a chromosome leads to: a transcript, or a chromosome of the annotation, or neither (SIZE_MAX). */
typedef struct {
    bool known; /* it has been looked for */
    size_t transcript, chromosome;
} mg_score_place;

/* An alternative allele of a record of the block. */
typedef struct {
    size_t record;
    const char *alternative; /* NULL: the record has none */
    mg_score_place place;
    mg_variant_state state; /* MG_VARIANT_SCORED: it has tasks */
    mg_edit_ways ways;      /* on the chromosome, or the transcript, that it was given on */
    size_t first_task, n_tasks;
} mg_score_allele;

/* An allele on one transcript. */
typedef struct {
    size_t allele, transcript;
    mg_variant_state state; /* MG_VARIANT_NO_TRANSCRIPT: it turned out not to lie in it */
    mg_variant_rows rows;
    mg_status status; /* of the work, and what was wrong */
    mg_error *err;    /* owned; NULL unless the work failed */
} mg_score_task;

enum { MG_SCORE_BLOCK = 512 }; /* records */

typedef struct {
    size_t n_records, n_alleles, n_allele_room, n_tasks, n_task_room;
    mg_variant_record record[MG_SCORE_BLOCK];
    mg_score_allele *allele;
    mg_score_task *task;
} mg_score_block;

typedef struct {
    int64_t n_records, n_alleles, n_lines;
    int64_t n_state[MG_N_VARIANT_STATES]; /* pairs of allele and transcript, and alleles without one */
    int64_t n_other_style;                /* chromosomes found under another name, "chr1" for "1" */
} mg_score_counts;

typedef struct {
    const mg_score_options *options;
    mg_model model;
    mg_genetic_code code;
    uint8_t *code_number; /* owned, the number of the code of each transcript */
    mg_scorer *scorer;
    char score[MG_SCORE_TEXT]; /* what the effect is a difference of, in words */
    mg_variant_study study;
    int n_threads;
    mg_variant_bench *bench; /* owned (n_threads) */
    mg_base **base;          /* owned (n_threads) arrays for transcripts ... */
    size_t *n_base;          /* ... with so much room */
    mg_input input;
    bool sites, calls; /* of sites of a genome; and the sign of the score is a call */
    mg_transcript_names names;
    mg_variant_file *file;
    mg_variant_table *table; /* one of the two, and the other NULL */
    mg_variant_copy *copy;
    mg_writer info;        /* text of the INFO field of a record */
    mg_score_place *place; /* owned (n_places), one a chromosome of the file */
    size_t n_places;
    mg_score_block *block; /* owned */
    mg_score_counts counts;
} mg_score_job;

/* mg_score_open()  model, sequences, variants, output */
mg_status mg_score_open(mg_score_job *job, mg_error *err);

/* mg_score_find_codes(), mg_score_code()  the genetic code of each transcript; what is not told is said */
mg_status mg_score_find_codes(mg_score_job *job, mg_error *err);
mg_genetic_code mg_score_code(const mg_score_job *job, size_t transcript);

/* mg_score_begin_block()  the alleles of the records of the block, and the transcripts that each lies in */
mg_status mg_score_begin_block(mg_score_job *job, mg_error *err);

/* mg_score_align()  in how many other ways an insertion or deletion on a chromosome can be written, by the genome around the
 * exons; none when that is not known */
mg_status mg_score_align(const mg_score_job *job, const mg_variant_record *record, size_t chromosome,
                         mg_edit_ways *inout, mg_error *err);

/* mg_score_align_exons()  the same by what is known without a genome: the exons of one transcript, and REF
 * Args: base - of the transcript */
void mg_score_align_exons(const mg_variant_record *record, const mg_placement *placement, const mg_base *base,
                          mg_edit_ways *inout);

/* mg_score_work_block()  all tasks of the block, by all threads */
mg_status mg_score_work_block(mg_score_job *job, mg_error *err);

/* mg_score_tell_block()  write what came of it, and count */
mg_status mg_score_tell_block(mg_score_job *job, mg_error *err);

/* mg_score_run()  all of the above, block by block; the output is there when it returns MG_OK */
mg_status mg_score_run(mg_score_job *job, mg_error *err);

void mg_score_close(mg_score_job *job); /* frees what it holds, not the struct */

#endif
