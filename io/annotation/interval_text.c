/* interval_text.c  columns and positions out of lines */
#include "io/annotation/interval_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "io/annotation/format.h"
#include "src/sequence/transcript.h"

mg_status mg_interval_text_open(const char *path, mg_interval_text *ret, mg_error *err)
{
    *ret = (mg_interval_text){.text = NULL};
    return mg_text_open(path, &ret->text, err);
}

void mg_interval_text_close(mg_interval_text *text)
{
    mg_text_close(text->text);
    text->text = NULL;
}

static size_t split(const char *line, mg_field column[MG_INTERVAL_COLUMNS])
{
    bool tabs = strchr(line, '\t') != NULL;
    size_t n = 0;
    while (n < MG_INTERVAL_COLUMNS) {
        if (!tabs) line += strspn(line, " ");
        if (!tabs && *line == '\0') break;
        size_t length = strcspn(line, tabs ? "\t" : " ");
        column[n++] = (mg_field){line, length};
        line += length;
        if (*line == '\0') break;
        line++;
    }
    while (n > 0 && column[n - 1].n == 0) /* tabs at the end of a line are no columns */
        n--;
    return n;
}

/* Blanks around a number are no part of it. */
static mg_field trim(mg_field f)
{
    for (; f.n > 0 && *f.text == ' '; f.n--)
        f.text++;
    while (f.n > 0 && f.text[f.n - 1] == ' ')
        f.n--;
    return f;
}

static mg_status read_position(const mg_text *text, mg_field column, const char *what, int64_t *ret, mg_error *err)
{
    mg_field f = trim(column);
    if (mg_annotation_number(f.text, f.n, ret)) return MG_OK;
    int shown = f.n < 40 ? (int)f.n : 40;
    if (f.n > 1 && *f.text == '-')
        return mg_text_fail(text, err, "the %s is %.*s; positions of a BED count from 0", what, shown, f.text);
    if (f.n > 15 && strspn(f.text, "0123456789") >= f.n)
        return mg_text_fail(text, err, "the %s is %.*s; no chromosome is that long", what, shown, f.text);
    return mg_text_fail(text, err, "the %s is '%.*s'; a whole number is wanted in column %d", what, shown, f.text,
                        strcmp(what, "begin") == 0 ? 2 : 3);
}

static mg_status read_columns(const mg_text *text, const char *line, mg_interval_line *ret, mg_error *err)
{
    ret->n_columns = split(line, ret->column);
    if (ret->n_columns < 3)
        return mg_text_fail(text, err, "%zu column%s; chromosome, begin and end are wanted, between tabs",
                            ret->n_columns, ret->n_columns == 1 ? "" : "s");
    const mg_field *name = &ret->column[0];
    if (name->n == 0 || name->n > MG_NAME_LENGTH)
        return mg_text_fail(text, err, "a chromosome's name of %zu bytes; 1 to %d are wanted", name->n, MG_NAME_LENGTH);
    for (size_t i = 0; i < name->n; i++)
        if ((unsigned char)name->text[i] < ' ' || name->text[i] == 0x7f)
            return mg_text_fail(text, err, "byte 0x%02x in a chromosome's name; is this a text file?",
                                (unsigned char)name->text[i]);
    mg_status status = read_position(text, ret->column[1], "begin", &ret->begin, err);
    if (status == MG_OK) status = read_position(text, ret->column[2], "end", &ret->end, err);
    if (status == MG_OK && ret->begin >= ret->end)
        return mg_text_fail(text, err,
                            "the interval %" PRId64 " to %" PRId64 " is %s; its begin must be before its end",
                            ret->begin, ret->end, ret->begin == ret->end ? "empty" : "reversed");
    return status;
}

/* What the line "track" says, without names and descriptions, which may say anything. */
static void keep_track(mg_interval_text *text, const char *line)
{
    size_t n = 0;
    bool quoted = false;
    for (; *line != '\0' && n + 1 < sizeof text->track; line++) {
        if (*line == '"') quoted = !quoted;
        if (!quoted && *line != '"') text->track[n++] = *line;
    }
    text->track[n] = '\0';
}

mg_status mg_interval_text_next(mg_interval_text *text, mg_interval_line *ret, mg_error *err)
{
    char *line;
    *ret = (mg_interval_line){.track = text->track};
    for (;;) {
        size_t length = 0;
        mg_status status = mg_text_line(text->text, &line, &length, err);
        if (status != MG_OK || line == NULL) return status;
        if (strlen(line) != length) return mg_text_fail(text->text, err, "a zero byte; is this a text file?");
        if (strncmp(line, "track ", 6) == 0) keep_track(text, line);
        if (!mg_annotation_is_comment(line)) break;
    }
    return read_columns(text->text, line, ret, err);
}
