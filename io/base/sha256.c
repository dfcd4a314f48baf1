/* sha256.c  libmd does the work */
#include "io/base/sha256.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

_Static_assert(MG_SHA256_TEXT == SHA256_DIGEST_STRING_LENGTH, "room for the digest");

mg_status mg_sha256_descriptor(int file, const char *path, char text[MG_SHA256_TEXT], mg_error *err)
{
    SHA2_CTX sum;
    uint8_t block[1 << 14];
    text[0] = '\0';
    SHA256Init(&sum);
    for (off_t at = 0;;) {
        ssize_t n = pread(file, block, sizeof block, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return mg_fail(err, MG_EIO, "cannot read %s: %s", path, strerror(errno));
        if (n == 0) break;
        SHA256Update(&sum, block, (size_t)n);
        at += n;
    }
    SHA256End(&sum, text);
    return MG_OK;
}
