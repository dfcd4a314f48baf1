/* score_text.c  scores in words: "difference:output=head,class=TIS,other=no_TIS" (score.h) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/decimal.h"
#include "src/graph/score.h"

static const char *const names[MG_N_SCORES] = {"log-odds", "logit", "probability", "difference",
                                               "mean",     "sum",   "profile",     "value"};

const char *mg_score_name(mg_score score)
{
    return names[score];
}

static mg_status find_kind(const char *word, mg_score *ret, mg_error *err)
{
    for (int k = 0; k < MG_N_SCORES; k++)
        if (strcmp(word, names[k]) == 0) {
            *ret = (mg_score)k;
            return MG_OK;
        }
    return mg_fail(err, MG_EUSAGE,
                   "--score '%s' is unknown; known are log-odds, logit, probability, difference, mean, sum, profile "
                   "and value",
                   word);
}

/* A whole number of at most `most`; false: it is none. */
static bool read_number(const char *word, int64_t most, int64_t *ret)
{
    int64_t number;
    if (!mg_decimal_whole(word, &number) || number < 0 || number > most) return false;
    *ret = number;
    return true;
}

/* By name, or by its number. */
static mg_status find_class(const mg_graph *network, const mg_output *output, const char *word, size_t *ret,
                            mg_error *err)
{
    int64_t channels = network->extent[output->value].channels, number;
    for (size_t i = 0; i < output->n_classes; i++)
        if (strcmp(output->class_name[i], word) == 0) {
            *ret = i;
            return MG_OK;
        }
    if (read_number(word, channels - 1, &number)) {
        *ret = (size_t)number;
        return MG_OK;
    }
    char known[256] = "";
    size_t at = 0;
    for (size_t i = 0; i < output->n_classes && at < sizeof known - 1; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i > 0 ? ", " : "", output->class_name[i]);
    return mg_fail(err, MG_EUSAGE, "output '%s' has no class '%s'; %s%s%s0 to %lld", output->name, word,
                   at > 0 ? "it has " : "give a number, ", at > 0 ? known : "", at > 0 ? ", or " : "",
                   (long long)channels - 1);
}

typedef struct {
    const char *output, *class_, *other, *position;
} words;

/* "name=value,..." is cut up in place. */
static mg_status cut_options(char *text, words *ret, mg_error *err)
{
    while (text != NULL && *text != '\0') {
        char *next = strchr(text, ','), *equals = strchr(text, '=');
        if (next != NULL) *next++ = '\0';
        if (equals == NULL || (next != NULL && equals > next))
            return mg_fail(err, MG_EUSAGE, "--score: '%s' is no option=value", text);
        *equals++ = '\0';
        const char **to = strcmp(text, "output") == 0     ? &ret->output
                          : strcmp(text, "class") == 0    ? &ret->class_
                          : strcmp(text, "other") == 0    ? &ret->other
                          : strcmp(text, "position") == 0 ? &ret->position
                                                          : NULL;
        if (to == NULL)
            return mg_fail(err, MG_EUSAGE, "--score has no option '%s'; it has output, class, other and position",
                           text);
        *to = equals;
        text = next;
    }
    return MG_OK;
}

static mg_status read_options(const mg_graph *network, const words *given, mg_score_spec *spec, mg_error *err)
{
    mg_status status = MG_OK;
    if (given->output != NULL) status = mg_graph_find_output(network, given->output, &spec->output, err);
    if (status != MG_OK) return status;
    if (spec->output >= network->n_outputs) return mg_fail(err, MG_EINPUT, "the network has no output");
    const mg_output *output = &network->output[spec->output];
    spec->has_class = given->class_ != NULL;
    spec->has_other = given->other != NULL;
    spec->has_position = given->position != NULL;
    if (spec->has_class) status = find_class(network, output, given->class_, &spec->class_, err);
    if (status == MG_OK && spec->has_other) status = find_class(network, output, given->other, &spec->other, err);
    if (status == MG_OK && spec->has_position && !read_number(given->position, INT64_MAX, &spec->position))
        status = mg_fail(err, MG_EUSAGE, "--score: position=%s is no whole number", given->position);
    return status;
}

static const char *score_of_no_words(const mg_graph *network)
{
    size_t logits;
    bool head = network->n_outputs > 0 && mg_graph_head(network, &network->output[0], &logits) != MG_NO_HEAD;
    return names[head || network->n_outputs == 0 ? MG_SCORE_LOG_ODDS : MG_SCORE_VALUE];
}

mg_status mg_score_parse(const char *text, const mg_graph *network, mg_score_spec *ret, mg_error *err)
{
    char copy[MG_SCORE_TEXT];
    words given = {0};
    mg_score_spec spec = {0};
    if (text == NULL) text = score_of_no_words(network);
    if (strlen(text) >= sizeof copy)
        return mg_fail(err, MG_EUSAGE, "--score has more than %d bytes", MG_SCORE_TEXT - 1);
    memcpy(copy, text, strlen(text) + 1);
    memcpy(spec.text, text, strlen(text) + 1);
    char *options = strchr(copy, ':');
    if (options != NULL) *options++ = '\0';
    mg_status status = find_kind(copy, &spec.kind, err);
    if (status == MG_OK) status = cut_options(options, &given, err);
    if (status == MG_OK) status = read_options(network, &given, &spec, err);
    if (status == MG_OK) *ret = spec;
    return status;
}
