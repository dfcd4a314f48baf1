/* work.c  the tasks of a block, worked on by all threads, and told in order */
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/commands/score/score.h"

/* --- work --- */

/* What the sequence has where REF does not agree: "C", or "no base". */
static mg_status mismatch(const mg_score_job *job, const mg_variant_record *record, const mg_transcript *transcript,
                          const mg_placement *placement, int64_t at, mg_error *err)
{
    const char *path = mg_variant_file_path(job->file), *unit = mg_variant_file_unit(job->file);
    if (at == transcript->length)
        return mg_fail(err, MG_EINPUT,
                       "%s %s %" PRId64 ": %s:%" PRId64
                       " with REF %.40s runs over the end of transcript %s, which has %" PRId64
                       " nt; are these variants of these sequences? (--skip-mismatch passes over such)",
                       path, unit, record->number, record->chromosome, record->position + 1, record->ref,
                       transcript->name, transcript->length);
    int64_t position = placement != NULL ? mg_placement_to_genome(placement, at) : at;
    mg_base base = placement != NULL ? mg_placement_base(placement, transcript->base[at]) : transcript->base[at];
    return mg_fail(
        err, MG_EINPUT,
        "%s %s %" PRId64 ": REF has %c at %s:%" PRId64 ", but the sequence has %c (transcript %s, strand %c); "
        "are these variants of this genome build? (--skip-mismatch passes over such)",
        path, unit, record->number, record->ref[position - record->position], record->chromosome, position + 1,
        mg_letter_from_base(base), transcript->name, placement != NULL ? placement->strand : '+');
}

/* On the transcript itself: an insertion must be written so that it has a base on either side. */
static bool move_inside(const mg_transcript *transcript, mg_edit *inout)
{
    if (inout->begin == inout->end && inout->begin == 0) mg_edit_roll(inout, transcript->base, transcript->length, 1);
    if (inout->begin == inout->end && inout->begin == transcript->length)
        mg_edit_roll(inout, transcript->base, transcript->length, -1);
    return inout->begin < inout->end || (inout->begin > 0 && inout->begin < transcript->length);
}

/* A record of a site goes on beyond what can touch its window, unless the chromosome ends. */
static bool at_chromosome_end(const mg_score_job *job, const mg_placement *placement, const mg_edit *edit)
{
    const mg_exon *exon = &placement->exon[0];
    int64_t length = job->input.sites.chromosome_length[placement->chromosome];
    return (exon->begin == 0 && edit->begin <= 0) || (exon->end == length && edit->end >= length);
}

/* Where the allele lies in the transcript, and the exon that it is in; task->state says when it cannot be scored there. */
static mg_status place_edit(const mg_score_job *job, mg_score_task *task, const mg_transcript *transcript, mg_edit *ret,
                            mg_stretch *ret_exon, mg_error *err)
{
    const mg_score_allele *allele = &job->block->allele[task->allele];
    const mg_variant_record *record = &job->block->record[allele->record];
    const mg_placement *placement = NULL;
    mg_edit_ways ways = allele->ways;
    int64_t at;
    if (allele->place.transcript == SIZE_MAX) placement = &job->input.placements.placement[task->transcript];
    task->state = mg_variant_check(record->position, record->ref, &ways.edit, placement, transcript->base,
                                   transcript->length, &at);
    if (task->state == MG_VARIANT_REF_MISMATCH && !job->options->skip_mismatch)
        return mismatch(job, record, transcript, placement, at, err);
    if (task->state != MG_VARIANT_SCORED) return MG_OK;
    *ret_exon = (mg_stretch){0, transcript->length};
    *ret = ways.edit;
    if (placement == NULL) {
        if (!move_inside(transcript, ret)) task->state = MG_VARIANT_PARTLY_OUTSIDE;
        return MG_OK;
    }
    if (job->options->input.genome == NULL || job->sites)
        mg_score_align_exons(record, placement, transcript->base, &ways);
    mg_edit_place place = mg_edit_place_in(&ways, placement, ret, ret_exon);
    if (place == MG_PLACE_PARTLY)
        task->state = job->sites && !at_chromosome_end(job, placement, &ways.edit) ? MG_VARIANT_NO_TRANSCRIPT
                                                                                   : MG_VARIANT_PARTLY_OUTSIDE;
    if (place == MG_PLACE_OUTSIDE) task->state = MG_VARIANT_NO_TRANSCRIPT;
    return MG_OK;
}

