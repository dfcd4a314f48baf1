/* file_format.c  print docs/file-format.md from the table of fields (make docs) */
#include <stdio.h>

#include "io/run/fields.h"

int main(void)
{
    mg_fields_print_markdown(stdout);
    return fflush(stdout) != 0 || ferror(stdout) != 0;
}
