/* sha256.c  libmd does the work */
#include "io/base/sha256.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>

_Static_assert(MG_SHA256_TEXT == SHA256_DIGEST_STRING_LENGTH, "room for the digest");

mg_status mg_sha256_file(const char *path, char text[MG_SHA256_TEXT], mg_error *err)
{
    text[0] = '\0';
    FILE *file = fopen(path, "rb");
    if (file == NULL) return mg_fail(err, MG_EIO, "cannot open %s: %s", path, strerror(errno));
    SHA2_CTX sum;
    uint8_t block[1 << 14];
    SHA256Init(&sum);
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        SHA256Update(&sum, block, n);
    mg_status status = ferror(file) ? mg_fail(err, MG_EIO, "cannot read %s: %s", path, strerror(errno)) : MG_OK;
    fclose(file);
    if (status == MG_OK) SHA256End(&sum, text);
    return status;
}
