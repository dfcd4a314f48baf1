/* packing.c  first bytes of packed files */
#include "io/base/packing.h"

#include <string.h>

const char *mg_packing_name(const void *front, size_t n)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *name;
    } known[] = {{"\xfd"
                  "7zXZ",
                  6, "xz"}, /* with the zero byte behind it */
                 {"BZh", 3, "bzip2"},
                 {"\x28\xb5\x2f\xfd", 4, "zstd"},
                 {"PK\x03\x04", 4, "zip"},
                 {"PK\x05\x06", 4, "zip"},
                 {"7z\xbc\xaf\x27\x1c", 6, "7z"},
                 {"\x04\x22\x4d\x18", 4, "lz4"},
                 {"LZIP", 4, "lzip"},
                 {"Rar!\x1a\x07", 6, "rar"},
                 {"\x1f\x9d", 2, "compress"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n >= known[i].n && memcmp(front, known[i].bytes, known[i].n) == 0) return known[i].name;
    return NULL;
}
