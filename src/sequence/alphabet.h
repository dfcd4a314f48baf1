/* alphabet.h  the four bases and the unknown one, as small numbers
 *
 * A = 0, C = 1, G = 2, T = 3 everywhere inside mutagree and in all files of ours; anything else is MG_UNKNOWN.
 * U reads as T, lower case as upper case, every other IUPAC letter as unknown (design.md section 3).
 */
#ifndef MG_SEQUENCE_ALPHABET_H
#define MG_SEQUENCE_ALPHABET_H

#include <stdint.h>

typedef uint8_t mg_base;

enum { MG_A = 0, MG_C = 1, MG_G = 2, MG_T = 3, MG_UNKNOWN = 4, MG_N_BASES = 4, MG_NOT_A_LETTER = 255 };

/* mg_base_from_letter()  0..3, MG_UNKNOWN for another IUPAC letter, MG_NOT_A_LETTER for what no sequence may hold
 * (digits, punctuation; '-', '.' and '*' included) */
mg_base mg_base_from_letter(char letter);

/* mg_letter_from_base()  'A', 'C', 'G', 'T', and 'N' for unknown */
char mg_letter_from_base(mg_base base);

/* mg_base_complement()  A<->T, C<->G; unknown stays unknown */
mg_base mg_base_complement(mg_base base);

#endif
