/* sorted.c  windows in, sorted records out */
#include "io/export/sorted.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { SORT_BYTES = 64 << 20 };

static mg_status create_room(mg_export_sorted *s, const mg_export_kind *kind, const char *folder, mg_error *err)
{
    const mg_run_shape *shape = &s->export->run->shape;
    mg_status status = mg_export_begin(s->export, &s->block, err);
    if (status != MG_OK) return status;
    size_t rows = (size_t)s->block->n_rows;
    status = mg_alloc(&s->base, rows, (size_t)shape->length * sizeof *s->base, err);
    if (status == MG_OK) status = mg_alloc(&s->value, rows, mg_field_row_bytes(s->field, shape), err);
    if (status == MG_OK)
        status = mg_record_sort_create(kind->bytes, SORT_BYTES / kind->bytes, kind->compare, folder, &s->sort, err);
    return status;
}

/* The windows of the block; *last is the transcript whose records are being gathered. */
static mg_status add_block(mg_export_sorted *s, const mg_export_kind *kind, int64_t *last, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t i = 0; i < s->block->n && status == MG_OK; i++) {
        int64_t transcript = s->block->transcript[i];
        bool ended = !s->export->on_genome && transcript != *last;
        if (ended) status = kind->write(s, err);
        *last = transcript;
        if (status == MG_OK && mg_export_find_place(s->export, transcript, &s->place)) status = kind->add(s, i, err);
    }
    return status;
}

static mg_status add_windows(mg_export_sorted *s, const mg_export_kind *kind, mg_error *err)
{
    int64_t last = -1;
    mg_status status = mg_export_next(s->block, err);
    while (status == MG_OK && s->block->n > 0) {
        status = mg_export_read_bases(s->block, s->base, err);
        if (status == MG_OK) status = mg_export_read(s->block, s->field, s->set, s->value, err);
        if (status == MG_OK) status = add_block(s, kind, &last, err);
        if (status == MG_OK) status = mg_export_next(s->block, err);
    }
    return status;
}

mg_status mg_export_write_sorted(mg_export_sorted *s, const mg_export_kind *kind, const tbx_conf_t *index,
                                 mg_error *err)
{
    const mg_export_options *options = s->export->options;
    char *copy = NULL, *folder = NULL; /* where what does not fit goes: beside the file */
    mg_status status = mg_copy_text(&copy, options->out, err);
    if (status != MG_OK) return status;
    if (strcmp(options->out, "-") != 0) folder = dirname(copy);
    status = mg_writer_open(options->out, options->force, &s->out, err);
    s->out.index = index;
    if (status == MG_OK) status = create_room(s, kind, folder, err);
    if (status == MG_OK && kind->begin != NULL) status = kind->begin(s, err);
    if (status == MG_OK) status = add_windows(s, kind, err);
    if (status == MG_OK) status = kind->write(s, err);
    mg_export_end(s->block);
    status = mg_writer_close(&s->out, status, err);
    mg_record_sort_destroy(s->sort);
    free(s->base);
    free(s->value);
    free(copy);
    return status;
}
