/* build.c  headers, then statements in their order, then outputs */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"
#include "src/graph/text/graph_text.h"
#include "src/graph/text/text_call.h"

enum { MAX_STATEMENTS = 20000, MAX_WINDOW = 1 << 30, CLASSES = 4096 };

static const char letters[] = "ACGT";

bool mg_graph_text_is(const char *text)
{
    for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
        while (*at == '\n' || *at == ' ' || *at == '\t')
            at++;
        if (strncmp(at, "layers", 6) == 0) return false;
        if (strncmp(at, "graph", 5) == 0 && (at[5] == '\0' || strchr(" \t\r\n#", at[5]) != NULL)) return true;
    }
    return false;
}

/* --- headers --- */

static const mg_header_line *find_header(const mg_statements *text, const char *key)
{
    for (size_t i = 0; i < text->n_headers; i++)
        if (strcmp(text->header[i].key, key) == 0) return &text->header[i];
    return NULL;
}

static mg_status check_headers(const mg_statements *text, const char *origin, mg_error *err)
{
    static const char *const many[] = {"output", "unused", "note", "said"}, *const one[] = {"window", "anchor", "bases",
                                                                                            "layout"};
    for (size_t i = 0; i < text->n_headers; i++) {
        const mg_header_line *header = &text->header[i];
        bool known = false;
        for (size_t k = 0; k < sizeof many / sizeof many[0]; k++)
            known |= strcmp(header->key, many[k]) == 0;
        for (size_t k = 0; k < sizeof one / sizeof one[0]; k++)
            known |= strcmp(header->key, one[k]) == 0 && find_header(text, one[k]) == header;
        if (!known)
            return mg_fail(
                err, MG_EINPUT,
                "%s line %d: '%.40s' is no header, or comes twice; known are window, anchor, bases, layout, unused, "
                "note, output, and then the line graph",
                origin, header->line, header->key);
    }
    return MG_OK;
}

static mg_status header_integer(const mg_statements *text, const char *origin, const char *key, int64_t *ret,
                                mg_error *err)
{
    const mg_header_line *header = find_header(text, key);
    char *end = NULL;
    if (header == NULL) return MG_OK;
    long long number = strtoll(header->value, &end, 10);
    if (end == header->value || *end != '\0' || number < 0 || number > MAX_WINDOW)
        return mg_fail(err, MG_EINPUT, "%s line %d: %s %.40s: a number of bases is expected", origin, header->line, key,
                       header->value);
    *ret = number;
    return MG_OK;
}

/* The window with its channels in the order of the text. */
static mg_status make_window(const char *bases, int line, mg_text_build *all, mg_error *err)
{
    const char *order = bases != NULL ? bases : letters;
    int64_t index[4], seen = 0;
    for (int c = 0; c < 4; c++) {
        const char *at = strlen(order) == 4 ? strchr(letters, order[c] == 'U' ? 'T' : order[c]) : NULL;
        if (at == NULL)
            return mg_fail(err, MG_EINPUT, "%s line %d: bases %.40s: an order of four letters is expected, as AGCT",
                           all->origin, line, order);
        index[c] = at - letters;
        seen |= 1 << index[c];
    }
    if (seen != 15) return mg_fail(err, MG_EINPUT, "%s: bases %.40s: a base comes twice", all->origin, order);
    mg_view view = mg_view_positions(all->front, 0);
    mg_status status = mg_grow(&all->value, &all->value_room, 1, sizeof *all->value, err);
    if (status == MG_OK) status = mg_view_take(&view, 2, 4, index, all->front, &view, err);
    if (status == MG_OK) all->value[all->n_values++] = (mg_text_value){"window", view};
    return status;
}

static mg_status read_layout(const mg_statements *text, mg_text_build *all, mg_error *err)
{
    const mg_header_line *layout = find_header(text, "layout");
    if (layout != NULL) all->keras = strcmp(layout->value, "keras") == 0;
    if (layout != NULL && !all->keras && strcmp(layout->value, "torch") != 0)
        return mg_fail(err, MG_EINPUT, "%s line %d: layout is torch or keras", all->origin, layout->line);
    return MG_OK;
}

static mg_status begin(const mg_statements *text, int64_t length, mg_text_build *all, mg_error *err)
{
    int64_t window = 0, anchor = 0;
    size_t n_bytes = 0;
    mg_status status = check_headers(text, all->origin, err);
    if (status == MG_OK) status = header_integer(text, all->origin, "window", &window, err);
    if (status == MG_OK) status = header_integer(text, all->origin, "anchor", &anchor, err);
    if (status != MG_OK) return status;
    if (length > 0) window = length;
    if (window < 1)
        return mg_fail(err, MG_EUSAGE, "%s does not tell the window (a line 'window N'): give --length N", all->origin);
    if (anchor >= window)
        return mg_fail(err, MG_EINPUT, "%s: the anchor %" PRId64 " lies outside the window", all->origin, anchor);
    status = read_layout(text, all, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; all->tensors != NULL && i < all->tensors->n; i++)
        n_bytes += all->tensors->tensor[i].n * sizeof(float);
    status = mg_front_begin(all->front, window, n_bytes, err);
    if (status != MG_OK) return status;
    all->front->graph->anchor = anchor;
    all->front->channels_last = true;
    const mg_header_line *bases = find_header(text, "bases");
    return make_window(bases != NULL ? bases->value : NULL, bases != NULL ? bases->line : 0, all, err);
}

