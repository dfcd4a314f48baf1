/* test_protein_change.c  classes and names of changes against a translation of their own: random variants of short messages
 *
 * Each message is a string; the variant is put into it, both are translated here, in the order T C A G of NCBI's tables
 * and without a line of the program, and the name is read back: applied to the old protein it must give the new one. The
 * class must be one that these two proteins allow. `test_protein_change 80000` tries that many (default: 12000).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/core/random.h"
#include "src/task/starts/change.h"

enum { MOST = 256, START = 6 };

static long n_tries = 12000;
static mg_genetic_code code;

static int find_code(void **state)
{
    (void)state;
    return mg_genetic_code_find(1, &code, NULL) != MG_OK;
}

static uint64_t draw(uint64_t *k, uint64_t n)
{
    return mg_mix(14, (*k)++) % n;
}

/* --- the oracle --- */

/* NCBI table 1 in its own order: TTT TTC TTA TTG TCT ... */
static const char table[] = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG";
static const char letters[] = "ACDEFGHIKLMNPQRSTVWY*";
static const char three[] = "AlaCysAspGluPheGlyHisIleLysLeuMetAsnProGlnArgSerThrValTrpTyrTer";

/* From the start to the first stop, which is written as '*', or to the last whole codon. */
static void translate(const char *message, size_t start, char *protein)
{
    size_t n = strlen(message), k = 0;
    for (size_t at = start; at + 3 <= n; at += 3) {
        int index = 0;
        for (size_t j = 0; j < 3; j++)
            index = 4 * index + (int)(strchr("TCAG", message[at + j]) - "TCAG");
        protein[k++] = table[index];
        if (table[index] == '*') break;
    }
    protein[k] = '\0';
}

static char read_letter(const char **text)
{
    for (size_t k = 0; k < sizeof letters - 1; k++)
        if (strncmp(*text, three + 3 * k, 3) == 0) {
            *text += 3;
            return letters[k];
        }
    return '\0';
}

/* "Lys18": its place from 0; -1 when the protein has another amino acid there. */
static long read_place(const char **text, const char *protein)
{
    char letter = read_letter(text), *end;
    long number = strtol(*text, &end, 10);
    *text = end;
    return letter != '\0' && number >= 1 && number <= (long)strlen(protein) && protein[number - 1] == letter
               ? number - 1
               : -1;
}

/* What a name says of the new protein: the whole of it, or, where `open`, how it begins and how long it is (its stop
 * counted; 0: it has none). */
typedef struct {
    char text[2 * MOST];
    long length;
    bool open;
} reading_of_name;

static bool read_end(const char *text, long from, bool extends, reading_of_name *ret)
{
    const char *word = extends ? "extTer" : "fsTer";
    if (strncmp(text, word, strlen(word)) != 0) return false;
    ret->open = true;
    text += strlen(word);
    long n = *text == '?' ? 0 : strtol(text, NULL, 10);
    ret->length = n == 0 ? 0 : from + n + extends;
    return true;
}

static bool read_name(const char *name, const char *protein, reading_of_name *ret)
{
    *ret = (reading_of_name){.open = false};
    if (strncmp(name, "p.(", 3) != 0 || name[strlen(name) - 1] != ')') return false;
    const char *at = name + 3;
    long first = read_place(&at, protein), last = first;
    if (*at == '_') {
        at++;
        last = read_place(&at, protein);
    }
    if (first < 0 || last < first) return false;
    size_t tail = (size_t)last + 1, kept = (size_t)first;
    char put[MOST] = "";
    if (strcmp(at, "=)") == 0) {
        strcpy(ret->text, protein);
        return true;
    }
    if (strncmp(at, "dup", 3) == 0) {
        memcpy(put, protein + first, tail - kept);
        kept = tail;
        at += 3;
    } else if (strncmp(at, "delins", 6) == 0) {
        at += 6;
    } else if (strncmp(at, "del", 3) == 0) {
        at += 3;
    } else if (strncmp(at, "ins", 3) == 0) {
        if (last != first + 1) return false;
        kept = tail = (size_t)last;
        at += 3;
    }
    for (size_t n = strlen(put); *at >= 'A' && *at <= 'Z'; n++)
        if ((put[n] = read_letter(&at)) == '\0') return false;
    snprintf(ret->text, sizeof ret->text, "%.*s%s", (int)kept, protein, put);
    if (*at == 'f' || *at == 'e') return read_end(at, first, protein[first] == '*', ret);
    if (strcmp(at, ")") != 0) return false;
    if (strchr(put, '*') == NULL) strncat(ret->text, protein + tail, sizeof ret->text - strlen(ret->text) - 1);
    return true;
}

