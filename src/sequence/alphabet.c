/* alphabet.c  letters to base codes and back */
#include "src/sequence/alphabet.h"

mg_base mg_base_from_letter(char letter)
{
    switch (letter) {
    case 'A':
    case 'a':
        return MG_A;
    case 'C':
    case 'c':
        return MG_C;
    case 'G':
    case 'g':
        return MG_G;
    case 'T':
    case 't':
    case 'U':
    case 'u':
        return MG_T;
    default:
        /* Not isalpha(): what a letter is must not depend on the locale. */
        if ((letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z')) return MG_UNKNOWN;
        return MG_NOT_A_LETTER;
    }
}

mg_base mg_base_from_iupac(char letter)
{
    static const char letters[MG_BASE_SETS + 1] = " ACMGRSVTWYHKDBN"; /* by the bits A 1, C 2, G 4, T 8 */
    mg_base base = mg_base_from_letter(letter);
    if (base != MG_UNKNOWN) return base;
    char upper = letter >= 'a' ? (char)(letter - 'a' + 'A') : letter;
    for (unsigned set = 1; set < MG_BASE_SETS; set++)
        if (letters[set] == upper) return (mg_base)(MG_AMBIGUOUS + set);
    return MG_AMBIGUOUS + MG_BASE_SETS - 1; /* X: any */
}

unsigned mg_base_set(mg_base base)
{
    if (base < MG_N_BASES) return 1u << base;
    return base >= MG_AMBIGUOUS ? base % MG_BASE_SETS : 0;
}

char mg_letter_from_base(mg_base base)
{
    return "ACGTN"[base < MG_N_BASES ? base : MG_UNKNOWN];
}

mg_base mg_base_complement(mg_base base)
{
    if (base < MG_N_BASES) return (mg_base)(MG_T - base);
    unsigned set = mg_base_set(base), other = (set & 1) << 3 | (set & 2) << 1 | (set & 4) >> 1 | (set & 8) >> 3;
    return base >= MG_AMBIGUOUS ? (mg_base)(MG_AMBIGUOUS + other) : MG_UNKNOWN;
}
