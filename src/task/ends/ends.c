/* ends.c  the task of ends: transcription starts, polyadenylation sites, start and stop codons; and of several kinds of site
 * together */
#include "src/task/task.h"

enum { BEFORE, BEHIND, N_REGIONS };

static mg_status regions(int64_t length, int64_t anchor, mg_regions *ret, mg_error *err)
{
    static const mg_region region[N_REGIONS] = {{"before", "before the site"}, {"behind", "from the site on"}};
    mg_status status = mg_regions_create(N_REGIONS, region, length, 1, ret, err);
    if (status != MG_OK) return status;
    mg_regions_fill(ret, 0, 0, anchor, BEFORE);
    mg_regions_fill(ret, 0, anchor, length, BEHIND);
    return MG_OK;
}

const mg_task mg_task_ends = {
    .id = MG_TASK_ENDS,
    .name = "ends",
    .about = "ends of transcripts and of coding: windows around TSS, polyA sites, start or stop codons, or several "
             "kinds of site",
    .site = "end",
    .origin = "the site",
    .group = {MG_TASK_ALL_WINDOWS,
              {"annotated", "annotated site", "annotated sites", "annotated sites",
               "no annotated site (was the scan given an annotation?)"},
              {"predicted", "predicted site", "predicted sites", "predicted sites", "no window with F > 0"}},
    .lost = "lose the site",
    .gained = "make a site",
    .n_kinds = 1,
    .kind = {"end"},
    .anchor = mg_task_middle,
    .regions = regions,
    .section = {MG_SECTION_SEQLETS, MG_SECTION_HEAT, MG_SECTION_NONE}};
