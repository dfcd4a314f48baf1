/* score_list.c  words between commas, and a score for each of them (score_list.h) */
#include "io/model/score_list.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/model.h"
#include "src/core/memory.h"

static const char all_word[] = "all";

/* --- words of a list --- */

/* "0-7": two numbers. */
static bool is_range(const char *word, size_t n, int64_t *ret_first, int64_t *ret_last)
{
    char text[48], *end = NULL;
    if (n == 0 || n >= sizeof text || !isdigit((unsigned char)word[0])) return false;
    memcpy(text, word, n);
    text[n] = '\0';
    *ret_first = strtoll(text, &end, 10);
    if (*end != '-' || !isdigit((unsigned char)end[1])) return false;
    *ret_last = strtoll(end + 1, &end, 10);
    return *end == '\0';
}

/* Is this more than one name or number? */
static bool is_list(const char *text)
{
    int64_t first, last;
    return text != NULL &&
           (strchr(text, ',') != NULL || strcmp(text, all_word) == 0 || is_range(text, strlen(text), &first, &last));
}

typedef struct {
    size_t n, room;
    char **text; /* owned, owned */
} words;

static void free_words(words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->text[i]);
    free(w->text);
    *w = (words){0};
}

static mg_status too_many(const char *option, int64_t n, mg_error *err)
{
    return mg_fail(err, MG_EUSAGE,
                   "--%s names %" PRId64
                   " scores; a run explains %d at most: name those that are wanted (--%s 0-%d), or take several runs",
                   option, n, MG_SCORE_LIST_MOST, option, MG_SCORE_LIST_MOST - 1);
}

static mg_status add_word(const char *option, words *w, const char *word, size_t n, mg_error *err)
{
    char *copy = NULL;
    if (w->n >= MG_SCORE_LIST_MOST) return too_many(option, (int64_t)w->n + 1, err);
    mg_status status = mg_grow(&w->text, &w->room, w->n + 1, sizeof *w->text, err);
    if (status == MG_OK) status = mg_alloc(&copy, n + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, word, n);
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->text[i], copy) == 0) {
            status = mg_fail(err, MG_EUSAGE, "--%s: %s is named twice", option, copy);
            free(copy);
            return status;
        }
    w->text[w->n++] = copy;
    return MG_OK;
}

static mg_status add_range(const char *option, words *w, int64_t first, int64_t last, mg_error *err)
{
    mg_status status = MG_OK;
    if (last < first)
        return mg_fail(err, MG_EUSAGE, "--%s %" PRId64 "-%" PRId64 ": the range ends before it begins", option, first,
                       last);
    if (last - first >= MG_SCORE_LIST_MOST)
        return too_many(option, last - first < INT64_MAX ? last - first + 1 : last, err);
    for (int64_t i = 0; i <= last - first && status == MG_OK; i++) { /* last may be the largest there is */
        char number[24];
        snprintf(number, sizeof number, "%" PRId64, first + i);
        status = add_word(option, w, number, strlen(number), err);
    }
    return status;
}

/* The names or numbers that `all` stands for; name: may be NULL. Names that are not usable as words are told by number. */
static mg_status add_all(const char *option, words *w, size_t n, const char *(*name)(const mg_graph *, size_t),
                         const mg_graph *network, mg_error *err)
{
    mg_status status = MG_OK;
    if (n > MG_SCORE_LIST_MOST) return too_many(option, (int64_t)n, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        char number[24];
        const char *word = name(network, i);
        snprintf(number, sizeof number, "%zu", i);
        bool usable = word != NULL && word[0] != '\0' && !is_list(word);
        for (size_t k = 0; usable && k < i; k++)
            usable = strcmp(word, name(network, k)) != 0;
        if (!usable) word = number;
        status = add_word(option, w, word, strlen(word), err);
    }
    return status;
}

static const char *output_name(const mg_graph *network, size_t i)
{
    return network->output[i].name;
}

static const char *class_name(const mg_graph *network, size_t i)
{
    return network->output[0].n_classes > i ? network->output[0].class_name[i] : NULL;
}

/* One word of the list more; network: as read for this list, NULL where no word is "all". */
static mg_status cut_word(const char *option, const mg_graph *network, const char *word, size_t n, words *w,
                          mg_error *err)
{
    int64_t first, last;
    bool all = n == strlen(all_word) && memcmp(word, all_word, n) == 0, outputs = strcmp(option, "output") == 0;
    if (n == 0) return mg_fail(err, MG_EUSAGE, "--%s: there is an empty word in the list", option);
    if (all && outputs) return add_all(option, w, network->n_outputs, output_name, network, err);
    if (all)
        return add_all(option, w, (size_t)network->extent[network->output[0].value].channels, class_name, network, err);
    return is_range(word, n, &first, &last) ? add_range(option, w, first, last, err)
                                            : add_word(option, w, word, n, err);
}

static bool has_all(const char *list)
{
    for (const char *at = list; at != NULL; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL)
        if (strcspn(at, ",") == strlen(all_word) && strncmp(at, all_word, strlen(all_word)) == 0) return true;
    return false;
}

