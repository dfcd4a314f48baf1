/* bedgraph.c  a number a base: the mean effect e of its substitutions, or the contribution a of a method
 *
 * No two lines of a bedGraph overlap. Where windows do, the line has the mean of their values, or the strongest.
 * Source: UCSC, bedGraph track format.
 */
#include "io/export/sorted.h"

#include <math.h>
#include <string.h>

#include "src/task/evidence.h"

typedef struct {
    int64_t contig, position, window;
    float value;
} record;

static int compare(const void *a, const void *b)
{
    const record *x = a, *y = b;
    if (x->contig != y->contig) return x->contig < y->contig ? -1 : 1;
    if (x->position != y->position) return x->position < y->position ? -1 : 1;
    return (x->window > y->window) - (x->window < y->window);
}

static mg_status add(mg_export_sorted *s, int64_t i, mg_error *err)
{
    int64_t length = s->export->run->shape.length, first = s->block->start[i] - s->export->run->anchor;
    bool mutations = s->export->method == MG_EXPORT_MUTATIONS;
    const float *value = s->value + i * length * (mutations ? MG_N_BASES : 1);
    mg_evidence e = {.base = s->base + i * length, .effect = value, .n_methods = 1, .contribution = &value};
    mg_status status = MG_OK;
    for (int64_t p = 0; p < length && status == MG_OK; p++) {
        record r = {.contig = s->place.contig,
                    .position = mg_placement_to_genome(&s->place.placement, first + p),
                    .window = s->block->window[i]};
        if (r.position < 0 || !mg_evidence_is_known(&e, p)) continue;
        r.value = (float)mg_evidence_position(&e, mutations ? 0 : 1, p);
        if (!isfinite(r.value)) continue; /* no line for what is not defined */
        status = mg_record_sort_add(s->sort, &r, err);
    }
    return status;
}

/* --- a base --- */

typedef struct {
    record first;
    double sum, strongest;
    int64_t n;
} base_value;

static base_value begin_base(const record *r)
{
    return (base_value){.first = *r, .sum = r->value, .strongest = r->value, .n = 1};
}

static mg_status write_base(mg_export_sorted *s, const base_value *v, mg_error *err)
{
    bool mean = strcmp(s->export->options->overlap, "mean") == 0;
    if (v->n == 0) return MG_OK;
    if (v->first.position >= MG_WRITER_FAR) s->out.far = true;
    mg_writer_text(&s->out, mg_export_contig_name(s->export, v->first.contig));
    mg_writer_tab(&s->out);
    mg_writer_integer(&s->out, v->first.position);
    mg_writer_tab(&s->out);
    mg_writer_integer(&s->out, v->first.position + 1);
    mg_writer_tab(&s->out);
    mg_writer_number(&s->out, mean ? v->sum / (double)v->n : v->strongest);
    return mg_writer_end_line(&s->out, err);
}

static mg_status write_lines(mg_export_sorted *s, mg_error *err)
{
    const void *next = NULL;
    base_value v = {.n = 0};
    mg_status status = mg_record_sort_next(s->sort, &next, err);
    while (status == MG_OK && next != NULL) {
        const record *r = next;
        if (v.n > 0 && r->contig == v.first.contig && r->position == v.first.position) {
            v.sum += r->value;
            v.n++;
            if (fabs(r->value) > fabs(v.strongest)) v.strongest = r->value;
        } else {
            status = write_base(s, &v, err);
            v = begin_base(r);
        }
        if (status == MG_OK) status = mg_record_sort_next(s->sort, &next, err);
    }
    return status == MG_OK ? write_base(s, &v, err) : status;
}

static mg_status write_bedgraph(const mg_export *export, mg_error *err)
{
    static const mg_export_kind kind = {sizeof(record), compare, NULL, add, write_lines};
    mg_export_sorted s = {.export = export, .field = MG_MUTATION_EFFECT};
    if (export->method != MG_EXPORT_MUTATIONS) {
        s.field = MG_ATTRIBUTION_CONTRIBUTION;
        s.set = export->method;
    }
    return mg_export_write_sorted(&s, &kind, &tbx_conf_bed, err);
}

const mg_export_format mg_export_bedgraph = {.name = "bedgraph",
                                             .store = MG_STORE_CONTRIBUTION,
                                             .by_method = true,
                                             .on_genome = true,
                                             .to_stdout = true,
                                             .write = write_bedgraph};
