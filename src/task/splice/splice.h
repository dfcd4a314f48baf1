/* splice.h  the two kinds of splice site, and their consensus as the field counts its positions */
#ifndef MG_TASK_SPLICE_SPLICE_H
#define MG_TASK_SPLICE_SPLICE_H

typedef enum { MG_SPLICE_DONOR, MG_SPLICE_ACCEPTOR, MG_N_SPLICE_KINDS } mg_splice_kind;

/* Positions of the consensus: first and last told to people; +1 is the first base behind the cut, there is no 0. */
enum { MG_DONOR_FIRST = -3, MG_DONOR_LAST = 6, MG_ACCEPTOR_FIRST = -20, MG_ACCEPTOR_LAST = 3 };

#endif
