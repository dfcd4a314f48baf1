/* windows.c  the task of ready windows of which nothing more is known: positions are counted from their first base */
#include "src/task/task.h"

const mg_task mg_task_windows = {.id = MG_TASK_WINDOWS,
                                 .name = "windows",
                                 .about = "ready windows, of which nothing more is known",
                                 .site = "window",
                                 .origin = "the window's beginning",
                                 MG_TASK_OF_PREDICTIONS,
                                 .n_kinds = 1,
                                 .kind = {"window"},
                                 .anchor = mg_task_first,
                                 .regions = mg_task_no_regions,
                                 .section = {MG_SECTION_SEQLETS, MG_SECTION_HEAT, MG_SECTION_NONE}};
