/* spelling.h  which of the known words did the user mean? For "unknown option --treads; did you mean --threads?" */
#ifndef MG_CORE_SPELLING_H
#define MG_CORE_SPELLING_H

#include <stddef.h>

enum { MG_SPELLING_LENGTH = 63 }; /* longer words are compared with nothing */

/* mg_spelling_distance()  letters to insert, delete, replace or swap with their neighbour to turn one word into the
 * other, case aside (optimal string alignment); -1 when a word is longer than MG_SPELLING_LENGTH */
int mg_spelling_distance(const char *word, const char *other);

/* mg_spelling_nearest()  keep the nearest: *ret_nearest becomes `known` when it is nearer to `word` than what
 * *ret_nearest was found with (NULL at the beginning), and near enough to be a slip: at most a third of the longer
 * word's letters */
void mg_spelling_nearest(const char *word, const char *known, const char **ret_nearest);

#endif
