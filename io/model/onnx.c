/* onnx.c  the file taken apart, and its operators walked through in their order */
#include "io/model/onnx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/inputs.h"
#include "io/model/onnx_call.h"
#include "src/core/memory.h"

enum { OLDEST = 7, NEWEST = 21, MAX_PATH = 4096 };

/* What protobuf-c may take while it unpacks: a few bytes of a file can stand for structures of hundreds. */
#define FREE_BYTES ((size_t)1 << 26)
enum { BYTES_A_BYTE = 6 };

typedef struct {
    mg_front front;
    const MgOnnx__Graph *graph;
    const char *folder;
    int64_t opset;
    size_t n_values, value_room;
    mg_onnx_value *value; /* owned */
    size_t n_slots;       /* a power of 2 */
    size_t *slot;         /* owned: 1 + number of a value by the hash of its name, 0: free */
    size_t n_inputs;
    mg_file_input *input; /* owned: those that are no weights */
    const mg_model_words *words;
} reading;

/* --- unpacking, with a limit --- */

typedef struct {
    size_t left;
} allowance;

static void *take(void *data, size_t n)
{
    allowance *a = data;
    if (n > a->left) return NULL;
    a->left -= n;
    return malloc(n);
}

static void give_back(void *data, void *block)
{
    (void)data;
    free(block);
}

static MgOnnx__Model *unpack(const unsigned char *bytes, size_t n, allowance *a)
{
    ProtobufCAllocator allocator = {take, give_back, a};
    a->left = FREE_BYTES + (n < SIZE_MAX / BYTES_A_BYTE / 2 ? n * BYTES_A_BYTE : 0);
    return mg_onnx__model__unpack(&allocator, n, bytes);
}

static void free_model(MgOnnx__Model *model)
{
    ProtobufCAllocator allocator = {take, give_back, NULL};
    if (model != NULL) mg_onnx__model__free_unpacked(model, &allocator);
}

/* Field 1, ir_version, 3 or more (a SavedModel of TensorFlow says 1), and then one of a model's texts or messages. */
bool mg_onnx_is(const unsigned char *bytes, size_t n)
{
    return n >= 4 && bytes[0] == 0x08 && bytes[1] >= 3 && bytes[1] <= 32 &&
           (bytes[2] == 0x12 || bytes[2] == 0x1a || bytes[2] == 0x22 || bytes[2] == 0x32 || bytes[2] == 0x3a ||
            bytes[2] == 0x42);
}

/* --- names --- */

