/* version.h  what this program is and what it was built with, for --version and for provenance */
#ifndef MG_CORE_VERSION_H
#define MG_CORE_VERSION_H

const char *mg_version(void);  /* "0.2.0" */
const char *mg_revision(void); /* git revision, with "-dirty" when the tree had changes */
const char *mg_compiler(void); /* compiler and its version */
const char *mg_build_flags(void);
const char *mg_data_directory(void); /* where `make install` puts share/: PREFIX/share/mutagree */

#endif
