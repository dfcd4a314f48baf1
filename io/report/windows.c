/* windows.c  single windows: found by name, picked as examples, and told in full */
#include "io/report/report.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/table.h"
#include "src/task/starts/hgvs.h"
#include "src/core/memory.h"
#include "src/core/spelling.h"
#include "src/engine/probability.h"
#include "src/sequence/window.h"

enum { BLOCK = 1024, N_TOP = 10, N_LISTED = 8, LISTED = 256 };

typedef char name_text[MG_NAME_LENGTH + 1];

/* --- by name --- */

/* What is asked for: "NM_000518:50" is the window at 50 of NM_000518, or the best one of a transcript of that whole name;
 * where no transcript has the name, a gene may have it. */
typedef struct {
    const char *text;
    size_t n_text, n_name; /* equal when no number stands behind the last colon */
    int64_t start;         /* -1 then */
} wish;

static wish read_wish(const char *text)
{
    size_t n = strlen(text);
    wish w = {text, n, n, -1};
    const char *colon = strrchr(text, ':');
    if (colon == NULL || strlen(colon + 1) == 0 || strlen(colon + 1) > 15) return w;
    for (const char *c = colon + 1; *c != '\0'; c++)
        if (!isdigit((unsigned char)*c)) return w;
    w.n_name = (size_t)(colon - text);
    w.start = strtoll(colon + 1, NULL, 10);
    return w;
}

/* Transcripts that may be meant; -1: none so far. */
typedef struct {
    int64_t before_colon, whole;
    char asked[MG_SPELLING_LENGTH + 1]; /* the name as far as it is compared */
    name_text near;                     /* the nearest name, empty: none is near */
} meant;

static bool is_name(const char *name, const char *text, size_t n)
{
    return strlen(name) == n && memcmp(name, text, n) == 0;
}

static void look_at_name(const wish *w, int64_t transcript, const char *name, meant *inout)
{
    if (inout->before_colon < 0 && is_name(name, w->text, w->n_name)) inout->before_colon = transcript;
    if (inout->whole < 0 && is_name(name, w->text, w->n_text)) inout->whole = transcript;
    const char *nearest = inout->near[0] != '\0' ? inout->near : NULL, *before = nearest;
    if (w->n_name <= MG_SPELLING_LENGTH) mg_spelling_nearest(inout->asked, name, &nearest);
    if (nearest != before) memcpy(inout->near, name, strlen(name) + 1);
}

/* Each name of the run, until there is no better one to come. */
static mg_status look_at_names(const mg_run_file *run, const wish *w, meant *inout, mg_error *err)
{
    int64_t n = run->shape.n_transcripts;
    name_text *name = NULL;
    mg_status status = mg_alloc(&name, BLOCK, sizeof *name, err);
    for (int64_t first = 0; first < n && inout->before_colon < 0 && status == MG_OK; first += BLOCK) {
        int64_t count = n - first < BLOCK ? n - first : BLOCK;
        status = mg_run_file_names(run, first, count, name, err);
        for (int64_t i = 0; i < count && inout->before_colon < 0 && status == MG_OK; i++)
            look_at_name(w, first + i, name[i], inout);
    }
    free(name);
    return status;
}

/* Genes whose symbol, or else identifier, is meant, in the same way. */
static mg_status look_at_genes(const mg_run_file *run, const wish *w, meant *inout, mg_error *err)
{
    static const mg_field_id field[] = {MG_GENE_NAME, MG_GENE_ID};
    int64_t n = run->shape.n_genes;
    name_text *name = NULL;
    mg_status status = mg_alloc(&name, BLOCK, sizeof *name, err);
    for (size_t f = 0; f < 2 && inout->before_colon < 0; f++)
        for (int64_t first = 0; first < n && inout->before_colon < 0 && status == MG_OK; first += BLOCK) {
            int64_t count = n - first < BLOCK ? n - first : BLOCK;
            status = mg_run_file_genes(run, field[f], first, count, name, err);
            for (int64_t i = 0; i < count && inout->before_colon < 0 && status == MG_OK; i++)
                look_at_name(w, first + i, name[i], inout);
        }
    free(name);
    return status;
}

