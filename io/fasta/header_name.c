/* header_name.c  names in FASTA headers */
#include "io/fasta/header_name.h"

#include <stdbool.h>
#include <string.h>

size_t mg_header_word(const char *header, size_t n)
{
    size_t at = 0;
    while (at < n && header[at] != ' ' && header[at] != '\t')
        at++;
    return at;
}

/* The bytes of the field that begins at word[from]. */
static size_t field_length(const char *word, size_t n, size_t from)
{
    const char *bar = memchr(word + from, '|', n - from);
    return bar != NULL ? (size_t)(bar - word) - from : n - from;
}

static bool is_database(const char *field, size_t n)
{
    static const char *const known[] = {"lcl", "gi",  "ref", "gb",  "emb", "dbj",
                                        "gnl", "tpg", "tpe", "tpd", "gpp", "nat"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == n && memcmp(known[i], field, n) == 0) return true;
    return false;
}

size_t mg_header_accession(const char *word, size_t n, size_t *ret_n)
{
    size_t first = 0, skip = 0;
    bool wanted = false; /* the next field that is not empty, behind `skip` others, is what the database calls it */
    *ret_n = n;
    for (size_t from = 0; from < n;) {
        size_t length = field_length(word, n, from);
        if (wanted && length > 0 && skip > 0) {
            skip--;
        } else if (wanted && length > 0) {
            first = from;
            *ret_n = length;
            wanted = false;
        } else if (from + length < n && is_database(word + from, length)) {
            wanted = true;
            skip = length == 3 && memcmp(word + from, "gnl", 3) == 0; /* gnl|database|name */
        } else if (from == 0) {
            return 0;
        }
        from += length + 1;
    }
    return first;
}

/* "TR20|c0_g1_i1" */
static bool is_trinity(const char *word, size_t n, size_t n_first)
{
    size_t n_digits = 0;
    while (2 + n_digits < n_first && word[2 + n_digits] >= '0' && word[2 + n_digits] <= '9')
        n_digits++;
    return n_first > 2 && memcmp(word, "TR", 2) == 0 && 2 + n_digits == n_first && n > n_first + 2 &&
           word[n_first + 1] == 'c' && word[n_first + 2] >= '0' && word[n_first + 2] <= '9';
}

/* What "[transcript_id=...]" says; 0 bytes when there is no such words. */
static size_t told_transcript(const char *header, size_t n, size_t *ret_n)
{
    static const char key[] = "[transcript_id=";
    size_t n_key = sizeof key - 1;
    *ret_n = 0;
    for (size_t i = 0; i + n_key < n; i++) {
        if (header[i] != '[' || memcmp(header + i, key, n_key) != 0) continue;
        const char *end = memchr(header + i + n_key, ']', n - i - n_key);
        size_t length = end != NULL ? (size_t)(end - header) - i - n_key : 0;
        if (length > 0 && mg_header_word(header + i + n_key, length) == length) *ret_n = length;
        return i + n_key;
    }
    return 0;
}

size_t mg_header_name(const char *header, size_t n, size_t *ret_n)
{
    size_t n_word = mg_header_word(header, n), n_first = field_length(header, n_word, 0), first;
    *ret_n = n_word;
    if (n_first == n_word || is_trinity(header, n_word, n_first)) return 0;
    if (is_database(header, n_first)) {
        first = n_first == 3 && memcmp(header, "lcl", 3) == 0 ? told_transcript(header, n, ret_n) : 0;
        return *ret_n > 0 && first > 0 ? first : mg_header_accession(header, n_word, ret_n);
    }
    *ret_n = n_first;
    return 0;
}
