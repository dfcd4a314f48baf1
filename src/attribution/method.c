/* method.c  the table of methods, and specifications such as "integrated_gradients:steps=100,reference=uniform" */
#include "src/attribution/method.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/attribution/methods.h"
#include "src/core/decimal.h"
#include "src/core/random.h"

/* The default seven first. */
static const mg_method_type *const types[] = {
    &mg_saliency,
    &mg_input_x_gradient,
    &mg_guided_backpropagation,
    &mg_deconvolution,
    &mg_integrated_gradients,
    &mg_deeplift,
    &mg_lrp,
    &mg_smoothgrad,
    &mg_smoothgrad_squared,
    &mg_vargrad,
    &mg_gradient_shap,
    &mg_expected_gradients,
    &mg_deep_shap,
    &mg_deeplift_reveal_cancel,
    &mg_corrected_gradient,
    &mg_input_x_corrected_gradient,
    &mg_taylor_mutations,
    &mg_occlusion,
    &mg_grad_cam,
    &mg_guided_grad_cam,
    &mg_grad_cam_plus_plus,
    &mg_excitation_backprop,
    &mg_shapley_sampling,
    NULL, /* a line each */
};

const mg_method_type *const *mg_method_types(void)
{
    return types;
}

/* --- words --- */

/* Index of a word in "one|two|three", -1 when it is not there. */
static int find_word(const char *words, const char *word, size_t n)
{
    for (int index = 0; *words != '\0'; index++) {
        size_t length = strcspn(words, "|");
        if (length == n && strncmp(words, word, n) == 0) return index;
        words += length + (words[length] == '|');
    }
    return -1;
}

static const char *word_at(const char *words, int index, int *n)
{
    for (; index > 0; index--)
        words += strcspn(words, "|") + 1;
    *n = (int)strcspn(words, "|");
    return words;
}

static const mg_method_type *find_type(const char *name, size_t n)
{
    for (size_t i = 0; types[i] != NULL; i++)
        if (strlen(types[i]->name) == n && strncmp(types[i]->name, name, n) == 0) return types[i];
    return NULL;
}

/* --- messages --- */

static mg_status unknown_method(const char *name, size_t n, mg_error *err)
{
    char known[512] = "";
    for (size_t i = 0, at = 0; types[i] != NULL && at < sizeof known; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i > 0 ? ", " : "", types[i]->name);
    return mg_fail(err, MG_EUSAGE, "unknown method '%.*s'; known are %s ('mutagree methods' tells more)", (int)n, name,
                   known);
}

