/* change.h  what an edit of a transcript does to its message, seen from one start: classes, new upstream ATGs, names
 *
 * A substitution has the class that substitution.h gives it, so that a report and a list of variants speak the same
 * language; insertions, deletions and substitutions of several bases have the same classes where they fit, and three
 * of their own.
 * Source of the names: HGVS nomenclature, recommendations for DNA and protein. An insertion or deletion in a repeat is
 * written as far to the 3' end as it goes, but not over an exon junction.
 */
#ifndef MG_TASK_STARTS_CHANGE_H
#define MG_TASK_STARTS_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/mutation/edit.h"
#include "src/sequence/transcript.h"
#include "src/task/starts/protein_change.h"
#include "src/task/starts/substitution.h"

/* mg_change_name()  of a class: "nonsense", "frameshift" */
const char *mg_change_name(int class);

/* A transcript before and after an edit. Plain pointers into what the caller keeps. */
typedef struct {
    mg_edit edit;  /* one way to write it, whatever was given; leaves the start codon alone where one does */
    mg_edit named; /* the way that the name tells: as far to the 3' end as it goes within `stretch` */
    mg_stretch stretch;
    mg_reading before, after; /* the whole transcript; anchor is the start's place */
} mg_change;

/* mg_change_begin()
 *
 * Purpose:  Class, score and protein are those of the message, and there it does not matter to which exon a base belongs.
 *           The name tells the change of the DNA: it does not move over an exon junction.
 * Args:     stretch - of the transcript, in which the edit lies: its exon; or the whole transcript, where exons are not
 *                     known or the edit was given on the transcript itself
 *           transcript - its bases and its coding part: a TGA in frame over which the CDS goes on is read as
 *                     selenocysteine, before and, where it is still there, after the edit
 *           after   - its bases after the edit
 *           start   - of the codon, before the edit */
mg_change mg_change_begin(const mg_genetic_code *code, const mg_edit *edit, mg_stretch stretch,
                          const mg_transcript *transcript, const mg_base *after, int64_t start);

/* mg_change_classify()  the class */
int mg_change_classify(const mg_change *change);

/* mg_change_next_atg()  the next ATG before the start that was not there before
 *
 *     for (int64_t at = -1; mg_change_next_atg(change, &at);) ...
 *
 * Args:     inout - place in `after`, -1 to begin with
 * Returns:  false when there is none left.
 */
bool mg_change_next_atg(const mg_change *change, int64_t *inout);

enum { MG_CHANGE_TEXT = 256, MG_KOZAK_TEXT = 24 };

/* mg_change_coding()  "c.-3A>T", "c.5_7del", "c.5dup", "c.5_6insAGG", "c.5_6delinsTT", "c.5_8inv"; returns text */
char *mg_change_coding(const mg_change *change, char text[MG_CHANGE_TEXT]);

/* mg_change_protein()  "p.(Lys18Ter)", "p.(Lys18ArgfsTer4)", "p.(Lys18del)", "p.(Met1?)" ...
 * Returns: false outside the coding part, and where a codon is not known whole. */
bool mg_change_protein(const mg_change *change, char text[MG_CHANGE_TEXT]);

/* mg_change_kozak()  the bases at -6..+4 before and after, "GACACCATGG>GACTCCATGG"
 * Returns: false when they are the same. */
bool mg_change_kozak(const mg_change *change, char text[MG_KOZAK_TEXT]);

#endif
