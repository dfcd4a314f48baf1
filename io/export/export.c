/* export.c  the table of formats, what they need, and windows block after block */
#include "io/export/export.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/probability.h"

static const mg_export_format *const formats[] = {&mg_export_windows,  &mg_export_effects, &mg_export_bed,
                                                  &mg_export_bedgraph, &mg_export_vcf,     &mg_export_modisco};

enum { BLOCK_BYTES = 32 << 20, NAMES = 1024 };

/* --- what was asked for --- */

static mg_status find_format(const mg_export_options *options, const mg_export_format **ret, mg_error *err)
{
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++)
        if (strcmp(formats[k]->name, options->format) == 0) {
            *ret = formats[k];
            return MG_OK;
        }
    return mg_fail(err, MG_EBUG, "format '%s' is in no table", options->format);
}

bool mg_export_has_ending(const char *name, const char *ending)
{
    size_t n = strlen(name), n_ending = strlen(ending);
    return n > n_ending && strcmp(name + n - n_ending, ending) == 0;
}

static mg_status check_name(const mg_export_format *format, const char *out, mg_error *err)
{
    const char *const *ending = format->ending;
    bool to_stdout = strcmp(out, "-") == 0;
    if (to_stdout && !format->to_stdout)
        return mg_fail(err, MG_EUSAGE, "--format %s is no text; give --out a name that ends in %s or %s", format->name,
                       ending[0], ending[1]);
    if (to_stdout || ending[0] == NULL) return MG_OK;
    if (mg_export_has_ending(out, ending[0]) || mg_export_has_ending(out, ending[1])) return MG_OK;
    return mg_fail(err, MG_EUSAGE, "--format %s writes files that end in %s or %s, not '%s'", format->name, ending[0],
                   ending[1], out);
}

static mg_status check_sites(const mg_run_file *run, const mg_export_options *options, mg_error *err)
{
    if (run->shape.n_chromosomes == 0) return MG_OK;
    if (options->annotation != NULL || options->genome != NULL)
        return mg_fail(err, MG_EUSAGE, "--%s is not for %s: a run of sites knows where they lie on their genome",
                       options->annotation != NULL ? "annotation" : "genome", run->path);
    return MG_OK;
}

static mg_status check_options(const mg_export_format *format, const mg_export_options *options, mg_error *err)
{
    if (options->method != NULL && !format->by_method)
        return mg_fail(err, MG_EUSAGE, "--method is not for --format %s", format->name);
    if (options->annotation != NULL && !format->on_genome)
        return mg_fail(err, MG_EUSAGE, "--annotation is not for --format %s, which is in transcript coordinates",
                       format->name);
    if (options->genome != NULL && !format->has_lengths)
        return mg_fail(err, MG_EUSAGE, "--genome is not for --format %s, which tells no lengths of chromosomes",
                       format->name);
    if (options->genome != NULL && options->annotation == NULL)
        return mg_fail(
            err, MG_EUSAGE,
            "--genome goes with --annotation, which puts the transcripts on it; runs of --regions and --sites know "
            "where they lie and how long the chromosomes are");
    return check_name(format, options->out, err);
}

/* Said with what will be enough, since a scan takes long. */
static mg_status check_store(const mg_export_format *format, const mg_export *export, mg_error *err)
{
    bool hypothetical = format == &mg_export_modisco && export->method != MG_EXPORT_MUTATIONS;
    if (export->run->shape.store >= format->store) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s keeps no effects of single windows; scan again with --store %s",
                   export->run->path, hypothetical ? "hypothetical" : "contribution");
}

static mg_status find_method(mg_export *export, mg_error *err)
{
    const char *wanted = export->options->method;
    const mg_run_summary *summary = &export->run->summary;
    char known[512] = "mutations";
    export->method = MG_EXPORT_MUTATIONS;
    export->one_method = wanted != NULL;
    if (wanted == NULL || strcmp(wanted, "mutations") == 0) return MG_OK;
    for (size_t m = 0; m < summary->n_methods; m++) {
        if (strcmp(summary->method[m].name, wanted) == 0) {
            export->method = (int64_t)m;
            return MG_OK;
        }
        size_t n = strlen(known);
        snprintf(known + n, sizeof known - n, " %s", summary->method[m].name);
    }
    return mg_fail(err, MG_EINPUT, "%s has no method '%s'; it has %s", export->run->path, wanted, known);
}

