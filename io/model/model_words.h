/* model_words.h  what the user says about a model file: everything that the file itself does not tell
 *
 * These are options of every command that reads a model, and `convert` stores what they led to. All texts belong to the
 * caller; a member that is NULL or 0 was not given.
 */
#ifndef MG_IO_MODEL_MODEL_WORDS_H
#define MG_IO_MODEL_MODEL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/options.h"

typedef struct {
    const char *arch;     /* name of a built-in architecture, or a file: printed layers, a graph text, JSON of Keras */
    const char *bases;    /* order of the input's channels: "AGCT"; with a digit each, "A1C2G3T4", numbers (tokens) */
    int64_t length;       /* bases of a window, for networks of any length */
    const char *anchor;   /* a number: where in the window what it is about begins */
    const char *output;   /* which output is explained: its name or number; or a tensor or layer that is none yet */
    const char *at;       /* of an output with positions: a number, "middle", "mean", "sum" or "profile" */
    const char *head;     /* "softmax" or "sigmoid", where the file ends in logits */
    const char *classes;  /* names, between commas or blanks */
    const char *target;   /* a class, or its number */
    mg_text_list inputs;  /* "NAME=VALUE,VALUE,...", "NAME=FILE", "NAME=window": what goes into an input (inputs.h) */
    bool both_strands;    /* the mean of the network on both strands (src/graph/both_strands.h) */
    mg_text_list lambdas; /* "NAME=relu": what a Lambda layer of Keras does (keras.h) */
} mg_model_words;

/* Rows of a command's option table; member: its mg_model_words. */
/* clang-format off */
#define MG_MODEL_ROW(kind, word, place, value, about) {word, kind, place, NULL, value, 0, 0, "Network", about}
#define MG_MODEL_OPTIONS(type, member)                                                                                 \
    MG_MODEL_ROW(MG_TEXT, "arch", offsetof(type, member.arch), "NAME|FILE",                                            \
                 "its layers, when FILE holds weights only: built in, print(model), graph text, JSON of Keras"),       \
    MG_MODEL_ROW(MG_TEXT, "bases", offsetof(type, member.bases), "LETTERS",                                            \
                 "order of its input channels, where the file does not tell [ACGT]; A1C2G3T4 for tokens"),             \
    {"length", MG_INTEGER, offsetof(type, member.length), "0", "N", 0, 1 << 28, "Network",                             \
     "bases of a window, for networks of any length"},                                                                 \
    MG_MODEL_ROW(MG_TEXT, "anchor", offsetof(type, member.anchor), "N",                                                \
                 "where in the window the codon begins, counted from 0 [0]"),                                          \
    MG_MODEL_ROW(MG_TEXT, "output", offsetof(type, member.output), "NAME|N", "which output is explained [the first]"), \
    MG_MODEL_ROW(MG_TEXT, "at", offsetof(type, member.at), "N|WORD",                                                   \
                 "position of an output that has several; or middle, mean, sum, profile"),                             \
    MG_MODEL_ROW(MG_TEXT, "head", offsetof(type, member.head), "WORD",                                                 \
                 "softmax or sigmoid, where the file ends before it"),                                                 \
    MG_MODEL_ROW(MG_TEXT, "classes", offsetof(type, member.classes), "NAMES", "names of the output's numbers"),        \
    MG_MODEL_ROW(MG_TEXT, "target", offsetof(type, member.target), "NAME|N", "the class that is explained [the last]"),\
    MG_MODEL_ROW(MG_FLAG, "both-strands", offsetof(type, member.both_strands), NULL,                                   \
                 "outputs are means over the window and its reverse complement"),                                      \
    MG_MODEL_ROW(MG_NAMES, "input", offsetof(type, member.inputs), "NAME=VALUE",                                       \
                 "what goes into a further input: numbers, a file, bases:FILE, text:FILE, window"),                    \
    MG_MODEL_ROW(MG_NAMES, "lambda", offsetof(type, member.lambdas), "NAME=WORD", "what a Lambda layer of Keras does")
/* clang-format on */

#endif
