/* blocks.c  names of blocks, and layers with nothing between them */
#include "src/graph/printed/blocks.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Parts of class names, in lower case. */
static const char *const classes[] = {"residual",  "resblock",    "resnet",     "resunit", "basicblock", "bottleneck",
                                      "inception", "denseblock",  "denselayer", "squeeze", "seblock",    "selayer",
                                      "attention", "transformer", "highway",    "unet",    "siamese",    "skip",
                                      "shortcut",  "branch",      "parallel"};
/* Parts of attributes' names: what runs beside the layers around it. */
static const char *const attributes[] = {"downsample", "shortcut", "skip", "residual", "branch", "highway"};
/* Wrappers, which hold one network and do nothing else. */
static const char *const harmless[] = {"dataparallel", "distributeddataparallel"};

/* The next word of letters, digits and '_' at `at`, in lower case; returns its length in the text. */
static size_t read_word(const char *at, char word[64])
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || at[n] == '_')
        n++;
    size_t n_kept = n < 63 ? n : 63;
    for (size_t i = 0; i < n_kept; i++)
        word[i] = (char)tolower((unsigned char)at[i]);
    word[n_kept] = '\0';
    return n;
}

static bool holds_one_of(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(word, list[i]) != NULL) return true;
    return false;
}

static bool is_block(const char *class, const char *attribute)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strcmp(class, harmless[i]) == 0) class = "";
    return holds_one_of(class, classes, sizeof classes / sizeof *classes) ||
           holds_one_of(attribute, attributes, sizeof attributes / sizeof *attributes);
}

/* A line of print(model): "(attribute): Class(..."; the attribute is missing in the first. */
static mg_status check_line(const char *at, const char *origin, int line, mg_error *err)
{
    char attribute[64] = "", class[64] = "";
    at += strspn(at, " \t");
    size_t n = *at == '(' ? read_word(at + 1, attribute) : 0;
    if (n > 0 && strncmp(at + 1 + n, "): ", 3) == 0) at += n + 4;
    n = read_word(at, class);
    if (n == 0 || at[n] != '(' || !is_block(class, attribute)) return MG_OK;
    return mg_fail(
        err, MG_EINPUT,
        "%s line %d: %.*s%s%s is no chain of layers by its name, and print(model) does not show what it adds, "
        "joins or skips; if its layers run one after the other, rename it in the text",
        origin, line, (int)(n < 63 ? n : 63), at, attribute[0] != '\0' ? ", as " : "", attribute);
}

mg_status mg_blocks_check(const char *text, const char *origin, int first_line, mg_error *err)
{
    mg_status status = MG_OK;
    for (int line = first_line; *text != '\0' && status == MG_OK; line++) {
        status = check_line(text, origin, line, err);
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return status;
}

bool mg_blocks_doubt(const mg_modules *modules, const char *origin, char *ret, size_t n)
{
    const mg_module *before = NULL; /* the weighted layer that no activation has followed yet */
    for (size_t i = 0; i < modules->n; i++) {
        const mg_module *module = &modules->module[i];
        bool weighted = mg_module_is(module, MG_MODULE_WEIGHTS);
        if (weighted && before != NULL) {
            snprintf(ret, n,
                     "%s lines %d and %d: no activation stands between %s and %s; print(model) does not show what "
                     "forward() calls, such as F.relu(): if there is one, write it into the text, as (r): ReLU()",
                     origin, before->line, module->line, before->name, module->name);
            return true;
        }
        if (weighted) before = module;
        if (mg_module_is(module, MG_MODULE_ACTIVATION)) before = NULL;
    }
    return false;
}
