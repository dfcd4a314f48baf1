/* change_seal.c ORIGINAL CHANGED  give CHANGED, a copy of ORIGINAL in which numbers were changed in place, the checksums of
 * what it holds now: as somebody would who means harm, or as a file that was wrong from the start has them. */
#include <stdio.h>

#include "io/base/seal.h"

int main(int argc, char **argv)
{
    mg_seal seal = {0};
    mg_error err = {0};
    bool there = false;
    if (argc != 3) return 2;
    mg_status status = mg_seal_read(argv[1], &seal, &there, &err);
    for (size_t i = 0; i < seal.n_parts; i++)
        seal.part[i].is_open = seal.part[i].offset >= 0;
    if (status == MG_OK) status = mg_seal_file(argv[2], &seal, &err);
    if (status != MG_OK) fprintf(stderr, "%s\n", err.text);
    mg_seal_destroy(&seal);
    return status != MG_OK || !there;
}
