/* share.c  finds what was installed with the program */
#include "io/base/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/core/version.h"

static bool join(char path[MG_SHARE_PATH], const char *folder, const char *up, const char *below, const char *name)
{
    int n = snprintf(path, MG_SHARE_PATH, "%s%s/%s/%s", folder, up, below, name);
    return n > 0 && n < MG_SHARE_PATH && access(path, R_OK) == 0;
}

/* The folder of the running program, as the system knows it; "" when it does not say. */
static void program_folder(char folder[MG_SHARE_PATH])
{
    ssize_t n = readlink("/proc/self/exe", folder, MG_SHARE_PATH - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL) *slash = '\0';
}

bool mg_share_find(const char *below, const char *name, char path[MG_SHARE_PATH])
{
    char program[MG_SHARE_PATH];
    program_folder(program);
    const char *share = getenv("MUTAGREE_SHARE");
    if (share != NULL && join(path, share, "", below, name)) return true;
    if (program[0] != '\0' && join(path, program, "/../share/mutagree", below, name)) return true;
    if (program[0] != '\0' && join(path, program, "/../share", below, name)) return true;
    return join(path, mg_data_directory(), "", below, name);
}

const char *mg_share_folder(void)
{
    const char *share = getenv("MUTAGREE_SHARE");
    return share != NULL ? share : mg_data_directory();
}
