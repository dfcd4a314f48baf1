/* version.c  the one object that knows the revision; the Makefile defines the MG_ words */
#include "src/core/version.h"

const char *mg_version(void)
{
    return MG_VERSION;
}

const char *mg_revision(void)
{
    return MG_REVISION;
}

const char *mg_compiler(void)
{
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

const char *mg_build_flags(void)
{
    return MG_CFLAGS;
}

const char *mg_data_directory(void)
{
    return MG_DATADIR;
}
