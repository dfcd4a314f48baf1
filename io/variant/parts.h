/* parts.h  what reading and writing variants share; for the files of io/variant/ only */
#ifndef MG_IO_VARIANT_PARTS_H
#define MG_IO_VARIANT_PARTS_H

#include <htslib/hts.h>

#include "io/variant/file.h"

struct mg_variant_file {
    const char *path; /* points to the caller's text */
    htsFile *hts;
    bcf_hdr_t *header;
    int64_t number; /* of the last record read */
};

#endif