static mg_status nobody(const mg_run_file *run, const wish *w, const char *near, mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "%s has no %s%s'%.*s'%s%s%s", run->path,
                   mg_shape_task(&run->shape)->has_codons ? "transcript " : "window ",
                   run->shape.n_genes > 0 ? "or gene " : "", (int)w->n_name, w->text,
                   near[0] != '\0' ? "; did you mean '" : "", near, near[0] != '\0' ? "'?" : "");
}

/* The search for a window of a transcript, or of the transcripts of a gene. */
typedef struct {
    int64_t transcript, gene; /* -1: the other one */
    int64_t start;            /* -1: the best window */
    int64_t found;            /* its place; -1: none yet */
    bool annotated;           /* of the one found */
    float score;
    size_t n_seen;
    char seen[LISTED]; /* starts of the transcript's windows, for the sentence that says there is no such window */
} search;

static void look_at(search *s, int64_t place, int64_t start, int label, float score)
{
    size_t n = strlen(s->seen);
    if (s->n_seen++ < N_LISTED) snprintf(s->seen + n, sizeof s->seen - n, " %" PRId64, start);
    bool better = s->found < 0 || (label == 1 && !s->annotated) || ((label == 1) == s->annotated && score > s->score);
    if (s->start >= 0 ? start != s->start : !better) return;
    s->found = place;
    s->annotated = label == 1;
    s->score = score;
}

/* The transcript or gene that is meant; *inout_wish loses its number when that belongs to the name. */
static mg_status find_meant(const mg_run_file *run, wish *inout_wish, search *ret, mg_error *err)
{
    meant m = {.before_colon = -1, .whole = -1};
    snprintf(m.asked, sizeof m.asked, "%.*s", (int)inout_wish->n_name, inout_wish->text);
    mg_status status = look_at_names(run, inout_wish, &m, err);
    bool is_gene = status == MG_OK && m.before_colon < 0 && m.whole < 0;
    if (is_gene) status = look_at_genes(run, inout_wish, &m, err);
    if (status != MG_OK) return status;
    int64_t found = m.before_colon >= 0 ? m.before_colon : m.whole;
    if (found < 0) return nobody(run, inout_wish, m.near, err);
    ret->gene = is_gene ? found : -1;
    ret->transcript = is_gene ? -1 : found;
    if (m.before_colon < 0) *inout_wish = (wish){inout_wish->text, inout_wish->n_text, inout_wish->n_text, -1};
    return MG_OK;
}

/* Bits of the transcripts that are searched. */
static mg_status choose_transcripts(const mg_run_file *run, const search *s, bool *wanted, mg_error *err)
{
    int64_t gene[BLOCK], n = run->shape.n_transcripts;
    mg_status status = MG_OK;
    if (s->gene < 0) wanted[s->transcript] = true;
    for (int64_t first = 0; first < n && s->gene >= 0 && status == MG_OK; first += BLOCK) {
        int64_t count = n - first < BLOCK ? n - first : BLOCK;
        status = mg_run_file_gene_of(run, first, count, gene, err);
        for (int64_t i = 0; i < count && status == MG_OK; i++)
            wanted[first + i] = gene[i] == s->gene;
    }
    return status;
}

static mg_status check_block(const mg_run_file *run, const int64_t *transcript, const int64_t *window, int64_t n,
                             mg_error *err)
{
    for (int64_t i = 0; i < n; i++)
        if (transcript[i] < 0 || transcript[i] >= run->shape.n_transcripts || window[i] < 0 ||
            window[i] >= run->shape.n_windows)
            return mg_fail(err, MG_EINPUT, "%s has places of transcripts or windows that are not there; it is damaged",
                           run->path);
    return MG_OK;
}

