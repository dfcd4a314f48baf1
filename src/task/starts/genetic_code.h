/* genetic_code.h  codons and amino acids, by the numbers of NCBI's tables
 *
 * Source: NCBI, The Genetic Codes (Elzanowski and Ostell), transl_table 1 to 33. The tables 27, 28 and 31, in which
 * codons are stops in some places and amino acids in others, are left out: a substitution could not be told to make a
 * stop.
 */
#ifndef MG_TASK_STARTS_GENETIC_CODE_H
#define MG_TASK_STARTS_GENETIC_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/alphabet.h"

enum { MG_N_CODONS = 64 };

typedef struct {
    int number;
    const char *name;
    char amino_acid[MG_N_CODONS]; /* one-letter code, '*' stop; codon b0 b1 b2 is at 16 b0 + 4 b1 + b2 */
} mg_genetic_code;

/* mg_genetic_code_find()  the table of a number. Returns: MG_OK, or MG_EUSAGE listing the numbers there are. */
mg_status mg_genetic_code_find(int64_t number, mg_genetic_code *ret, mg_error *err);

/* mg_translate()  the amino acid of three bases; with ambiguous ones the amino acid that all codons have which they may be
 * (YTA: Leu); 'X' where these differ, or when one is unknown */
char mg_translate(const mg_genetic_code *code, const mg_base *codon);

/* mg_amino_acid_name()  'K' -> "Lys", '*' -> "Ter", 'U' -> "Sec", anything else "Xaa" */
const char *mg_amino_acid_name(char letter);

/* mg_genetic_code_stops()  "TAA TAG TGA"; room for every codon */
enum { MG_CODON_LIST = 4 * MG_N_CODONS };
char *mg_genetic_code_stops(const mg_genetic_code *code, char text[MG_CODON_LIST]);

#endif
