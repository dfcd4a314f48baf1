/* substitution.c  read a window with one base changed
 *
 * Only the three codons that a base lies in can change, whatever the frame, so a substitution is classified by looking
 * at the triplets that begin at offset - 2, offset - 1 and offset, as they are and as they become.
 */
#include "src/task/starts/substitution.h"

const mg_class_info mg_classes[MG_N_CLASSES] = {
    [MG_CLASS_START_CODON] = {"start_codon", "start codon", false},
    [MG_CLASS_UPSTREAM_ORF] = {"upstream_orf", "new upstream ORF", false},
    [MG_CLASS_UPSTREAM_ATG_IN_FRAME] = {"upstream_atg_in_frame", "new upstream ATG, in frame", false},
    [MG_CLASS_UPSTREAM_ATG_OUT_OF_FRAME] = {"upstream_atg_out_of_frame", "new upstream ATG, out of frame", false},
    [MG_CLASS_UPSTREAM_ATG_LOST] = {"upstream_atg_lost", "upstream ATG lost", false},
    [MG_CLASS_UPSTREAM] = {"upstream", "other upstream", false},
    [MG_CLASS_BEYOND_STOP] = {"beyond_stop", "behind the stop", false},
    [MG_CLASS_INCOMPLETE] = {"incomplete", "incomplete codon", false},
    [MG_CLASS_NONSENSE] = {"nonsense", "nonsense (stop in frame)", true},
    [MG_CLASS_STOP_LOST] = {"stop_lost", "stop lost", true},
    [MG_CLASS_STOP_FRAME_1] = {"stop_frame_1", "stop in frame +1", true},
    [MG_CLASS_STOP_FRAME_2] = {"stop_frame_2", "stop in frame +2", true},
    [MG_CLASS_MISSENSE] = {"missense", "missense", true},
    [MG_CLASS_SILENT] = {"silent", "silent", true},
};

/* The base at offset `at` when `to` stands at `offset`; MG_UNKNOWN outside the window. */
static mg_base base_at(const mg_reading *r, int64_t at, int64_t offset, mg_base to)
{
    if (at < 0 || at >= r->length) return MG_UNKNOWN;
    return at == offset && to != MG_UNKNOWN ? to : r->base[at];
}

static bool is_atg(const mg_reading *r, int64_t begin, int64_t offset, mg_base to)
{
    return base_at(r, begin, offset, to) == MG_A && base_at(r, begin + 1, offset, to) == MG_T &&
           base_at(r, begin + 2, offset, to) == MG_G;
}

static bool is_stop(const mg_reading *r, int64_t begin, int64_t offset, mg_base to)
{
    mg_base codon[3];
    for (int k = 0; k < 3; k++)
        codon[k] = base_at(r, begin + k, offset, to);
    return mg_translate(r->code, codon) == '*';
}

/* The amino acid of the codon at `begin`, as it is. */
static char read_codon(const mg_reading *r, int64_t begin)
{
    mg_base codon[3];
    for (int k = 0; k < 3; k++)
        codon[k] = base_at(r, begin + k, -1, MG_UNKNOWN);
    char letter = mg_translate(r->code, codon);
    if (letter != '*' || codon[0] != MG_T || codon[1] != MG_G || codon[2] != MG_A) return letter;
    for (int i = 0; i < 2; i++)
        if (r->sec[i].begin <= begin && begin + 3 <= r->sec[i].end) return 'U';
    return letter;
}

mg_reading mg_reading_begin_sec(const mg_genetic_code *code, const mg_base *base, int64_t length, int64_t anchor,
                                const mg_sec_range sec[2])
{
    mg_reading r = {code, base, length, anchor, length, {sec[0], sec[1]}};
    for (int64_t begin = anchor + 3; begin + 3 <= length; begin += 3) {
        if (read_codon(&r, begin) != '*') continue;
        r.stop = begin;
        break;
    }
    return r;
}

mg_reading mg_reading_begin(const mg_genetic_code *code, const mg_base *base, int64_t length, int64_t anchor)
{
    static const mg_sec_range none[2] = {{0, 0}, {0, 0}};
    return mg_reading_begin_sec(code, base, length, anchor, none);
}

