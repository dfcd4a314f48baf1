/* edit.c  edits applied, and moved along repeats */
#include "src/mutation/edit.h"

#include <string.h>

int64_t mg_edit_shift(const mg_edit *edit)
{
    return edit->n - (edit->end - edit->begin);
}

void mg_edit_apply(const mg_edit *edit, const mg_base *base, int64_t length, mg_base *ret)
{
    memcpy(ret, base, (size_t)edit->begin);
    memcpy(ret + edit->begin, edit->base, (size_t)edit->n);
    memcpy(ret + edit->begin + edit->n, base + edit->end, (size_t)(length - edit->end));
}

bool mg_edit_touches(const mg_edit *edit, int64_t begin, int64_t end)
{
    if (edit->begin == edit->end) return begin < edit->begin && edit->begin < end;
    return edit->begin < end && edit->end > begin;
}

int64_t mg_edit_moved(const mg_edit *edit, int64_t at)
{
    if (edit->end <= at) return at + mg_edit_shift(edit);
    if (edit->begin > at) return at;
    return at - edit->begin < edit->n ? at : edit->begin + edit->n;
}

static bool same_known(mg_base a, mg_base b)
{
    return a == b && a < MG_N_BASES;
}

/* Its first base goes to the end, or the last to the beginning. */
static void rotate(mg_edit *edit, int to)
{
    size_t n = (size_t)edit->n - 1;
    mg_base moving = edit->base[to > 0 ? 0 : n];
    memmove(to > 0 ? edit->base : edit->base + 1, to > 0 ? edit->base + 1 : edit->base, n);
    edit->base[to > 0 ? n : 0] = moving;
}

bool mg_edit_roll(mg_edit *inout, const mg_base *base, int64_t length, int to)
{
    bool insertion = inout->begin == inout->end, deletion = inout->n == 0;
    int64_t next = to > 0 ? inout->end : inout->begin - 1; /* the base that is passed */
    if (insertion == deletion || next < 0 || next >= length) return false;
    mg_base gone = insertion ? inout->base[to > 0 ? 0 : inout->n - 1] : base[to > 0 ? inout->begin : inout->end - 1];
    if (!same_known(gone, base[next])) return false;
    if (insertion) rotate(inout, to);
    inout->begin += to;
    inout->end += to;
    return true;
}

static bool is_within(const mg_edit *edit, mg_stretch stretch)
{
    bool insertion = edit->begin == edit->end;
    return edit->begin >= stretch.begin + insertion && edit->end <= stretch.end - insertion;
}

void mg_edit_roll_far(mg_edit *inout, const mg_base *base, mg_stretch stretch, int to)
{
    mg_edit rolled = *inout;
    while (mg_edit_roll(&rolled, base, stretch.end, to) && is_within(&rolled, stretch))
        *inout = rolled;
}

static bool beside(const mg_edit *edit, int64_t begin, int64_t end)
{
    return edit->end <= begin || edit->begin >= end;
}

void mg_edit_avoid(mg_edit *inout, const mg_base *base, int64_t length, int64_t begin, int64_t end)
{
    for (int to = -1; to <= 1; to += 2) {
        mg_edit rolled = *inout;
        while (!beside(&rolled, begin, end) && mg_edit_roll(&rolled, base, length, to))
            continue;
        if (!beside(&rolled, begin, end)) continue;
        *inout = rolled;
        return;
    }
}

mg_edit mg_edit_rolled(const mg_edit *edit, int64_t by)
{
    mg_edit rolled = *edit;
    rolled.begin += by;
    rolled.end += by;
    if (edit->begin != edit->end) return rolled;
    for (int64_t i = 0; i < edit->n; i++)
        rolled.base[i] = edit->base[((i + by) % edit->n + edit->n) % edit->n];
    return rolled;
}

int64_t mg_edit_reach(const mg_edit *edit, const mg_base *base, int64_t length, int to)
{
    mg_edit rolled = *edit;
    int64_t n = 0;
    while (mg_edit_roll(&rolled, base, length, to))
        n++;
    return n;
}
