/* base_order.h  in which order a file's network takes the bases, and who says so
 *
 * No format of weights tells which channel is which base; a text of layers may ("bases AGCT"), or the user (--bases). Where
 * nobody does, A, C, G, T is assumed, and that is said wherever the network is.
 */
#ifndef MG_IO_MODEL_BASE_ORDER_H
#define MG_IO_MODEL_BASE_ORDER_H

#include <stdbool.h>
#include <stdio.h>

#include "src/core/status.h"

enum { MG_BASE_ORDER = 16, MG_BASE_ORDER_TEXT = 64 };

/* mg_base_order_find()  what a text of layers, printed or a graph text, says in its head; false: nothing, *ret is "" */
bool mg_base_order_find(const char *text, char ret[MG_BASE_ORDER]);

/* mg_base_order_add()  put a line "bases ..." into a graph text that has none
 * Returns: MG_OK and the longer text; MG_EUSAGE when the text says another order; MG_EMEM */
mg_status mg_base_order_add(const char *bases, const char *origin, char **inout, mg_error *err);

/* mg_base_order_tell()  "AGCT", or "ACGT (assumed; --bases says otherwise)" where the order is "" */
const char *mg_base_order_tell(const char *order, char text[MG_BASE_ORDER_TEXT]);

/* mg_base_order_describe()  the line "bases" of what a command says of its input, where the order is assumed; else nothing */
void mg_base_order_describe(FILE *out, const char *order);

#endif
