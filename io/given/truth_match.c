/* truth_match.c  measured effects: from lines to windows of the run
 *
 * First it is found out which line is of which position of which windows: by the text of the window, or by the places of all
 * windows on the chromosome. A line may be of many windows (isoforms, codons that lie near each other), and of none. Then
 * the windows that have any are gone through with their bases, and lines that contradict these are left out.
 */
#include "io/given/truth.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/sequence/chromosome_names.h"

enum { BLOCK = 1024, UNMARKED = MG_TRUTH_NO_WINDOW, USED = MG_N_TRUTH_COUNTS };

/* A line in a window. */
typedef struct {
    int64_t window;
    size_t line;      /* in the table */
    int32_t p;        /* position in the window */
    uint8_t alt, ref; /* on the window's strand */
} hit;

typedef struct {
    const char *path;
    mg_truth_table *table;
    const mg_distinct *distinct;
    int64_t length, anchor;
    char *mark; /* (table->n) what became of each line */
    hit *at;
    size_t n, n_room;
    mg_base *base;   /* (n_slots, L) of the windows with a hit, in their order */
    size_t *slot_of; /* (n_slots) where they stand in the order of bases */
    size_t n_slots;
} matcher;

/* The first line that is not before a key and position. */
static size_t first_line(const mg_truth_table *t, int64_t key, int64_t position)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const mg_truth_line *l = &t->at[middle];
        if (l->key < key || (l->key == key && l->position < position))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static mg_status add_hit(matcher *m, size_t line, int64_t window, int64_t p, bool turned, mg_error *err)
{
    const mg_truth_line *l = &m->table->at[line];
    mg_status status = mg_grow(&m->at, &m->n_room, m->n + 1, sizeof *m->at, err);
    if (status == MG_OK)
        m->at[m->n++] = (hit){.window = window,
                              .line = line,
                              .p = (int32_t)p,
                              .alt = turned ? mg_base_complement(l->alt) : l->alt,
                              .ref = turned ? mg_base_complement(l->ref) : l->ref};
    return status;
}

/* --- by the text of the window --- */

static mg_status match_window(matcher *m, int64_t window, const mg_base *base, char *letters, mg_error *err)
{
    mg_truth_table *t = m->table;
    mg_status status = MG_OK;
    for (int64_t p = 0; p < m->length; p++)
        letters[p] = mg_letter_from_base(base[p]);
    const mg_name *name = mg_names_find(&t->names, letters, (size_t)m->length);
    if (name == NULL) return MG_OK;
    int64_t key = (int64_t)name->value;
    for (size_t k = first_line(t, key, INT64_MIN); k < t->n && t->at[k].key == key && status == MG_OK; k++) {
        int64_t p = t->at[k].position;
        if (p >= 0 && p < m->length)
            status = add_hit(m, k, window, p, false, err);
        else
            m->mark[k] = MG_TRUTH_NO_POSITION;
    }
    return status;
}

static mg_status match_windows(matcher *m, mg_error *err)
{
    mg_base *base = NULL;
    mg_shard_window *window = NULL;
    char *letters = NULL;
    int64_t n_all = m->distinct->n_windows;
    mg_status status = mg_alloc(&base, BLOCK, (size_t)m->length, err);
    if (status == MG_OK) status = mg_alloc(&window, BLOCK, sizeof *window, err);
    if (status == MG_OK) status = mg_alloc(&letters, (size_t)m->length, 1, err);
    for (int64_t first = 0; first < n_all && status == MG_OK; first += BLOCK) {
        int64_t n = n_all - first < BLOCK ? n_all - first : BLOCK;
        status = mg_distinct_windows(m->distinct, first, n, window, base, err);
        for (int64_t i = 0; i < n && status == MG_OK; i++)
            status = match_window(m, first + i, base + i * m->length, letters, err);
    }
    free(letters);
    free(window);
    free(base);
    return status;
}

/* --- by chromosome --- */

static int compare_places(const void *a, const void *b)
{
    const mg_truth_line *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->position != y->position) return x->position < y->position ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

/* The numbers of chromosomes as the annotation counts them; -1: it has no such chromosome. */
static void number_chromosomes(mg_truth_table *t, const mg_placements *placements)
{
    for (size_t k = 0; k < t->n; k++) {
        const char *name = t->kept[t->at[k].key];
        const mg_name *known = mg_chromosome_find(&placements->chromosome_names, name, strlen(name));
        t->at[k].key = known != NULL ? (int64_t)known->value : -1;
    }
    qsort(t->at, t->n, sizeof *t->at, compare_places);
}

