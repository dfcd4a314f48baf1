/* h5.h  the few HDF5 calls that mutagree's files are made of, each checked, each failing with a sentence
 *
 * HDF5 keeps its own stack of errors; mg_h5_fail() turns it into words. All functions here work on the calling rank
 * alone, unless the file was opened through MPI-IO by the caller.
 */
#ifndef MG_IO_BASE_H5_H
#define MG_IO_BASE_H5_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

/* mg_h5_fail()  as mg_fail(), with ": " and the reason HDF5 gives after the sentence ("No space left on device").
 * To be called right after the HDF5 call that failed. */
mg_status mg_h5_fail(mg_error *err, mg_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Not collective. Open ids are given back by the close functions, which accept ids < 0 and then do nothing. */
mg_status mg_h5_create_file(const char *path, hid_t *ret, mg_error *err); /* replaces what is there */
/* ... with a property list of file access */
mg_status mg_h5_create_file_with(const char *path, hid_t settings, hid_t *ret, mg_error *err);
mg_status mg_h5_open_file(const char *path, hid_t *ret, mg_error *err); /* to read; a sentence says what is wrong */
mg_status mg_h5_create_group(hid_t parent, const char *name, hid_t *ret, mg_error *err);
mg_status mg_h5_open_group(hid_t parent, const char *name, hid_t *ret, mg_error *err);
/* mg_h5_close_file()  close; a write that fails only now is an error. MG_EBUG when other ids of the file are still
 * open. */
mg_status mg_h5_close_file(hid_t file, mg_error *err);
void mg_h5_close_group(hid_t group);
void mg_h5_close_dataset(hid_t dataset);
void mg_h5_close_space(hid_t space);
void mg_h5_close_type(hid_t type);
void mg_h5_close_list(hid_t property_list);

/* Attributes of a file, group or dataset: one text (UTF-8, of fixed length; one of more than 60,000 bytes goes on in NAME.2,
 * NAME.3, ...), integer or real number each. */
mg_status mg_h5_write_text(hid_t object, const char *name, const char *text, mg_error *err);
mg_status mg_h5_write_integer(hid_t object, const char *name, int64_t number, mg_error *err);
mg_status mg_h5_write_real(hid_t object, const char *name, double number, mg_error *err);
/* Not there, or of another kind: MG_EINPUT. The text is for the caller to free(). */
mg_status mg_h5_read_text(hid_t object, const char *name, char **ret, mg_error *err);
mg_status mg_h5_read_integer(hid_t object, const char *name, int64_t *ret, mg_error *err);
mg_status mg_h5_read_real(hid_t object, const char *name, double *ret, mg_error *err);

/* mg_h5_text_type()  a string of exactly n bytes, padded with zeros; n 0 counts as 1. Give back with
 * mg_h5_close_type(). */
mg_status mg_h5_text_type(size_t n, hid_t *ret, mg_error *err);

#endif
