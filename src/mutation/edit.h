/* edit.h  a change of a sequence: some of its bases taken out, others put in
 *
 * A substitution takes out one base and puts in one; an insertion takes out none, a deletion puts in none. An insertion
 * or deletion inside a repeat can be written in several ways that give the same sequence: it can be rolled.
 */
#ifndef MG_MUTATION_EDIT_H
#define MG_MUTATION_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/sequence/alphabet.h"

enum { MG_EDIT_LONGEST = 50 }; /* bases taken out, and put in, at most: what is longer is a structural variant */

typedef struct {
    int64_t begin, end;            /* bases taken out, 0-based, half-open */
    int64_t n;                     /* bases put in, in their place */
    mg_base base[MG_EDIT_LONGEST]; /* n known ones */
} mg_edit;

typedef struct {
    int64_t begin, end; /* bases of a sequence, 0-based, half-open */
} mg_stretch;

/* mg_edit_shift()  by how much the sequence grows; negative when it shrinks */
int64_t mg_edit_shift(const mg_edit *edit);

/* mg_edit_apply()  the sequence after the edit: OUT, length + mg_edit_shift() bases */
void mg_edit_apply(const mg_edit *edit, const mg_base *base, int64_t length, mg_base *ret);

/* mg_edit_touches()  is a base of [begin, end) taken out, or something put in between two of them? */
bool mg_edit_touches(const mg_edit *edit, int64_t begin, int64_t end);

/* mg_edit_moved()  where the base at `at` stands after the edit; when it is taken out, what is put in its place, or
 * what comes next */
int64_t mg_edit_moved(const mg_edit *edit, int64_t at);

/* mg_edit_roll()  write an insertion or deletion one base further to the right (to = 1) or left (to = -1)
 * Returns: false, and the edit is as it was, where that would be another sequence; so it is for all other edits. */
bool mg_edit_roll(mg_edit *inout, const mg_base *base, int64_t length, int to);

/* mg_edit_roll_far()  the same as often as it goes within a stretch; an insertion keeps a base of it on either side */
void mg_edit_roll_far(mg_edit *inout, const mg_base *base, mg_stretch stretch, int to);

/* mg_edit_avoid()  among the ways to write an insertion or deletion one that leaves [begin, end) alone, when there is
 * one: the nearest on the left, else on the right. Otherwise the edit is as it was. */
void mg_edit_avoid(mg_edit *inout, const mg_base *base, int64_t length, int64_t begin, int64_t end);

/* mg_edit_rolled()  an insertion or deletion after `by` such steps to the right, or -by to the left, which the sequence must
 * allow; 0 for all others */
mg_edit mg_edit_rolled(const mg_edit *edit, int64_t by);

/* mg_edit_reach()  how many such steps the sequence allows; those that it knows of */
int64_t mg_edit_reach(const mg_edit *edit, const mg_base *base, int64_t length, int to);

#endif
