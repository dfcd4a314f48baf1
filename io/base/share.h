/* share.h  files that come with mutagree: models, the report's page
 *
 * They are looked for in $MUTAGREE_SHARE, beside the program (../share/mutagree where it is installed, ../share in a
 * source tree), and in the data directory it was built for.
 */
#ifndef MG_IO_BASE_SHARE_H
#define MG_IO_BASE_SHARE_H

#include <stdbool.h>

enum { MG_SHARE_PATH = 4096 };

/* mg_share_find()  the readable file BELOW/NAME, e.g. "models", "tis-human.h5": OUT path; false when there is none */
bool mg_share_find(const char *below, const char *name, char path[MG_SHARE_PATH]);

/* mg_share_folder()  the folder to name in a message when a file is missing */
const char *mg_share_folder(void);

#endif
