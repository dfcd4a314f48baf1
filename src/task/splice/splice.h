/* splice.h  the two kinds of splice site, and their consensus as the field counts its positions */
#ifndef MG_TASK_SPLICE_SPLICE_H
#define MG_TASK_SPLICE_SPLICE_H

#include <stdint.h>

#include "src/sequence/alphabet.h"

typedef enum { MG_SPLICE_DONOR, MG_SPLICE_ACCEPTOR, MG_N_SPLICE_KINDS } mg_splice_kind;

/* Positions of the consensus: first and last told to people; +1 is the first base behind the cut, there is no 0. */
enum { MG_DONOR_FIRST = -3, MG_DONOR_LAST = 6, MG_ACCEPTOR_FIRST = -20, MG_ACCEPTOR_LAST = 3 };

/* What the bases at a cut allow: GT or GC behind it, AG before it. */
enum { MG_LIKE_DONOR = 1, MG_LIKE_ACCEPTOR = 2 };

/* mg_splice_like()  bits of what a window with its cut before offset `anchor` is like; 0: of neither */
unsigned mg_splice_like(const mg_base *base, int64_t length, int64_t anchor);

#endif