/* --- statements --- */

static const mg_text_value *find_value(const mg_text_build *all, const char *name)
{
    for (size_t i = all->n_values; i > 0; i--)
        if (strcmp(all->value[i - 1].name, name) == 0) return &all->value[i - 1];
    return NULL;
}

static const mg_text_row *find_operation(const char *name)
{
    const mg_text_row *const tables[] = {mg_text_layers, mg_text_moves};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const mg_text_row *row = tables[i]; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0) return row;
    return NULL;
}

static mg_status run_function(mg_text_call *call, mg_view *ret, mg_error *err)
{
    const mg_kind *kind = mg_kind_find(call->statement->operation);
    double number[MG_NODE_NUMBERS] = {0};
    mg_status status = MG_OK;
    for (int k = 0; k < MG_SETTINGS && kind->setting[k].name != NULL && status == MG_OK; k++)
        status = mg_text_real(call, kind->setting[k].name, kind->setting[k].preset, &number[k], err);
    if (status != MG_OK) return status;
    return mg_front_function(call->front, kind->name, number, &call->input[0], ret, err);
}

static bool is_function(const char *name)
{
    const mg_kind *kind = mg_kind_find(name);
    return kind != NULL && (kind->traits & MG_TRAIT_ELEMENTWISE) != 0 && kind->max_inputs == 1;
}

static mg_status find_inputs(mg_text_call *call, mg_error *err)
{
    mg_statement *s = call->statement;
    if (s->n_arguments > MG_TEXT_INPUTS) return mg_statement_fail(call, err, "more than %d values", MG_TEXT_INPUTS);
    for (size_t k = 0; k < s->n_arguments; k++) {
        const mg_text_value *value = find_value(call->all, s->argument[k]);
        if (value == NULL) return mg_statement_fail(call, err, "no line before it makes a value %.60s", s->argument[k]);
        call->input[k] = value->view;
    }
    call->n_inputs = s->n_arguments;
    return MG_OK;
}

static mg_status check_keys(const mg_text_call *call, mg_error *err)
{
    const mg_statement *s = call->statement;
    for (size_t i = 0; i < s->n_keys; i++)
        if (!s->key[i].used) return mg_statement_fail(call, err, "%s does not know %s=", s->operation, s->key[i].key);
    return MG_OK;
}

static mg_status run_statement(mg_text_build *all, mg_statement *s, mg_error *err)
{
    mg_text_call call = {.all = all, .front = all->front, .statement = s};
    const mg_text_row *row = find_operation(s->operation);
    mg_view view;
    if (row == NULL && !is_function(s->operation))
        return mg_statement_fail(&call, err, "there is no operation %.40s", s->operation);
    if (find_value(all, s->name) != NULL) return mg_statement_fail(&call, err, "there is a value of that name already");
    mg_front_name(all->front, s->name);
    mg_status status = find_inputs(&call, err);
    if (status != MG_OK) return status;
    size_t least = row != NULL ? row->min_inputs : 1, most = row != NULL ? row->max_inputs : 1;
    if (call.n_inputs < least || (call.n_inputs > most && !(most == 0 && least > 0)))
        return mg_statement_fail(&call, err, "%s takes another number of values than %zu", s->operation, call.n_inputs);
    status = row != NULL ? row->run(&call, &view, err) : run_function(&call, &view, err);
    if (status == MG_OK) status = check_keys(&call, err);
    if (status == MG_OK) status = mg_grow(&all->value, &all->value_room, all->n_values + 1, sizeof *all->value, err);
    if (status == MG_OK) all->value[all->n_values++] = (mg_text_value){s->name, view};
    return status;
}

static mg_status run_statements(mg_statements *text, mg_text_build *all, mg_error *err)
{
    mg_status status = MG_OK;
    if (text->n > MAX_STATEMENTS)
        return mg_fail(err, MG_EINPUT, "%s has more than %d nodes", all->origin, MAX_STATEMENTS);
    for (size_t i = 0; i < text->n && status == MG_OK; i++) {
        status = run_statement(all, &text->statement[i], err);
        bool placed = err == NULL || strncmp(err->text, all->origin, strlen(all->origin)) == 0;
        if (status != MG_OK && !placed) mg_fail_prefix(err, "%s line %d, ", all->origin, text->statement[i].line);
    }
    return status;
}