static mg_status check_group(mg_export *export, mg_error *err)
{
    const mg_run_summary *summary = &export->run->summary;
    int64_t n = 0;
    const mg_run_shape *shape = &export->run->shape;
    export->group = mg_task_find_group(mg_shape_task(shape), shape->score_name, export->options->group);
    if (export->group == MG_N_GROUPS) return mg_run_no_group(export->run, export->options->group, err);
    for (size_t k = 0; k < summary->n_rows && n == 0; k++)
        if (summary->row[k].group == (int32_t) export->group) n = summary->row[k].n + summary->row[k].n_undefined;
    if (n > 0) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s has no window of group '%s'", export->run->path, export->options->group);
}

/* --- transcripts --- */

static mg_status read_names(mg_export *export, char (*name)[MG_NAME_LENGTH + 1], mg_error *err)
{
    int64_t n = export->run->shape.n_transcripts, length[NAMES];
    mg_status status = mg_alloc(&export->transcriptome.transcript, (size_t)n, sizeof(mg_transcript), err);
    for (int64_t first = 0; first < n && status == MG_OK; first += NAMES) {
        int64_t count = n - first < NAMES ? n - first : NAMES;
        status = mg_run_file_names(export->run, first, count, name, err);
        if (status == MG_OK) status = mg_run_file_lengths(export->run, first, count, length, err);
        for (int64_t i = 0; i < count && status == MG_OK; i++) {
            mg_transcript *transcript = &export->transcriptome.transcript[first + i];
            export->transcriptome.n_transcripts++;
            transcript->length = length[i];
            status = mg_copy_text(&transcript->name, name[i], err);
        }
    }
    return status;
}

/* Symbols of the genes, and which of them each transcript is of. */
static mg_status read_genes(mg_export *export, char (*name)[MG_NAME_LENGTH + 1], mg_error *err)
{
    mg_transcriptome *to = &export->transcriptome;
    int64_t n = export->run->shape.n_genes, n_transcripts = export->run->shape.n_transcripts;
    if (n == 0) return MG_OK;
    mg_status status = mg_alloc(&to->gene_of, (size_t)n_transcripts, sizeof *to->gene_of, err);
    if (status == MG_OK) status = mg_run_file_gene_of(export->run, 0, n_transcripts, to->gene_of, err);
    if (status == MG_OK) status = mg_alloc(&to->genes.gene, (size_t)n, sizeof *to->genes.gene, err);
    for (int64_t first = 0; first < n && status == MG_OK; first += NAMES) {
        int64_t count = n - first < NAMES ? n - first : NAMES;
        status = mg_run_file_genes(export->run, MG_GENE_NAME, first, count, name, err);
        for (int64_t i = 0; i < count && status == MG_OK; i++)
            status = mg_copy_text(&to->genes.gene[to->genes.n++].name, name[i], err);
    }
    return status;
}

const char *mg_export_gene(const mg_export *export, int64_t transcript)
{
    const mg_gene *gene = mg_transcriptome_gene(&export->transcriptome, transcript);
    return gene != NULL ? gene->name : ".";
}

static mg_status read_transcripts(mg_export *export, mg_error *err)
{
    char(*name)[MG_NAME_LENGTH + 1] = NULL;
    mg_status status = mg_alloc(&name, NAMES, sizeof *name, err);
    if (status == MG_OK) status = read_names(export, name, err);
    if (status == MG_OK) status = read_genes(export, name, err);
    free(name);
    return status;
}

