/* spelling.c  which of the known words did the user mean?
 *
 * Three rows of the usual alignment table are enough; the third holds what a swap of neighbours needs.
 */
#include "src/core/spelling.h"

#include <ctype.h>
#include <string.h>

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

int mg_spelling_distance(const char *word, const char *other)
{
    size_t n = strlen(word), m = strlen(other);
    if (n > MG_SPELLING_LENGTH || m > MG_SPELLING_LENGTH) return -1;
    int row[3][MG_SPELLING_LENGTH + 1] = {{0}}; /* row i of the table lies in row[i % 3] */
    for (size_t j = 0; j <= m; j++)
        row[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int differ = !same_letter(word[i - 1], other[j - 1]);
            now[j] = smaller(smaller(last[j], now[j - 1]) + 1, last[j - 1] + differ);
            if (i > 1 && j > 1 && same_letter(word[i - 1], other[j - 2]) && same_letter(word[i - 2], other[j - 1]))
                now[j] = smaller(now[j], before[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

void mg_spelling_nearest(const char *word, const char *known, const char **ret_nearest)
{
    int distance = mg_spelling_distance(word, known);
    size_t n = strlen(word), m = strlen(known);
    if (distance < 0 || 3 * (size_t)distance > (n > m ? n : m)) return;
    if (*ret_nearest == NULL || distance < mg_spelling_distance(word, *ret_nearest)) *ret_nearest = known;
}
