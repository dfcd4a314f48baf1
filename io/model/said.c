/* said.c  words as lines, lines as words */
#include "io/model/said.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

static const char start[] = "said ";

/* Words that are one text each, by their option. */
static const struct {
    const char *key;
    size_t offset;
} texts[] = {{"arch", offsetof(mg_model_words, arch)},       {"bases", offsetof(mg_model_words, bases)},
             {"anchor", offsetof(mg_model_words, anchor)},   {"output", offsetof(mg_model_words, output)},
             {"at", offsetof(mg_model_words, at)},           {"head", offsetof(mg_model_words, head)},
             {"classes", offsetof(mg_model_words, classes)}, {"target", offsetof(mg_model_words, target)}};

enum { N_TEXTS = sizeof texts / sizeof texts[0] };

static const char **text_at(const mg_model_words *words, size_t i)
{
    return (const char **)((char *)(uintptr_t)words + texts[i].offset);
}

/* One line more; a text with a line's end in it is left out, since it could not be read again. */
static mg_status add_line(char **inout, const char *key, const char *value, mg_error *err)
{
    char *longer = NULL;
    if (value == NULL || strchr(value, '\n') != NULL || strchr(value, '#') != NULL) return MG_OK;
    if (asprintf(&longer, "%s%s %s\n%s", start, key, value, *inout) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    free(*inout);
    *inout = longer;
    return MG_OK;
}

mg_status mg_said_add(const mg_model_words *words, char **inout, mg_error *err)
{
    char length[32];
    mg_status status = MG_OK;
    snprintf(length, sizeof length, "%" PRId64, words->length);
    if (words->length > 0) status = add_line(inout, "length", length, err);
    if (status == MG_OK && words->both_strands) status = add_line(inout, "both-strands", "yes", err);
    for (size_t i = 0; i < N_TEXTS && status == MG_OK; i++)
        status = add_line(inout, texts[i].key, *text_at(words, i), err);
    /* Lines are put before each other, and lambdas count in their order. */
    for (size_t i = words->inputs.n; i > 0 && status == MG_OK; i--)
        status = add_line(inout, "input", words->inputs.text[i - 1], err);
    for (size_t i = words->lambdas.n; i > 0 && status == MG_OK; i--)
        status = add_line(inout, "lambda", words->lambdas.text[i - 1], err);
    return status;
}

/* --- the way back --- */

static mg_status add_text(mg_text_list *list, char ***array, char *text, mg_error *err)
{
    char **longer = realloc(*array, (list->n + 1) * sizeof *longer);
    if (longer == NULL) return mg_fail(err, MG_EMEM, "out of memory");
    longer[list->n++] = text;
    list->text = *array = longer;
    return MG_OK;
}

static mg_status take_line(char *line, mg_said *room, mg_model_words *words, mg_error *err)
{
    char *key = line + strlen(start), *value = strchr(key, ' ');
    if (value == NULL) return MG_OK;
    *value++ = '\0';
    if (strcmp(key, "input") == 0) return add_text(&words->inputs, &room->inputs, value, err);
    if (strcmp(key, "lambda") == 0) return add_text(&words->lambdas, &room->lambdas, value, err);
    if (strcmp(key, "both-strands") == 0) words->both_strands = true;
    if (strcmp(key, "length") == 0) words->length = strtoll(value, NULL, 10);
    for (size_t i = 0; i < N_TEXTS; i++)
        if (strcmp(key, texts[i].key) == 0) *text_at(words, i) = value;
    return MG_OK;
}

mg_status mg_said_find(const char *text, mg_said *ret_room, mg_model_words *ret, bool *ret_any, mg_error *err)
{
    *ret_room = (mg_said){0};
    *ret = (mg_model_words){0};
    *ret_any = false;
    mg_status status = mg_copy_text(&ret_room->text, text, err);
    for (char *next = ret_room->text; status == MG_OK && next != NULL && *next != '\0';) {
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        if (strcmp(line, "graph") == 0) break;
        if (strncmp(line, start, strlen(start)) != 0) continue;
        *ret_any = true;
        status = take_line(line, ret_room, ret, err);
    }
    if (status != MG_OK) mg_said_free(ret_room);
    return status;
}

void mg_said_free(mg_said *said)
{
    free(said->text);
    free(said->inputs);
    free(said->lambdas);
    *said = (mg_said){0};
}
