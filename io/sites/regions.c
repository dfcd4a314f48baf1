/* regions.c  regions out of BED, narrowPeak and bedGraph */
#include <inttypes.h>
#include <string.h>

#include "io/annotation/format.h"
#include "io/annotation/interval_text.h"
#include "io/sites/sites.h"
#include "src/core/decimal.h"

typedef enum { BED, NARROW_PEAK, BEDGRAPH } format;

/* Columns, counted from 0. */
enum { VALUE = 3, STRAND = 5, SUMMIT = 9, NARROW_PEAK_COLUMNS = 10, BEDGRAPH_COLUMNS = 4, BED_COLUMNS = 12 };

/* A stretch of one value in a bedGraph. */
typedef struct {
    size_t chromosome;
    int64_t begin, end, line;
    double value;
} stretch;

typedef struct {
    mg_interval_text text;
    const char *strand; /* "+", "-", "both", "column" */
    mg_sites *sites;
    format format;
    bool is_told; /* so far column 6 had a strand on every line */
    stretch last; /* of a bedGraph: the stretch at hand; end 0: none yet */
    stretch best; /* the highest of the run of stretches that touch; end 0: none */
} reader;

/* --- formats --- */

static const char *const names[] = {[BED] = "BED", [NARROW_PEAK] = "narrowPeak", [BEDGRAPH] = "bedGraph"};

static bool read_number(mg_field f, double *ret)
{
    char text[64];
    if (f.n >= sizeof text) return false;
    memcpy(text, f.text, f.n);
    text[f.n] = '\0';
    return mg_decimal_read(text, ret);
}

static bool is_number(mg_field f)
{
    double x;
    return read_number(f, &x);
}

static bool looks_like_peaks(const mg_interval_line *line)
{
    const mg_field *c = line->column;
    int64_t summit;
    return line->n_columns == NARROW_PEAK_COLUMNS && is_number(c[6]) && is_number(c[7]) && is_number(c[8]) &&
           (mg_field_is(c[SUMMIT], "-1") || mg_annotation_number(c[SUMMIT].text, c[SUMMIT].n, &summit));
}

