/* spool.c  reading and writing at places of an unlinked file */
#include "io/base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "src/core/memory.h"

struct mg_spool {
    int file;
    char *folder; /* for messages */
    int64_t end;  /* where the next bytes go */
};

static mg_status open_file(const char *folder, int *ret, mg_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/mutagree-XXXXXX", folder) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = MG_OK;
    *ret = mkostemp(path, O_CLOEXEC);
    if (*ret < 0 || unlink(path) != 0)
        status = mg_fail(err, MG_EIO, "cannot make a temporary file in %s: %s", folder, strerror(errno));
    free(path);
    return status;
}

mg_status mg_spool_create(const char *folder, mg_spool **ret, mg_error *err)
{
    mg_spool *spool = NULL;
    const char *place = getenv("TMPDIR");
    if (folder == NULL) folder = place != NULL && place[0] != '\0' ? place : "/tmp";
    mg_status status = mg_alloc(&spool, 1, sizeof *spool, err);
    if (status != MG_OK) return status;
    spool->file = -1;
    status = mg_copy_text(&spool->folder, folder, err);
    if (status == MG_OK) status = open_file(folder, &spool->file, err);
    if (status == MG_OK)
        *ret = spool;
    else
        mg_spool_destroy(spool);
    return status;
}

void mg_spool_destroy(mg_spool *spool)
{
    if (spool == NULL) return;
    if (spool->file >= 0) close(spool->file); /* nobody will read it */
    free(spool->folder);
    free(spool);
}

int64_t mg_spool_take(mg_spool *spool, int64_t n)
{
    int64_t place = spool->end;
    spool->end += n;
    return place;
}

mg_status mg_spool_write(mg_spool *spool, int64_t place, const void *bytes, int64_t n, mg_error *err)
{
    const char *from = bytes;
    while (n > 0) {
        ssize_t written = pwrite(spool->file, from, (size_t)n, (off_t)place);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            return mg_fail(err, MG_EIO, "cannot write to a temporary file in %s: %s", spool->folder,
                           strerror(written < 0 ? errno : ENOSPC));
        from += written;
        place += written;
        n -= written;
    }
    return MG_OK;
}

mg_status mg_spool_read(const mg_spool *spool, int64_t place, void *bytes, int64_t n, mg_error *err)
{
    char *to = bytes;
    while (n > 0) {
        ssize_t found = pread(spool->file, to, (size_t)n, (off_t)place);
        if (found < 0 && errno == EINTR) continue;
        if (found <= 0)
            return mg_fail(err, MG_EIO, "cannot read back from a temporary file in %s: %s", spool->folder,
                           found < 0 ? strerror(errno) : "it is too short");
        to += found;
        place += found;
        n -= found;
    }
    return MG_OK;
}
