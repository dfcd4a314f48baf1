/* effects.c  a table with a row a substitution */
#include "io/export/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/base/writer.h"
#include "src/task/starts/hgvs.h"
#include "src/core/memory.h"
#include "src/sequence/window.h"

typedef struct {
    const mg_export *export;
    mg_export_block *block;
    mg_writer out;
    mg_base *base; /* (MG_EXPORT_ROWS, L) */
    float *effect; /* (MG_EXPORT_ROWS, L, 4) */
} table;

static mg_status write_head(table *t, mg_error *err)
{
    const mg_export *e = t->export;
    mg_writer_columns(&t->out, e->sites              ? "site chromosome site_position strand label"
                               : e->task->has_codons ? "transcript start label"
                                                     : "name anchor label");
    mg_writer_tab(&t->out);
    mg_writer_columns(&t->out, e->sites              ? "chromosome_position position from to hgvs effect"
                               : e->task->has_codons ? "transcript_position position from to hgvs effect"
                                                     : "window_position position from to effect");
    if (e->task->has_codons || mg_shape_has_odds(&e->run->shape)) {
        mg_writer_tab(&t->out);
        mg_writer_columns(&t->out, e->task->has_codons ? "probability_change class flips" : "probability_change flips");
    }
    return mg_writer_end_line(&t->out, err);
}

/* Where the base at offset p stands: in the transcript, on the chromosome, or in the window. */
static int64_t place_of(const table *t, int64_t i, int64_t p)
{
    const mg_export *e = t->export;
    int64_t at = t->block->start[i] - e->run->anchor + p;
    if (e->sites) return mg_placement_to_genome(&e->placements.placement[t->block->transcript[i]], at);
    return at;
}

/* "chr1:g.1001A>T", on the forward strand and counted from 1, as HGVS has it. */
static void put_genomic(table *t, int64_t transcript, int64_t place, mg_base from, mg_base to)
{
    const mg_placement *p = &t->export->placements.placement[transcript];
    char text[MG_NAME_LENGTH + 64];
    snprintf(text, sizeof text, "%s:g.%" PRId64 "%c>%c", t->export->placements.chromosome[p->chromosome], place + 1,
             mg_letter_from_base(mg_placement_base(p, from)), mg_letter_from_base(mg_placement_base(p, to)));
    mg_writer_text(&t->out, text);
    mg_writer_tab(&t->out);
}

/* Name of the substitution, where the run has coordinates that HGVS knows. */
static void put_name(table *t, int64_t i, const mg_reading *reading, int64_t p, mg_base b, int64_t place)
{
    char hgvs[MG_HGVS_TEXT];
    if (t->export->sites) {
        put_genomic(t, t->block->transcript[i], place, reading->base[p], b);
    } else if (t->export->task->has_codons) {
        mg_writer_text(&t->out, mg_hgvs_coding(reading, p, b, hgvs));
        mg_writer_tab(&t->out);
    }
}

/* Base b in place of the one at offset p of window i. */
static mg_status write_substitution(table *t, int64_t i, const mg_reading *reading, int64_t p, mg_base b, mg_error *err)
{
    const mg_export_block *block = t->block;
    int64_t place = place_of(t, i, p);
    double score = block->score[i], effect = t->effect[(i * reading->length + p) * MG_N_BASES + b];
    mg_writer *out = &t->out;
    mg_export_put_site(t->export, block->transcript[i], block->start[i], out);
    mg_writer_integer(out, block->label[i]);
    mg_writer_tab(out);
    mg_writer_integer(out, place);
    mg_writer_tab(out);
    mg_writer_integer(out, mg_window_position(p, reading->anchor));
    mg_writer_tab(out);
    mg_writer_letter(out, mg_letter_from_base(reading->base[p]));
    mg_writer_tab(out);
    mg_writer_letter(out, mg_letter_from_base(b));
    mg_writer_tab(out);
    put_name(t, i, reading, p, b, place);
    mg_writer_number(out, effect);
    if (!t->export->task->has_codons && !mg_shape_has_odds(&t->export->run->shape)) return mg_writer_end_line(out, err);
    mg_writer_tab(out);
    mg_writer_number(out, mg_export_probability_change(t->export, score, effect));
    mg_writer_tab(out);
    if (t->export->task->has_codons) {
        mg_writer_text(out, mg_classes[mg_reading_classify(reading, p, b)].name);
        mg_writer_tab(out);
    }
    bool flips = mg_shape_has_odds(&t->export->run->shape) && (score + effect > 0) != (score > 0);
    mg_writer_text(out, flips ? "true" : "false");
    return mg_writer_end_line(out, err);
}

static mg_status write_window(table *t, int64_t i, mg_error *err)
{
    int64_t length = t->export->run->shape.length;
    const mg_base *base = t->base + i * length;
    mg_reading reading =
        mg_reading_begin(mg_run_code(&t->export->codes, t->block->transcript[i]), base, length, t->export->run->anchor);
    mg_status status = MG_OK;
    for (int64_t p = 0; p < length; p++)
        for (mg_base b = 0; b < MG_N_BASES && base[p] < MG_N_BASES && status == MG_OK; b++)
            if (b != base[p]) status = write_substitution(t, i, &reading, p, b, err);
    return status;
}

static mg_status write_rows(table *t, mg_error *err)
{
    mg_status status = mg_export_next(t->block, err);
    while (status == MG_OK && t->block->n > 0) {
        status = mg_export_read_bases(t->block, t->base, err);
        if (status == MG_OK) status = mg_export_read(t->block, MG_MUTATION_EFFECT, 0, t->effect, err);
        for (int64_t i = 0; i < t->block->n && status == MG_OK; i++)
            status = write_window(t, i, err);
        if (status == MG_OK) status = mg_export_next(t->block, err);
    }
    return status;
}

static mg_status write_effects(const mg_export *export, mg_error *err)
{
    table t = {.export = export};
    size_t length = (size_t) export->run->shape.length;
    mg_status status = mg_writer_open(export->options->out, export->options->force, &t.out, err);
    if (status == MG_OK) status = mg_export_begin(export, &t.block, err);
    if (status == MG_OK) status = mg_alloc(&t.base, (size_t)t.block->n_rows, length * sizeof *t.base, err);
    if (status == MG_OK)
        status = mg_alloc(&t.effect, (size_t)t.block->n_rows, length * MG_N_BASES * sizeof *t.effect, err);
    if (status == MG_OK) status = write_head(&t, err);
    if (status == MG_OK) status = write_rows(&t, err);
    mg_export_end(t.block);
    status = mg_writer_close(&t.out, status, err);
    free(t.base);
    free(t.effect);
    return status;
}

const mg_export_format mg_export_effects = {
    .name = "effects", .store = MG_STORE_CONTRIBUTION, .to_stdout = true, .write = write_effects};