static bool is_any_wanted(const int64_t *transcript, int64_t n, const bool *wanted)
{
    for (int64_t i = 0; i < n; i++)
        if (wanted[transcript[i]]) return true;
    return false;
}

static mg_status search_windows(const mg_run_file *run, search *s, const bool *wanted, mg_error *err)
{
    int64_t place[BLOCK], window[BLOCK], transcript[BLOCK], start[BLOCK];
    int8_t label[BLOCK];
    float score[BLOCK];
    mg_status status = MG_OK;
    for (int64_t first = 0; first < run->shape.n_places && status == MG_OK; first += BLOCK) {
        int64_t left = run->shape.n_places - first, n = left < BLOCK ? left : BLOCK;
        for (int64_t i = 0; i < n; i++)
            place[i] = first + i;
        status = mg_run_file_read(run, MG_PLACE_TRANSCRIPT, 0, place, n, transcript, err);
        if (status == MG_OK) status = mg_run_file_read(run, MG_PLACE_WINDOW, 0, place, n, window, err);
        if (status == MG_OK) status = check_block(run, transcript, window, n, err);
        if (status != MG_OK || !is_any_wanted(transcript, n, wanted)) continue;
        status = mg_run_file_read(run, MG_PLACE_START, 0, place, n, start, err);
        if (status == MG_OK) status = mg_run_file_read(run, MG_PLACE_LABEL, 0, place, n, label, err);
        if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_SCORE, 0, window, n, score, err);
        for (int64_t i = 0; i < n && status == MG_OK; i++)
            if (wanted[transcript[i]]) look_at(s, place[i], start[i], label[i], score[i]);
    }
    return status;
}

mg_status mg_report_find_window(const mg_run_file *run, const char *name, int64_t *ret, mg_error *err)
{
    wish w = read_wish(name);
    search s = {.found = -1};
    bool *wanted = NULL;
    mg_status status = mg_alloc(&wanted, (size_t)run->shape.n_transcripts, sizeof *wanted, err);
    if (status == MG_OK) status = find_meant(run, &w, &s, err);
    s.start = w.start;
    if (status == MG_OK) status = choose_transcripts(run, &s, wanted, err);
    if (status == MG_OK) status = search_windows(run, &s, wanted, err);
    free(wanted);
    if (status != MG_OK) return status;
    const char *kind = s.gene >= 0 ? "gene" : "transcript";
    *ret = s.found;
    if (s.found >= 0) return MG_OK;
    if (s.n_seen == 0)
        return mg_fail(err, MG_EINPUT, "%s: %s '%.*s' has no window", run->path, kind, (int)w.n_name, name);
    return mg_fail(err, MG_EINPUT, "%s: %s '%.*s' has no window at %" PRId64 "; it has windows at%s%s (from 0)",
                   run->path, kind, (int)w.n_name, name, s.start, s.seen, s.n_seen > N_LISTED ? " ..." : "");
}

/* --- one window in full --- */

typedef struct {
    const mg_run_file *run;
    int64_t place, window, transcript, start;
    int8_t label, kind;
    float score, probability;
    int32_t padded, unknown;
    char *letter;                  /* owned (L + 1) */
    mg_base *base;                 /* owned (L) */
    float *effect;                 /* owned (L, 4) */
    float *contribution;           /* owned (n_methods, L) */
    float *agreement;              /* owned (n_methods) */
    name_text name, gene, gene_id; /* of the transcript; of its gene, empty where none was told */
    mg_reading reading;
    mg_genetic_code code; /* of the transcript */
} record;

static mg_status create_record(record *r, mg_error *err)
{
    size_t l = (size_t)r->run->shape.length, n_methods = r->run->summary.n_methods;
    mg_status status = mg_alloc(&r->letter, l + 1, 1, err);
    if (status == MG_OK) status = mg_alloc(&r->base, l, sizeof *r->base, err);
    if (status == MG_OK) status = mg_alloc(&r->effect, l, MG_N_BASES * sizeof *r->effect, err);
    if (status == MG_OK) status = mg_alloc(&r->contribution, n_methods, l * sizeof *r->contribution, err);
    return status == MG_OK ? mg_alloc(&r->agreement, n_methods, sizeof *r->agreement, err) : status;
}

