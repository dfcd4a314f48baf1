/* tags.h  the one list of message tags */
#ifndef MG_MPI_TAGS_H
#define MG_MPI_TAGS_H

enum {
    MG_TAG_ASK = 1, /* worker -> rank 0: give me a shard, or I have finished */
    MG_TAG_SHARD,   /* rank 0 -> worker: a packed shard; an empty message says that there are no more */
    MG_TAG_STOP,    /* rank 0 -> worker, empty, once in a hand-out: begin no shard any more */
    MG_TAG_SUMS     /* rank -> the one before it: sums of the blocks of run.h5 that it has written */
};

#endif
