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

char mg_letter_from_base(mg_base base)
{
    return "ACGTN"[base < MG_N_BASES ? base : MG_UNKNOWN];
}

mg_base mg_base_complement(mg_base base)
{
    return base < MG_N_BASES ? (mg_base)(MG_T - base) : MG_UNKNOWN;
}
