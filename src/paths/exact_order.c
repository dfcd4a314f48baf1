/* exact_order.c  what happens along a path, in the order of time (exact_work.h) */
#include <string.h>

#include "src/paths/exact_work.h"

/* Without a branch on which comes first, because that cannot be foreseen. */
static void merge(const mg_moment *a, int64_t n_a, const mg_moment *b, int64_t n_b, mg_moment *out)
{
    const mg_moment *end_a = a + n_a, *end_b = b + n_b;
    while (a < end_a && b < end_b) {
        double time_a = a->time, time_b = b->time;
        int32_t id_a = a->id, id_b = b->id;
        bool second = time_b < time_a;
        out->time = second ? time_b : time_a;
        out++->id = second ? id_b : id_a;
        a += !second;
        b += second;
    }
    memcpy(out, a, (size_t)(end_a - a) * sizeof *out);
    memcpy(out + (end_a - a), b, (size_t)(end_b - b) * sizeof *out);
}

static int64_t end_of_run(const mg_moment *moment, int64_t begin, int64_t n)
{
    int64_t i = begin + 1;
    while (i < n && moment[i].time >= moment[i - 1].time)
        i++;
    return i < n ? i : n;
}

/* Runs are merged by twos. Ends of runs are found once, as many as there is room for; the rest waits for the next
 * round. */
static void merge_sort(mg_exact_work *work, int64_t n)
{
    enum { MANY = 64 };
    int64_t end[MANY + 1] = {0};
    do {
        int n_runs = 0;
        for (int64_t at = 0; at < n && n_runs < MANY; at = end[++n_runs])
            end[n_runs + 1] = end_of_run(work->moments.list, at, n);
        while (n_runs > 1) {
            int n_merged = 0;
            int64_t begin = 0, all = end[n_runs];
            for (int r = 0; r < n_runs; r += 2) {
                int64_t middle = end[r + 1], last = r + 2 <= n_runs ? end[r + 2] : middle;
                merge(work->moments.list + begin, middle - begin, work->moments.list + middle, last - middle,
                      work->moments.room + begin);
                end[++n_merged] = begin = last;
            }
            memcpy(work->moments.room + all, work->moments.list + all, (size_t)(n - all) * sizeof *work->moments.list);
            mg_moment *swap = work->moments.list;
            work->moments.list = work->moments.room;
            work->moments.room = swap;
            n_runs = n_merged;
        }
    } while (end[1] < n);
}

/* Moments are spread over buckets of time, and what shares a bucket is inserted. False where times crowd together, with
 * nothing lost. */
static bool bucket_sort(mg_exact_work *work, int64_t n)
{
    enum { CROWD = 24 };
    mg_moment *from = work->moments.list, *to = work->moments.room;
    int32_t *bucket = work->moments.bucket;
    double first = from[0].time, last = from[0].time;
    for (int64_t i = 1; i < n; i++) {
        double time = from[i].time;
        first = time < first ? time : first;
        last = time > last ? time : last;
    }
    double scale = (double)(2 * n - 1) / (last - first);
    if (!(scale < 1e300)) return false;
    memset(bucket, 0, (size_t)(2 * n + 1) * sizeof *bucket);
    for (int64_t i = 0; i < n; i++)
        bucket[from[i].bucket = 1 + (int32_t)((from[i].time - first) * scale)]++;
    for (int64_t b = 0; b < 2 * n; b++)
        bucket[b + 1] += bucket[b];
    for (int64_t i = 0; i < n; i++)
        to[bucket[from[i].bucket - 1]++] = from[i];
    for (int64_t i = 1; i < n; i++) {
        if (to[i - 1].time <= to[i].time) continue;
        mg_moment moved = to[i];
        int64_t at = i;
        for (; at > 0 && to[at - 1].time > moved.time; at--)
            to[at] = to[at - 1];
        to[at] = moved;
        if (i - at > CROWD) return false;
    }
    work->moments.list = to;
    work->moments.room = from;
    return true;
}

