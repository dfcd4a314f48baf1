/* classes.h  what a substitution does to the splice sites of a window, its own and those that would compete with it
 *
 * A class is the first in the order of the enum that fits. GT is what a donor needs, AG what an acceptor does; sites of the
 * window's own kind count, elsewhere than at its own cut. How well a GT or AG and its surroundings are like a site is told by
 * the number of consensus bases that it has: of a donor MAG|GTRAGT at -3 .. +6 (nine), of an acceptor Y at -15 .. -5, YAG|G
 * at -3 .. +1 (fifteen). A substitution *strengthens* a competitor when it adds a consensus base and the competitor then has
 * MG_CRYPTIC_DONOR of nine or MG_CRYPTIC_ACCEPTOR of fifteen or more, as nearly all annotated sites have.
 * Source: Shapiro & Senapathy 1987, Nucleic Acids Res. 15:7155.
 */
#ifndef MG_TASK_SPLICE_CLASSES_H
#define MG_TASK_SPLICE_CLASSES_H

#include <stdint.h>

#include "src/sequence/alphabet.h"
#include "src/statistics/cluster.h"
#include "src/task/evidence.h"
#include "src/task/splice/splice.h"

typedef enum {
    MG_SPLICE_SITE,         /* takes the GT or AG of the site itself away */
    MG_SPLICE_CONSENSUS,    /* elsewhere in its consensus, -3 .. +6 or -20 .. +3 */
    MG_SPLICE_NEW_EXON,     /* makes a GT (AG) on the exon side */
    MG_SPLICE_NEW_INTRON,   /* ... on the intron side */
    MG_SPLICE_STRENGTHENED, /* strengthens a GT (AG) that is there */
    MG_SPLICE_LOST,         /* takes a GT (AG) away */
    MG_SPLICE_EXON,         /* anything else, on the exon side */
    MG_SPLICE_INTRON,
    MG_N_SPLICE_CLASSES
} mg_splice_class;

enum { MG_CRYPTIC_DONOR = 6, MG_CRYPTIC_ACCEPTOR = 11 };

extern const char *const mg_splice_class_names[MG_N_SPLICE_CLASSES];  /* "new_exon": in tables */
extern const char *const mg_splice_class_labels[MG_N_SPLICE_CLASSES]; /* for people */

/* mg_splice_matches()  consensus bases of a site of this kind with its cut before offset `cut` */
int mg_splice_matches(const mg_base *base, int64_t length, int64_t cut, mg_splice_kind kind);

/* mg_splice_kind_of()  a donor where GT or GC stands behind the cut, an acceptor where AG stands before it; where both do, or
 * neither, that of whose consensus more is there (a donor where it is as much): MAG|GT is a donor's more often */
mg_splice_kind mg_splice_kind_of(const mg_base *base, int64_t length, int64_t cut);

/* mg_splice_classify()  the class of putting `to` at `offset`, where a known other base stands; base is as it was after */
mg_splice_class mg_splice_classify(mg_base *base, int64_t length, int64_t anchor, mg_splice_kind kind, int64_t offset,
                                   mg_base to);

/* Sums over windows: what mutations and methods say of each class (src/task/evidence.h). */
typedef struct {
    size_t n_sources;
    int64_t length, anchor;
    mg_ratio *said; /* owned (MG_N_SPLICE_KINDS, n_sources, MG_N_SPLICE_CLASSES) of D, d or -a */
    mg_base *base;  /* owned (L) scratch */
} mg_splice_sums;

mg_status mg_splice_sums_create(int64_t length, int64_t anchor, size_t n_methods, mg_splice_sums *ret, mg_error *err);
void mg_splice_sums_destroy(mg_splice_sums *sums);

/* mg_splice_sums_add()  take in a window of a kind; those of a cluster come together, and then the cluster ends */
void mg_splice_sums_add(mg_splice_sums *sums, mg_splice_kind kind, const mg_evidence *evidence);
void mg_splice_sums_end_cluster(mg_splice_sums *sums);

#endif