static void destroy_record(record *r)
{
    free(r->letter);
    free(r->base);
    free(r->effect);
    free(r->contribution);
    free(r->agreement);
}

static mg_status read_names(record *r, mg_error *err)
{
    int64_t gene = -1;
    mg_status status = mg_run_file_names(r->run, r->transcript, 1, &r->name, err);
    if (status == MG_OK) status = mg_run_file_gene_of(r->run, r->transcript, 1, &gene, err);
    if (status != MG_OK || gene < 0) return status;
    status = mg_run_file_genes(r->run, MG_GENE_NAME, gene, 1, &r->gene, err);
    return status == MG_OK ? mg_run_file_genes(r->run, MG_GENE_ID, gene, 1, &r->gene_id, err) : status;
}

static mg_status read_record(record *r, const mg_genetic_code *code, mg_error *err)
{
    const struct {
        mg_field_id field;
        void *to;
    } of_place[] = {{MG_PLACE_WINDOW, &r->window},
                    {MG_PLACE_TRANSCRIPT, &r->transcript},
                    {MG_PLACE_START, &r->start},
                    {MG_PLACE_LABEL, &r->label},
                    {MG_PLACE_PADDED, &r->padded}},
      item[] = {{MG_WINDOW_SCORE, &r->score},
                {MG_WINDOW_UNKNOWN, &r->unknown},
                {MG_WINDOW_PROBABILITY, &r->probability},
                {MG_WINDOW_SEQUENCE, r->letter},
                {MG_MUTATION_EFFECT, r->effect}};
    int64_t l = r->run->shape.length;
    mg_status status = MG_OK;
    for (size_t k = 0; k < sizeof of_place / sizeof *of_place && status == MG_OK; k++)
        status = mg_run_file_read(r->run, of_place[k].field, 0, &r->place, 1, of_place[k].to, err);
    for (size_t k = 0; k < sizeof item / sizeof *item && status == MG_OK; k++)
        status = mg_run_file_read(r->run, item[k].field, 0, &r->window, 1, item[k].to, err);
    for (int64_t m = 0; m < r->run->shape.n_methods && status == MG_OK; m++) {
        status = mg_run_file_read(r->run, MG_ATTRIBUTION_CONTRIBUTION, m, &r->window, 1, r->contribution + m * l, err);
        if (status == MG_OK)
            status = mg_run_file_read(r->run, MG_AGREEMENT,
                                      mg_field_set_of(MG_AGREEMENT, &r->run->shape, (size_t)m, MG_REPORT_METRIC),
                                      &r->window, 1, r->agreement + m, err);
    }
    if (status == MG_OK && (r->transcript < 0 || r->transcript >= r->run->shape.n_transcripts))
        status = mg_fail(err, MG_EINPUT, "%s: window %" PRId64 " is of no transcript", r->run->path, r->window);
    if (status == MG_OK && mg_field_is_kept(MG_WINDOW_KIND, &r->run->shape))
        status = mg_run_file_read(r->run, MG_WINDOW_KIND, 0, &r->window, 1, &r->kind, err);
    if (status == MG_OK && (r->kind < 0 || (size_t)r->kind >= mg_shape_task(&r->run->shape)->n_kinds))
        status = mg_fail(err, MG_EINPUT, "%s: window %" PRId64 " is of no kind", r->run->path, r->window);
    if (status == MG_OK) status = read_names(r, err);
    r->unknown -= r->padded;
    for (int64_t p = 0; p < l && status == MG_OK; p++) {
        mg_base base = mg_base_from_letter(r->letter[p]);
        r->base[p] = base < MG_N_BASES ? base : MG_UNKNOWN;
        r->letter[p] = mg_letter_from_base(r->base[p]);
    }
    int64_t number = 0;
    r->code = *code;
    if (status == MG_OK) status = mg_run_file_codes(r->run, r->transcript, 1, &number, err);
    if (number > 0) mg_genetic_code_find(number, &r->code, NULL); /* one that is not known leaves the other */
    if (mg_shape_task(&r->run->shape)->has_codons) r->reading = mg_reading_begin(&r->code, r->base, l, r->run->anchor);
    return status;
}

