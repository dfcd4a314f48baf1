/* json_text.h  texts that come from outside, as JSON
 *
 * Names of files and of what is in them need not be UTF-8, JSON must be: where a text is not, its bytes beyond ASCII become '?'.
 */
#ifndef MG_IO_BASE_JSON_TEXT_H
#define MG_IO_BASE_JSON_TEXT_H

#include <jansson.h>

/* mg_json_text()    a string; null for NULL.  mg_json_text_n(): of its first n bytes
 * Returns: a new value, or NULL when memory is out, or a text of n bytes holds a zero */
json_t *mg_json_text(const char *text);
json_t *mg_json_text_n(const char *text, size_t n);

#endif