/* The words of a list; text that is none gives itself, NULL nothing at all. The model is read where its names are needed. */
static mg_status cut(const char *model, const mg_model_words *asked, const char *option, const char *output,
                     const char *list, words *w, mg_error *err)
{
    mg_model read = {0};
    mg_status status = MG_OK;
    if (list == NULL) return MG_OK;
    if (!is_list(list)) return add_word(option, w, list, strlen(list), err);
    if (has_all(list)) {
        mg_model_words plain = *asked;
        plain.output = output;
        plain.target = NULL;
        status = mg_model_read(model, &plain, &read, err);
    }
    for (const char *at = list; status == MG_OK && at != NULL;) {
        size_t n = strcspn(at, ",");
        status = cut_word(option, read.network, at, n, w, err);
        at = at[n] == ',' ? at + n + 1 : NULL;
    }
    mg_model_destroy(&read);
    return status;
}

/* --- scores --- */

static mg_status add_score(mg_score_list *list, const char *output, const char *target, mg_error *err)
{
    mg_status status = MG_OK;
    if (list->n >= MG_SCORE_LIST_MOST) return too_many("target", (int64_t)list->n + 1, err);
    mg_score_words *score = &list->score[list->n++];
    if (output != NULL) status = mg_copy_text(&score->output, output, err);
    if (status == MG_OK && target != NULL) status = mg_copy_text(&score->target, target, err);
    return status;
}

/* A score for each target of an output. */
static mg_status add_targets(const char *model, const mg_model_words *asked, const char *output, mg_score_list *list,
                             mg_error *err)
{
    words targets = {0};
    mg_status status = cut(model, asked, "target", output, asked->target, &targets, err);
    for (size_t t = 0; status == MG_OK && t < targets.n; t++)
        status = add_score(list, output, targets.text[t], err);
    if (status == MG_OK && targets.n == 0) status = add_score(list, output, NULL, err);
    free_words(&targets);
    return status;
}

mg_status mg_score_list_read(const char *model, const mg_model_words *asked, mg_score_list *ret, mg_error *err)
{
    words outputs = {0};
    *ret = (mg_score_list){0};
    mg_status status = mg_alloc(&ret->score, MG_SCORE_LIST_MOST, sizeof *ret->score, err);
    if (status == MG_OK) status = cut(model, asked, "output", NULL, asked->output, &outputs, err);
    for (size_t o = 0; status == MG_OK && o < outputs.n; o++)
        status = add_targets(model, asked, outputs.text[o], ret, err);
    if (status == MG_OK && outputs.n == 0) status = add_targets(model, asked, NULL, ret, err);
    free_words(&outputs);
    return status;
}

void mg_score_list_destroy(mg_score_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->score[i].output);
        free(list->score[i].target);
    }
    free(list->score);
    *list = (mg_score_list){0};
}

bool mg_score_list_is(const mg_model_words *asked)
{
    return is_list(asked->output) || is_list(asked->target);
}

/* --- names --- */

static void add_plain(char *to, size_t room, const char *name)
{
    size_t n = strlen(to);
    for (; *name != '\0' && n + 1 < room; name++)
        to[n++] = isalnum((unsigned char)*name) || *name == '-' ? *name : '_';
    to[n] = '\0';
}

void mg_score_list_name(const mg_model_words *asked, const mg_score_words *score, char name[MG_SCORE_LIST_NAME])
{
    name[0] = '\0';
    if (is_list(asked->output)) add_plain(name, MG_SCORE_LIST_NAME / 2, score->output);
    if (name[0] != '\0' && is_list(asked->target)) strcat(name, ".");
    if (is_list(asked->target)) add_plain(name, MG_SCORE_LIST_NAME, score->target);
}

const char *mg_score_list_tell(const char *output, const char *target, char text[MG_SCORE_LIST_TOLD])
{
    snprintf(text, MG_SCORE_LIST_TOLD, "%s%.80s%s%s%.80s", output != NULL ? "--output " : "",
             output != NULL ? output : "", output != NULL && target != NULL ? " " : "",
             target != NULL ? "--target " : "", target != NULL ? target : "");
    return text;
}

mg_status mg_score_list_check_names(const mg_model_words *asked, const mg_score_list *list, mg_error *err)
{
    char one[MG_SCORE_LIST_NAME], other[MG_SCORE_LIST_NAME], text[2][MG_SCORE_LIST_TOLD];
    for (size_t k = 0; k < list->n; k++)
        for (size_t j = 0; j < k; j++) {
            const mg_score_words *a = &list->score[j], *b = &list->score[k];
            mg_score_list_name(asked, a, one);
            mg_score_list_name(asked, b, other);
            if (strcmp(one, other) != 0) continue;
            return mg_fail(err, MG_EUSAGE,
                           "the results of %s and %s would both be named %s; name the scores by their numbers",
                           mg_score_list_tell(a->output, a->target, text[0]),
                           mg_score_list_tell(b->output, b->target, text[1]), one);
        }
    return MG_OK;
}