void mg_exact_sort(mg_exact_work *work, int64_t n)
{
    if (n < 2) return;
    if (!bucket_sort(work, n)) merge_sort(work, n);
}

/* Does `a` come after `b`? */
static bool later(const mg_event *a, const mg_event *b)
{
    return a->kink > b->kink || (a->kink == b->kink && a->time > b->time);
}

static void insert_events(mg_event *event, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        if (!later(&event[i - 1], &event[i])) continue;
        mg_event moved = event[i];
        int64_t at = i;
        for (; at > 0 && later(&event[at - 1], &moved); at--)
            event[at] = event[at - 1];
        event[at] = moved;
    }
}

static void merge_events(mg_event *event, int64_t middle, int64_t n, mg_event *room)
{
    if (!later(&event[middle - 1], &event[middle])) return;
    memcpy(room, event, (size_t)n * sizeof *event);
    for (int64_t k = 0, a = 0, b = middle; k < n; k++)
        event[k] = a < middle && (b == n || !later(&room[a], &room[b])) ? room[a++] : room[b++];
}

static void merge_all_events(mg_event *event, int64_t n, mg_event *room)
{
    enum { FEW = 16 };
    for (int64_t begin = 0; begin < n; begin += FEW)
        insert_events(event + begin, n - begin < FEW ? n - begin : FEW);
    for (int64_t width = FEW; width < n; width *= 2)
        for (int64_t begin = 0; begin + width < n; begin += 2 * width)
            merge_events(event + begin, width, n - begin < 2 * width ? n - begin : 2 * width, room);
}

/* Kink by kink, and mostly there are one or two before a kink. */
void mg_exact_sort_events(mg_exact_work *work, int64_t first, int64_t begin, int64_t end)
{
    mg_event *event = work->events.list + first;
    int64_t n = work->events.n - first;
    if (n < 2) return;
    int32_t *bucket = memset(work->moments.bucket, 0, (size_t)(end - begin + 1) * sizeof *bucket);
    memcpy(work->events.room, event, (size_t)n * sizeof *event);
    for (int64_t e = 0; e < n; e++)
        bucket[event[e].kink - begin + 1]++;
    for (int64_t k = 0; k < end - begin; k++)
        bucket[k + 1] += bucket[k];
    for (int64_t e = 0; e < n; e++)
        event[bucket[work->events.room[e].kink - begin]++] = work->events.room[e];
    merge_all_events(event, n, work->events.room);
}

/* --- what is promised of events --- */

/* Events of one position: its own, within the slab, each a change. */
static bool position_is_sound(const mg_event_list *events, int64_t from, int64_t to, int32_t stage, int32_t position,
                              double begin, double end)
{
    for (int64_t e = from; e < to; e++) {
        const mg_event *event = &events->list[e];
        if (event->stage != stage || event->position != position || event->before == event->after) return false;
        if (!(event->time >= begin && event->time <= end)) return false;
    }
    return true;
}

bool mg_exact_is_sound(const mg_exact *exact, const mg_exact_work *work, double begin, double end)
{
    const mg_event_list *events = &work->events;
    int64_t next = 0; /* stages follow each other without gaps */
    if (events->n_first < 0 || events->n_first > events->n || events->n > exact->n_events) return false;
    for (size_t s = 0; s < exact->n_gated; s++) {
        const mg_stage *stage = &exact->stage[s];
        const int32_t *from = events->begin + stage->event_at;
        if (!stage->gated) continue;
        if (from[0] != next) return false;
        for (int64_t o = 0; o < stage->n_out; o++)
            if (from[o + 1] < from[o] ||
                !position_is_sound(events, from[o], from[o + 1], (int32_t)s, (int32_t)o, begin, end))
                return false;
        next = from[stage->n_out];
        if (s == 0 && next != events->n_first) return false;
    }
    return next == events->n;
}
