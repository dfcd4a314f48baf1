/* site_variant.h  one variant on the record of a site or region of a genome: the score of its window before and after
 *
 * The window after is cut from the record as the variant leaves it, with the site's base at the anchor as before. So the
 * site keeps its place, and an insertion or deletion moves what lies between it and the window's end on its own side: bases
 * are pushed out there, or come in from the genome, of which the record has enough beyond its window
 * (MG_SITE_MARGIN). Where an event can be written in several ways it is taken as far to the 3' end of the window's strand as
 * it goes, unless that takes out the site's base without need. Where the site's base is taken out in any case, what
 * comes in its place, or next, stands at the anchor.
 */
#ifndef MG_SHARD_SITE_VARIANT_H
#define MG_SHARD_SITE_VARIANT_H

#include "src/shard/variant_study.h"

/* nt that a record needs on either side of its window: a deletion that touches the window draws in as many bases as it takes
 * out, and it may lie outside but for one base. */
enum { MG_SITE_MARGIN = 2 * MG_EDIT_LONGEST + 2 };

/* mg_site_edit()  the way of writing it that is scored */
mg_edit mg_site_edit(const mg_edit *edit, const mg_transcript *record, int64_t site);

/* mg_site_variant_rows()  a row for the record's site if the variant changes its window; as mg_variant_study_rows(), with
 * names, classes and new ATGs left empty */
mg_status mg_site_variant_rows(const mg_variant_study *study, int thread, mg_candidate_search *search,
                               const mg_edit *edit, mg_variant_bench *bench, mg_variant_rows *inout, mg_error *err);

#endif
