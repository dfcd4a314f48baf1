/* splice.c  the task of splice sites: exon and intron, and the two kinds of site
 *
 * Position +1 is the first base behind the cut: of the intron at a donor (MAG|GURAGU), of the exon at an acceptor
 * (YYYYNCAG|G). So the consensus is at -3 .. +6 of a donor and at -20 .. +3 of an acceptor, as the field counts.
 */
#include "src/task/task.h"

#include "src/task/splice/splice.h"

enum { EXON, INTRON, N_REGIONS };

static mg_status regions(int64_t length, int64_t anchor, mg_regions *ret, mg_error *err)
{
    static const mg_region region[N_REGIONS] = {{"exon", "exon side of the site"},
                                                {"intron", "intron side of the site"}};
    mg_status status = mg_regions_create(N_REGIONS, region, length, MG_N_SPLICE_KINDS, ret, err);
    if (status != MG_OK) return status;
    mg_regions_fill(ret, MG_SPLICE_DONOR, 0, anchor, EXON);
    mg_regions_fill(ret, MG_SPLICE_DONOR, anchor, length, INTRON);
    mg_regions_fill(ret, MG_SPLICE_ACCEPTOR, 0, anchor, INTRON);
    mg_regions_fill(ret, MG_SPLICE_ACCEPTOR, anchor, length, EXON);
    return MG_OK;
}

const mg_task mg_task_splice = {
    .id = MG_TASK_SPLICE,
    .name = "splice",
    .about = "splice sites: windows around donors and acceptors",
    .site = "splice site",
    .origin = "the cut",
    .group = {MG_TASK_ALL_WINDOWS,
              {"annotated", "annotated splice site", "annotated splice sites", "annotated splice sites",
               "no annotated splice site (was the scan given an annotation?)"},
              {"called", "called splice site", "called splice sites", "called splice sites", "no window with F > 0"}},
    .lost = "lose the site",
    .gained = "make a site",
    .n_kinds = MG_N_SPLICE_KINDS,
    .kind = {"donor", "acceptor"},
    .anchor = mg_task_middle,
    .regions = regions,
    .section = {MG_SECTION_SPLICE, MG_SECTION_SEQLETS, MG_SECTION_HEAT, MG_SECTION_NONE}};
