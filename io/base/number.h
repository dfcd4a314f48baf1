/* number.h  the number types that model files use, read into float
 *
 * Sources: IEEE 754-2008 binary16, binary32, binary64; bfloat16 is the upper half of a binary32. All little-endian, as
 * the formats say.
 */
#ifndef MG_IO_BASE_NUMBER_H
#define MG_IO_BASE_NUMBER_H

#include <stddef.h>

typedef enum { MG_FLOAT16, MG_BFLOAT16, MG_FLOAT32, MG_FLOAT64 } mg_number_type;

/* mg_number_size()  bytes of one number */
size_t mg_number_size(mg_number_type type);

/* mg_number_read()  number i of the array that begins at `bytes` (no alignment needed) */
float mg_number_read(mg_number_type type, const unsigned char *bytes, size_t i);

#endif
