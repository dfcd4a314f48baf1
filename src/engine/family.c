/* family.c  all sets but the portable one have fused multiply-add */
#include "src/engine/family.h"

#include <string.h>

const char *mg_family_name(const char *set)
{
    return strcmp(set, "portable") == 0 ? "portable" : "fused multiply-add";
}

bool mg_family_same(const char *set, const char *other)
{
    return strcmp(mg_family_name(set), mg_family_name(other)) == 0;
}