static mg_status unknown_option(const mg_method_type *type, const char *name, size_t n, mg_error *err)
{
    char known[512] = "";
    size_t at = 0;
    for (const mg_method_option *o = type->option; o != NULL && o->name != NULL && at < sizeof known; o++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", at > 0 ? ", " : "", o->name);
    return mg_fail(err, MG_EUSAGE, "method %s has no option '%.*s'; it has %s", type->name, (int)n, name,
                   at > 0 ? known : "none");
}

/* --- parsing --- */

static mg_status set_option(mg_method *method, size_t k, const char *value, size_t n, mg_error *err)
{
    const mg_method_option *option = &method->type->option[k];
    if (option->words != NULL) {
        method->word[k] = find_word(option->words, value, n);
        if (method->word[k] >= 0) return MG_OK;
        return mg_fail(err, MG_EUSAGE, "method %s: %s=%.*s is none of %s", method->type->name, option->name, (int)n,
                       value, option->words);
    }
    char text[64] = "";
    double number;
    if (n < sizeof text) memcpy(text, value, n);
    if (!mg_decimal_read(text, &number) || (option->integer && number != floor(number)))
        return mg_fail(err, MG_EUSAGE, "method %s: %s=%.*s is no %s", method->type->name, option->name, (int)n, value,
                       option->integer ? "whole number" : "number");
    if (number < option->min || number > option->max)
        return mg_fail(err, MG_EUSAGE, "method %s: %s=%.*s lies outside %g to %g", method->type->name, option->name,
                       (int)n, value, option->min, option->max);
    method->number[k] = number;
    return MG_OK;
}

static mg_status set_presets(mg_method *method, mg_error *err)
{
    const mg_method_option *option = method->type->option;
    mg_status status = MG_OK;
    for (size_t k = 0; option != NULL && option[k].name != NULL && status == MG_OK; k++)
        status = set_option(method, k, option[k].preset, strlen(option[k].preset), err);
    return status;
}

/* What the user says of option k, once. */
static mg_status give_option(mg_method *method, size_t k, const char *value, size_t n, bool *given, mg_error *err)
{
    if (given[k])
        return mg_fail(err, MG_EUSAGE, "method %s: %s is given twice; it takes one value", method->type->name,
                       method->type->option[k].name);
    given[k] = true;
    return set_option(method, k, value, n, err);
}

/* A word alone is short for option=word. */
static mg_status parse_word(mg_method *method, const char *text, size_t n, bool *given, mg_error *err)
{
    const mg_method_option *option = method->type->option;
    for (size_t k = 0; option != NULL && option[k].name != NULL; k++)
        if (option[k].words != NULL && find_word(option[k].words, text, n) >= 0)
            return give_option(method, k, text, n, given, err);
    return mg_fail(err, MG_EUSAGE, "method %s: '%.*s' is no option=value", method->type->name, (int)n, text);
}

static mg_status parse_option(mg_method *method, const char *text, size_t n, bool *given, mg_error *err)
{
    const mg_method_option *option = method->type->option;
    const char *equals = memchr(text, '=', n);
    if (equals == NULL) return parse_word(method, text, n, given, err);
    size_t name_n = (size_t)(equals - text);
    for (size_t k = 0; option != NULL && option[k].name != NULL; k++)
        if (strlen(option[k].name) == name_n && strncmp(option[k].name, text, name_n) == 0)
            return give_option(method, k, equals + 1, n - name_n - 1, given, err);
    return unknown_option(method->type, text, name_n, err);
}

/* The specification with every option written out, which provenance keeps. */
static void write_spec(mg_method *method)
{
    const mg_method_option *option = method->type->option;
    size_t at = (size_t)snprintf(method->spec, sizeof method->spec, "%s", method->type->name);
    for (size_t k = 0; option != NULL && option[k].name != NULL && at < sizeof method->spec; k++) {
        char separator = k == 0 ? ':' : ',';
        int n = 0;
        const char *word = option[k].words != NULL ? word_at(option[k].words, method->word[k], &n) : "";
        at += option[k].words != NULL ? (size_t)snprintf(method->spec + at, sizeof method->spec - at, "%c%s=%.*s",
                                                         separator, option[k].name, n, word)
                                      : (size_t)snprintf(method->spec + at, sizeof method->spec - at, "%c%s=%.9g",
                                                         separator, option[k].name, method->number[k]);
    }
}

static void write_label(mg_method *method)
{
    char words[MG_METHOD_LABEL] = "";
    if (method->type->words != NULL) method->type->words(method, words);
    size_t n = (size_t)snprintf(method->label, sizeof method->label, "%s", method->type->title);
    if (words[0] != '\0') snprintf(method->label + n, sizeof method->label - n, " (%s)", words);
}

mg_status mg_method_parse(const char *spec, mg_method *ret, mg_error *err)
{
    *ret = (mg_method){0};
    size_t n = strcspn(spec, ":");
    ret->type = find_type(spec, n);
    if (ret->type == NULL) return unknown_method(spec, n, err);
    snprintf(ret->name, sizeof ret->name, "%s", ret->type->name);
    mg_status status = set_presets(ret, err);
    bool given[MG_METHOD_MAX_OPTIONS] = {false};
    const char *text = spec + n;
    while (status == MG_OK && *text != '\0') {
        text++;
        n = strcspn(text, ",");
        status = parse_option(ret, text, n, given, err);
        text += n;
    }
    if (status != MG_OK) return status;
    write_spec(ret);
    write_label(ret);
    return MG_OK;
}

mg_status mg_method_prepare(mg_method *method, const mg_plan *plan, mg_error *err)
{
    mg_status status = mg_plan_check_rule(plan, method->type->rule, method->type->name, err);
    if (status != MG_OK || method->type->prepare == NULL) return status;
    return method->type->prepare(method, plan, &method->state, err);
}

void mg_method_release(mg_method *method)
{
    if (method->type != NULL && method->type->release != NULL && method->state != NULL)
        method->type->release(method->state);
    method->state = NULL;
}

int64_t mg_method_passes(const mg_method *method, int64_t length)
{
    return method->type->passes != NULL ? method->type->passes(method, length) : 1;
}

/* --- draws --- */

bool mg_method_is_drawn(const mg_method *method)
{
    return method->type->drawn != NULL && method->type->drawn(method);
}

mg_view mg_view_redrawn(const mg_view *view, uint64_t draw)
{
    mg_view other = *view;
    if (draw > 0)
        other.seed = mg_mix(view->seed, UINT64_MAX - draw); /* far from the numbers that draws are counted by */
    return other;
}
