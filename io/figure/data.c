/* data.c  the document as figures read it */
#include "io/figure/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

/* --- colours: those of Okabe and Ito for the methods, the customary ones for the bases --- */

static const struct {
    const char *name;
    mg_colour colour;
} method_colours[] = {
    {"lrp", 0x0072b2},
    {"integrated_gradients", 0xe69f00},
    {"deeplift", 0x009e73},
    {"input_x_gradient", 0xcc79a7},
    {"guided_backpropagation", 0x56b4e9},
    {"deconvolution", 0xd55e00},
    {"saliency", 0x7f7f7f},
};
/* Each as far as can be from those before it, to the colour-blind too, and readable on white. */
static const mg_colour other_colours[] = {0x770022, 0x550099, 0x0000ff, 0x9966ff, 0x004455, 0x775500,
                                          0x994477, 0xcc22cc, 0xcc1144, 0xff2266, 0x5544aa, 0x880066,
                                          0x4411cc, 0x9988dd, 0x116644, 0x773300, 0x4455ee, 0xbb3399,
                                          0x444477, 0x5577dd, 0x888844, 0x557755, 0x443333, 0x559999};

/* inout_others: how many have none of their own */
static mg_colour method_colour(const char *name, size_t *inout_others)
{
    for (size_t i = 0; i < sizeof method_colours / sizeof *method_colours; i++)
        if (strcmp(method_colours[i].name, name) == 0) return method_colours[i].colour;
    return other_colours[(*inout_others)++ % (sizeof other_colours / sizeof *other_colours)];
}

mg_colour mg_base_colour(char base)
{
    static const char bases[] = "ACGT";
    static const mg_colour colour[] = {0x109648, 0x255c99, 0xf7b32b, 0xd62839};
    const char *at = base != '\0' ? strchr(bases, base) : NULL;
    return at != NULL ? colour[at - bases] : MG_FAINT;
}

/* --- reading --- */

static double usable(const json_t *value)
{
    double x = json_is_number(value) ? json_number_value(value) : NAN;
    return fabs(x) < 1e30 ? x : NAN;
}

double mg_find_number(const json_t *row, const char *key)
{
    return usable(json_object_get(row, key));
}

double mg_find_item(const json_t *array, size_t i)
{
    return usable(json_array_get(array, i));
}

const char *mg_find_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text != NULL ? text : "";
}

bool mg_find_flag(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

const json_t *mg_find_table(const mg_figure_data *data, const char *section, const char *key)
{
    const json_t *table = json_object_get(data->root, section);
    return key != NULL ? json_object_get(table, key) : table;
}

bool mg_row_is(const json_t *row, const char *key, const char *text)
{
    return strcmp(mg_find_text(row, key), text) == 0;
}

const json_t *mg_find_row(const json_t *table, const char *const *pair)
{
    for (size_t k = 0; k < json_array_size(table); k++) {
        const json_t *row = json_array_get(table, k);
        size_t p = 0;
        while (pair[p] != NULL && mg_row_is(row, pair[p], pair[p + 1]))
            p += 2;
        if (pair[p] == NULL) return row;
    }
    return NULL;
}

size_t mg_find_method(const mg_figure_data *data, const char *name)
{
    size_t m = 0;
    while (m < data->n_methods && strcmp(data->method[m].name, name) != 0)
        m++;
    return m;
}

/* --- methods in their order --- */

/* The label up to its settings in brackets. */
static size_t brief_length(const char *label)
{
    const char *bracket = strstr(label, " (");
    return bracket != NULL ? (size_t)(bracket - label) : strlen(label);
}

static mg_status make_brief(const json_t *methods, const char *label, char **ret, mg_error *err)
{
    size_t n = brief_length(label), n_same = 0;
    for (size_t k = 0; k < json_array_size(methods); k++) {
        const char *other = mg_find_text(json_array_get(methods, k), "label");
        n_same += brief_length(other) == n && strncmp(label, other, n) == 0;
    }
    mg_status status = mg_copy_text(ret, label, err);
    if (status == MG_OK && n_same == 1) (*ret)[n] = '\0';
    return status;
}

static void set_values(const mg_figure_data *data, mg_figure_method *method)
{
    const json_t *main = json_object_get(data->root, "main");
    const json_t *row = mg_find_row(json_object_get(json_object_get(data->root, "summary"), "rows"),
                                    (const char *const[]){"metric", mg_find_text(main, "metric"), "region",
                                                          mg_find_text(main, "region"), "group",
                                                          mg_find_text(main, "group"), "method", method->name, NULL});
    method->n = mg_find_number(row, "n");
    method->clusters = mg_find_number(row, "clusters");
    method->mean = mg_find_number(row, "mean");
    method->low = mg_find_number(row, "lo");
    method->high = mg_find_number(row, "hi");
}

/* Put the last of n methods where it belongs. */
static void sink(mg_figure_method *method, size_t n)
{
    mg_figure_method last = method[n - 1];
    size_t k = n - 1;
    for (; k > 0 && (last.mean > method[k - 1].mean || (isnan(method[k - 1].mean) && !isnan(last.mean))); k--)
        method[k] = method[k - 1];
    method[k] = last;
}

/* A document of before there were tasks is of starts. */
bool mg_find_codons(const mg_figure_data *data)
{
    const json_t *task = mg_find_table(data, "task", NULL);
    return task == NULL || mg_find_flag(task, "frames");
}

bool mg_find_odds(const mg_figure_data *data)
{
    const json_t *task = mg_find_table(data, "task", NULL);
    return task == NULL || mg_find_flag(task, "odds");
}

const char *mg_find_origin(const mg_figure_data *data)
{
    const json_t *task = mg_find_table(data, "task", NULL);
    return task == NULL ? "the start codon" : mg_find_text(task, "origin");
}

const char *mg_find_unit(const mg_figure_data *data, bool many)
{
    const char *text = mg_find_text(mg_find_table(data, "unit", NULL), many ? "many" : "one");
    return text[0] != '\0' ? text : many ? "clusters" : "cluster";
}

mg_status mg_figure_data_begin(const json_t *document, mg_figure_data *ret, mg_error *err)
{
    const json_t *methods = json_object_get(document, "methods");
    size_t n_others = 0;
    const char *group = mg_find_text(json_object_get(document, "group"), "label");
    *ret = (mg_figure_data){.root = document};
    if (strcmp(group, "all windows") != 0) snprintf(ret->group, sizeof ret->group, " (%.110s)", group);
    mg_status status = mg_alloc(&ret->method, json_array_size(methods), sizeof *ret->method, err);
    for (size_t k = 0; k < json_array_size(methods) && status == MG_OK; k++) {
        const json_t *row = json_array_get(methods, k);
        mg_figure_method method = {.name = mg_find_text(row, "name"), .label = mg_find_text(row, "label")};
        status = make_brief(methods, method.label, &method.brief, err);
        if (status != MG_OK) break;
        method.colour = method_colour(method.name, &n_others);
        set_values(ret, &method);
        if (mg_row_is(row, "spec", "network") && !ret->has_network) {
            ret->has_network = true;
            ret->network = method;
            continue;
        }
        ret->method[ret->n_methods++] = method;
        sink(ret->method, ret->n_methods);
    }
    return status;
}

void mg_figure_data_end(mg_figure_data *data)
{
    for (size_t m = 0; m < data->n_methods; m++)
        free(data->method[m].brief);
    free(data->network.brief);
    free(data->method);
}
