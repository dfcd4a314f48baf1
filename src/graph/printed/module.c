/* module.c  a small recursive parser of print(model), bounded in count and length of words
 *
 * Each container adds at least two characters to the names of its layers, which are shorter than MG_NODE_NAME, so
 * containers cannot nest deeper than half of that.
 */
#include "src/graph/printed/module.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/decimal.h"
#include "src/graph/printed/blocks.h"

enum { MAX_MODULES = 4096, MAX_INTEGER = 1 << 24 };

/* Containers of PyTorch that do not run their children one after the other. */
static const char *const not_sequential[] = {"MultiheadAttention",      "Transformer",   "TransformerEncoder",
                                             "TransformerEncoderLayer", "ModuleDict",    "TransformerDecoder",
                                             "TransformerDecoderLayer", "ParameterList", "ParameterDict"};

typedef struct {
    const char *at;
    const char *origin;
    int line;
    size_t n_path;
    char path[MG_NODE_NAME];
    mg_modules *modules;
} reader;

static const mg_module_type *find_type(const char *word)
{
    const mg_module_type *type;
    for (size_t i = 0; (type = mg_module_type_at(i)) != NULL; i++)
        if (strcmp(type->word, word) == 0) return type;
    return NULL;
}

static bool is_not_sequential(const char *word)
{
    for (size_t i = 0; i < sizeof not_sequential / sizeof *not_sequential; i++) {
        if (strcmp(not_sequential[i], word) == 0) return true;
    }
    return false;
}

static mg_status refuse_type(const reader *in, const char *word, mg_error *err)
{
    char known[512] = "";
    size_t n = 0;
    const mg_module_type *type;
    for (size_t i = 0; (type = mg_module_type_at(i)) != NULL && n < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i > 0 ? ", " : "", type->word);
    return mg_fail(err, MG_EINPUT,
                   "%s line %d: %s%s%s cannot be explained by mutagree; known layers are %s, and containers of them",
                   in->origin, in->line, in->path, in->n_path > 0 ? " " : "", word, known);
}

static void skip_space(reader *in)
{
    for (; isspace((unsigned char)*in->at); in->at++) {
        if (*in->at == '\n') in->line++;
    }
}

static mg_status expected(const reader *in, const char *what, mg_error *err)
{
    if (*in->at == '\0')
        return mg_fail(err, MG_EINPUT, "%s line %d: the text of the layers ends where %s is expected", in->origin,
                       in->line, what);
    int n = (int)strcspn(in->at, "\n");
    return mg_fail(err, MG_EINPUT, "%s line %d: expected %s, found '%.*s'", in->origin, in->line, what, n > 40 ? 40 : n,
                   in->at);
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* A word of letters, digits, '_' and '.' into `word`; its length, or 0 when there is none or it is too long. */
static size_t read_word(reader *in, char word[MG_ARGUMENT_TEXT])
{
    size_t n = 0;
    while (is_word_byte(in->at[n]))
        n++;
    if (n == 0 || n >= MG_ARGUMENT_TEXT) return 0;
    memcpy(word, in->at, n);
    word[n] = '\0';
    in->at += n;
    return n;
}

/* Does "(name):" stand here? A tuple given as first argument has no colon behind it. */
static bool at_child(const reader *in)
{
    if (*in->at != '(') return false;
    size_t n = strcspn(in->at + 1, "()\n,");
    return in->at[1 + n] == ')' && in->at[2 + n] == ':';
}

static mg_status add_module(reader *in, const mg_module_type *type, mg_module **ret, mg_error *err)
{
    mg_modules *list = in->modules;
    if (list->n >= MAX_MODULES)
        return mg_fail(err, MG_EINPUT, "%s line %d: more than %d layers", in->origin, in->line, MAX_MODULES);
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->module[i].name, in->path) == 0)
            return mg_fail(err, MG_EINPUT, "%s line %d: two layers are named '%s'", in->origin, in->line, in->path);
    }
    mg_status status = mg_grow(&list->module, &list->n_room, list->n + 1, sizeof *list->module, err);
    if (status != MG_OK) return status;
    *ret = &list->module[list->n++];
    (*ret)->type = type;
    (*ret)->line = in->line;
    memcpy((*ret)->name, in->path, sizeof in->path);
    return MG_OK;
}

static int find_argument(const mg_module_type *type, const char *name)
{
    for (int i = 0; i < MG_MODULE_ARGUMENTS && type->argument[i] != NULL; i++) {
        if (strcmp(type->argument[i], name) == 0) return i;
    }
    return -1;
}

