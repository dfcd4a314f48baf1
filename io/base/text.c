/* text.c  lines through BGZF
 *
 * Three ways of being cut short, each noticed in its own way: a gzip stream that stops in the middle and a bgzip block
 * that does are errors of the library's read; a bgzip file that stops between two blocks reads well to its end but
 * lacks the empty block that bgzip writes last.
 */
#include "io/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/hts_log.h>
#include <htslib/kstring.h>

#include "io/base/line.h"
#include "io/base/packing.h"
#include "src/core/memory.h"
#include "src/core/stop.h"

struct mg_text {
    const char *path; /* points to the caller's text */
    BGZF *file;
    kstring_t line;
    size_t n_most; /* bytes of a line */
    int64_t number;
    bool again;
};

/* A pipe with a name waits for whoever writes into it, and a wish to stop (src/core/stop.h) must not wait with it: signals
 * begin a blocked open() anew. */
static mg_status await_writer(int pipe, mg_error *err)
{
    enum { LOOK_EVERY = 100 }; /* ms */
    struct pollfd wait = {.fd = pipe, .events = POLLIN};
    mg_status status = mg_stop_check(err);
    while (status == MG_OK && poll(&wait, 1, LOOK_EVERY) <= 0)
        status = mg_stop_check(err);
    if (status != MG_OK) return status;
    int flags = fcntl(pipe, F_GETFL);
    if (flags >= 0 && fcntl(pipe, F_SETFL, flags & ~O_NONBLOCK) == 0) return MG_OK;
    return mg_fail(err, MG_EINPUT, "cannot read from a pipe: %s", strerror(errno));
}

static mg_status open_descriptor(const char *path, int *ret, mg_error *err)
{
    struct stat about;
    bool standard_input = strcmp(path, "-") == 0;
    *ret = standard_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*ret < 0) return mg_fail(err, MG_EINPUT, "cannot open %s: %s", path, strerror(errno));
    mg_status status = MG_OK;
    bool known = fstat(*ret, &about) == 0;
    if (known && S_ISDIR(about.st_mode))
        status = mg_fail(err, MG_EINPUT, "cannot read %s: it is a directory; give a file", path);
    else if (known && S_ISFIFO(about.st_mode) && !standard_input)
        status = await_writer(*ret, err);
    if (status != MG_OK) close(*ret);
    return status;
}

/* Not hopen(), which would take "s3:..." and the like for addresses. */
static mg_status open_bgzf(const char *path, BGZF **ret, mg_error *err)
{
    int descriptor = -1;
    mg_status status = open_descriptor(path, &descriptor, err);
    if (status != MG_OK) return status;
    hts_set_log_level(HTS_LOG_OFF); /* what goes wrong is said once, by us */
    hFILE *stream = hdopen(descriptor, "r");
    if (stream == NULL) {
        close(descriptor);
        return mg_fail(err, MG_EMEM, "no memory to open %s", path);
    }
    errno = 0;
    *ret = bgzf_hopen(stream, "r");
    if (*ret == NULL) {
        int reason = errno;
        hclose_abruptly(stream);
        return mg_fail(err, MG_EINPUT, "cannot read %s: %s", path, reason != 0 ? strerror(reason) : "damaged");
    }
    return MG_OK;
}

mg_status mg_text_open(const char *path, mg_text **ret, mg_error *err)
{
    mg_text *text = NULL;
    mg_status status = mg_alloc(&text, 1, sizeof *text, err);
    if (status != MG_OK) return status;
    text->path = strcmp(path, "-") == 0 ? "standard input" : path;
    text->n_most = MG_LINE_TABLE;
    status = open_bgzf(path, &text->file, err);
    if (status == MG_OK)
        *ret = text;
    else
        free(text);
    return status;
}

void mg_text_close(mg_text *text)
{
    if (text == NULL) return;
    /* Closing a file that was only read cannot lose anything; its errors were seen by the reads. */
    if (bgzf_close(text->file) < 0) errno = 0;
    free(text->line.s);
    free(text);
}

/* At the end of the data: was it the end of the file that was written? */
static mg_status check_end(const mg_text *text, mg_error *err)
{
    if (bgzf_compression(text->file) != bgzf || text->file->last_block_eof) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "%s is cut short after line %" PRId64 ": the end marker of bgzip is missing; copy or make it again",
                   text->path, text->number);
}

static mg_status damaged(const mg_text *text, int reason, mg_error *err)
{
    if (reason == ENOMEM)
        return mg_fail(err, MG_EMEM, "%s line %" PRId64 ": no memory for a line this long", text->path,
                       text->number + 1);
    return mg_fail(err, MG_EINPUT, "%s is cut short or damaged after line %" PRId64 "%s%s; copy or make it again",
                   text->path, text->number, reason != 0 ? ": " : "", reason != 0 ? strerror(reason) : "");
}

