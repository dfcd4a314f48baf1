/* decimal.h  numbers in texts from outside, read in one way
 *
 * A number is decimal: a sign or none, digits with or without a point among them, and an exponent or none ("-1.5", ".5", "2e-3"). What
 * strtod() would take beside that is none: blanks before it, hexadecimal numbers ("0x1p3"), "inf", "infinity", "nan".
 * A whole number has a minus or none, and digits.
 */
#ifndef MG_CORE_DECIMAL_H
#define MG_CORE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* mg_decimal_scan()  the number at the beginning of a text: where it ends; NULL: there is none, or it is too large for a double */
const char *mg_decimal_scan(const char *text, double *ret);

/* mg_decimal_read()   is the whole text a number?
 * mg_decimal_whole()  is it a whole number of 64 bits? ret is left as it is where it is none */
bool mg_decimal_read(const char *text, double *ret);
bool mg_decimal_whole(const char *text, int64_t *ret);

#endif