/* How far the argument at hand reaches: to a comma or bracket that is not inside brackets or quotes. */
static size_t argument_length(const char *at)
{
    int depth = 0;
    char quote = '\0';
    size_t n = 0;
    for (; at[n] != '\0' && at[n] != '\n'; n++) {
        if (quote != '\0') {
            if (at[n] == quote) quote = '\0';
        } else if (at[n] == '\'' || at[n] == '"') {
            quote = at[n];
        } else if (at[n] == '(') {
            depth++;
        } else if ((at[n] == ')' && depth-- == 0) || (at[n] == ',' && depth == 0)) {
            break;
        }
    }
    return n;
}

/* "name=value" or a value alone, which is the argument at `position`; quotes around the value are dropped */
static mg_status read_argument(reader *in, const mg_module_type *type, mg_module *module, int position, mg_error *err)
{
    char name[MG_ARGUMENT_TEXT];
    size_t n_name = strspn(in->at, "abcdefghijklmnopqrstuvwxyz_");
    int index = position;
    if (n_name > 0 && in->at[n_name] == '=') {
        snprintf(name, sizeof name, "%.*s", n_name < sizeof name ? (int)n_name : 0, in->at);
        index = find_argument(type, name);
        if (index < 0)
            return mg_fail(err, MG_EINPUT, "%s line %d: %s %s has an argument '%.*s' that mutagree does not know",
                           in->origin, in->line, module->name, type->word, n_name > 40 ? 40 : (int)n_name, in->at);
        in->at += n_name + 1;
    }
    if (index >= MG_MODULE_ARGUMENTS || type->argument[index] == NULL)
        return mg_fail(err, MG_EINPUT, "%s line %d: %s %s has more arguments than %d", in->origin, in->line,
                       module->name, type->word, index);
    size_t n = argument_length(in->at);
    const char *value = in->at;
    in->at += n;
    while (n > 0 && isspace((unsigned char)value[n - 1]))
        n--;
    if (n >= 2 && (value[0] == '\'' || value[0] == '"') && value[n - 1] == value[0]) {
        value++;
        n -= 2;
    }
    if (n == 0 || n >= MG_ARGUMENT_TEXT)
        return mg_fail(err, MG_EINPUT, "%s line %d: %s %s: the argument '%s' has %zu characters; 1 to %d are expected",
                       in->origin, in->line, module->name, type->word, type->argument[index], n, MG_ARGUMENT_TEXT - 1);
    memcpy(module->argument[index], value, n);
    module->argument[index][n] = '\0';
    return MG_OK;
}

static mg_status read_arguments(reader *in, const mg_module_type *type, mg_module *module, mg_error *err)
{
    bool any = type->argument[0] != NULL && type->argument[0][0] == '*';
    for (int position = 0; *in->at != ')'; position++) {
        mg_status status = MG_OK;
        if (any) {
            in->at += argument_length(in->at);
        } else {
            status = read_argument(in, type, module, position, err);
        }
        if (status != MG_OK) return status;
        skip_space(in);
        if (*in->at == ',') {
            in->at++;
            skip_space(in);
        } else if (*in->at != ')') {
            return expected(in, "',' or ')'", err);
        }
    }
    in->at++;
    return MG_OK;
}

static mg_status read_leaf(reader *in, const mg_module_type *type, mg_error *err)
{
    mg_module *module = NULL;
    mg_status status = add_module(in, type, &module, err);
    if (status != MG_OK) return status;
    const char *begin = in->at;
    status = read_arguments(in, type, module, err);
    if (status != MG_OK) return status;
    int n = (int)(in->at - begin);
    bool whole = n < 100;
    snprintf(module->text, sizeof module->text, "%s(%.*s%s", type->word, whole ? n : 100, begin, whole ? "" : "...)");
    return MG_OK;
}

static mg_status read_module(reader *in, mg_error *err);

/* "(name): Module" again and again until the container's ')' */
static mg_status read_children(reader *in, mg_error *err)
{
    size_t n_path = in->n_path;
    while (at_child(in)) {
        size_t n = strcspn(in->at + 1, ")");
        size_t n_dot = n_path > 0 ? 1 : 0;
        if (n == 0 || n_path + n_dot + n >= sizeof in->path)
            return mg_fail(err, MG_EINPUT, "%s line %d: a layer's name (with its containers) has 1 to %d characters",
                           in->origin, in->line, MG_NODE_NAME - 1);
        if (n_dot > 0) in->path[n_path] = '.';
        memcpy(in->path + n_path + n_dot, in->at + 1, n);
        in->n_path = n_path + n_dot + n;
        in->path[in->n_path] = '\0';
        in->at += n + 3;
        skip_space(in);
        mg_status status = read_module(in, err);
        if (status != MG_OK) return status;
        in->n_path = n_path;
        in->path[n_path] = '\0';
        skip_space(in);
    }
    if (*in->at != ')') return expected(in, "'(name): Layer(...)' or ')'", err);
    in->at++;
    return MG_OK;
}

