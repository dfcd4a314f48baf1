/* variant.c  alleles of a VCF record */
#include "src/mutation/variant.h"

#include <string.h>
#include <strings.h>

const mg_variant_state_info mg_variant_states[MG_N_VARIANT_STATES] = {
    [MG_VARIANT_SCORED] = {"scored", "scored"},
    [MG_VARIANT_OUTSIDE_WINDOWS] = {"outside_windows", "outside of all windows"},
    [MG_VARIANT_NO_TRANSCRIPT] = {"no_transcript", "in no transcript"},
    [MG_VARIANT_UNKNOWN_CHROMOSOME] = {"unknown_chromosome", "on a chromosome that is not known"},
    [MG_VARIANT_PARTLY_OUTSIDE] = {"partly_outside", "over an exon junction or an end of the transcript"},
    [MG_VARIANT_SYMBOLIC] = {"symbolic", "without a sequence: <DEL>, * and the like"},
    [MG_VARIANT_TOO_LONG] = {"too_long", "longer than 50 nt"},
    [MG_VARIANT_UNKNOWN_BASE] = {"unknown_base", "with an unknown base"},
    [MG_VARIANT_NO_ALTERNATIVE] = {"no_alternative", "without another allele"},
    [MG_VARIANT_REF_MISMATCH] = {"ref_mismatch", "with a REF that the sequence does not have"},
};
_Static_assert(MG_EDIT_LONGEST == 50, "the text of too_long names it");

static bool is_sequence(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (mg_base_from_letter(*c) == MG_NOT_A_LETTER) return false;
    return text[0] != '\0';
}

/* The same base; of those that are not known, the same letter. */
static bool same(char a, char b)
{
    mg_base base = mg_base_from_letter(a);
    return base == mg_base_from_letter(b) && (base < MG_N_BASES || strncasecmp(&a, &b, 1) == 0);
}

static bool are_known(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (mg_base_from_letter(text[i]) >= MG_N_BASES) return false;
    return true;
}

mg_variant_state mg_variant_edit(int64_t position, const char *ref, const char *alt, mg_edit *ret)
{
    if (alt == NULL || strcmp(alt, ".") == 0 || strcasecmp(ref, alt) == 0) return MG_VARIANT_NO_ALTERNATIVE;
    if (!is_sequence(ref) || !is_sequence(alt)) return MG_VARIANT_SYMBOLIC;
    size_t n_ref = strlen(ref), n_alt = strlen(alt), n_same = 0;
    while (n_ref > 0 && n_alt > 0 && same(ref[n_ref - 1], alt[n_alt - 1])) {
        n_ref--;
        n_alt--;
    }
    while (n_same < n_ref && n_same < n_alt && same(ref[n_same], alt[n_same]))
        n_same++;
    if (n_ref == n_same && n_alt == n_same) return MG_VARIANT_NO_ALTERNATIVE; /* T and U */
    if (!are_known(ref + n_same, n_ref - n_same) || !are_known(alt + n_same, n_alt - n_same))
        return MG_VARIANT_UNKNOWN_BASE;
    if (n_ref - n_same > MG_EDIT_LONGEST || n_alt - n_same > MG_EDIT_LONGEST) return MG_VARIANT_TOO_LONG;
    *ret = (mg_edit){position + (int64_t)n_same, position + (int64_t)n_ref, (int64_t)(n_alt - n_same), {0}};
    for (size_t i = n_same; i < n_alt; i++)
        ret->base[i - n_same] = mg_base_from_letter(alt[i]);
    return MG_VARIANT_SCORED;
}

mg_variant_state mg_variant_check(int64_t position, const char *ref, const mg_edit *edit, const mg_placement *placement,
                                  const mg_base *base, int64_t length, int64_t *ret)
{
    mg_variant_state state = MG_VARIANT_SCORED;
    for (int64_t i = 0; ref[i] != '\0'; i++) {
        int64_t at = placement != NULL ? mg_placement_to_transcript(placement, position + i) : position + i;
        if (placement != NULL && at < 0) continue;
        *ret = at >= 0 && at < length ? at : length;
        if (*ret == length) return MG_VARIANT_REF_MISMATCH;
        mg_base letter = mg_base_from_iupac(ref[i]),
                is = placement != NULL ? mg_placement_base(placement, base[at]) : base[at];
        unsigned set = mg_base_set(letter), is_set = mg_base_set(is);
        bool taken = position + i >= edit->begin && position + i < edit->end;
        if (set != 0 && is_set != 0 && (set & is_set) == 0) return MG_VARIANT_REF_MISMATCH;
        if ((letter >= MG_N_BASES || is >= MG_N_BASES) && taken) state = MG_VARIANT_UNKNOWN_BASE;
    }
    return state;
}