static bool has_stop(const char *protein)
{
    return strchr(protein, '*') != NULL;
}

static bool says(const char *name, const char *word)
{
    return strstr(name, word) != NULL;
}

/* --- the comparison --- */

static bool name_is_true(const char *name, const char *before, const char *after)
{
    reading_of_name read;
    if (!read_name(name, before, &read)) return false;
    if (!read.open) return strcmp(read.text, after) == 0;
    long n = has_stop(after) ? (long)strlen(after) : 0;
    return strncmp(read.text, after, strlen(read.text)) == 0 && read.length == n;
}

/* Does the class say what the name says, and may these two proteins have it? */
static bool class_is_true(int class, const char *name, const char *before, const char *after, const mg_edit *edit)
{
    size_t n_before = strlen(before), n_after = strlen(after);
    bool same = strcmp(before, after) == 0, plain = !says(name, "fs") && !says(name, "ext") && !says(name, "=");
    bool to_stop = plain && strcmp(name + strlen(name) - 4, "Ter)") == 0;
    bool shorter = has_stop(after) && (n_after < n_before || !has_stop(before));
    bool substitution = edit->n == 1 && edit->end == edit->begin + 1;
    long in_frame = mg_edit_shift(edit) % 3 == 0, expected = (long)n_before + mg_edit_shift(edit) / 3;
    bool early = in_frame && has_stop(before) && shorter && (long)n_after != expected;
    if (says(name, "Terfs") || says(name, "Terext") || (early && class != MG_CLASS_NONSENSE)) return false;
    if (same != (strcmp(name + strlen(name) - 2, "=)") == 0)) return false;
    switch (class) {
    case MG_CLASS_SILENT:
        return same;
    case MG_CLASS_STOP_FRAME_1:
    case MG_CLASS_STOP_FRAME_2:
        return substitution && !to_stop && n_before == n_after;
    case MG_CLASS_MISSENSE:
        return !same && plain && !to_stop && n_before == n_after;
    case MG_CLASS_NONSENSE:
        return to_stop && has_stop(after) && (shorter || says(name, "ins"));
    case MG_CLASS_STOP_LOST:
        return has_stop(before) && (says(name, "ext") || says(name, "fs")) && !shorter;
    case MG_CHANGE_FRAMESHIFT:
        return says(name, "fs");
    case MG_CHANGE_INFRAME_DELETION:
        return plain && !to_stop && says(name, "del") && n_after < n_before;
    case MG_CHANGE_INFRAME_INSERTION:
        return plain && !to_stop && (says(name, "ins") || says(name, "dup")) && n_after > n_before;
    default:
        return false;
    }
}

/* --- random messages --- */

/* Codons now and then are stops, so that there are short proteins, and many. */
static void random_message(uint64_t *k, char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text[i] = "ACGTTAAG"[draw(k, 8)];
    memcpy(text + START, "ATG", 3);
    text[n] = '\0';
}

