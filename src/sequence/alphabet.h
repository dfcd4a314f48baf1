/* alphabet.h  the four bases and the unknown one, as small numbers
 *
 * A = 0, C = 1, G = 2, T = 3 everywhere inside mutagree and in all files of ours; anything else is MG_UNKNOWN.
 * U reads as T, lower case as upper case, every other IUPAC letter as unknown (design.md section 3). Where it matters which
 * bases such a letter leaves open, as for an amino acid that is the same with each of them, it is MG_AMBIGUOUS and a bit for
 * each base; that is more than MG_N_BASES too, so it is known to nobody else.
 */
#ifndef MG_SEQUENCE_ALPHABET_H
#define MG_SEQUENCE_ALPHABET_H

#include <stdint.h>

typedef uint8_t mg_base;

enum { MG_AMBIGUOUS = 16, MG_BASE_SETS = 16 };
enum { MG_A = 0, MG_C = 1, MG_G = 2, MG_T = 3, MG_UNKNOWN = 4, MG_N_BASES = 4, MG_NOT_A_LETTER = 255 };

/* mg_base_from_letter()  0..3, MG_UNKNOWN for another IUPAC letter, MG_NOT_A_LETTER for what no sequence may hold
 * (digits, punctuation; '-', '.' and '*' included) */
mg_base mg_base_from_letter(char letter);

/* mg_base_from_iupac()  the same, but R, Y, ... and N as ambiguous */
mg_base mg_base_from_iupac(char letter);

/* mg_base_set()  bit 1 << b for each base b that it may be; 0 for MG_UNKNOWN, of which not even that is known */
unsigned mg_base_set(mg_base base);

/* mg_letter_from_base()  'A', 'C', 'G', 'T', and 'N' for unknown */
char mg_letter_from_base(mg_base base);

/* mg_base_complement()  A<->T, C<->G; R<->Y, ...; unknown stays unknown */
mg_base mg_base_complement(mg_base base);

#endif