mg_status mg_export_run(const mg_run_file *run, const mg_export_options *options, mg_error *err)
{
    const mg_export_format *format = NULL;
    mg_export export = {
        .run = run, .options = options, .sites = run->shape.n_chromosomes > 0, .task = mg_shape_task(&run->shape)};
    mg_status status = find_format(options, &format, err);
    if (status == MG_OK) status = check_options(format, options, err);
    if (status == MG_OK) status = check_sites(run, options, err);
    if (status == MG_OK) export.distinct = format->distinct;
    if (status == MG_OK) status = find_method(&export, err);
    if (status == MG_OK) status = check_store(format, &export, err);
    if (status == MG_OK) status = mg_genetic_code_find(options->genetic_code, &export.code, err);
    if (status == MG_OK && export.task->has_codons) status = mg_run_codes_read(run, &export.code, &export.codes, err);
    if (status == MG_OK) status = check_group(&export, err);
    if (status == MG_OK) status = read_transcripts(&export, err);
    if (status == MG_OK) status = mg_export_place_open(&export, err);
    if (status == MG_OK) status = format->write(&export, err);
    mg_export_place_close(&export);
    mg_run_codes_destroy(&export.codes);
    mg_transcriptome_destroy(&export.transcriptome);
    return status;
}

/* --- windows --- */

mg_status mg_export_begin(const mg_export *export, mg_export_block **ret, mg_error *err)
{
    int64_t rows = BLOCK_BYTES / (mg_run_window_bytes(&export->run->shape) + 1);
    mg_export_block *block = NULL;
    mg_status status = mg_alloc(&block, 1, sizeof *block, err);
    if (status != MG_OK) return status;
    block->export = export;
    block->n_rows = rows < 1 ? 1 : rows > MG_EXPORT_ROWS ? MG_EXPORT_ROWS : rows;
    mg_progress_start(&block->progress, "windows", export->run->shape.n_places, export->options->quiet);
    if (export->distinct)
        status = mg_alloc(&block->seen, (size_t) export->run->shape.n_windows / 64 + 1, sizeof *block->seen, err);
    *ret = block; /* for mg_export_end(), whatever came */
    return status;
}

void mg_export_end(mg_export_block *block)
{
    if (block == NULL) return;
    mg_progress_finish(&block->progress);
    free(block->seen);
    free(block);
}

mg_status mg_export_read(const mg_export_block *block, mg_field_id id, int64_t set, void *values, mg_error *err)
{
    return mg_run_file_read(block->export->run, id, set, block->window, block->n, values, err);
}

static mg_status check_windows(const mg_export_block *block, mg_error *err)
{
    const mg_run_file *run = block->export->run;
    for (int64_t i = 0; i < block->n; i++)
        if (block->window[i] < 0 || block->window[i] >= run->shape.n_windows)
            return mg_fail(err, MG_EINPUT, "%s: place %" PRId64 " is of window %" PRId64 ", which is not there",
                           run->path, block->place[i], block->window[i]);
    return MG_OK;
}

/* The columns of the next places, members of the group or not. */
static mg_status read_columns(mg_export_block *block, mg_error *err)
{
    const mg_run_file *run = block->export->run;
    const struct {
        mg_field_id field;
        void *to;
    } of_place[] = {{MG_PLACE_WINDOW, block->window},
                    {MG_PLACE_TRANSCRIPT, block->transcript},
                    {MG_PLACE_START, block->start},
                    {MG_PLACE_LABEL, block->label},
                    {MG_PLACE_PADDED, block->padded}},
      column[] = {{MG_WINDOW_SCORE, block->score},
                  {MG_WINDOW_PROBABILITY, block->probability},
                  {MG_WINDOW_UNKNOWN, block->unknown}};
    int64_t left = run->shape.n_places - block->next;
    mg_status status = MG_OK;
    block->n = left < block->n_rows ? left : block->n_rows;
    for (int64_t i = 0; i < block->n; i++)
        block->place[i] = block->next + i;
    for (size_t k = 0; k < sizeof of_place / sizeof *of_place && status == MG_OK; k++)
        status = mg_run_file_read(run, of_place[k].field, 0, block->place, block->n, of_place[k].to, err);
    if (status == MG_OK) status = check_windows(block, err);
    for (size_t k = 0; k < sizeof column / sizeof *column && status == MG_OK; k++)
        status = mg_export_read(block, column[k].field, 0, column[k].to, err);
    for (int64_t i = 0; i < block->n; i++)
        block->unknown[i] -= block->padded[i];
    return status;
}

