/* place.c  from the records of a block to alleles, and from alleles to the transcripts that they lie in
 *
 * CHROM may be a transcript, with or without its version; or a chromosome of the annotation, where "chr1" and "1", "chrM"
 * and "MT" are the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/core/memory.h"
#include "src/commands/score/score.h"

/* --- names --- */

static size_t find_chromosome(const mg_placements *placements, const char *name)
{
    const mg_name *found = mg_names_find(&placements->chromosome_names, name, strlen(name));
    return found != NULL ? found->value : SIZE_MAX;
}

/* The same chromosome as another project would call it. */
static size_t find_other_style(const mg_placements *placements, const char *name)
{
    char other[MG_NAME_LENGTH + 8];
    bool has_prefix = strncasecmp(name, "chr", 3) == 0;
    const char *bare = has_prefix ? name + 3 : name;
    if (strlen(name) > MG_NAME_LENGTH) return SIZE_MAX;
    if (strcmp(bare, "M") == 0 || strcmp(bare, "MT") == 0) bare = has_prefix ? "MT" : "M";
    snprintf(other, sizeof other, "%s%s", has_prefix ? "" : "chr", bare);
    return find_chromosome(placements, other);
}

static mg_score_place look_up(mg_score_job *job, const char *name)
{
    const mg_placements *placements = &job->input.placements;
    mg_score_place place = {true, SIZE_MAX, SIZE_MAX};
    if (job->options->input.transcripts != NULL) place.transcript = mg_transcript_names_find(&job->names, name, -1);
    if (place.transcript != SIZE_MAX || placements->n_exons == 0) return place;
    place.chromosome = find_chromosome(placements, name);
    if (place.chromosome != SIZE_MAX) return place;
    place.chromosome = find_other_style(placements, name);
    job->counts.n_other_style += place.chromosome != SIZE_MAX;
    return place;
}

static mg_status place_of(mg_score_job *job, const mg_variant_record *record, mg_score_place *ret, mg_error *err)
{
    size_t number = (size_t)record->bcf->rid;
    mg_status status = mg_grow(&job->place, &job->n_places, number + 1, sizeof *job->place, err);
    if (status != MG_OK) return status;
    if (!job->place[number].known) job->place[number] = look_up(job, record->chromosome);
    *ret = job->place[number];
    return MG_OK;
}

/* --- transcripts --- */

static mg_status add_task(mg_score_block *block, size_t transcript, mg_error *err)
{
    mg_status status = mg_grow(&block->task, &block->n_task_room, block->n_tasks + 1, sizeof *block->task, err);
    if (status != MG_OK) return status;
    mg_score_task *task = &block->task[block->n_tasks++];
    task->allele = block->n_alleles - 1;
    task->transcript = transcript;
    task->state = MG_VARIANT_SCORED;
    task->status = MG_OK;
    task->rows.n = 0; /* its room is used again */
    block->allele[block->n_alleles - 1].n_tasks++;
    return MG_OK;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The transcripts at any place where the allele can be written, or, without a genome, might be. Some of them it will turn out
 * not to lie in. */
static mg_status add_tasks(mg_score_job *job, const mg_score_allele *allele, mg_overlaps *over, mg_error *err)
{
    if (allele->place.transcript != SIZE_MAX) return add_task(job->block, allele->place.transcript, err);
    const mg_edit_ways *ways = &allele->ways;
    int64_t n = most(ways->edit.n, ways->edit.end - ways->edit.begin),
            far = job->options->input.genome != NULL && !job->sites ? 1 : n + 1;
    mg_status status =
        mg_placements_over(&job->input.placements, allele->place.chromosome, ways->edit.begin - ways->left - far,
                           ways->edit.end + ways->right + far, over, err);
    for (size_t i = 0; i < over->n && status == MG_OK; i++)
        status = add_task(job->block, over->transcript[i], err);
    return status;
}

/* nt of a chromosome; INT64_MAX where there is no genome to tell */
static int64_t chromosome_length(const mg_score_job *job, size_t chromosome)
{
    const mg_surroundings *around = &job->input.surroundings;
    if (job->sites) return job->input.sites.chromosome_length[chromosome];
    bool known = chromosome < around->n_chromosomes && around->chromosome[chromosome].length > 0;
    return known ? around->chromosome[chromosome].length : INT64_MAX;
}

/* A record beyond the end of its chromosome is of another genome build, as one whose REF differs. */
static mg_status check_end(const mg_score_job *job, const mg_variant_record *record, mg_score_allele *inout,
                           mg_error *err)
{
    int64_t length = chromosome_length(job, inout->place.chromosome);
    if (record->position < length && (int64_t)strlen(record->ref) <= length - record->position) return MG_OK;
    inout->state = MG_VARIANT_REF_MISMATCH;
    if (job->options->skip_mismatch) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "%s %s %" PRId64 ": %s:%" PRId64
                   " with REF %.40s lies beyond the end of the chromosome, which has %" PRId64
                   " nt; are these variants of this genome build? (--skip-mismatch passes over such)",
                   mg_variant_file_path(job->file), mg_variant_file_unit(job->file), record->number, record->chromosome,
                   record->position + 1, record->ref, length);
}

static mg_status add_allele(mg_score_job *job, size_t record, const char *alternative, mg_overlaps *over, mg_error *err)
{
    mg_score_block *block = job->block;
    const mg_variant_record *r = &block->record[record];
    mg_status status = mg_grow(&block->allele, &block->n_allele_room, block->n_alleles + 1, sizeof *block->allele, err);
    if (status != MG_OK) return status;
    mg_score_allele *allele = &block->allele[block->n_alleles++];
    *allele = (mg_score_allele){.record = record, .alternative = alternative, .first_task = block->n_tasks};
    status = place_of(job, r, &allele->place, err);
    if (status != MG_OK) return status;
    allele->state = mg_variant_edit(r->position, r->ref, alternative, &allele->ways.edit);
    if (allele->state != MG_VARIANT_SCORED) return MG_OK;
    if (allele->place.transcript == SIZE_MAX && allele->place.chromosome == SIZE_MAX) {
        allele->state = MG_VARIANT_UNKNOWN_CHROMOSOME;
        return MG_OK;
    }
    if (allele->place.transcript == SIZE_MAX) status = check_end(job, r, allele, err);
    if (status != MG_OK || allele->state != MG_VARIANT_SCORED) return status;
    if (allele->place.transcript == SIZE_MAX)
        status = mg_score_align(job, r, allele->place.chromosome, &allele->ways, err);
    if (status == MG_OK) status = add_tasks(job, allele, over, err);
    if (status == MG_OK && allele->n_tasks == 0)
        allele->state = job->sites ? MG_VARIANT_OUTSIDE_WINDOWS : MG_VARIANT_NO_TRANSCRIPT;
    return status;
}

mg_status mg_score_begin_block(mg_score_job *job, mg_error *err)
{
    mg_score_block *block = job->block;
    mg_overlaps over = {0};
    mg_status status = MG_OK;
    block->n_alleles = block->n_tasks = 0;
    for (size_t i = 0; i < block->n_records && status == MG_OK; i++) {
        const mg_variant_record *record = &block->record[i];
        if (record->n_alternatives == 0) status = add_allele(job, i, NULL, &over, err);
        for (size_t a = 0; a < record->n_alternatives && status == MG_OK; a++)
            status = add_allele(job, i, record->alternative[a], &over, err);
    }
    free(over.transcript);
    return status;
}