static mg_status work(const mg_score_job *job, mg_score_task *task, int thread, mg_error *err)
{
    mg_transcript transcript = job->input.transcriptome.transcript[task->transcript];
    mg_edit edit;
    mg_stretch exon;
    mg_status status = mg_input_bases(&job->input, task->transcript, &job->base[thread], &job->n_base[thread], err);
    transcript.base = job->base[thread];
    if (status == MG_OK) status = place_edit(job, task, &transcript, &edit, &exon, err);
    if (status != MG_OK || task->state != MG_VARIANT_SCORED) return status;
    mg_variant_study study = job->study;
    mg_candidate_search search = mg_input_search(&job->input, task->transcript, &transcript);
    if (job->sites) {
        status = mg_site_variant_rows(&study, thread, &search, &edit, &job->bench[thread], &task->rows, err);
        if (status == MG_OK && task->rows.n == 0) task->state = MG_VARIANT_NO_TRANSCRIPT;
        return status;
    }
    mg_genetic_code code = mg_score_code(job, task->transcript);
    study.code = &code;
    status = mg_variant_study_rows(&study, thread, &search, &edit, exon, &job->bench[thread], &task->rows, err);
    if (status == MG_OK && task->rows.n == 0) task->state = MG_VARIANT_OUTSIDE_WINDOWS;
    return status;
}

/* Keep what went wrong in the slot of the task: which failure is told must not depend on the threads. */
static void keep_failure(mg_score_task *task, const mg_error *err)
{
    if (task->err == NULL && mg_alloc(&task->err, 1, sizeof *task->err, NULL) != MG_OK) return;
    *task->err = *err;
}

mg_status mg_score_work_block(mg_score_job *job, mg_error *err)
{
    mg_score_block *block = job->block;
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->n_threads)
    for (size_t i = 0; i < block->n_tasks; i++) {
        mg_error mine = {0};
        block->task[i].status = work(job, &block->task[i], omp_get_thread_num(), &mine);
        if (block->task[i].status != MG_OK) keep_failure(&block->task[i], &mine);
    }
    for (size_t i = 0; i < block->n_tasks; i++) {
        if (block->task[i].status == MG_OK) continue;
        if (block->task[i].err == NULL) return mg_fail(err, MG_EMEM, "out of memory");
        if (err != NULL) *err = *block->task[i].err;
        return block->task[i].status;
    }
    return MG_OK;
}

/* --- tell --- */

static mg_status tell_line(mg_score_job *job, const mg_variant_line *line, mg_error *err)
{
    if (line->row == NULL && job->options->scored_only) return MG_OK;
    job->counts.n_lines++;
    return job->table != NULL
               ? mg_variant_table_add(job->table, line, err)
               : mg_variant_info_add(&job->info, job->sites ? MG_VARIANT_SITES : MG_VARIANT_STARTS, line, err);
}

/* The row with the largest effect so far. */
static void look_at(const mg_variant_row *row, const mg_variant_row **inout)
{
    if (*inout == NULL || fabs(row->effect) > fabs((*inout)->effect)) *inout = row;
}

/* The lines of an allele on a transcript; *inout_best is the row with the largest effect so far. */
static mg_status tell_task(mg_score_job *job, const mg_score_task *task, mg_variant_line line,
                           const mg_variant_row **inout_best, mg_error *err)
{
    mg_status status = MG_OK;
    const mg_gene *gene = mg_transcriptome_gene(&job->input.transcriptome, (int64_t)task->transcript);
    line.transcript = job->input.transcriptome.transcript[task->transcript].name;
    line.gene = gene != NULL ? gene->name : NULL;
    line.calls = job->calls;
    if (job->sites) line.strand = job->input.placements.placement[task->transcript].strand;
    line.state = task->state;
    job->counts.n_state[task->state]++;
    if (task->rows.n == 0) return tell_line(job, &line, err);
    for (size_t r = 0; r < task->rows.n && status == MG_OK; r++) {
        line.row = &task->rows.row[r];
        look_at(line.row, inout_best);
        status = tell_line(job, &line, err);
    }
    return status;
}

/* All lines of an allele; *ret_best is its row with the largest effect, NULL without any. */
static mg_status tell_allele(mg_score_job *job, const mg_score_allele *allele, const mg_variant_row **ret_best,
                             mg_error *err)
{
    mg_variant_line line = {
        .record = &job->block->record[allele->record], .alternative = allele->alternative, .state = allele->state};
    mg_status status = MG_OK;
    size_t n_told = 0;
    *ret_best = NULL;
    for (size_t t = allele->first_task; t < allele->first_task + allele->n_tasks && status == MG_OK; t++) {
        const mg_score_task *task = &job->block->task[t];
        if (task->state == MG_VARIANT_NO_TRANSCRIPT) continue;
        n_told++;
        status = tell_task(job, task, line, ret_best, err);
    }
    if (n_told > 0 || status != MG_OK) return status;
    if (allele->state == MG_VARIANT_SCORED)
        line.state = job->sites ? MG_VARIANT_OUTSIDE_WINDOWS : MG_VARIANT_NO_TRANSCRIPT;
    job->counts.n_state[line.state]++;
    return tell_line(job, &line, err);
}

