/* classes.c  consensus bases, classes, sums */
#include "src/task/splice/classes.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

const char *const mg_splice_class_names[MG_N_SPLICE_CLASSES] = {"site",         "consensus", "new_exon", "new_intron",
                                                                "strengthened", "lost",      "exon",     "intron"};
const char *const mg_splice_class_labels[MG_N_SPLICE_CLASSES] = {"takes the site's GT or AG away",
                                                                 "elsewhere in its consensus",
                                                                 "makes a GT or AG in the exon",
                                                                 "makes a GT or AG in the intron",
                                                                 "strengthens another GT or AG",
                                                                 "takes another GT or AG away",
                                                                 "other, in the exon",
                                                                 "other, in the intron"};

/* Bits of the bases that a place of the consensus allows. */
enum { A = 1 << MG_A, C = 1 << MG_C, G = 1 << MG_G, T = 1 << MG_T };

typedef struct {
    int first; /* of it, from the cut: -3 is the third base before */
    int n;
    unsigned char allowed[16]; /* 0: any */
} consensus;

static const consensus consensus_of[MG_N_SPLICE_KINDS] = {
    [MG_SPLICE_DONOR] = {-3, 9, {A | C, A, G, G, T, A | G, A, G, T}},
    [MG_SPLICE_ACCEPTOR] = {
        -15, 16, {C | T, C | T, C | T, C | T, C | T, C | T, C | T, C | T, C | T, C | T, C | T, 0, C | T, A, G, G}}};

/* The pair of bases that a site needs, and where it begins, from the cut. */
typedef struct {
    int at;
    mg_base one, other;
} needed;

static const needed needed_of[MG_N_SPLICE_KINDS] = {
    [MG_SPLICE_DONOR] = {0, MG_G, MG_T}, [MG_SPLICE_ACCEPTOR] = {-2, MG_A, MG_G}};

static bool has_needed(const mg_base *base, int64_t length, int64_t cut, mg_splice_kind kind)
{
    const needed *n = &needed_of[kind];
    int64_t at = cut + n->at;
    return at >= 0 && at + 2 <= length && base[at] == n->one && base[at + 1] == n->other;
}

int mg_splice_matches(const mg_base *base, int64_t length, int64_t cut, mg_splice_kind kind)
{
    const consensus *c = &consensus_of[kind];
    int n = 0;
    for (int k = 0; k < c->n; k++) {
        int64_t p = cut + c->first + k;
        if (p >= 0 && p < length && base[p] < MG_N_BASES) n += (c->allowed[k] >> base[p] & 1) != 0;
    }
    return n;
}

/* GC stands in one of a hundred donors. */
static bool has_donor_pair(const mg_base *base, int64_t length, int64_t cut)
{
    return cut >= 0 && cut + 2 <= length && base[cut] == MG_G && (base[cut + 1] == MG_T || base[cut + 1] == MG_C);
}

mg_splice_kind mg_splice_kind_of(const mg_base *base, int64_t length, int64_t cut)
{
    enum { DONOR_BASES = 9, ACCEPTOR_BASES = 15 };
    bool donor = has_donor_pair(base, length, cut), acceptor = has_needed(base, length, cut, MG_SPLICE_ACCEPTOR);
    if (donor != acceptor) return donor ? MG_SPLICE_DONOR : MG_SPLICE_ACCEPTOR;
    int of_donor = mg_splice_matches(base, length, cut, MG_SPLICE_DONOR) * ACCEPTOR_BASES;
    int of_acceptor = mg_splice_matches(base, length, cut, MG_SPLICE_ACCEPTOR) * DONOR_BASES;
    return of_donor >= of_acceptor ? MG_SPLICE_DONOR : MG_SPLICE_ACCEPTOR;
}

/* Offsets of the consensus that people are told of. */
static bool in_told_consensus(int64_t offset, int64_t anchor, mg_splice_kind kind)
{
    int64_t first = kind == MG_SPLICE_DONOR ? MG_DONOR_FIRST : MG_ACCEPTOR_FIRST;
    int64_t last = kind == MG_SPLICE_DONOR ? MG_DONOR_LAST : MG_ACCEPTOR_LAST;
    return offset >= anchor + first && offset < anchor + last; /* +1 is the anchor's own */
}