/* Places of a run stand in the order of their transcripts, and their codons in the transcripts; the formats lean on it. */
static mg_status check_order(mg_export_block *block, mg_error *err)
{
    const mg_run_file *run = block->export->run;
    for (int64_t i = 0; i < block->n; i++) {
        int64_t transcript = block->transcript[i];
        if (transcript < block->last || transcript >= run->shape.n_transcripts)
            return mg_fail(err, MG_EINPUT, "%s: place %" PRId64 " is of transcript %" PRId64 ", which is out of order",
                           run->path, block->place[i], transcript);
        if (block->start[i] < 0 || block->start[i] >= block->export->transcriptome.transcript[transcript].length)
            return mg_fail(err, MG_EINPUT, "%s: place %" PRId64 " begins at %" PRId64 ", which is not in transcript %s",
                           run->path, block->place[i], block->start[i],
                           block->export->transcriptome.transcript[transcript].name);
        block->last = transcript;
    }
    return MG_OK;
}

/* Whether a window is to be shown, which it is once where windows are to be distinct. */
static bool take_window(mg_export_block *b, int64_t window)
{
    if (b->seen == NULL) return true;
    uint64_t *word = &b->seen[window / 64], bit = (uint64_t)1 << window % 64;
    bool is_new = (*word & bit) == 0;
    *word |= bit;
    return is_new;
}

static void keep_group(mg_export_block *b)
{
    int64_t n = 0;
    mg_group group = b->export->group;
    for (int64_t i = 0; i < b->n; i++) {
        if (group == MG_GROUP_ANNOTATED && b->label[i] != 1) continue;
        if (group == MG_GROUP_CALLED && !(b->score[i] > 0)) continue;
        if (!take_window(b, b->window[i])) continue;
        b->place[n] = b->place[i];
        b->window[n] = b->window[i];
        b->transcript[n] = b->transcript[i];
        b->start[n] = b->start[i];
        b->label[n] = b->label[i];
        b->score[n] = b->score[i];
        b->probability[n] = b->probability[i];
        b->padded[n] = b->padded[i];
        b->unknown[n] = b->unknown[i];
        n++;
    }
    b->n = n;
}

mg_status mg_export_next(mg_export_block *block, mg_error *err)
{
    mg_status status = MG_OK;
    block->n = 0;
    mg_progress_update(&block->progress, block->next);
    while (block->n == 0 && block->next < block->export->run->shape.n_places && status == MG_OK) {
        status = read_columns(block, err);
        if (status == MG_OK) status = check_order(block, err);
        block->next += block->n;
        if (status == MG_OK) keep_group(block);
    }
    return status;
}

mg_status mg_export_count(const mg_export *export, int64_t *ret, mg_error *err)
{
    mg_export_options quiet = *export->options;
    mg_export counted = *export;
    mg_export_block *block = NULL;
    quiet.quiet = true;
    counted.options = &quiet;
    *ret = 0;
    mg_status status = mg_export_begin(&counted, &block, err);
    if (status == MG_OK) status = mg_export_next(block, err);
    while (status == MG_OK && block->n > 0) {
        *ret += block->n;
        status = mg_export_next(block, err);
    }
    mg_export_end(block);
    return status;
}

mg_status mg_export_read_bases(const mg_export_block *block, mg_base *base, mg_error *err)
{
    size_t n = (size_t)block->n * (size_t)block->export->run->shape.length;
    mg_status status = mg_export_read(block, MG_WINDOW_SEQUENCE, 0, base, err); /* letters, a byte each as the codes */
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        mg_base code = mg_base_from_letter((char)base[i]);
        base[i] = code < MG_N_BASES ? code : MG_UNKNOWN;
    }
    return status;
}

double mg_export_probability_change(const mg_export *export, double score, double effect)
{
    bool logit = !mg_shape_has_odds(&export->run->shape);
    return logit ? NAN : mg_probability_change(score, effect);
}
