/* hgvs.c  names of substitutions */
#include "src/task/starts/hgvs.h"

#include <inttypes.h>
#include <stdio.h>

#include "src/sequence/window.h"

int64_t mg_hgvs_number(const mg_reading *reading, int64_t offset, bool *ret_behind)
{
    int64_t behind = offset - (reading->stop + 3) + 1;
    *ret_behind = reading->stop < reading->length && behind > 0;
    return *ret_behind ? behind : mg_window_position(offset, reading->anchor);
}

char *mg_hgvs_substitution(int64_t number, bool behind, mg_base from, mg_base to, char text[MG_HGVS_TEXT])
{
    snprintf(text, MG_HGVS_TEXT, "c.%s%" PRId64 "%c>%c", behind ? "*" : "", number, mg_letter_from_base(from),
             mg_letter_from_base(to));
    return text;
}

char *mg_hgvs_coding(const mg_reading *reading, int64_t offset, mg_base to, char text[MG_HGVS_TEXT])
{
    bool behind;
    int64_t number = mg_hgvs_number(reading, offset, &behind);
    return mg_hgvs_substitution(number, behind, reading->base[offset], to, text);
}

bool mg_hgvs_protein(const mg_reading *reading, int64_t offset, mg_base to, char text[MG_HGVS_TEXT])
{
    mg_substitution_class class = mg_reading_classify(reading, offset, to);
    if (class == MG_CLASS_START_CODON) {
        snprintf(text, MG_HGVS_TEXT, "p.(Met1?)");
        return true;
    }
    if (!mg_classes[class].coding) return false;
    mg_base codon[3];
    mg_reading_codon(reading, offset, MG_UNKNOWN, codon);
    char before = mg_translate(reading->code, codon);
    mg_reading_codon(reading, offset, to, codon);
    char after = mg_translate(reading->code, codon);
    const char *old_name = mg_amino_acid_name(before), *new_name = mg_amino_acid_name(after);
    int64_t number = (offset - reading->anchor) / 3 + 1;
    if (before == after)
        snprintf(text, MG_HGVS_TEXT, "p.(%s%" PRId64 "=)", old_name, number);
    else
        snprintf(text, MG_HGVS_TEXT, "p.(%s%" PRId64 "%s%s)", old_name, number, new_name,
                 before == '*' ? "extTer?" : "");
    return true;
}