static format format_of(const char *path, const mg_interval_line *line)
{
    static const struct {
        const char *ending;
        format format;
    } known[] = {{".bed", BED},           {".broadPeak", BED},     {".narrowPeak", NARROW_PEAK},
                 {".bedGraph", BEDGRAPH}, {".bedgraph", BEDGRAPH}, {".bg", BEDGRAPH},
                 {".bdg", BEDGRAPH}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (mg_path_has_ending(path, known[k].ending)) return known[k].format;
    if (strstr(line->track, "type=bedGraph") != NULL) return BEDGRAPH;
    if (strstr(line->track, "type=narrowPeak") != NULL || looks_like_peaks(line)) return NARROW_PEAK;
    return line->n_columns == BEDGRAPH_COLUMNS && is_number(line->column[VALUE]) ? BEDGRAPH : BED;
}

/* --- sites --- */

static mg_status add_on(reader *r, size_t chromosome, int64_t begin, int64_t end, int64_t summit, int64_t line,
                        char strand, mg_error *err)
{
    int64_t middle = (end - begin) / 2;
    mg_site site = {.chromosome = chromosome,
                    .reach = end,
                    .line = line,
                    .locus = SIZE_MAX,
                    .kind = MG_SITE_REGION,
                    .strand = strand,
                    .label = -1};
    site.at = strand == '+' ? begin + middle : end - 1 - middle;
    if (summit >= 0) site.at = begin + summit;
    return mg_sites_add(r->sites, site, err);
}

/* By what was asked for; `told` is what the file tells. */
static mg_status add_region(reader *r, size_t chromosome, int64_t begin, int64_t end, int64_t summit, int64_t line,
                            char told, mg_error *err)
{
    bool both = strcmp(r->strand, "both") == 0, column = strcmp(r->strand, "column") == 0;
    char strand = both ? '+' : column ? told : *r->strand;
    mg_status status = add_on(r, chromosome, begin, end, summit, line, strand, err);
    return status == MG_OK && both ? add_on(r, chromosome, begin, end, summit, line, '-', err) : status;
}

static mg_status take_bed(reader *r, const mg_interval_line *line, size_t chromosome, mg_error *err)
{
    int64_t summit = -1, number = mg_text_line_number(r->text.text);
    char strand = '+';
    if (line->n_columns > STRAND) {
        mg_field f = line->column[STRAND];
        if (f.n != 1 || strchr("+-.", *f.text) == NULL)
            return mg_text_fail(r->text.text, err, "the strand is '%.*s'; +, - or . is wanted in column 6",
                                f.n < 20 ? (int)f.n : 20, f.text);
        strand = *f.text == '-' ? '-' : '+';
        r->is_told = r->is_told && *f.text != '.';
    } else {
        r->is_told = false;
    }
    if (r->format == NARROW_PEAK && line->n_columns != NARROW_PEAK_COLUMNS)
        return mg_text_fail(r->text.text, err, "%zu columns; a narrowPeak has 10, the last of them the summit",
                            line->n_columns);
    if (r->format == NARROW_PEAK && !mg_field_is(line->column[SUMMIT], "-1")) {
        mg_field f = line->column[SUMMIT];
        if (!mg_annotation_number(f.text, f.n, &summit) || summit >= line->end - line->begin)
            return mg_text_fail(r->text.text, err,
                                "the summit is '%.*s'; a number below %" PRId64
                                ", the length of the peak, is wanted in column 10, or -1 for none",
                                f.n < 20 ? (int)f.n : 20, f.text, line->end - line->begin);
    }
    return add_region(r, chromosome, line->begin, line->end, summit, number, strand, err);
}

/* --- bedGraph --- */

static mg_status end_run(reader *r, mg_error *err)
{
    stretch best = r->best;
    r->best = r->last = (stretch){0};
    if (best.end == 0) return MG_OK;
    return add_region(r, best.chromosome, best.begin, best.end, -1, best.line, '+', err);
}

static mg_status take_value(reader *r, const mg_interval_line *line, size_t chromosome, mg_error *err)
{
    mg_text *text = r->text.text;
    double value;
    mg_field f = line->n_columns > VALUE ? line->column[VALUE] : (mg_field){"", 0};
    if (!read_number(f, &value))
        return mg_text_fail(text, err, "the value is '%.*s'; a number is wanted in column 4 of a bedGraph",
                            f.n < 40 ? (int)f.n : 40, f.text);
    stretch now = {chromosome, line->begin, line->end, mg_text_line_number(text), value};
    bool same = r->last.end > 0 && r->last.chromosome == chromosome;
    if (same && now.begin < r->last.end)
        return mg_text_fail(text, err,
                            "this interval begins before the one of line %" PRId64
                            " ends; a bedGraph is sorted, and its intervals do not overlap (sort -k1,1 -k2,2n)",
                            r->last.line);
    bool touches = same && now.begin == r->last.end;
    mg_status status = touches && now.value > 0 ? MG_OK : end_run(r, err);
    if (status != MG_OK) return status;
    bool goes_on = r->best.end > 0 && r->best.value == now.value && r->best.end == now.begin;
    if (goes_on)
        r->best.end = now.end;
    else if (now.value > 0 && (r->best.end == 0 || now.value > r->best.value))
        r->best = now;
    r->last = now;
    return MG_OK;
}

/* --- the whole --- */

static mg_status read_lines(reader *r, const char *path, mg_error *err)
{
    mg_interval_line line;
    bool begun = false;
    mg_status status = MG_OK;
    while (status == MG_OK) {
        size_t chromosome = 0;
        status = mg_interval_text_next(&r->text, &line, err);
        if (status != MG_OK || line.n_columns == 0) break;
        if (!begun) r->format = format_of(path, &line);
        begun = true;
        status = mg_sites_chromosome(r->sites, line.column[0].text, line.column[0].n, &chromosome, err);
        if (status == MG_OK)
            status =
                r->format == BEDGRAPH ? take_value(r, &line, chromosome, err) : take_bed(r, &line, chromosome, err);
    }
    return status == MG_OK ? end_run(r, err) : status;
}

mg_status mg_sites_read_regions(const char *path, const char *strand, mg_sites *ret, mg_error *err)
{
    reader r = {.strand = strand, .sites = ret, .is_told = true};
    *ret = (mg_sites){.kinds = 1u << MG_SITE_REGION};
    mg_status status = mg_interval_text_open(path, &r.text, err);
    if (status == MG_OK) status = read_lines(&r, path, err);
    if (status == MG_OK && ret->n == 0)
        status =
            mg_fail(err, MG_EINPUT, "%s %s", mg_text_path(r.text.text),
                    r.format == BEDGRAPH ? "has no value above 0: a bedGraph gives the highest place of each run of "
                                           "intervals that touch"
                                         : "holds no region: a line of a BED has chromosome, begin and end");
    mg_interval_text_close(&r.text);
    ret->format = names[r.format];
    ret->strand_is_told = r.is_told && r.format != BEDGRAPH;
    if (status == MG_OK) status = mg_sites_unite(ret, err);
    if (status != MG_OK) mg_sites_destroy(ret);
    return status;
}
