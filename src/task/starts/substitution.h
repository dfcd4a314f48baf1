/* substitution.h  what a substitution does to the message: classes, in the frame of the candidate start
 *
 * A window is read from its candidate codon on, codon by codon, to the first stop in frame or the window's end. Every
 * substitution belongs to one class: the first in the order of the enum that fits it.
 */
#ifndef MG_TASK_STARTS_SUBSTITUTION_H
#define MG_TASK_STARTS_SUBSTITUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "src/task/starts/genetic_code.h"
#include "src/sequence/alphabet.h"

typedef enum {
    MG_CLASS_START_CODON,
    /* before the codon: */
    MG_CLASS_UPSTREAM_ORF,              /* makes an ATG whose reading frame meets a stop before the start */
    MG_CLASS_UPSTREAM_ATG_IN_FRAME,     /* makes an ATG in frame with the start, no stop between */
    MG_CLASS_UPSTREAM_ATG_OUT_OF_FRAME, /* makes an ATG in another frame that reads over the start */
    MG_CLASS_UPSTREAM_ATG_LOST,         /* takes an ATG away */
    MG_CLASS_UPSTREAM,                  /* anything else */
    /* behind it: */
    MG_CLASS_BEYOND_STOP,  /* behind a stop in frame: no longer coding */
    MG_CLASS_INCOMPLETE,   /* a codon that the window's end cuts, or with an unknown base */
    MG_CLASS_NONSENSE,     /* makes a stop in the frame of the start */
    MG_CLASS_STOP_LOST,    /* takes the stop in the frame of the start away */
    MG_CLASS_STOP_FRAME_1, /* makes a stop in the frame one base further on */
    MG_CLASS_STOP_FRAME_2,
    MG_CLASS_MISSENSE,
    MG_CLASS_SILENT,
    MG_N_CLASSES
} mg_substitution_class;

typedef struct {
    const char *name;  /* "stop_frame_1" */
    const char *label; /* "stop in frame +1" */
    bool coding;       /* from nonsense on */
} mg_class_info;

extern const mg_class_info mg_classes[MG_N_CLASSES];

/* Bases from begin to before end; none when it does not lie behind begin. */
typedef struct {
    int64_t begin, end;
} mg_sec_range;

/* A window, or a whole transcript, read from one start. Plain pointers into what the caller keeps. */
typedef struct {
    const mg_genetic_code *code;
    const mg_base *base; /* (length) */
    int64_t length, anchor;
    int64_t stop; /* offset of the first stop codon in frame behind the start; `length` when the window has none */
    mg_sec_range sec[2]; /* where a TGA in frame is no stop, but selenocysteine */
} mg_reading;

mg_reading mg_reading_begin(const mg_genetic_code *code, const mg_base *base, int64_t length, int64_t anchor);

/* mg_reading_begin_sec()  the same where selenocysteines are known: codons that lie wholly in one of two stretches */
mg_reading mg_reading_begin_sec(const mg_genetic_code *code, const mg_base *base, int64_t length, int64_t anchor,
                                const mg_sec_range sec[2]);

/* mg_reading_classify()  the class of putting `to` at `offset`, where a known other base stands */
mg_substitution_class mg_reading_classify(const mg_reading *reading, int64_t offset, mg_base to);

/* mg_reading_stop_frame()  MG_CLASS_STOP_FRAME_1 or ..._2 when putting `to` at `offset` makes a stop in another frame than
 * the start's, else MG_N_CLASSES */
mg_substitution_class mg_reading_stop_frame(const mg_reading *reading, int64_t offset, mg_base to);

/* mg_reading_codon()  bases of the codon that `offset` (>= anchor) lies in, with `to` at the offset unless it is
 * MG_UNKNOWN; MG_UNKNOWN for bases behind the window's end */
void mg_reading_codon(const mg_reading *reading, int64_t offset, mg_base to, mg_base codon[3]);

/* mg_reading_upstream()  what an ATG at `begin`, before the start, means for it: MG_CLASS_UPSTREAM_ORF, ..._ATG_IN_FRAME or
 * ..._ATG_OUT_OF_FRAME */
mg_substitution_class mg_reading_upstream(const mg_reading *reading, int64_t begin);

/* mg_reading_is_atg()  does an ATG stand at `at`? (false where it would not be inside) */
bool mg_reading_is_atg(const mg_reading *reading, int64_t at);

/* mg_reading_n_amino_acids()  codons from the start on, to the stop, which is counted, or to the end */
int64_t mg_reading_n_amino_acids(const mg_reading *reading);

/* mg_reading_amino_acid()  the letter of codon `number`, 0 for the start's own; 'X' when it is not known, 'U' for
 * selenocysteine */
char mg_reading_amino_acid(const mg_reading *reading, int64_t number);

#endif