static mg_edit random_edit(uint64_t *k, size_t n)
{
    mg_edit edit = {0};
    edit.begin = START + 3 + (int64_t)draw(k, 30);
    uint64_t kind = draw(k, 4), length = 1 + draw(k, draw(k, 4) == 0 ? 16 : 6);
    if (kind != 0) edit.end = edit.begin + (kind == 1 ? 1 : (int64_t)length);
    if (kind == 0) edit.end = edit.begin;
    if (kind == 1) edit.n = 1;
    if (kind != 1 && kind != 2) edit.n = 1 + (int64_t)draw(k, 12);
    if (edit.end > (int64_t)n) edit.end = (int64_t)n;
    for (int64_t i = 0; i < edit.n; i++)
        edit.base[i] = (mg_base)draw(k, 4);
    return edit;
}

static void put(const mg_edit *edit, const char *before, char *after)
{
    size_t n = (size_t)edit->begin;
    memcpy(after, before, n);
    for (int64_t i = 0; i < edit->n; i++)
        after[n++] = mg_letter_from_base(edit->base[i]);
    strcpy(after + n, before + edit->end);
}

static void codes(const char *text, mg_base *base)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        base[i] = mg_base_from_letter(text[i]);
}

/* Is the message changed behind the start codon, both ends of what is changed known, and written as a VCF would be? */
static bool is_variant(const mg_edit *edit, const char *before, const char *after)
{
    size_t n = strlen(before), m = strlen(after);
    if (strncmp(after + START, "ATG", 3) != 0 || strcmp(before, after) == 0) return false;
    if (edit->begin == edit->end || edit->n == 0) return (size_t)edit->end < n;
    return (size_t)edit->end <= n && before[edit->begin] != after[edit->begin] &&
           before[edit->end - 1] != after[m - (n - (size_t)edit->end) - 1];
}

static void test_against_translation(void **state)
{
    (void)state;
    uint64_t k = 0;
    long n_tried = 0, n_named = 0, n_of[MG_N_CHANGE_CLASSES] = {0}, n_wrong = 0;
    while (n_tried < n_tries) {
        char before[MOST], after[MOST], name[MG_CHANGE_TEXT] = "", old[MOST], new[MOST], coding[MG_CHANGE_TEXT];
        mg_base base[MOST], changed[MOST];
        size_t n = START + 36 + draw(&k, 60);
        random_message(&k, before, n);
        mg_edit edit = random_edit(&k, n);
        put(&edit, before, after);
        if (!is_variant(&edit, before, after)) continue;
        n_tried++;
        codes(before, base);
        codes(after, changed);
        mg_transcript transcript = {.base = base, .length = (int64_t)n};
        mg_change change = mg_change_begin(&code, &edit, (mg_stretch){0, (int64_t)n}, &transcript, changed, START);
        int class = mg_change_classify(&change);
        bool named = mg_change_protein(&change, name);
        translate(before, START, old);
        translate(after, START, new);
        n_of[class]++;
        n_named += named;
        bool right = named ? name_is_true(name, old, new) && class_is_true(class, name, old, new, &edit)
                           : class < MG_CLASS_NONSENSE || (class != MG_CLASS_SILENT && !has_stop(new));
        if (class == MG_CLASS_BEYOND_STOP) right = strcmp(old, new) == 0;
        if (!right && n_wrong++ < 20)
            print_error("%s > %s: %s to %s: %s, %s %s\n", before, after, old, new, mg_change_name(class), name,
                        mg_change_coding(&change, coding));
    }
    print_message("# %ld variants, %ld with a name, %ld contradictions\n", n_tried, n_named, n_wrong);
    assert_int_equal(n_wrong, 0);
    for (int class = MG_CLASS_BEYOND_STOP; class < MG_N_CHANGE_CLASSES; class ++)
        if (n_of[class] == 0) fail_msg("no variant of class %s was tried", mg_change_name(class));
    assert_true(n_named > n_tries / 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_translation)};
    if (argc > 1) n_tries = strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests_name("protein_change", tests, find_code, NULL);
}