/* --- outputs --- */

/* "a,b,c" as names of classes; *ret_n 0 for NULL */
static mg_status read_classes(const char *text, char (**ret)[MG_CLASS_NAME], size_t *ret_n, mg_error *err)
{
    size_t n = text != NULL;
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        n += *at == ',';
    *ret_n = n;
    if (n == 0) return MG_OK;
    if (n > CLASSES) return mg_fail(err, MG_EINPUT, "more than %d classes", CLASSES);
    mg_status status = mg_alloc(ret, n, sizeof **ret, err);
    for (size_t i = 0; status == MG_OK && i < n; i++) {
        size_t length = strcspn(text, ",");
        snprintf((*ret)[i], MG_CLASS_NAME, "%.*s", (int)(length < MG_CLASS_NAME ? length : MG_CLASS_NAME - 1), text);
        text += length + (text[length] == ',');
    }
    return status;
}

/* The word behind KEY= in "NAME KEY=WORD KEY=WORD", cut out of `line` at its end. */
static char *cut_word(char *line, const char *key)
{
    size_t n = strlen(key);
    for (char *at = line; (at = strstr(at, key)) != NULL; at++) {
        if (at == line || (at[-1] != ' ' && at[-1] != '\t' && at[-1] != '\0') || at[n] != '=') continue;
        char *word = at + n + 1;
        return word;
    }
    return NULL;
}

static void end_words(char *line)
{
    for (; *line != '\0'; line++)
        if (*line == ' ' || *line == '\t') *line = '\0';
}

static mg_status add_head(mg_text_build *all, const char *head, mg_view *view, mg_error *err)
{
    if (head == NULL || strcmp(head, "none") == 0) return MG_OK;
    if (strcmp(head, "softmax") == 0) return mg_front_softmax(all->front, view, 2, view, err);
    if (strcmp(head, "sigmoid") == 0) return mg_front_function(all->front, "sigmoid", NULL, view, view, err);
    return mg_fail(err, MG_EINPUT, "%s: head=%.40s is neither softmax nor sigmoid nor none", all->origin, head);
}

/* Of the output that was put last: a class, or its number. */
static mg_status set_target(mg_text_build *all, const char *target, mg_error *err)
{
    mg_graph *graph = all->front->graph;
    mg_output *output = &graph->output[graph->n_outputs - 1];
    int64_t channels = graph->extent[output->value].channels;
    char *end = NULL;
    for (size_t i = 0; i < output->n_classes; i++) {
        if (strcmp(output->class_name[i], target) != 0) continue;
        output->target = i;
        return MG_OK;
    }
    long long number = strtoll(target, &end, 10);
    if (end == target || *end != '\0' || number < 0 || number >= channels)
        return mg_fail(err, MG_EINPUT, "%s: output %s has no class %.60s", all->origin, output->name, target);
    output->target = (size_t)number;
    return MG_OK;
}

static mg_status put_output(mg_text_build *all, const char *name, const char *classes, const char *target,
                            const char *head, const char *title, mg_error *err)
{
    const mg_text_value *value = find_value(all, name);
    mg_matrix matrix;
    char(*class_name)[MG_CLASS_NAME] = NULL;
    size_t n_classes = 0;
    if (value == NULL)
        return mg_fail(err, MG_EUSAGE, "%s makes no value %.60s, which is asked for as output", all->origin, name);
    mg_view view = value->view;
    if (view.constant)
        return mg_fail(err, MG_EINPUT, "%s: the output %.60s does not depend on the window", all->origin, name);
    mg_front_name(all->front, name);
    mg_status status = add_head(all, head, &view, err);
    if (status == MG_OK) status = mg_front_matrix(all->front, &view, 1, true, &matrix, err);
    if (status == MG_OK) status = read_classes(classes, &class_name, &n_classes, err);
    if (status == MG_OK && n_classes > 0 && (int64_t)n_classes != matrix.extent.channels)
        status = mg_fail(err, MG_EINPUT, "%s: %zu classes for the %" PRId64 " numbers of output %s", all->origin,
                         n_classes, matrix.extent.channels, name);
    if (status == MG_OK)
        status = mg_graph_output(all->front->graph, title != NULL ? title : name, matrix.value, n_classes,
                                 (const char(*)[MG_CLASS_NAME])class_name, err);
    if (status == MG_OK && target != NULL) status = set_target(all, target, err);
    free(class_name);
    return status;
}

static mg_status put_header_output(mg_text_build *all, const char *line, mg_error *err)
{
    char *copy = NULL;
    mg_status status = mg_copy_text(&copy, line, err);
    if (status != MG_OK) return status;
    char *classes = cut_word(copy, "classes"), *target = cut_word(copy, "target"), *head = cut_word(copy, "head");
    char *title = cut_word(copy, "name");
    end_words(copy);
    status = put_output(all, copy, classes, target, head, title, err);
    free(copy);
    return status;
}