/* Put what is known of a record into INFO, in place of what an earlier run may have left there, and write it. */
static mg_status add_record(mg_score_job *job, mg_variant_record *record, const float *effect, const char *classes,
                            mg_error *err)
{
    const char *lines = job->info.text.l > 0 ? job->info.text.s : NULL, *number = "MUTAGREE_EFFECT";
    bool any = record->n_alternatives > 0;
    mg_status status = mg_variant_copy_texts(job->copy, record, "MUTAGREE", lines, err);
    if (status == MG_OK && any)
        status = mg_variant_copy_numbers(job->copy, record, number, effect, record->n_alternatives, err);
    if (status == MG_OK && !any) status = mg_variant_copy_texts(job->copy, record, number, NULL, err);
    if (job->sites) any = false; /* they have no classes; what an earlier run left goes */
    if (status == MG_OK) status = mg_variant_copy_texts(job->copy, record, "MUTAGREE_CLASS", any ? classes : NULL, err);
    return status == MG_OK ? mg_variant_copy_add(job->copy, record, err) : status;
}

/* The alleles of one record, from `allele` on; returns how many there are. */
static size_t count_alleles(const mg_score_block *block, size_t allele)
{
    size_t n = 0;
    while (allele + n < block->n_alleles && block->allele[allele + n].record == block->allele[allele].record)
        n++;
    return n;
}

static mg_status tell_record(mg_score_job *job, size_t first, size_t n, mg_error *err)
{
    const mg_variant_row *best;
    kstring_t classes = {0, 0, NULL};
    float *effect = NULL;
    mg_status status = mg_alloc(&effect, n, sizeof *effect, err);
    job->info.text.l = 0;
    for (size_t a = 0; a < n && status == MG_OK; a++) {
        status = tell_allele(job, &job->block->allele[first + a], &best, err);
        effect[a] = best != NULL ? (float)best->effect : NAN;
        if (a > 0) kputc(',', &classes);
        if (kputs(best != NULL ? mg_change_name(best->class) : ".", &classes) < 0)
            status = mg_fail(err, MG_EMEM, "out of memory");
    }
    if (status == MG_OK && job->copy != NULL)
        status = add_record(job, &job->block->record[job->block->allele[first].record], effect, classes.s, err);
    free(effect);
    free(classes.s);
    return status;
}

mg_status mg_score_tell_block(mg_score_job *job, mg_error *err)
{
    mg_score_block *block = job->block;
    mg_status status = MG_OK;
    for (size_t a = 0, n; a < block->n_alleles && status == MG_OK; a += n) {
        n = count_alleles(block, a);
        status = tell_record(job, a, n, err);
    }
    job->counts.n_records += (int64_t)block->n_records;
    job->counts.n_alleles += (int64_t)block->n_alleles;
    return status;
}

/* --- block by block --- */

static mg_status read_block(mg_score_job *job, bool *ret_more, mg_error *err)
{
    mg_score_block *block = job->block;
    mg_status status = MG_OK;
    *ret_more = true;
    for (block->n_records = 0; status == MG_OK && block->n_records < MG_SCORE_BLOCK; block->n_records++) {
        status = mg_variant_file_next(job->file, &block->record[block->n_records], ret_more, err);
        if (status == MG_OK && !*ret_more) break;
    }
    return status;
}

/* A file of which no chromosome is known is no file for these sequences. */
static mg_status check_chromosomes(const mg_score_job *job, const char *example, mg_error *err)
{
    const mg_placements *p = &job->input.placements;
    bool known = job->counts.n_state[MG_VARIANT_UNKNOWN_CHROMOSOME] == 0;
    for (size_t c = 0; c < job->n_places; c++)
        known = known ||
                (job->place[c].known && (job->place[c].transcript != SIZE_MAX || job->place[c].chromosome != SIZE_MAX));
    if (known) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s: none of its chromosomes is known; it has for example '%s', the sequences '%s'",
                   mg_variant_file_path(job->file), example,
                   p->n_chromosomes > 0 ? p->chromosome[0] : job->input.transcriptome.transcript[0].name);
}

mg_status mg_score_run(mg_score_job *job, mg_error *err)
{
    mg_progress progress;
    char example[256] = "";
    bool more = true;
    mg_status status = MG_OK;
    mg_progress_start(&progress, "records", -1, job->options->quiet);
    while (status == MG_OK && more) {
        status = read_block(job, &more, err);
        if (status == MG_OK) status = mg_score_begin_block(job, err);
        if (status == MG_OK) status = mg_score_work_block(job, err);
        if (status == MG_OK) status = mg_score_tell_block(job, err);
        mg_progress_update(&progress, job->counts.n_records);
        if (example[0] == '\0' && job->block->n_records > 0)
            snprintf(example, sizeof example, "%s", job->block->record[0].chromosome);
    }
    mg_progress_finish(&progress);
    if (status == MG_OK) status = check_chromosomes(job, example, err);
    status =
        job->copy != NULL ? mg_variant_copy_end(job->copy, status, err) : mg_variant_table_end(job->table, status, err);
    job->copy = NULL;
    job->table = NULL;
    return status;
}
