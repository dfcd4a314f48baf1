/* cell.h  texts from outside on their way into tables: what other programs would not read as that text
 *
 * Names come from the user's files and may hold any bytes. In a table they are UTF-8, as everything around them; and
 * where a spreadsheet would take a cell for a formula, it begins with an apostrophe.
 */
#ifndef MG_IO_BASE_CELL_H
#define MG_IO_BASE_CELL_H

#include <stdbool.h>

/* mg_cell_is_utf8()  is the whole text UTF-8 (RFC 3629: no overlong forms, no surrogates)? */
bool mg_cell_is_utf8(const char *text);

/* mg_cell_is_formula()  would a spreadsheet reckon with it: does it begin with '=', '+', '-' or '@' and is no number? */
bool mg_cell_is_formula(const char *text);

/* mg_cell_byte()  the byte as it goes out: control bytes, and where the text is no UTF-8 all bytes beyond ASCII, are '?' */
char mg_cell_byte(char byte, bool utf8);

#endif
