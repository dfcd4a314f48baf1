/* status.c  one sentence an error, carried by value */
#include "src/core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

mg_status mg_fail_at(mg_error *err, const char *file, int line, mg_status status, const char *format, ...)
{
    if (err == NULL) return status;
    err->status = status;
    err->file = file;
    err->line = line;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return status;
}

mg_status mg_fail_prefix(mg_error *err, const char *format, ...)
{
    char old[MG_ERROR_TEXT];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof err->text) snprintf(err->text + n, sizeof err->text - (size_t)n, "%s", old);
    return err->status;
}

int mg_exit_status(mg_status status)
{
    if (status == MG_OK) return 0;
    if (status == MG_ESTOP) return 75;
    return status == MG_EUSAGE || status == MG_ETROUBLE ? 2 : 1;
}