/* --- its parts --- */

static json_t *number_list(const float *value, int64_t n)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < n && list != NULL; i++)
        if (json_array_append_new(list, mg_json_number(value[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *effect_list(const record *r)
{
    json_t *list = json_array();
    for (int64_t p = 0; p < r->run->shape.length && list != NULL; p++) {
        float row[MG_N_BASES];
        for (int b = 0; b < MG_N_BASES; b++)
            row[b] = r->base[p] < MG_N_BASES && b != r->base[p] ? r->effect[p * MG_N_BASES + b] : NAN;
        if (json_array_append_new(list, number_list(row, MG_N_BASES)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *mean_effect_list(const record *r)
{
    json_t *list = json_array();
    for (int64_t p = 0; p < r->run->shape.length && list != NULL; p++) {
        double sum = r->base[p] < MG_N_BASES ? 0 : NAN;
        for (int b = 0; b < MG_N_BASES; b++)
            if (b != r->base[p]) sum -= r->effect[p * MG_N_BASES + b];
        if (json_array_append_new(list, mg_json_number(sum / (MG_N_BASES - 1))) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* An object method -> value. */
static json_t *by_method(const record *r, bool contributions)
{
    int64_t l = r->run->shape.length;
    json_t *object = json_object();
    for (size_t m = 0; m < r->run->summary.n_methods && object != NULL; m++) {
        if (mg_run_method_is_network(&r->run->summary.method[m])) continue;
        json_t *value =
            contributions ? number_list(r->contribution + (int64_t)m * l, l) : mg_json_number(r->agreement[m]);
        if (json_object_set_new(object, r->run->summary.method[m].name, value) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

static json_t *codon_list(const record *r)
{
    mg_table t = mg_table_begin();
    for (int64_t p = r->run->anchor; p + 3 <= r->run->shape.length && p <= r->reading.stop; p += 3) {
        char codon[4] = {r->letter[p], r->letter[p + 1], r->letter[p + 2]};
        char amino_acid[2] = {mg_translate(r->reading.code, r->base + p)};
        mg_table_row(&t);
        mg_table_count(&t, "offset", p);
        mg_table_text(&t, "codon", codon);
        mg_table_text(&t, "amino_acid", amino_acid);
    }
    return mg_table_end(&t);
}

/* The strongest substitutions, the lower position first where effects are equal; returns how many. */
static size_t find_top(const record *r, int64_t top[N_TOP])
{
    size_t n = 0;
    for (int64_t k = 0; k < r->run->shape.length * MG_N_BASES; k++) {
        int64_t p = k / MG_N_BASES;
        if (r->base[p] >= MG_N_BASES || k % MG_N_BASES == r->base[p] || !isfinite(r->effect[k])) continue;
        size_t place = 0;
        while (place < n && fabsf(r->effect[top[place]]) >= fabsf(r->effect[k]))
            place++;
        if (place == N_TOP) continue;
        if (n < N_TOP) n++;
        memmove(top + place + 1, top + place, (n - place - 1) * sizeof *top);
        top[place] = k;
    }
    return n;
}

/* As HGVS has it, where there are codons; else by its position in the window: "-3A>T". */
static void put_name(mg_table *t, const record *r, int64_t p, mg_base to)
{
    char text[MG_HGVS_TEXT];
    if (r->reading.code == NULL) {
        snprintf(text, sizeof text, "%+" PRId64 "%c>%c", mg_window_position(p, r->run->anchor), r->letter[p],
                 mg_letter_from_base(to));
        mg_table_text(t, "name", text);
        return;
    }
    const mg_class_info *class = &mg_classes[mg_reading_classify(&r->reading, p, to)];
    mg_table_text(t, "name", mg_hgvs_coding(&r->reading, p, to, text));
    mg_table_text(t, "hgvs", text);
    mg_table_text(t, "protein", mg_hgvs_protein(&r->reading, p, to, text) ? text : NULL);
    mg_table_text(t, "class", class->name);
    mg_table_text(t, "label", class->label);
}

static void put_substitution(mg_table *t, const record *r, int64_t p, mg_base to)
{
    const char from[2] = {r->letter[p]}, letter[2] = {mg_letter_from_base(to)};
    double effect = r->effect[p * MG_N_BASES + to];
    mg_table_row(t);
    put_name(t, r, p, to);
    mg_table_count(t, "position", mg_window_position(p, r->run->anchor));
    mg_table_text(t, "from", from);
    mg_table_text(t, "to", letter);
    mg_table_number(t, "effect", effect);
    if (!mg_shape_has_odds(&r->run->shape)) return; /* a score that is a number like any other calls nothing */
    double change = mg_probability_change(r->score, effect);
    mg_table_number(t, "probability", r->probability + change);
    mg_table_number(t, "probability_change", change);
    mg_table_flag(t, "flips", (r->score + effect > 0) != (r->score > 0));
}

static json_t *top_table(const record *r)
{
    int64_t top[N_TOP];
    size_t n = find_top(r, top);
    mg_table t = mg_table_begin();
    for (size_t k = 0; k < n; k++)
        put_substitution(&t, r, top[k] / MG_N_BASES, (mg_base)(top[k] % MG_N_BASES));
    return mg_table_end(&t);
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? mg_json_text(text) : json_null();
}

/* A window of a transcript has a start, a ready one or one of a site nothing but its name. */
static char *make_id(const record *r)
{
    char *id = NULL;
    int n = r->reading.code != NULL ? asprintf(&id, "%s:%" PRId64, r->name, r->start) : asprintf(&id, "%s", r->name);
    return n >= 0 ? id : NULL;
}

static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

/* What not every task has. */
static bool add_of_task(json_t *object, const record *r)
{
    const mg_task *task = mg_shape_task(&r->run->shape);
    bool codons = r->reading.code != NULL;
    if (codons && !(set(object, "start", json_integer(r->start)) && set(object, "codons", codon_list(r)))) return false;
    if (task->n_kinds > 1 && !set(object, "kind", json_string(task->kind[r->kind]))) return false;
    return !mg_shape_has_odds(&r->run->shape) || set(object, "probability", mg_json_number(r->probability));
}

static json_t *record_object(const record *r, const char *why)
{
    char *id = make_id(r);
    if (id == NULL) return NULL;
    json_t *object = json_pack(
        "{s:o, s:o, s:o, s:o, s:I, s:b, s:s, s:i, s:o, s:i, s:i, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "id",
        mg_json_text(id), "transcript", mg_json_text(r->name), "gene", text_or_null(r->gene), "gene_id",
        text_or_null(r->gene_id), "window", (json_int_t)r->window, "asked", strcmp(why, "asked") == 0, "why", why,
        "label", (int)r->label, "score", mg_json_number(r->score), "padded", (int)r->padded, "unknown", (int)r->unknown,
        "sequence", r->letter, "first_position", (json_int_t)mg_window_position(0, r->run->anchor), "effect",
        effect_list(r), "mean_effect", mean_effect_list(r), "contribution", by_method(r, true), "agreement",
        by_method(r, false), "top", top_table(r));
    free(id);
    if (object == NULL || add_of_task(object, r)) return object;
    json_decref(object);
    return NULL;
}

mg_status mg_report_window(const mg_run_file *run, const mg_genetic_code *code, int64_t place, const char *why,
                           json_t **ret, mg_error *err)
{
    if (run->shape.store < MG_STORE_CONTRIBUTION)
        return mg_fail(err, MG_EINPUT, "%s keeps no effects of single windows; scan again with --store contribution",
                       run->path);
    record r = {.run = run, .place = place};
    mg_status status = create_record(&r, err);
    if (status == MG_OK) status = read_record(&r, code, err);
    if (status == MG_OK && (*ret = record_object(&r, why)) == NULL) status = mg_fail(err, MG_EMEM, "out of memory");
    destroy_record(&r);
    return status;
}

mg_status mg_report_window_name(const mg_run_file *run, int64_t window, char name[MG_NAME_LENGTH + 1], mg_error *err)
{
    int64_t transcript = -1;
    mg_status status = mg_run_file_read_at_place(run, MG_PLACE_TRANSCRIPT, &window, 1, &transcript, err);
    if (status == MG_OK && (transcript < 0 || transcript >= run->shape.n_transcripts))
        status = mg_fail(err, MG_EINPUT, "%s: window %" PRId64 " is of no transcript", run->path, window);
    return status == MG_OK ? mg_run_file_names(run, transcript, 1, (name_text *)name, err) : status;
}

/* --- for people --- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void print_number(FILE *out, const char *format, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_number(value))
        fprintf(out, format, json_number_value(value));
    else
        fprintf(out, "%9s", "-");
}

/* What the label says, in the words of the task. */
static const char *label_words(const mg_task *task, const json_t *window, char *text, size_t n)
{
    json_int_t label = json_integer_value(json_object_get(window, "label"));
    const mg_task_group *group = &task->group[MG_GROUP_ANNOTATED];
    snprintf(text, n, "%s%s", label == 0 ? "not " : "", label < 0 ? "no label" : label == 0 ? group->name : group->one);
    return text;
}

static void print_head(FILE *out, const mg_task *task, const json_t *window)
{
    const char *gene = text_of(window, "gene");
    char text[64];
    fprintf(out, "%s   %s%s", text_of(window, "transcript"), gene, gene[0] != '\0' ? "   " : "");
    if (task->has_codons)
        fprintf(out, "codon at %" JSON_INTEGER_FORMAT " (from 0), ",
                json_integer_value(json_object_get(window, "start")));
    if (task->n_kinds > 1) fprintf(out, "%s, ", text_of(window, "kind"));
    fprintf(out, "%s, F = %.3f", label_words(task, window, text, sizeof text),
            json_number_value(json_object_get(window, "score")));
    if (json_object_get(window, "probability") != NULL)
        fprintf(out, ", P = %.4f", json_number_value(json_object_get(window, "probability")));
    putc('\n', out);
}

static void print_row(FILE *out, bool codons, const json_t *row)
{
    fprintf(out, "%-14s ", text_of(row, "name"));
    if (codons) fprintf(out, "%-20s ", text_of(row, "protein"));
    print_number(out, "%9.3f", row, "effect");
    if (json_object_get(row, "probability") != NULL) {
        putc(' ', out);
        print_number(out, "%9.4f", row, "probability");
        putc(' ', out);
        print_number(out, "%9.4f", row, "probability_change");
    }
    if (codons) fprintf(out, "  %s", text_of(row, "label"));
    fprintf(out, "%s\n", json_is_true(json_object_get(row, "flips")) ? codons ? ", flips the call" : "  turns it" : "");
}

void mg_report_print_window(FILE *out, const mg_task *task, const json_t *window)
{
    const json_t *top = json_object_get(window, "top"), *row;
    bool codons = task->has_codons, odds = json_object_get(window, "probability") != NULL;
    size_t k;
    print_head(out, task, window);
    fprintf(out, "%-14s ", "substitution");
    if (codons) fprintf(out, "%-20s ", "protein");
    fprintf(out, "%9s", "effect");
    if (odds) fprintf(out, " %9s %9s", "P after", "change");
    fputs(codons ? "  class\n" : "\n", out);
    json_array_foreach(top, k, row)
    {
        print_row(out, codons, row);
    }
}
