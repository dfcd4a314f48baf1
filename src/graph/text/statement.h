/* statement.h  the lines of a graph text, taken apart (graph_text.h tells the format) */
#ifndef MG_GRAPH_TEXT_STATEMENT_H
#define MG_GRAPH_TEXT_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

typedef struct {
    const char *key, *value;
    bool used; /* set by who reads it: what is left over is an error */
} mg_statement_key;

/* NAME = OPERATION(ARGUMENT, ..., KEY=VALUE, ...) */
typedef struct {
    int line;
    const char *name, *operation;
    size_t n_arguments, n_keys, argument_room, key_room;
    const char **argument; /* owned; the texts belong to the mg_statements */
    mg_statement_key *key; /* owned */
} mg_statement;

/* A header line: KEY REST */
typedef struct {
    int line;
    const char *key, *value;
} mg_header_line;

typedef struct {
    char *text; /* owned copy, cut into words */
    size_t n_headers, header_room;
    mg_header_line *header; /* owned */
    size_t n, n_room;
    mg_statement *statement; /* owned */
} mg_statements;

/* mg_statements_parse()  take the text apart; origin: what to call it in messages
 * Returns: MG_OK and *ret for mg_statements_destroy(); MG_EINPUT naming the line; MG_EMEM */
mg_status mg_statements_parse(const char *text, const char *origin, mg_statements *ret, mg_error *err);
void mg_statements_destroy(mg_statements *statements); /* frees what it holds, not the struct */

/* mg_statement_word()  the value of a key, NULL when it is not there; marks it as used */
const char *mg_statement_word(mg_statement *statement, const char *key);

#endif