static bool in_exon(int64_t offset, int64_t anchor, mg_splice_kind kind)
{
    return (offset < anchor) == (kind == MG_SPLICE_DONOR);
}

/* What happens to competitors whose needed pair, or consensus, holds the offset. */
typedef struct {
    bool made, lost, strengthened;
} competition;

static void look_at_cut(mg_base *base, int64_t length, int64_t cut, mg_splice_kind kind, int64_t offset, mg_base to,
                        competition *inout)
{
    mg_base from = base[offset];
    int least = kind == MG_SPLICE_DONOR ? MG_CRYPTIC_DONOR : MG_CRYPTIC_ACCEPTOR;
    bool before = has_needed(base, length, cut, kind);
    int matches = before ? mg_splice_matches(base, length, cut, kind) : 0;
    base[offset] = to;
    bool after = has_needed(base, length, cut, kind);
    int now = after ? mg_splice_matches(base, length, cut, kind) : 0;
    base[offset] = from;
    inout->made |= !before && after;
    inout->lost |= before && !after;
    inout->strengthened |= before && after && now > matches && now >= least;
}

mg_splice_class mg_splice_classify(mg_base *base, int64_t length, int64_t anchor, mg_splice_kind kind, int64_t offset,
                                   mg_base to)
{
    const consensus *c = &consensus_of[kind];
    int64_t needed_at = anchor + needed_of[kind].at;
    bool exon = in_exon(offset, anchor, kind);
    competition seen = {false, false, false};
    if (offset >= needed_at && offset < needed_at + 2) return MG_SPLICE_SITE;
    if (in_told_consensus(offset, anchor, kind)) return MG_SPLICE_CONSENSUS;
    for (int64_t cut = offset - c->first - c->n + 1; cut <= offset - c->first; cut++)
        if (cut != anchor) look_at_cut(base, length, cut, kind, offset, to, &seen);
    if (seen.made) return exon ? MG_SPLICE_NEW_EXON : MG_SPLICE_NEW_INTRON;
    if (seen.strengthened) return MG_SPLICE_STRENGTHENED;
    if (seen.lost) return MG_SPLICE_LOST;
    return exon ? MG_SPLICE_EXON : MG_SPLICE_INTRON;
}

/* --- sums --- */

mg_status mg_splice_sums_create(int64_t length, int64_t anchor, size_t n_methods, mg_splice_sums *ret, mg_error *err)
{
    *ret = (mg_splice_sums){.n_sources = 1 + n_methods, .length = length, .anchor = anchor};
    mg_status status =
        mg_alloc(&ret->said, MG_N_SPLICE_KINDS * ret->n_sources, MG_N_SPLICE_CLASSES * sizeof *ret->said, err);
    return status == MG_OK ? mg_alloc(&ret->base, (size_t)length, sizeof *ret->base, err) : status;
}

void mg_splice_sums_destroy(mg_splice_sums *sums)
{
    free(sums->said);
    free(sums->base);
    *sums = (mg_splice_sums){0};
}

void mg_splice_sums_add(mg_splice_sums *sums, mg_splice_kind kind, const mg_evidence *evidence)
{
    memcpy(sums->base, evidence->base, (size_t)sums->length * sizeof *sums->base);
    for (int64_t p = 0; p < sums->length; p++) {
        if (!mg_evidence_is_known(evidence, p) || evidence->blind[p]) continue;
        for (int b = 0; b < MG_N_BASES; b++) {
            if (b == evidence->base[p]) continue;
            mg_splice_class class = mg_splice_classify(sums->base, sums->length, sums->anchor, kind, p, (mg_base)b);
            for (size_t s = 0; s < sums->n_sources; s++)
                mg_ratio_add(&sums->said[((size_t)kind * sums->n_sources + s) * MG_N_SPLICE_CLASSES + class],
                             mg_evidence_substitution(evidence, s, p, b), 1);
        }
    }
}

void mg_splice_sums_end_cluster(mg_splice_sums *sums)
{
    mg_ratio_end_cluster(sums->said, MG_N_SPLICE_KINDS * sums->n_sources * MG_N_SPLICE_CLASSES);
}