void mg_reading_codon(const mg_reading *r, int64_t offset, mg_base to, mg_base codon[3])
{
    int64_t begin = offset - (offset - r->anchor) % 3;
    for (int k = 0; k < 3; k++)
        codon[k] = base_at(r, begin + k, offset, to);
}

int64_t mg_reading_n_amino_acids(const mg_reading *r)
{
    int64_t end = r->stop < r->length ? r->stop + 3 : r->length;
    return end > r->anchor ? (end - r->anchor) / 3 : 0;
}

char mg_reading_amino_acid(const mg_reading *r, int64_t number)
{
    return read_codon(r, r->anchor + 3 * number);
}

bool mg_reading_is_atg(const mg_reading *r, int64_t at)
{
    return is_atg(r, at, -1, MG_UNKNOWN);
}

/* --- before the codon --- */

/* What an ATG that begins at `begin`, with `to` at `offset`, means for the start. */
static mg_substitution_class read_upstream(const mg_reading *r, int64_t begin, int64_t offset, mg_base to)
{
    for (int64_t codon = begin + 3; codon + 3 <= r->anchor; codon += 3)
        if (is_stop(r, codon, offset, to)) return MG_CLASS_UPSTREAM_ORF;
    return (r->anchor - begin) % 3 == 0 ? MG_CLASS_UPSTREAM_ATG_IN_FRAME : MG_CLASS_UPSTREAM_ATG_OUT_OF_FRAME;
}

mg_substitution_class mg_reading_upstream(const mg_reading *r, int64_t begin)
{
    return read_upstream(r, begin, -1, MG_UNKNOWN);
}

static mg_substitution_class classify_upstream(const mg_reading *r, int64_t offset, mg_base to)
{
    bool lost = false;
    for (int64_t begin = offset - 2; begin <= offset; begin++) {
        bool before = is_atg(r, begin, offset, MG_UNKNOWN), after = is_atg(r, begin, offset, to);
        if (after && !before) return read_upstream(r, begin, offset, to);
        lost = lost || (before && !after);
    }
    return lost ? MG_CLASS_UPSTREAM_ATG_LOST : MG_CLASS_UPSTREAM;
}

/* --- behind it --- */

/* Is a stop made in the frame that is `frame` bases further on than the start's? */
static bool makes_stop(const mg_reading *r, int frame, int64_t offset, mg_base to)
{
    for (int64_t begin = offset - 2; begin <= offset; begin++) {
        if (begin < r->anchor || (begin - r->anchor) % 3 != frame) continue;
        return is_stop(r, begin, offset, to) && !is_stop(r, begin, offset, MG_UNKNOWN);
    }
    return false;
}

mg_substitution_class mg_reading_stop_frame(const mg_reading *r, int64_t offset, mg_base to)
{
    if (makes_stop(r, 1, offset, to)) return MG_CLASS_STOP_FRAME_1;
    return makes_stop(r, 2, offset, to) ? MG_CLASS_STOP_FRAME_2 : MG_N_CLASSES;
}

static mg_substitution_class classify_coding(const mg_reading *r, int64_t offset, mg_base to)
{
    if (offset >= r->stop + 3) return MG_CLASS_BEYOND_STOP;
    mg_base codon[3];
    mg_reading_codon(r, offset, MG_UNKNOWN, codon);
    char before = mg_translate(r->code, codon);
    mg_reading_codon(r, offset, to, codon);
    char after = mg_translate(r->code, codon);
    if (before == 'X' || after == 'X') return MG_CLASS_INCOMPLETE;
    if (after == '*' && before != '*') return MG_CLASS_NONSENSE;
    if (before == '*' && after != '*') return MG_CLASS_STOP_LOST;
    mg_substitution_class other = mg_reading_stop_frame(r, offset, to);
    if (other != MG_N_CLASSES) return other;
    return after == before ? MG_CLASS_SILENT : MG_CLASS_MISSENSE;
}

mg_substitution_class mg_reading_classify(const mg_reading *r, int64_t offset, mg_base to)
{
    if (offset < r->anchor) return classify_upstream(r, offset, to);
    if (offset < r->anchor + 3) return MG_CLASS_START_CODON;
    return classify_coding(r, offset, to);
}