static size_t hash(const char *name)
{
    uint64_t h = 14695981039346656037u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

/* The slot of a name: where it is, or where it would go. */
static size_t *slot_of(const reading *in, const char *name)
{
    size_t at = hash(name) & (in->n_slots - 1);
    while (in->slot[at] != 0 && strcmp(in->value[in->slot[at] - 1].name, name) != 0)
        at = (at + 1) & (in->n_slots - 1);
    return &in->slot[at];
}

static const mg_onnx_value *find(const reading *in, const char *name)
{
    size_t at = *slot_of(in, name);
    return at > 0 ? &in->value[at - 1] : NULL;
}

static mg_status grow_slots(reading *in, mg_error *err)
{
    size_t *old = in->slot;
    if (2 * (in->n_values + 1) < in->n_slots) return MG_OK;
    size_t n_slots = in->n_slots == 0 ? 256 : 2 * in->n_slots;
    size_t *slot = NULL;
    mg_status status = mg_alloc(&slot, n_slots, sizeof *slot, err);
    if (status != MG_OK) return status;
    in->slot = slot;
    in->n_slots = n_slots;
    for (size_t i = 0; i < in->n_values; i++)
        *slot_of(in, in->value[i].name) = i + 1;
    free(old);
    return MG_OK;
}

/* A tensor under its name, which must be new. */
static mg_status put(reading *in, const char *name, const mg_onnx_value *value, mg_error *err)
{
    mg_status status = grow_slots(in, err);
    if (status == MG_OK) status = mg_grow(&in->value, &in->value_room, in->n_values + 1, sizeof *in->value, err);
    if (status != MG_OK) return status;
    if (*slot_of(in, name) != 0) return mg_fail(err, MG_EINPUT, "two tensors are called %.100s", name);
    mg_onnx_value *to = &in->value[in->n_values];
    *to = *value;
    to->name = NULL;
    status = mg_copy_text(&to->name, name, err);
    if (status != MG_OK) return status;
    size_t *slot = slot_of(in, name);
    *slot = ++in->n_values;
    return MG_OK;
}

/* --- weights and inputs --- */

static mg_status read_weights(reading *in, mg_error *err)
{
    mg_status status = MG_OK;
    mg_front_name(&in->front, "weights");
    for (size_t i = 0; i < in->graph->n_initializer && status == MG_OK; i++) {
        const MgOnnx__Tensor *tensor = in->graph->initializer[i];
        mg_onnx_value value = {0};
        if (tensor->name == NULL) return mg_fail(err, MG_EINPUT, "one of its weights has no name");
        status = mg_onnx_tensor(&in->front, tensor, in->folder, &value.view, &value.integer, err);
        if (status == MG_OK) status = put(in, tensor->name, &value, err);
    }
    return status;
}

static bool is_weight(const MgOnnx__Graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (graph->initializer[i]->name != NULL && strcmp(graph->initializer[i]->name, name) == 0) return true;
    return false;
}

static mg_status read_input(const MgOnnx__ValueInfo *info, mg_file_input *to, mg_error *err)
{
    const MgOnnx__Shape *shape =
        info->type != NULL && info->type->tensor_type != NULL ? info->type->tensor_type->shape : NULL;
    if (shape == NULL || shape->n_dim == 0 || shape->n_dim > MG_VIEW_DIMS)
        return mg_fail(err, MG_EINPUT, "its input %.100s has no dims, or more than %d", info->name, MG_VIEW_DIMS);
    *to = (mg_file_input){.name = info->name, .n_dims = (int)shape->n_dim};
    for (size_t d = 0; d < shape->n_dim; d++)
        to->dim[d] = shape->dim[d]->has_dim_value && shape->dim[d]->dim_value > 0 ? shape->dim[d]->dim_value : -1;
    return MG_OK;
}

static mg_status list_inputs(reading *in, mg_error *err)
{
    mg_status status = mg_alloc(&in->input, in->graph->n_input, sizeof *in->input, err);
    for (size_t i = 0; i < in->graph->n_input && status == MG_OK; i++) {
        const MgOnnx__ValueInfo *info = in->graph->input[i];
        if (info->name == NULL || is_weight(in->graph, info->name)) continue;
        status = read_input(info, &in->input[in->n_inputs], err);
        if (status == MG_OK) in->n_inputs++;
    }
    return status == MG_OK ? mg_inputs_check(in->n_inputs, in->input, in->words, err) : status;
}

static mg_status put_inputs(reading *in, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < in->n_inputs && status == MG_OK; i++) {
        mg_onnx_value value = {.tokens = mg_inputs_takes_tokens(&in->input[i], in->words)};
        mg_front_name(&in->front, in->input[i].name);
        status = mg_inputs_view(&in->front, in->n_inputs, in->input, i, in->words, &value.view, err);
        if (status == MG_OK) status = put(in, in->input[i].name, &value, err);
    }
    return status;
}

/* --- operators --- */

static const mg_onnx_row *find_operator(const char *name)
{
    const mg_onnx_row *const tables[] = {mg_onnx_moves, mg_onnx_arithmetic, mg_onnx_layers};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const mg_onnx_row *row = tables[i]; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0) return row;
    return NULL;
}

/* Of tokens: what they may go into. */
static bool takes_tokens(const char *operator, size_t k)
{
    return strcmp(operator, "Gather") == 0 ? k == 1
                                           : strcmp(operator, "Cast") == 0 || strcmp(operator, "Identity") == 0;
}