/* The pieces of a window between exon junctions. */
static mg_status match_place(matcher *m, const mg_place *place, const mg_placement *placement, mg_error *err)
{
    const mg_truth_table *t = m->table;
    int64_t begin = place->start - m->anchor, at = begin > 0 ? begin : 0, key = (int64_t)placement->chromosome;
    bool turned = placement->strand == '-';
    mg_genome_interval piece;
    mg_status status = MG_OK;
    while (status == MG_OK && mg_placement_next(placement, &at, begin + m->length, &piece))
        for (size_t k = first_line(t, key, piece.begin);
             k < t->n && t->at[k].key == key && t->at[k].position < piece.end && status == MG_OK; k++) {
            if (t->at[k].strand != '.' && t->at[k].strand != placement->strand) continue;
            int64_t p = mg_placement_to_transcript(placement, t->at[k].position) - begin;
            status = add_hit(m, k, place->window, p, turned, err);
        }
    return status;
}

static mg_status match_places(matcher *m, mg_error *err)
{
    const mg_placements *placements = &m->distinct->input->placements;
    int64_t n_all = m->distinct->n_places;
    mg_place *place = NULL;
    if (placements->n_placements == 0)
        return mg_fail(err, MG_EINPUT,
                       "%s tells chromosomes, but the run does not know where its transcripts lie on them; give an "
                       "--annotation with exons (GTF, GFF3), or a file with windows",
                       m->path);
    number_chromosomes(m->table, placements);
    mg_status status = mg_alloc(&place, BLOCK, sizeof *place, err);
    for (int64_t first = 0; first < n_all && status == MG_OK; first += BLOCK) {
        int64_t n = n_all - first < BLOCK ? n_all - first : BLOCK;
        status = mg_distinct_places(m->distinct, first, n, place, err);
        for (int64_t i = 0; i < n && status == MG_OK; i++)
            status = match_place(m, &place[i], &placements->placement[place[i].transcript], err);
    }
    free(place);
    return status;
}

/* --- windows with a hit --- */

