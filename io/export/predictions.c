/* predictions.c  lines of a table and of BED */
#include "io/export/predictions.h"

#include <math.h>

#include "io/base/bed.h"
#include "io/base/text.h"

enum { CODON = 3 };

mg_predictions_kind mg_predictions_kind_of(const char *path, bool on_genome)
{
    if (!mg_path_has_ending(path, ".bed")) return MG_PREDICTIONS_TABLE;
    return on_genome ? MG_PREDICTIONS_GENOME_BED : MG_PREDICTIONS_BED;
}

/* Are the windows around sites of a genome? Then they have no codons, and lie on it. */
static bool of_sites(const mg_predictions *p)
{
    return p->input->site_kinds != 0;
}

mg_status mg_predictions_begin(const char *path, bool force, const char *head, mg_predictions *inout, mg_error *err)
{
    mg_status status = mg_writer_open(path, force, &inout->out, err);
    if (status != MG_OK || inout->kind != MG_PREDICTIONS_TABLE) return status;
    if (kputs(head, &inout->out.text) < 0) inout->out.failed = true;
    const char *where = of_sites(inout)                  ? "#site chromosome position strand"
                        : inout->input->task->has_codons ? "#transcript start end"
                                                         : "#window begin end";
    mg_writer_columns(&inout->out, where);
    mg_writer_tab(&inout->out);
    mg_writer_columns(&inout->out, "label n_padded n_unknown");
    mg_writer_tab(&inout->out);
    mg_writer_columns(&inout->out, inout->columns);
    return mg_writer_end_line(&inout->out, err);
}

static void put_integers(mg_writer *out, size_t n, const int64_t *value)
{
    for (size_t k = 0; k < n; k++) {
        mg_writer_tab(out);
        mg_writer_integer(out, value[k]);
    }
}

/* What of the sequence the line is about: the codon, or where there are none the whole window, as far as it is there. */
typedef struct {
    int64_t begin, end;
} told;

static told told_of(const mg_predictions *p, const mg_window *window)
{
    const mg_candidate_options *how = &p->input->how;
    int64_t length = p->input->transcriptome.transcript[window->transcript].length, begin = window->start - how->anchor;
    if (p->input->task->has_codons) return (told){window->start, window->start + CODON};
    return (told){begin > 0 ? begin : 0, begin + how->length < length ? begin + how->length : length};
}

static void put_stretch(mg_writer *out, const char *name, told stretch)
{
    mg_writer_text(out, name);
    put_integers(out, 2, (const int64_t[]){stretch.begin, stretch.end});
}

/* The site's base, from 0 on its chromosome. */
static void put_site(mg_predictions *p, const char *name, const mg_window *window)
{
    const mg_placements *places = &p->input->placements;
    const mg_placement *place = &places->placement[window->transcript];
    mg_genome_interval at = {0};
    mg_bed_split(place, window->start, window->start + 1, &at); /* there is one: reading left out those without */
    mg_writer_text(&p->out, name);
    mg_writer_tab(&p->out);
    mg_writer_text(&p->out, places->chromosome[place->chromosome]);
    put_integers(&p->out, 1, (const int64_t[]){at.begin});
    mg_writer_tab(&p->out);
    mg_writer_letter(&p->out, place->strand);
}

/* Numbers are rounded to float32, as a run file keeps them. */
static void put_row(mg_predictions *p, const char *name, const mg_window *window, told stretch,
                    const mg_window_score *score)
{
    mg_writer *out = &p->out;
    if (of_sites(p))
        put_site(p, name, window);
    else
        put_stretch(out, name, stretch);
    put_integers(out, 3, (const int64_t[]){window->label, window->n_padded, window->n_unknown});
    for (size_t k = 0; k < p->n_scores; k++) {
        mg_writer_tab(out);
        mg_writer_number(out, (double)(float)score[k].f);
        if (isnan(score[k].probability)) continue;
        mg_writer_tab(out);
        mg_writer_number(out, (double)(float)score[k].probability);
    }
}

/* Six columns of BED; start < 0: the name says where. */
static void put_bed(mg_writer *out, const char *contig, int64_t begin, int64_t end, const char *name, int64_t start,
                    mg_window_score score, char strand)
{
    mg_writer_text(out, contig);
    put_integers(out, 2, (const int64_t[]){begin, end});
    mg_writer_tab(out);
    mg_writer_text(out, name);
    if (start >= 0) mg_writer_letter(out, ':');
    if (start >= 0) mg_writer_integer(out, start);
    put_integers(out, 1, (const int64_t[]){mg_bed_score(score.probability)});
    mg_writer_tab(out);
    mg_writer_letter(out, strand);
}

static mg_status add_on_genome(mg_predictions *p, const char *name, const mg_window *window, mg_window_score score,
                               mg_error *err)
{
    const mg_placements *placements = &p->input->placements;
    const mg_placement *placement = &placements->placement[window->transcript];
    mg_genome_interval piece[CODON];
    size_t n = mg_bed_split(placement, window->start, window->start + CODON, piece);
    if (n == 0) {
        p->n_without_place++;
        return MG_OK;
    }
    put_bed(&p->out, placements->chromosome[placement->chromosome], piece[0].begin, piece[n - 1].end, name,
            window->start, score, placement->strand);
    /* the codon is thick as a whole, and has a block a piece */
    put_integers(&p->out, 3, (const int64_t[]){piece[0].begin, piece[n - 1].end, 0});
    mg_writer_tab(&p->out);
    mg_bed_put_blocks(&p->out, piece, n);
    return mg_writer_end_line(&p->out, err);
}

/* The window as far as its chromosome goes; the site's base is thick. As `mutagree export --format bed` writes it. */
static mg_status add_site(mg_predictions *p, const char *name, const mg_window *window, mg_window_score score,
                          mg_error *err)
{
    const mg_placements *placements = &p->input->placements;
    const mg_placement *placement = &placements->placement[window->transcript];
    mg_genome_interval whole = {placement->exon[0].begin, placement->exon[0].end}, at = {0}; /* a site has one exon */
    mg_bed_split(placement, window->start, window->start + 1, &at);
    put_bed(&p->out, placements->chromosome[placement->chromosome], whole.begin, whole.end, name, -1, score,
            placement->strand);
    put_integers(&p->out, 3, (const int64_t[]){at.begin, at.end, 0});
    mg_writer_tab(&p->out);
    mg_bed_put_blocks(&p->out, &whole, 1);
    return mg_writer_end_line(&p->out, err);
}

mg_status mg_predictions_add(mg_predictions *inout, const mg_window *window, const mg_window_score *score,
                             mg_error *err)
{
    const char *name = inout->input->transcriptome.transcript[window->transcript].name;
    if (inout->kind != MG_PREDICTIONS_TABLE && of_sites(inout)) return add_site(inout, name, window, *score, err);
    if (inout->kind == MG_PREDICTIONS_GENOME_BED) return add_on_genome(inout, name, window, *score, err);
    told stretch = told_of(inout, window);
    if (inout->kind == MG_PREDICTIONS_TABLE)
        put_row(inout, name, window, stretch, score);
    else
        put_bed(&inout->out, name, stretch.begin, stretch.end, name, window->start, *score, '+');
    return mg_writer_end_line(&inout->out, err);
}

mg_status mg_predictions_end(mg_predictions *inout, mg_status status, mg_error *err)
{
    return mg_writer_close(&inout->out, status, err);
}