static mg_status find_inputs(const reading *in, mg_onnx_call *call, mg_error *err)
{
    const MgOnnx__Node *node = call->node;
    bool joins =
        strcmp(node->op_type, "Add") == 0 || strcmp(node->op_type, "Mul") == 0 || strcmp(node->op_type, "Div") == 0;
    if (node->n_input > MG_ONNX_INPUTS || node->n_output > MG_ONNX_OUTPUTS)
        return mg_fail(err, MG_EINPUT, "%s: it has too many inputs or outputs", in->front.name);
    for (size_t k = 0; k < node->n_input; k++) {
        if (node->input[k] == NULL || node->input[k][0] == '\0') continue;
        call->input[k] = find(in, node->input[k]);
        if (call->input[k] == NULL)
            return mg_fail(err, MG_EINPUT, "%s: its input %.100s is made by no node before it", in->front.name,
                           node->input[k]);
        if (call->input[k]->tokens && !takes_tokens(node->op_type, k))
            return mg_fail(
                err, MG_EINPUT,
                "%s: its input %.100s is numbers of letters (--bases %s), which only a Gather of a table takes",
                in->front.name, node->input[k], in->words->bases);
        if (call->input[k]->piece != MG_ERF_NONE && !joins)
            return mg_fail(err, MG_EINPUT, "%s: the error function is known only within a GELU", in->front.name);
    }
    call->n_inputs = node->n_input;
    while (call->n_inputs > 0 && call->input[call->n_inputs - 1] == NULL)
        call->n_inputs--;
    call->n_outputs = node->n_output;
    while (call->n_outputs > 0 && node->output[call->n_outputs - 1][0] == '\0')
        call->n_outputs--;
    return MG_OK;
}

static mg_status run_node(reading *in, const MgOnnx__Node *node, mg_error *err)
{
    mg_onnx_value output[MG_ONNX_OUTPUTS] = {{0}};
    mg_onnx_call call = {
        .front = &in->front, .bases = in->words->bases, .opset = in->opset, .node = node, .output = output};
    const mg_onnx_row *row = find_operator(node->op_type);
    bool standard = node->domain == NULL || node->domain[0] == '\0' || strcmp(node->domain, "ai.onnx") == 0;
    if (row == NULL || !standard)
        return mg_fail(err, MG_EINPUT, "%s: this operator is not supported%s%.60s", in->front.name,
                       standard ? "" : " (it comes from ", standard ? "" : node->domain);
    mg_status status = find_inputs(in, &call, err);
    if (status != MG_OK) return status;
    for (size_t k = 0; k < row->min_inputs; k++)
        if (k >= call.n_inputs || call.input[k] == NULL)
            return mg_fail(err, MG_EINPUT, "%s: its input %zu is missing", in->front.name, k);
    bool same = call.n_inputs == 1 && call.input[0]->tokens;
    if (same) output[0] = *call.input[0];
    if (!same) status = row->run(&call, err);
    for (size_t k = 0; k < call.n_outputs && status == MG_OK; k++) {
        bool made = k == 0 || strcmp(node->op_type, "Split") == 0;
        if (made) status = put(in, node->output[k], &output[k], err);
    }
    return status;
}

static mg_status walk(reading *in, mg_error *err)
{
    char name[MG_NODE_NAME + 32];
    for (size_t i = 0; i < in->graph->n_node; i++) {
        const MgOnnx__Node *node = in->graph->node[i];
        if (node->op_type == NULL) return mg_fail(err, MG_EINPUT, "its node %zu has no operator", i);
        bool named = node->name != NULL && node->name[0] != '\0';
        snprintf(name, sizeof name, "%.40s_%zu", node->op_type, i);
        mg_front_name(&in->front, named ? node->name : name);
        mg_status status = run_node(in, node, err);
        if (status != MG_OK) return err != NULL ? mg_fail_prefix(err, "operator %.40s, node ", node->op_type) : status;
    }
    return MG_OK;
}

/* --- outputs --- */