static mg_status put_outputs(const mg_statements *text, mg_text_build *all, const char *output, mg_error *err)
{
    bool listed = false;
    mg_status status = MG_OK;
    for (size_t i = 0; output != NULL && i < text->n_headers; i++) {
        size_t n = strlen(output);
        const char *value = text->header[i].value;
        listed |= strcmp(text->header[i].key, "output") == 0 && strncmp(value, output, n) == 0 &&
                  (value[n] == '\0' || value[n] == ' ');
    }
    if (output != NULL && !listed) return put_output(all, output, NULL, NULL, NULL, NULL, err);
    for (size_t i = 0; i < text->n_headers && status == MG_OK; i++)
        if (strcmp(text->header[i].key, "output") == 0) status = put_header_output(all, text->header[i].value, err);
    if (status == MG_OK && all->front->graph->n_outputs == 0)
        status = put_output(all, all->value[all->n_values - 1].name, NULL, NULL, NULL, NULL, err);
    return status;
}

/* --- what is left over --- */

static bool may_be_unused(const mg_statements *text, const char *name)
{
    size_t n = strlen(name), n_count = strlen("num_batches_tracked");
    if (n >= n_count && strcmp(name + n - n_count, "num_batches_tracked") == 0) return true;
    for (size_t i = 0; i < text->n_headers; i++) {
        if (strcmp(text->header[i].key, "unused") != 0) continue;
        for (const char *at = text->header[i].value; *at != '\0';) {
            size_t word = strcspn(at, " \t");
            if (word > 0 && strncmp(name, at, word) == 0) return true;
            at += word + (at[word] != '\0');
        }
    }
    return false;
}

static mg_status check_tensors(const mg_statements *text, const mg_text_build *all, mg_error *err)
{
    for (size_t i = 0; all->tensors != NULL && i < all->tensors->n; i++)
        if (!all->taken[i] && !may_be_unused(text, all->tensors->tensor[i].name))
            return mg_fail(
                err, MG_EINPUT,
                "%s: no line takes tensor %.100s; if the network does not use it, write a header line 'unused %.100s'",
                all->origin, all->tensors->tensor[i].name, all->tensors->tensor[i].name);
    return MG_OK;
}

mg_status mg_graph_text_build(const char *text, const char *origin, const mg_tensors *tensors, int64_t length,
                              const char *output, mg_graph **ret, mg_error *err)
{
    mg_statements parsed = {0};
    mg_front front = {0};
    mg_text_build all = {.front = &front, .origin = origin, .tensors = tensors};
    mg_status status = mg_statements_parse(text, origin, &parsed, err);
    if (status != MG_OK) return status;
    status = mg_alloc(&all.taken, tensors != NULL ? tensors->n : 0, sizeof *all.taken, err);
    if (status == MG_OK) status = begin(&parsed, length, &all, err);
    if (status == MG_OK) status = run_statements(&parsed, &all, err);
    if (status == MG_OK) status = put_outputs(&parsed, &all, output, err);
    if (status == MG_OK && output == NULL) status = check_tensors(&parsed, &all, err);
    mg_front_end(&front, status == MG_OK ? ret : NULL);
    free(all.value);
    free(all.taken);
    mg_statements_destroy(&parsed);
    return status;
}

mg_status mg_graph_text_apply(mg_front *front, const char *text, const char *origin, const char *bases, size_t n,
                              const mg_view *input, mg_view *ret, mg_error *err)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    mg_statements parsed = {0};
    mg_text_build all = {.front = front, .origin = origin, .keras = true};
    bool taken[1];
    if (n > sizeof names / sizeof names[0]) return mg_fail(err, MG_EINPUT, "%s: more than 8 values", origin);
    mg_status status = mg_statements_parse(text, origin, &parsed, err);
    if (status != MG_OK) return status;
    all.taken = taken;
    const mg_header_line *header = find_header(&parsed, "bases");
    status = check_headers(&parsed, origin, err);
    if (status == MG_OK) status = read_layout(&parsed, &all, err);
    if (status == MG_OK)
        status = make_window(header != NULL ? header->value : bases, header != NULL ? header->line : 0, &all, err);
    if (status == MG_OK) status = mg_grow(&all.value, &all.value_room, n + 1, sizeof *all.value, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        all.value[all.n_values++] = (mg_text_value){names[i], input[i]};
    if (status == MG_OK) status = run_statements(&parsed, &all, err);
    if (status == MG_OK) *ret = all.value[all.n_values - 1].view;
    free(all.value);
    mg_statements_destroy(&parsed);
    return status;
}
