/* header.c  starts from FASTA headers, 1-based, both ends included, as GENCODE writes them:
 * ">ENST00000303450.5|...|HOXC9-203|HOXC9|1516|UTR5:1-77|CDS:78-860|UTR3:861-1516|", and gffread -w: ">t1 CDS=47-200" */
#include <inttypes.h>
#include <string.h>

#include "io/annotation/format.h"

/* The text behind "CDS:" or "CDS=" where that begins a word and a digit follows; NULL when there is none. */
static const char *find_range(const char *header)
{
    for (const char *at = header; (at = strstr(at, "CDS")) != NULL; at += 3) {
        bool begins_word = at == header || strchr("| \t", at[-1]) != NULL;
        if (begins_word && (at[3] == ':' || at[3] == '=') && at[4] >= '0' && at[4] <= '9') return at + 4;
    }
    return NULL;
}

mg_status mg_annotation_read_header(mg_annotation *inout, const char *path, int64_t line, const char *name,
                                    const char *header, mg_error *err)
{
    const char *range = find_range(header);
    if (range == NULL) return MG_OK;
    size_t n = strcspn(range, "| \t"), n_first = strspn(range, "0123456789");
    int64_t first, last;
    bool is_range = n_first < n && range[n_first] == '-' && mg_annotation_number(range, n_first, &first) &&
                    mg_annotation_number(range + n_first + 1, n - n_first - 1, &last) && first >= 1;
    size_t index;
    mg_status status = mg_annotation_entry(inout, path, line, name, strlen(name), &index, err);
    if (status != MG_OK) return status;
    inout->what = "CDS";
    if (!is_range || last - first + 1 < 3) {
        mg_annotation_leave_out(inout, &inout->entry[index],
                                "%s line %" PRId64 ": '%.*s' in the header is no range such as CDS:78-542", path, line,
                                (int)(n < 80 ? n + 4 : 84), range - 4);
        return MG_OK;
    }
    inout->entry[index].coding = (mg_coding){.begin = first - 1, .end = last};
    return mg_annotation_add_start(&inout->entry[index], (mg_annotated_start){first - 1, last, line}, err);
}
