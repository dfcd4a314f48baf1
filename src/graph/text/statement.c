/* statement.c  lines into words, in place: blanks and marks become ends of texts */
#include "src/graph/text/statement.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { MAX_LINES = 200000, MAX_WORDS = 4096 };

/* Where a parse is, for its messages. */
typedef struct {
    const char *origin;
    int line;
    mg_error *err;
} place;

static char *skip_blanks(char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* Without blanks at either end. */
static char *trim(char *text)
{
    text = skip_blanks(text);
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t' || text[n - 1] == '\r'))
        text[--n] = '\0';
    return text;
}

/* '#' begins a comment at the start of a line and behind a blank. */
static void cut_comment(char *line)
{
    for (char *at = line; *at != '\0'; at++)
        if (*at == '#' && (at == line || at[-1] == ' ' || at[-1] == '\t')) {
            *at = '\0';
            return;
        }
}

static bool is_word(const char *text)
{
    if (*text == '\0') return false;
    for (; *text != '\0'; text++)
        if (strchr(" \t(),=#", *text) != NULL || iscntrl((unsigned char)*text)) return false;
    return true;
}

static mg_status add_part(const place *at, mg_statement *s, char *part)
{
    char *equal = strchr(part, '=');
    if (equal == NULL) {
        if (!is_word(part))
            return mg_fail(at->err, MG_EINPUT, "%s line %d: '%.60s' is no name of a value", at->origin, at->line, part);
        mg_status status = mg_grow(&s->argument, &s->argument_room, s->n_arguments + 1, sizeof *s->argument, at->err);
        if (status == MG_OK) s->argument[s->n_arguments++] = part;
        return status;
    }
    *equal = '\0';
    char *key = trim(part), *value = trim(equal + 1);
    if (!is_word(key) || *value == '\0')
        return mg_fail(at->err, MG_EINPUT, "%s line %d: '%.60s=%.60s' is no KEY=VALUE", at->origin, at->line, key,
                       value);
    mg_status status = mg_grow(&s->key, &s->key_room, s->n_keys + 1, sizeof *s->key, at->err);
    if (status == MG_OK) s->key[s->n_keys++] = (mg_statement_key){key, value, false};
    return status;
}

/* "x, kernel=7, pad=3" between the brackets */
static mg_status read_parts(const place *at, mg_statement *s, char *inside)
{
    size_t n = 0;
    if (*trim(inside) == '\0') return MG_OK;
    for (char *next = inside; next != NULL;) {
        char *part = next;
        next = strchr(part, ',');
        if (next != NULL) *next++ = '\0';
        if (n++ > MAX_WORDS) return mg_fail(at->err, MG_EINPUT, "%s line %d: too many words", at->origin, at->line);
        mg_status status = add_part(at, s, trim(part));
        if (status != MG_OK) return status;
    }
    return MG_OK;
}

static mg_status read_statement(const place *at, char *line, mg_statements *all)
{
    char *equal = strchr(line, '='), *open = strchr(line, '('), *close = strrchr(line, ')');
    if (equal == NULL || open == NULL || close == NULL || equal > open || close < open ||
        *skip_blanks(close + 1) != '\0')
        return mg_fail(at->err, MG_EINPUT, "%s line %d: expected NAME = OPERATION(VALUE, KEY=VALUE), found '%.60s'",
                       at->origin, at->line, line);
    *equal = *open = *close = '\0';
    mg_status status = mg_grow(&all->statement, &all->n_room, all->n + 1, sizeof *all->statement, at->err);
    if (status != MG_OK) return status;
    mg_statement *s = &all->statement[all->n++];
    *s = (mg_statement){.line = at->line, .name = trim(line), .operation = trim(equal + 1)};
    if (!is_word(s->name) || !is_word(s->operation))
        return mg_fail(at->err, MG_EINPUT, "%s line %d: '%.60s = %.60s' has no plain name and operation", at->origin,
                       at->line, s->name, s->operation);
    return read_parts(at, s, open + 1);
}

static mg_status read_header(const place *at, char *line, mg_statements *all)
{
    size_t n = strcspn(line, " \t");
    char *value = line[n] != '\0' ? trim(line + n + 1) : line + n;
    line[n] = '\0';
    mg_status status = mg_grow(&all->header, &all->header_room, all->n_headers + 1, sizeof *all->header, at->err);
    if (status == MG_OK) all->header[all->n_headers++] = (mg_header_line){at->line, line, value};
    return status;
}

/* Header lines until the line "graph", then statements; a line "output NAME ..." is a header wherever it stands. */
static mg_status read_line(const place *at, char *line, bool *in_graph, mg_statements *all)
{
    bool note = !*in_graph && strncmp(line, "note", 4) == 0;
    if (!note) cut_comment(line);
    line = trim(line);
    if (*line == '\0') return MG_OK;
    if (!*in_graph && strcmp(line, "graph") == 0) {
        *in_graph = true;
        return MG_OK;
    }
    bool output = strncmp(line, "output", 6) == 0 && (line[6] == ' ' || line[6] == '\t') && strchr(line, '(') == NULL;
    return !*in_graph || output ? read_header(at, line, all) : read_statement(at, line, all);
}

mg_status mg_statements_parse(const char *text, const char *origin, mg_statements *ret, mg_error *err)
{
    mg_statements all = {0};
    place at = {origin, 0, err};
    bool in_graph = false;
    mg_status status = mg_copy_text(&all.text, text, err);
    char *next = all.text;
    while (status == MG_OK && next != NULL && *next != '\0') {
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        if (++at.line > MAX_LINES) {
            status = mg_fail(err, MG_EINPUT, "%s has more than %d lines", origin, MAX_LINES);
        } else {
            status = read_line(&at, line, &in_graph, &all);
        }
    }
    if (status == MG_OK && !in_graph) status = mg_fail(err, MG_EINPUT, "%s has no line 'graph'", origin);
    if (status == MG_OK) {
        *ret = all;
    } else {
        mg_statements_destroy(&all);
    }
    return status;
}

void mg_statements_destroy(mg_statements *statements)
{
    if (statements == NULL) return;
    for (size_t i = 0; i < statements->n; i++) {
        free(statements->statement[i].argument);
        free(statements->statement[i].key);
    }
    free(statements->statement);
    free(statements->header);
    free(statements->text);
    *statements = (mg_statements){0};
}

const char *mg_statement_word(mg_statement *statement, const char *key)
{
    for (size_t i = 0; i < statement->n_keys; i++) {
        if (strcmp(statement->key[i].key, key) != 0) continue;
        statement->key[i].used = true;
        return statement->key[i].value;
    }
    return NULL;
}