/* Of one window those of a place of the genome before those of another, in the order of the file. */
static int compare_hits(const void *a, const void *b)
{
    const hit *x = a, *y = b;
    if (x->window != y->window) return x->window < y->window ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

/* A window where it stands in the order of bases. */
typedef struct {
    const mg_base *base;
    size_t length, slot;
} ordered;

static int compare_bases(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    return memcmp(x->base, y->base, x->length);
}

static mg_status read_bases(matcher *m, mg_error *err)
{
    mg_shard_window ignored;
    mg_status status = MG_OK;
    for (size_t k = 0; k < m->n; k++)
        m->n_slots += k == 0 || m->at[k].window != m->at[k - 1].window;
    status = mg_alloc(&m->base, m->n_slots, (size_t)m->length, err);
    for (size_t k = 0, slot = 0; k < m->n && status == MG_OK; k++) {
        if (k > 0 && m->at[k].window == m->at[k - 1].window) continue;
        status =
            mg_distinct_windows(m->distinct, m->at[k].window, 1, &ignored, m->base + slot++ * (size_t)m->length, err);
    }
    return status;
}

static mg_status order_bases(matcher *m, mg_error *err)
{
    ordered *list = NULL;
    size_t length = (size_t)m->length;
    mg_status status = mg_alloc(&list, m->n_slots, sizeof *list, err);
    if (status == MG_OK) status = mg_alloc(&m->slot_of, m->n_slots, sizeof *m->slot_of, err);
    for (size_t k = 0; k < m->n_slots && status == MG_OK; k++)
        list[k] = (ordered){m->base + k * length, length, k};
    if (status == MG_OK) qsort(list, m->n_slots, sizeof *list, compare_bases);
    for (size_t k = 0; k < m->n_slots && status == MG_OK; k++)
        m->slot_of[list[k].slot] = k;
    free(list);
    return status;
}

static mg_status create_rows(const matcher *m, mg_measured *ret, mg_error *err)
{
    size_t length = (size_t)m->length, width = length * MG_N_BASES;
    mg_foreign_rows *rows = &ret->effect;
    *rows = (mg_foreign_rows){.n = (int64_t)m->n_slots, .length = m->length, .hypothetical = true};
    mg_status status = mg_alloc(&rows->base, m->n_slots, length, err);
    if (status == MG_OK) status = mg_alloc(&rows->value, m->n_slots, width * sizeof *rows->value, err);
    if (status == MG_OK && m->table->has_se) status = mg_alloc(&ret->se, m->n_slots, width * sizeof *ret->se, err);
    for (size_t k = 0; k < m->n_slots && status == MG_OK; k++) {
        const mg_base *base = m->base + k * length;
        size_t to = m->slot_of[k];
        memcpy(rows->base + to * length, base, length);
        for (size_t c = 0; c < width; c++) {
            rows->value[to * width + c] = c % MG_N_BASES == base[c / MG_N_BASES] ? 0 : NAN;
            if (ret->se != NULL) ret->se[to * width + c] = rows->value[to * width + c];
        }
    }
    return status;
}

/* What becomes of a hit; USED: it is in the rows now. */
static char put_hit(matcher *m, const hit *h, size_t slot, mg_measured *rows)
{
    const mg_truth_line *l = &m->table->at[h->line];
    mg_base base = m->base[slot * (size_t)m->length + (size_t)h->p];
    if (base >= MG_N_BASES || (h->ref < MG_N_BASES && h->ref != base)) return MG_TRUTH_CONTRADICTS;
    if (h->alt == base) return MG_TRUTH_SAME_BASE;
    size_t at = (m->slot_of[slot] * (size_t)m->length + (size_t)h->p) * MG_N_BASES + h->alt;
    if (!isnan(rows->effect.value[at])) return MG_TRUTH_ELSEWHERE;
    rows->effect.value[at] = l->value;
    if (rows->se != NULL) rows->se[at] = l->se;
    m->table->n_measured++;
    return USED;
}

static void put_hits(matcher *m, mg_measured *rows)
{
    size_t slot = 0, counted = SIZE_MAX;
    for (size_t k = 0; k < m->n; k++) {
        slot += k > 0 && m->at[k].window != m->at[k - 1].window;
        char *mark = &m->mark[m->at[k].line], now = put_hit(m, &m->at[k], slot, rows);
        if (*mark != USED) *mark = now;
        if (now != USED || slot == counted) continue;
        m->table->n_windows++;
        counted = slot;
    }
}

/* --- the whole --- */

static int64_t count_lines(matcher *m)
{
    int64_t n_used = 0;
    for (size_t k = 0; k < m->table->n; k++) {
        if (m->mark[k] == USED) {
            n_used++;
            continue;
        }
        mg_truth_count *c = &m->table->count[(int)m->mark[k]];
        int64_t line = m->table->at[k].line;
        if (c->n++ == 0 || line < c->line) c->line = line;
    }
    return n_used;
}

/* A file of another assembly, or counted from another end, fits here and there by chance. */
static mg_status check_fit(const matcher *m, int64_t n_used, mg_error *err)
{
    const mg_truth_count *wrong = &m->table->count[MG_TRUTH_CONTRADICTS];
    if (m->distinct->n_windows == 0) return MG_OK;
    int64_t n_wrong = wrong->n + m->table->count[MG_TRUTH_SAME_BASE].n;
    if (n_wrong > n_used)
        return mg_fail(err, MG_EINPUT,
                       "%s: %lld lines contradict the bases of the run, %lld fit (line %lld is the first that does "
                       "not); are positions counted from %s, and the bases those of this %s?",
                       m->path, (long long)n_wrong, (long long)n_used,
                       (long long)(wrong->n > 0 ? wrong->line : m->table->count[MG_TRUTH_SAME_BASE].line),
                       m->table->by_chromosome ? "1" : "0", m->table->by_chromosome ? "assembly's + strand" : "window");
    if (n_used > 0) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s: none of its %lld lines with a value is of a position in a window of the run",
                   m->path, (long long)m->table->n);
}

mg_status mg_truth_match(const char *path, mg_truth_table *table, const mg_distinct *distinct, int64_t anchor,
                         mg_measured *ret, mg_error *err)
{
    matcher m = {.path = path, .table = table, .distinct = distinct, .anchor = anchor};
    mg_measured rows = {0};
    m.length = table->length;
    mg_status status = mg_alloc(&m.mark, table->n, 1, err);
    if (status == MG_OK) memset(m.mark, UNMARKED, table->n);
    if (status == MG_OK) status = table->by_chromosome ? match_places(&m, err) : match_windows(&m, err);
    if (status == MG_OK && m.n > 0) qsort(m.at, m.n, sizeof *m.at, compare_hits);
    if (status == MG_OK) status = read_bases(&m, err);
    if (status == MG_OK) status = order_bases(&m, err);
    if (status == MG_OK) status = create_rows(&m, &rows, err);
    if (status == MG_OK) put_hits(&m, &rows);
    if (status == MG_OK) status = check_fit(&m, count_lines(&m), err);
    free(m.mark);
    free(m.at);
    free(m.base);
    free(m.slot_of);
    if (status == MG_OK)
        *ret = rows;
    else
        mg_measured_destroy(&rows);
    return status;
}
