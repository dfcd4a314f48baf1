/* layout_parts.h  the parts of a layout of run.h5 among themselves: layout_set.c creates datasets, layout_tables.c writes what is
 * known but by window, layout.c puts the whole together. All return MG_OK, MG_EMEM or MG_EIO. Not collective. */
#ifndef MG_IO_RUN_LAYOUT_PARTS_H
#define MG_IO_RUN_LAYOUT_PARTS_H

#include <stdbool.h>

#include "io/run/run_h5.h"

/* mg_layout_set()  create dataset s of a field
 *
 * Args:     path   - where
 *           n_text - bytes of each text, of fields of texts
 *           values - all items; NULL: it is left to be filled
 */
mg_status mg_layout_set(hid_t file, const mg_run *run, mg_field_id id, int64_t s, const char *path, size_t n_text,
                        const void *values, mg_error *err);

/* mg_layout_is_virtual()  does a field lie in shards that stay? */
bool mg_layout_is_virtual(const mg_run *run, mg_field_id id);

/* mg_layout_window_sets()  all datasets of a field by window, to be filled */
mg_status mg_layout_window_sets(hid_t file, const mg_run *run, mg_field_id id, mg_error *err);

/* mg_layout_tables()      transcripts, genes, chromosomes, methods, baselines, metrics, outputs, and the places, a part at a time
 * mg_layout_aggregates()  the summary's rows and pairs */
mg_status mg_layout_tables(hid_t file, const mg_run *run, mg_error *err);
mg_status mg_layout_aggregates(hid_t file, const mg_run *run, mg_error *err);

#endif
