/* clusters.h  which distinct windows belong together, because they are of one gene or share bases with one that is
 *
 * Windows of one gene are not independent of each other, and a window that occurs in two genes ties these. Clusters are
 * the connected components over "same gene" and "same distinct window", the units that statistics draw and test. They
 * are a function of the genes and the places alone, whatever the order in which places are told.
 *
 * A union-find over transcripts: a gene ties its transcripts, and a distinct window, which remembers the first
 * transcript that it was seen in, ties that one and each later. 4 bytes a transcript and 4 a distinct window, and the
 * windows' become their cluster numbers in place.
 * Source: Tarjan 1975, J. ACM 22:215.
 */
#ifndef MG_SEQUENCE_CLUSTERS_H
#define MG_SEQUENCE_CLUSTERS_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum { MG_UNIT_TEXT = 96 }; /* bytes of the name of what a cluster is: "gene", "transcript", "cluster of FILE" */

#define MG_NO_CLUSTER UINT32_MAX /* of a transcript without windows */

typedef struct {
    size_t n_transcripts;
    uint32_t *parent; /* owned: (n_transcripts) a transcript of the same component; of the component's root itself */
    size_t n_windows, n_room;
    uint32_t *window;  /* owned: (n_windows) a transcript of each; once numbered, its cluster */
    size_t n_joined;   /* how many more clusters there would be if no window occurred in two of them */
    size_t n_clusters; /* once numbered */
} mg_clusters;

/* mg_clusters_create()  to begin with
 *
 * Args:     gene - (n_transcripts) equal numbers: the same gene; -1: none is known, a gene of its own. NULL: none is
 *                  known of any
 * Returns:  MG_OK and *ret for mg_clusters_destroy(), MG_EMEM, or MG_EINPUT with 2^32 - 1 transcripts or more.
 */
mg_status mg_clusters_create(size_t n_transcripts, const int64_t *gene, mg_clusters *ret, mg_error *err);
void mg_clusters_destroy(mg_clusters *clusters); /* frees what it holds, not the struct; one that is all 0 is fine */

/* mg_clusters_add()  a place: distinct window `window` occurs in `transcript`
 *
 * Windows are numbered 0, 1, ... and come for the first time in that order, as those do that are found in the order of
 * the input; again they may come at any time. Returns: MG_OK or MG_EMEM. */
mg_status mg_clusters_add(mg_clusters *clusters, size_t window, size_t transcript, mg_error *err);

/* What the clusters are like. */
typedef struct {
    size_t n_clusters;
    size_t n_joined;          /* of mg_clusters: 0: a cluster is one gene, or what else it was told by */
    size_t largest;           /* the cluster with the most distinct windows, the first of equals */
    size_t n_largest_windows; /* those in it */
} mg_clusters_facts;

/* mg_clusters_number()  after the last place: clusters 0, 1, ... in the order of their first windows
 *
 * clusters->window becomes (n_windows) cluster numbers, and no place may be added any more.
 * Args:     of_transcript - OUT (n_transcripts) the cluster of each, MG_NO_CLUSTER where it has no window; may be NULL
 * Returns:  MG_OK or MG_EMEM. Room while it works: 4 bytes a transcript.
 */
mg_status mg_clusters_number(mg_clusters *clusters, uint32_t *of_transcript, mg_clusters_facts *ret, mg_error *err);

/* mg_clusters_unit()  what a cluster is: where genes share windows it is no gene but a "cluster of genes"; likewise transcripts and
 * regions. What a file says to be a cluster, and a window, keep their names.
 * Args: unit - INOUT (MG_UNIT_TEXT) "gene", "transcript", "region", ... */
void mg_clusters_unit(const mg_clusters_facts *facts, char unit[MG_UNIT_TEXT]);

/* mg_clusters_units()  n of them in words: "1,234 genes", "1 transcript", "12 clusters of FILE"
 * Args: text - OUT (n_text); unit - what a cluster is, as in MG_UNIT_TEXT.  Returns: text */
const char *mg_clusters_units(char *text, size_t n_text, int64_t n, const char *unit);

/* mg_clusters_describe()  "4,512 by gene", and of a cluster that swallows a third of the windows, how much it holds
 * Returns: text */
const char *mg_clusters_describe(char *text, size_t n_text, const mg_clusters *clusters, const mg_clusters_facts *facts,
                                 const char *unit);

#endif
