/* h5_child_stream.h  what the child of h5_child.h writes and its parent reads
 *
 * Words of eight bytes, in the machine's order: both are one program. Texts (with an ending zero) and values are their length
 * and their bytes, filled up with zeros to a whole word. A record is its kind and then:
 *     object     is it a dataset? (0, 1); path; of a dataset its value
 *     attribute  of the object before it: name, value
 *     failure    a sentence
 *     end
 * and a value its kind, bytes of an item in the file, dims, the dims, items, whether there are values, and these: float32
 * (item of at most 4 bytes) or float64; int64; texts with an ending zero each.
 */
#ifndef MG_IO_BASE_H5_CHILD_STREAM_H
#define MG_IO_BASE_H5_CHILD_STREAM_H

#include "io/base/h5_child.h"

enum { MG_H5_STREAM_OBJECT = 1, MG_H5_STREAM_ATTRIBUTE, MG_H5_STREAM_FAILURE, MG_H5_STREAM_END };

#define MG_H5_CHILD_WORD "--read-hdf5-of-standard-input" /* then seconds, memory and value bytes */

/* mg_h5_tree_parse()  the tree of a stream; takes over `words` (malloc) in any case. MG_EINPUT with the child's sentence, or
 * with none of it when the stream is cut short: then *ret_cut. */
mg_status mg_h5_tree_parse(unsigned char *words, size_t n, mg_h5_tree **ret, bool *ret_cut, mg_error *err);

#endif