static mg_status read_module(reader *in, mg_error *err)
{
    char word[MG_ARGUMENT_TEXT];
    if (isdigit((unsigned char)*in->at))
        return expected(in, "a layer (repeated layers 'n x Layer(...)' have to be written out one by one)", err);
    if (read_word(in, word) == 0) return expected(in, "the name of a layer", err);
    if (*in->at != '(') return expected(in, "'(' after the layer's name", err);
    in->at++;
    skip_space(in);
    if (at_child(in)) return is_not_sequential(word) ? refuse_type(in, word, err) : read_children(in, err);
    const mg_module_type *type = find_type(word);
    if (type != NULL) return read_leaf(in, type, err);
    if (strcmp(word, "Sequential") != 0) return refuse_type(in, word, err);
    return read_children(in, err);
}

mg_status mg_modules_parse(const char *text, const char *origin, int first_line, mg_modules *ret, mg_error *err)
{
    mg_modules modules = {0};
    reader in = {.at = text, .origin = origin, .line = first_line, .modules = &modules};
    skip_space(&in);
    mg_status status = read_module(&in, err);
    skip_space(&in);
    if (status == MG_OK && *in.at != '\0') status = expected(&in, "the end of the layers", err);
    if (status == MG_OK) status = mg_blocks_check(text, origin, first_line, err);
    if (status != MG_OK) {
        mg_modules_destroy(&modules);
        return status;
    }
    *ret = modules;
    return MG_OK;
}

void mg_modules_destroy(mg_modules *modules)
{
    if (modules == NULL) return;
    free(modules->module);
    *modules = (mg_modules){0};
}

const char *mg_module_given(const mg_module *module, const char *name)
{
    int index = find_argument(module->type, name);
    return index >= 0 && module->argument[index][0] != '\0' ? module->argument[index] : NULL;
}

static mg_status bad_value(const mg_module *module, const char *name, const char *text, const char *wanted,
                           mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "%s %s: %s is '%s', expected %s", module->name, module->text, name, text, wanted);
}

/* One integer at *at, which moves behind it and the spaces that follow. */
static bool read_integer(const char **at, int64_t low, int64_t *value)
{
    char *end = NULL;
    errno = 0;
    long long v = strtoll(*at, &end, 10);
    if (end == *at || errno != 0 || v < low || v > MAX_INTEGER) return false;
    *value = v;
    *at = end + strspn(end, " ");
    return true;
}

mg_status mg_module_integers(const mg_module *module, const char *name, int64_t low, int64_t preset, int n,
                             int64_t *value, mg_error *err)
{
    const char *text = mg_module_given(module, name);
    if (text == NULL && preset < low)
        return mg_fail(err, MG_EINPUT, "%s %s: its %s is missing", module->name, module->text, name);
    for (int i = 0; i < n; i++)
        value[i] = preset;
    if (text == NULL) return MG_OK;

    const char *at = text;
    bool tuple = *at == '(';
    if (tuple) at++;
    bool good = read_integer(&at, low, &value[0]);
    for (int i = 1; i < n && good; i++) {
        value[i] = value[0];
        if (tuple) good = *at++ == ',' && read_integer(&at, low, &value[i]);
    }
    if (good && tuple) {
        at += *at == ',' ? 1 : 0;
        good = *at++ == ')';
    }
    if (good && *at == '\0') return MG_OK;
    char wanted[96];
    snprintf(wanted, sizeof wanted, "%s from %lld to %d", n == 1 ? "an integer" : "an integer or two in brackets",
             (long long)low, MAX_INTEGER);
    return bad_value(module, name, text, wanted, err);
}

mg_status mg_module_real(const mg_module *module, const char *name, double preset, double *value, mg_error *err)
{
    const char *text = mg_module_given(module, name);
    *value = preset;
    if (text == NULL) return MG_OK;
    if (mg_decimal_read(text, value) && *value >= 0) return MG_OK;
    return bad_value(module, name, text, "a number that is not negative", err);
}

mg_status mg_module_boolean(const mg_module *module, const char *name, bool preset, bool *value, mg_error *err)
{
    const char *text = mg_module_given(module, name);
    *value = preset;
    if (text == NULL) return MG_OK;
    *value = strcmp(text, "True") == 0;
    if (*value || strcmp(text, "False") == 0) return MG_OK;
    return bad_value(module, name, text, "True or False", err);
}
