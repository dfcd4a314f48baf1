/* line.c  pieces of unpacked blocks, up to a line end */
#include "io/base/line.h"

#include <stdbool.h>
#include <string.h>

/* Append what the present block has of the line; *ret_ended: it has its end. */
static int take(BGZF *file, size_t n_most, kstring_t *line, bool *ret_ended)
{
    const char *from = (const char *)file->uncompressed_block + file->block_offset;
    size_t left = (size_t)(file->block_length - file->block_offset);
    const char *end = memchr(from, '\n', left);
    size_t n = end != NULL ? (size_t)(end - from) : left;
    *ret_ended = end != NULL;
    if (n > n_most || line->l > n_most - n) return MG_LINE_TOO_LONG;
    if (kputsn(from, n, line) < 0) return MG_LINE_NO_MEMORY;
    file->block_offset += (int)(n + (end != NULL));
    return 0;
}

static void cut_return(kstring_t *line)
{
    if (line->l > 0 && line->s[line->l - 1] == '\r') line->s[--line->l] = '\0';
}

int mg_line_read(BGZF *file, size_t n_most, kstring_t *line)
{
    line->l = 0;
    int result = kputsn("", 0, line) < 0 ? MG_LINE_NO_MEMORY : 0; /* an empty line is a text too */
    for (bool ended = false; !ended && result == 0;) {
        if (file->block_offset >= file->block_length) {
            file->block_offset = file->block_length = 0;
            if (bgzf_read_block(file) != 0) return MG_LINE_DAMAGED;
            if (file->block_length == 0) {
                if (line->l == 0) return MG_LINE_END;
                break;
            }
        }
        result = take(file, n_most, line, &ended);
    }
    if (result == 0) cut_return(line);
    return result;
}

int mg_line_read_plain(hFILE *file, size_t n_most, kstring_t *line)
{
    char piece[1 << 14];
    line->l = 0;
    if (kputsn("", 0, line) < 0) return MG_LINE_NO_MEMORY;
    for (;;) {
        ssize_t n = hgetln(piece, sizeof piece, file);
        if (n < 0) return MG_LINE_DAMAGED;
        if (n == 0 && line->l == 0) return MG_LINE_END;
        if ((size_t)n > n_most || line->l > n_most - (size_t)n) return MG_LINE_TOO_LONG;
        if (kputsn(piece, (size_t)n, line) < 0) return MG_LINE_NO_MEMORY;
        if (n > 0 && line->s[line->l - 1] != '\n') continue;
        if (n > 0) line->s[--line->l] = '\0';
        cut_return(line);
        return 0;
    }
}
