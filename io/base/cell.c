/* cell.c  UTF-8, formulas, control bytes */
#include "io/base/cell.h"

#include <string.h>

#include "src/core/decimal.h"

/* Bytes of the character at `text`; 0 when none begins there. */
static int character_length(const unsigned char *text)
{
    unsigned char a = text[0], b = a != 0 ? text[1] : 0;
    if (a < 0x80) return 1;
    int n = a >= 0xc2 && a <= 0xdf ? 2 : a >= 0xe0 && a <= 0xef ? 3 : a >= 0xf0 && a <= 0xf4 ? 4 : 0;
    if (n == 0) return 0;
    if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f)) return 0; /* overlong; surrogates */
    if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f)) return 0; /* overlong; past U+10FFFF */
    for (int i = 1; i < n; i++)
        if ((text[i] & 0xc0) != 0x80) return 0;
    return n;
}

bool mg_cell_is_utf8(const char *text)
{
    for (int n; *text != '\0'; text += n) {
        n = character_length((const unsigned char *)text);
        if (n == 0) return false;
    }
    return true;
}

/* What a table has of numbers: decimal ones, and what is none of these but written so. */
static bool is_number(const char *text)
{
    double number;
    const char *word = *text == '-' || *text == '+' ? text + 1 : text;
    return mg_decimal_read(text, &number) || strcmp(word, "inf") == 0 || strcmp(word, "nan") == 0;
}

bool mg_cell_is_formula(const char *text)
{
    if (*text == '\0' || strchr("=+-@", *text) == NULL || text[1] == '\0') return false;
    return !is_number(text);
}

char mg_cell_byte(char byte, bool utf8)
{
    unsigned char c = (unsigned char)byte;
    return c < ' ' || c == 0x7f || (c >= 0x80 && !utf8) ? '?' : byte;
}
