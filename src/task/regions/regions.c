/* regions.c  the task of regulatory regions: promoters, enhancers, binding sites; positions from the middle */
#include "src/task/task.h"

const mg_task mg_task_regions = {.id = MG_TASK_REGIONS,
                                 .name = "regions",
                                 .about = "regions of a genome: windows around middles or summits of peaks",
                                 .site = "region",
                                 .origin = "the middle",
                                 MG_TASK_OF_PREDICTIONS,
                                 .n_kinds = 1,
                                 .kind = {"region"},
                                 .anchor = mg_task_middle,
                                 .regions = mg_task_no_regions,
                                 .section = {MG_SECTION_SEQLETS, MG_SECTION_HEAT, MG_SECTION_NONE}};