/* A tensor of the network as a value of the graph: (positions, channels) in its own order. */
static mg_status put_output(reading *in, const char *name, mg_error *err)
{
    const mg_onnx_value *value = find(in, name);
    mg_matrix matrix;
    if (value == NULL) return mg_fail(err, MG_EUSAGE, "it has no tensor %.100s", name);
    if (value->view.constant || value->piece != MG_ERF_NONE)
        return mg_fail(err, MG_EINPUT, "its output %.100s does not depend on the window", name);
    mg_front_name(&in->front, name);
    int axis = mg_front_position_axis(&in->front, &value->view);
    mg_status status = mg_front_matrix(&in->front, &value->view, axis, true, &matrix, err);
    return status == MG_OK ? mg_graph_output(in->front.graph, name, matrix.value, 0, NULL, err) : status;
}

static mg_status put_outputs(reading *in, mg_error *err)
{
    const char *wanted = in->words->output;
    mg_status status = MG_OK;
    bool listed = wanted == NULL;
    for (size_t i = 0; i < in->graph->n_output; i++)
        listed |=
            wanted != NULL && in->graph->output[i]->name != NULL && strcmp(in->graph->output[i]->name, wanted) == 0;
    if (!listed && find(in, wanted) != NULL) return put_output(in, wanted, err);
    for (size_t i = 0; i < in->graph->n_output && status == MG_OK; i++)
        if (in->graph->output[i]->name != NULL) status = put_output(in, in->graph->output[i]->name, err);
    if (status == MG_OK && in->front.graph->n_outputs == 0) status = mg_fail(err, MG_EINPUT, "it has no output");
    return status;
}

/* --- all --- */

static mg_status check_model(const MgOnnx__Model *model, int64_t *ret_opset, mg_error *err)
{
    if (model->graph == NULL) return mg_fail(err, MG_EINPUT, "it is no ONNX model: it has no graph");
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const MgOnnx__OperatorSet *set = model->opset_import[i];
        if (set->domain == NULL || set->domain[0] == '\0' || strcmp(set->domain, "ai.onnx") == 0)
            *ret_opset = set->version;
    }
    if (*ret_opset < OLDEST || *ret_opset > NEWEST)
        return mg_fail(err, MG_EINPUT, "its operators are of opset %" PRId64 "; this mutagree reads %d to %d",
                       *ret_opset, OLDEST, NEWEST);
    return MG_OK;
}

static void folder_of(const char *path, char folder[MAX_PATH])
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    snprintf(folder, MAX_PATH, "%.*s", slash != NULL ? (int)(slash - path) : 1, slash != NULL ? path : ".");
}

static void close_reading(reading *in, mg_graph **ret)
{
    mg_front_end(&in->front, ret);
    for (size_t i = 0; i < in->n_values; i++)
        free(in->value[i].name);
    free(in->value);
    free(in->slot);
    free(in->input);
}

mg_status mg_onnx_read(const char *path, const unsigned char *bytes, size_t n, const mg_model_words *words,
                       mg_graph **ret, mg_error *err)
{
    allowance limit;
    char folder[MAX_PATH];
    int64_t length = 0;
    MgOnnx__Model *model = unpack(bytes, n, &limit);
    reading in = {.words = words, .folder = folder};
    if (model == NULL) return mg_fail(err, MG_EINPUT, "it is a damaged ONNX file, or none");
    folder_of(path, folder);
    mg_status status = check_model(model, &in.opset, err);
    if (status != MG_OK) goto cleanup;
    in.graph = model->graph;
    status = grow_slots(&in, err);
    if (status == MG_OK) status = list_inputs(&in, err);
    if (status == MG_OK) status = mg_inputs_length(in.n_inputs, in.input, words, &length, err);
    if (status == MG_OK) status = mg_front_begin(&in.front, length, n, err);
    if (status == MG_OK) status = read_weights(&in, err);
    if (status == MG_OK) status = put_inputs(&in, err);
    if (status == MG_OK) status = walk(&in, err);
    if (status == MG_OK) status = put_outputs(&in, err);
cleanup:
    close_reading(&in, status == MG_OK ? ret : NULL);
    free_model(model);
    return status;
}