static mg_status too_long(const mg_text *text, mg_error *err)
{
    return mg_fail(err, MG_EINPUT,
                   "%s line %" PRId64 ": a line of more than %zu MB; is this a text file with line ends?", text->path,
                   text->number + 1, text->n_most >> 20);
}

void mg_text_allow_long_lines(mg_text *text)
{
    text->n_most = MG_LINE_SEQUENCE;
}

/* Look at the first line: is it text at all? A mark of the byte order, as Windows' editors write it, is taken away. */
static mg_status check_front(mg_text *text, mg_error *err)
{
    kstring_t *line = &text->line;
    const char *packing = mg_packing_name(line->s, line->l);
    if (packing != NULL)
        return mg_fail(err, MG_EINPUT,
                       "%s is compressed in a way that is not read (%s): unpack it, or compress it with gzip or bgzip",
                       text->path, packing);
    if (line->l >= 2 && (memcmp(line->s, "\xff\xfe", 2) == 0 || memcmp(line->s, "\xfe\xff", 2) == 0))
        return mg_fail(err, MG_EINPUT, "%s is written in UTF-16: save it as UTF-8 or plain ASCII", text->path);
    /* A gzip file of fewer bytes than its own header is not known as one by the library. */
    if (line->l >= 2 && memcmp(line->s, "\x1f\x8b", 2) == 0) return damaged(text, 0, err);
    if (line->l >= 3 && memcmp(line->s, "\xef\xbb\xbf", 3) == 0) {
        line->l -= 3;
        memmove(line->s, line->s + 3, line->l + 1);
    }
    return MG_OK;
}

mg_status mg_text_line(mg_text *text, char **ret_line, size_t *ret_length, mg_error *err)
{
    mg_status status = mg_stop_check(err); /* reading a genome takes a while, and nothing is lost */
    if (status != MG_OK) return status;
    if (!text->again) {
        errno = 0;
        int got = mg_line_read(text->file, text->n_most, &text->line);
        if (got == MG_LINE_TOO_LONG) return too_long(text, err);
        if (got == MG_LINE_NO_MEMORY) return damaged(text, ENOMEM, err);
        if (got == MG_LINE_DAMAGED || text->file->errcode != 0) return damaged(text, errno, err);
        if (got == MG_LINE_END) {
            *ret_line = NULL;
            return check_end(text, err);
        }
        if (text->number == 0) status = check_front(text, err);
        if (status != MG_OK) return status;
        text->number++;
    }
    text->again = false;
    *ret_line = text->line.s;
    if (ret_length != NULL) *ret_length = text->line.l;
    return MG_OK;
}

void mg_text_again(mg_text *text)
{
    text->again = true;
}

const char *mg_text_path(const mg_text *text)
{
    return text->path;
}

int64_t mg_text_line_number(const mg_text *text)
{
    return text->number;
}

mg_status mg_text_fail(const mg_text *text, mg_error *err, const char *format, ...)
{
    char sentence[MG_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    return mg_fail(err, MG_EINPUT, "%s line %" PRId64 ": %s", text->path, text->number, sentence);
}

static mg_status refuse_letter(const mg_text *text, char letter, mg_error *err)
{
    if (mg_base_from_letter(letter) == MG_UNKNOWN)
        return mg_text_fail(text, err, "the letter '%c' stands for no base; is this a protein sequence?", letter);
    if (letter >= ' ' && letter < 127)
        return mg_text_fail(text, err, "'%c' is no letter of a sequence; only letters may stand there", letter);
    return mg_text_fail(text, err, "byte 0x%02x is no letter of a sequence; is this a text file?",
                        (unsigned)(unsigned char)letter);
}

mg_status mg_text_bases(const mg_text *text, const char *letter, size_t n, mg_base *base, mg_error *err)
{
    for (size_t i = 0; i < n; i++) {
        base[i] = mg_base_from_letter(letter[i]);
        if (base[i] < MG_N_BASES) continue;
        /* These nine are amino acids but in no code of nucleotides (IUPAC; X is in use for "unknown"). */
        bool amino_acid = letter[i] != 0 && strchr("EFIJLOPQZefijlopqz", letter[i]) != NULL;
        if (base[i] == MG_NOT_A_LETTER || amino_acid) return refuse_letter(text, letter[i], err);
    }
    return MG_OK;
}

bool mg_path_has_ending(const char *path, const char *ending)
{
    static const char *const compressed[] = {".gz", ".bgz", ".bgzf"};
    size_t length = strlen(path), n = strlen(ending);
    for (size_t i = 0; i < sizeof compressed / sizeof *compressed; i++) {
        size_t n_compressed = strlen(compressed[i]);
        if (length > n_compressed && strcasecmp(path + length - n_compressed, compressed[i]) == 0) {
            length -= n_compressed;
            break;
        }
    }
    return length >= n && strncasecmp(path + length - n, ending, n) == 0;
}
