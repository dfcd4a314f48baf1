/* chromosome_names.c  names of chromosomes with and without "chr" */
#include "src/sequence/chromosome_names.h"

#include <string.h>

enum { LONGEST = 255 };

const mg_name *mg_chromosome_find(const mg_names *names, const char *text, size_t n)
{
    const mg_name *same = mg_names_find(names, text, n);
    if (same != NULL || n == 0) return same;
    if (n > 3 && memcmp(text, "chr", 3) == 0) return mg_names_find(names, text + 3, n - 3);
    char longer[LONGEST + 4] = "chr";
    if (n > LONGEST) return NULL;
    memcpy(longer + 3, text, n);
    return mg_names_find(names, longer, n + 3);
}

bool mg_chromosome_is_mitochondrial(const char *name)
{
    static const char *const known[] = {"MT", "M", "chrM", "chrMT"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0) return true;
    return false;
}
