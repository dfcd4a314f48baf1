/* starts.c  the task of translation starts: codons, their frame, the Kozak context, calls */
#include "src/task/task.h"

enum { UPSTREAM, CODON_1, N_CODON = 3, N_REGIONS = CODON_1 + N_CODON };

/* The start codon itself is in every window and takes no part. */
static mg_status regions(int64_t length, int64_t anchor, mg_regions *ret, mg_error *err)
{
    static const mg_region region[N_REGIONS] = {{"upstream", "before the start codon"},
                                                {"codon_1", "first positions of codons"},
                                                {"codon_2", "second positions of codons"},
                                                {"codon_3", "third positions of codons"}};
    mg_status status = mg_regions_create(N_REGIONS, region, length, 1, ret, err);
    if (status != MG_OK) return status;
    mg_regions_fill(ret, 0, 0, anchor, UPSTREAM);
    mg_regions_fill(ret, 0, anchor, anchor + N_CODON, MG_REGION_LEFT_OUT);
    for (int64_t p = anchor + N_CODON; p < length; p++)
        ret->of[p] = (uint8_t)(CODON_1 + (p - anchor) % N_CODON);
    return MG_OK;
}

const mg_task mg_task_starts = {
    .id = MG_TASK_STARTS,
    .name = "starts",
    .about = "translation starts: windows around start codons of transcripts",
    .site = "start",
    .origin = "the start codon",
    .has_codons = true,
    .group = {MG_TASK_ALL_WINDOWS,
              {"annotated", "annotated start", "annotated starts", "annotated starts",
               "no annotated start (was the scan given an annotation?)"},
              {"called", "called start", "called starts", "called starts", "no window with F > 0"}},
    .lost = "take the call away",
    .gained = "make a call",
    .n_kinds = 1,
    .kind = {"start"},
    .anchor = mg_task_first,
    .regions = regions,
    .section = {MG_SECTION_KOZAK, MG_SECTION_STOPS, MG_SECTION_FLIPS, MG_SECTION_NONE}};
