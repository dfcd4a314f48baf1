/* words.h  what a graph text says of a node beside its inputs and settings, and the tensors that go with it
 *
 * Functions for mg_kind.words: the row of a kind names the one that its nodes are written by. What they write,
 * src/graph/text/layer.c and moves.c read.
 */
#ifndef MG_GRAPH_TEXT_WORDS_H
#define MG_GRAPH_TEXT_WORDS_H

#include "src/graph/kind.h"

mg_text_words mg_words_conv;     /* weight (O, C / groups, kernel), bias where it is not zero, slide, groups */
mg_text_words mg_words_dense;    /* weight (O, T C), bias where it is not zero */
mg_text_words mg_words_affine;   /* scale and shift (C), or what a batch normalisation was made of */
mg_text_words mg_words_norm;     /* weight and bias (C), groups */
mg_text_words mg_words_slopes;   /* weight (C) */
mg_text_words mg_words_pool;     /* slide, and what is done at the ends */
mg_text_words mg_words_gather;   /* positions, channels, index */
mg_text_words mg_words_constant; /* weight (T, C) */
mg_text_words mg_words_channel;  /* channel */
mg_text_words mg_words_axis;     /* axis */

#endif
