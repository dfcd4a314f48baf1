/* options_files.h  the files among the options of a command; for options.c */
#ifndef MG_CORE_OPTIONS_FILES_H
#define MG_CORE_OPTIONS_FILES_H

#include "src/core/options.h"

/* mg_options_check_files()  MG_EUSAGE when an output (an option of the group "Output" that takes a FILE) is an existing regular
 * file that another option or a positional argument names, too */
mg_status mg_options_check_files(const mg_command_help *command, const void *values, const mg_text_list *positional,
                                 mg_error *err);

#endif
