/* pickle.c  the stack machine; one function an opcode family, one table from opcode to function */
#include "io/model/pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/pickle_names.h"
#include "src/core/memory.h"

enum { MAX_BYTES = 1 << 22, NO_MEMO = 0 }; /* a state dict takes some 130 bytes a tensor */

typedef struct {
    const unsigned char *bytes;
    size_t n, at;     /* length of the input; the next byte */
    size_t at_opcode; /* where the opcode at work stands */
    mg_pickle *out;
    uint32_t *stack; /* owned: indices of values */
    size_t n_stack, stack_room;
    size_t *mark; /* owned: heights of the stack */
    size_t n_marks, mark_room;
    uint32_t *memo;           /* owned: index of value + 1, NO_MEMO when empty */
    size_t n_memo, memo_room; /* one behind the largest place in use */
    bool stopped;
} machine;

static mg_status broken(const machine *m, const char *why, mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "its pickle is damaged at byte %zu: %s", m->at_opcode, why);
}

/* --- reading the input --- */

static mg_status take(machine *m, size_t n, const unsigned char **ret, mg_error *err)
{
    if (n > m->n - m->at) return broken(m, "it ends in the middle of a value; is the file truncated?", err);
    *ret = m->bytes + m->at;
    m->at += n;
    return MG_OK;
}

/* An unsigned little-endian number of n <= 8 bytes. */
static mg_status take_number(machine *m, size_t n, uint64_t *ret, mg_error *err)
{
    const unsigned char *byte = NULL;
    mg_status status = take(m, n, &byte, err);
    if (status != MG_OK) return status;
    *ret = 0;
    for (size_t i = n; i > 0; i--)
        *ret = *ret << 8 | byte[i - 1];
    return MG_OK;
}

/* --- values and the stack --- */

static mg_status push(machine *m, uint32_t index, mg_error *err)
{
    mg_status status = mg_grow(&m->stack, &m->stack_room, m->n_stack + 1, sizeof *m->stack, err);
    if (status == MG_OK) m->stack[m->n_stack++] = index;
    return status;
}

/* A new value on top of the stack. */
static mg_status push_value(machine *m, mg_pickle_value value, mg_error *err)
{
    mg_pickle *out = m->out;
    mg_status status = mg_grow(&out->value, &out->n_room, out->n + 1, sizeof *out->value, err);
    if (status != MG_OK) return status;
    status = push(m, (uint32_t)out->n, err);
    if (status == MG_OK) out->value[out->n++] = value;
    return status;
}

/* Height below which the opcode at work must not reach: that of the innermost mark. */
static size_t floor_of(const machine *m)
{
    return m->n_marks > 0 ? m->mark[m->n_marks - 1] : 0;
}

static mg_status need(const machine *m, size_t n, mg_error *err)
{
    return m->n_stack - floor_of(m) >= n ? MG_OK : broken(m, "its stack is empty", err);
}

/* The value `below` places under the top of the stack. */
static mg_pickle_value *peek(const machine *m, size_t below)
{
    return &m->out->value[m->stack[m->n_stack - 1 - below]];
}

static mg_status pop_mark(machine *m, size_t *ret_height, mg_error *err)
{
    if (m->n_marks == 0) return broken(m, "a mark is missing", err);
    *ret_height = m->mark[--m->n_marks];
    return MG_OK;
}

/* Move what lies on the stack above `height` to the end of the container. */
static mg_status move_items(machine *m, size_t height, mg_pickle_value *container, mg_error *err)
{
    size_t n = m->n_stack - height;
    mg_status status = mg_grow(&container->item, &container->n_room, container->n + n, sizeof *container->item, err);
    if (status != MG_OK) return status;
    if (n > 0) memcpy(container->item + container->n, m->stack + height, n * sizeof *container->item);
    container->n += n;
    m->n_stack = height;
    return MG_OK;
}

/* --- opcodes that make values --- */

static mg_status do_none(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    return push_value(m, (mg_pickle_value){.kind = MG_PICKLE_NONE}, err);
}

static mg_status do_boolean(machine *m, unsigned char opcode, mg_error *err)
{
    return push_value(m, (mg_pickle_value){.kind = MG_PICKLE_INTEGER, .integer = opcode == 0x88}, err);
}

static mg_status do_integer(machine *m, unsigned char opcode, mg_error *err)
{
    uint64_t n = opcode == 'K' ? 1 : opcode == 'M' ? 2 : 4, number = 0;
    mg_status status = MG_OK;
    if (opcode == 0x8a) status = take_number(m, 1, &n, err); /* LONG1: length, then two's complement */
    if (status == MG_OK && n > 8) status = broken(m, "an integer of more than 8 bytes", err);
    if (status == MG_OK) status = take_number(m, (size_t)n, &number, err);
    if (status != MG_OK) return status;
    bool is_signed = opcode == 'J' || opcode == 0x8a;
    if (is_signed && n > 0 && n < 8 && number >> (8 * n - 1) != 0) number |= ~(uint64_t)0 << 8 * n;
    return push_value(m, (mg_pickle_value){.kind = MG_PICKLE_INTEGER, .integer = (int64_t)number}, err);
}

/* Real numbers play no part in a state dict, so the value itself is not kept. */
static mg_status do_real(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    uint64_t bits = 0;
    mg_status status = take_number(m, 8, &bits, err);
    return status != MG_OK ? status : push_value(m, (mg_pickle_value){.kind = MG_PICKLE_REAL}, err);
}

static mg_status do_text(machine *m, unsigned char opcode, mg_error *err)
{
    uint64_t n = 0;
    const unsigned char *text = NULL;
    mg_status status = take_number(m, opcode == 0x8c ? 1 : opcode == 'X' ? 4 : 8, &n, err);
    if (status == MG_OK) status = take(m, (size_t)n, &text, err);
    if (status != MG_OK) return status;
    return push_value(m, (mg_pickle_value){.kind = MG_PICKLE_TEXT, .text = (const char *)text, .n = (size_t)n}, err);
}

/* --- containers --- */

static mg_status do_empty(machine *m, unsigned char opcode, mg_error *err)
{
    mg_pickle_kind kind = opcode == ')' ? MG_PICKLE_TUPLE : opcode == ']' ? MG_PICKLE_LIST : MG_PICKLE_DICT;
    return push_value(m, (mg_pickle_value){.kind = kind}, err);
}

static mg_status do_mark(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    mg_status status = mg_grow(&m->mark, &m->mark_room, m->n_marks + 1, sizeof *m->mark, err);
    if (status == MG_OK) m->mark[m->n_marks++] = m->n_stack;
    return status;
}

static mg_status do_tuple(machine *m, unsigned char opcode, mg_error *err)
{
    size_t height = 0;
    mg_status status = MG_OK;
    if (opcode == 't') {
        status = pop_mark(m, &height, err);
    } else {
        size_t n = (size_t)(opcode - 0x84); /* TUPLE1, TUPLE2, TUPLE3 */
        status = need(m, n, err);
        height = m->n_stack - n;
    }
    mg_pickle_value tuple = {.kind = MG_PICKLE_TUPLE};
    if (status == MG_OK) status = move_items(m, height, &tuple, err);
    if (status == MG_OK) status = push_value(m, tuple, err);
    if (status != MG_OK) free(tuple.item);
    return status;
}

/* APPEND(S) and SETITEM(S): what lies above the container goes into it. */
static mg_status do_fill(machine *m, unsigned char opcode, mg_error *err)
{
    bool dict = opcode == 's' || opcode == 'u', many = opcode == 'e' || opcode == 'u';
    size_t height = m->n_stack;
    mg_status status = many ? pop_mark(m, &height, err) : need(m, dict ? 3 : 2, err);
    if (status != MG_OK) return status;
    if (!many) height = m->n_stack - (dict ? 2 : 1);
    if (height <= floor_of(m)) return broken(m, "a container is missing", err);
    mg_pickle_value *container = &m->out->value[m->stack[height - 1]];
    if (container->kind == MG_PICKLE_OPAQUE) { /* a kind of dict or list of which nothing is kept */
        m->n_stack = height;
        return MG_OK;
    }
    if (container->kind != (dict ? MG_PICKLE_DICT : MG_PICKLE_LIST)) return broken(m, "items for no container", err);
    if (dict && (m->n_stack - height) % 2 != 0) return broken(m, "a key without value", err);
    return move_items(m, height, container, err);
}

static mg_status do_pop(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    mg_status status = need(m, 1, err);
    if (status == MG_OK) m->n_stack--;
    return status;
}

/* --- memo --- */

static mg_status do_put(machine *m, unsigned char opcode, mg_error *err)
{
    uint64_t place = m->n_memo;
    mg_status status = need(m, 1, err);
    if (status == MG_OK && opcode != 0x94) status = take_number(m, opcode == 'q' ? 1 : 4, &place, err);
    /* Python numbers places one after the other; the largest honest one is bounded by the bytes that came before. */
    if (status == MG_OK && place >= m->n) status = broken(m, "a place in the memo beyond all reason", err);
    if (status == MG_OK) status = mg_grow(&m->memo, &m->memo_room, (size_t)place + 1, sizeof *m->memo, err);
    if (status != MG_OK) return status;
    m->memo[place] = m->stack[m->n_stack - 1] + 1;
    if (place >= m->n_memo) m->n_memo = (size_t)place + 1;
    return MG_OK;
}

static mg_status do_get(machine *m, unsigned char opcode, mg_error *err)
{
    uint64_t place = 0;
    mg_status status = take_number(m, opcode == 'h' ? 1 : 4, &place, err);
    if (status != MG_OK) return status;
    if (place >= m->n_memo || m->memo[place] == NO_MEMO) return broken(m, "it takes an empty place of the memo", err);
    return push(m, m->memo[place] - 1, err);
}

/* --- names, and what stands for calling them --- */

static mg_status push_global(machine *m, mg_words module, mg_words name, mg_error *err)
{
    mg_pickle_value value = {.kind = MG_PICKLE_GLOBAL};
    if (!mg_pickle_known_name(module, name, &value)) return mg_pickle_refuse_name(module, name, "global", err);
    return push_value(m, value, err);
}

static mg_status take_line(machine *m, mg_words *ret, mg_error *err)
{
    const unsigned char *begin = m->bytes + m->at;
    const unsigned char *end = memchr(begin, '\n', m->n - m->at);
    if (end == NULL) return broken(m, "a name has no end; is the file truncated?", err);
    *ret = (mg_words){(const char *)begin, (size_t)(end - begin)};
    m->at += ret->n + 1;
    return MG_OK;
}

/* GLOBAL, and INST which would call what it names. */
static mg_status do_global(machine *m, unsigned char opcode, mg_error *err)
{
    mg_words module = {0}, name = {0};
    mg_status status = take_line(m, &module, err);
    if (status == MG_OK) status = take_line(m, &name, err);
    if (status != MG_OK) return status;
    return opcode == 'i' ? mg_pickle_refuse_name(module, name, "INST", err) : push_global(m, module, name, err);
}

static mg_status do_stack_global(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    mg_status status = need(m, 2, err);
    if (status != MG_OK) return status;
    const mg_pickle_value *module = peek(m, 1), *name = peek(m, 0);
    if (module->kind != MG_PICKLE_TEXT || name->kind != MG_PICKLE_TEXT) return broken(m, "a name that is no text", err);
    mg_words first = {module->text, module->n}, second = {name->text, name->n};
    m->n_stack -= 2;
    return push_global(m, first, second, err);
}

static mg_status do_storage(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    mg_status status = need(m, 1, err);
    if (status != MG_OK) return status;
    if (peek(m, 0)->kind != MG_PICKLE_TUPLE) return broken(m, "a persistent id that is no tuple", err);
    mg_pickle_value storage = {.kind = MG_PICKLE_STORAGE};
    status = move_items(m, m->n_stack - 1, &storage, err); /* one item: the tuple */
    if (status == MG_OK) status = push_value(m, storage, err);
    if (status != MG_OK) free(storage.item);
    return status;
}

/* A call, or the making of an object, of which nothing is kept: callable and arguments give way to one value. */
static mg_status push_opaque(machine *m, mg_error *err)
{
    m->n_stack -= 2;
    return push_value(m, (mg_pickle_value){.kind = MG_PICKLE_OPAQUE}, err);
}

/* callable, arguments -> value, for the callables of a state dict */
static mg_status do_reduce(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    mg_status status = need(m, 2, err);
    if (status != MG_OK) return status;
    const mg_pickle_value *callable = peek(m, 1), *arguments = peek(m, 0);
    if (callable->kind != MG_PICKLE_GLOBAL || arguments->kind != MG_PICKLE_TUPLE)
        return broken(m, "a call of what is no function", err);
    if (callable->global == MG_GLOBAL_OPAQUE) return push_opaque(m, err);
    if (callable->global == MG_GLOBAL_REBUILD_PARAMETER && arguments->n >= 1) {
        uint32_t tensor = arguments->item[0];
        m->n_stack -= 2;
        return push(m, tensor, err);
    }
    if (callable->global == MG_GLOBAL_ORDERED_DICT && arguments->n == 0) {
        m->n_stack -= 2;
        return push_value(m, (mg_pickle_value){.kind = MG_PICKLE_DICT}, err);
    }
    if (callable->global != MG_GLOBAL_REBUILD_TENSOR) return broken(m, "a call that no state dict makes", err);
    mg_pickle_value tensor = {.kind = MG_PICKLE_TENSOR};
    status = move_items(m, m->n_stack - 1, &tensor, err); /* one item: the arguments */
    m->n_stack--;
    if (status == MG_OK) status = push_value(m, tensor, err);
    if (status != MG_OK) free(tensor.item);
    return status;
}

static mg_status do_object(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    mg_status status = need(m, 2, err);
    if (status != MG_OK) return status;
    const mg_pickle_value *class = peek(m, 1);
    if (class->kind == MG_PICKLE_GLOBAL && class->global == MG_GLOBAL_OPAQUE) return push_opaque(m, err);
    return mg_fail(err, MG_EINPUT, "refuses to make an object (pickle NEWOBJ at byte %zu); " MG_PICKLE_WANTS_MORE,
                   m->at_opcode);
}

/* Bytes that are no text: nothing of a state dict. */
static mg_status do_bytes(machine *m, unsigned char opcode, mg_error *err)
{
    uint64_t n = 0;
    const unsigned char *bytes = NULL;
    mg_status status = take_number(m, opcode == 'C' ? 1 : opcode == 'B' ? 4 : 8, &n, err);
    if (status == MG_OK) status = take(m, (size_t)n, &bytes, err);
    return status == MG_OK ? push_value(m, (mg_pickle_value){.kind = MG_PICKLE_OPAQUE}, err) : status;
}

/* A state dict carries version numbers as attributes of its OrderedDict; they are dropped. */
static mg_status do_build(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    mg_status status = need(m, 2, err);
    if (status != MG_OK) return status;
    if (peek(m, 1)->kind == MG_PICKLE_OPAQUE) {
        m->n_stack--;
        return MG_OK;
    }
    if (peek(m, 1)->kind != MG_PICKLE_DICT || peek(m, 0)->kind != MG_PICKLE_DICT)
        return mg_fail(err, MG_EINPUT,
                       "refuses to set an object's state (pickle BUILD at byte %zu); " MG_PICKLE_WANTS_MORE,
                       m->at_opcode);
    m->n_stack--;
    return MG_OK;
}

/* --- the machine --- */

static mg_status do_protocol(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    uint64_t version = 0;
    mg_status status = take_number(m, 1, &version, err);
    if (status == MG_OK && (version < 2 || version > 5)) status = broken(m, "its protocol is not 2 to 5", err);
    return status;
}

/* A frame says how many bytes follow; they are all here already. */
static mg_status do_frame(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    uint64_t n = 0;
    mg_status status = take_number(m, 8, &n, err);
    if (status == MG_OK && n > m->n - m->at) status = broken(m, "a frame runs past its end; is it truncated?", err);
    return status;
}

static mg_status do_stop(machine *m, unsigned char opcode, mg_error *err)
{
    (void)opcode;
    if (m->n_marks != 0 || m->n_stack != 1) return broken(m, "it ends with an untidy stack", err);
    m->out->root = m->stack[0];
    m->stopped = true;
    return MG_OK;
}

static const struct {
    unsigned char opcode;
    mg_status (*run)(machine *m, unsigned char opcode, mg_error *err);
} opcodes[] = {
    {'(', do_mark},     {')', do_empty},    {']', do_empty},   {'}', do_empty},   {'.', do_stop},
    {'0', do_pop},      {'G', do_real},     {'J', do_integer}, {'K', do_integer}, {'M', do_integer},
    {0x8a, do_integer}, {'N', do_none},     {'Q', do_storage}, {'R', do_reduce},  {'X', do_text},
    {0x8c, do_text},    {0x8d, do_text},    {'a', do_fill},    {'e', do_fill},    {'s', do_fill},
    {'u', do_fill},     {'b', do_build},    {'c', do_global},  {'i', do_global},  {0x93, do_stack_global},
    {'h', do_get},      {'j', do_get},      {'q', do_put},     {'r', do_put},     {0x94, do_put},
    {'t', do_tuple},    {0x85, do_tuple},   {0x86, do_tuple},  {0x87, do_tuple},  {0x80, do_protocol},
    {0x88, do_boolean}, {0x89, do_boolean}, {0x95, do_frame},  {0x81, do_object}, {'B', do_bytes},
    {'C', do_bytes},    {0x8e, do_bytes},
};

/* Opcodes that make objects or import things by number get their name in the message. */
static const char *opcode_name(unsigned char opcode)
{
    switch (opcode) {
    case 'o':
        return "OBJ";
    case 0x92:
        return "NEWOBJ_EX";
    case 0x82:
    case 0x83:
    case 0x84:
        return "EXT";
    case 'P':
        return "PERSID";
    default:
        return "opcode";
    }
}

static mg_status step(machine *m, mg_error *err)
{
    m->at_opcode = m->at;
    const unsigned char *opcode = NULL;
    mg_status status = take(m, 1, &opcode, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < sizeof opcodes / sizeof *opcodes; i++) {
        if (opcodes[i].opcode == *opcode) return opcodes[i].run(m, *opcode, err);
    }
    return mg_fail(err, MG_EINPUT, "refuses to run pickle %s 0x%02x at byte %zu; " MG_PICKLE_WANTS_MORE,
                   opcode_name(*opcode), *opcode, m->at_opcode);
}

mg_status mg_pickle_read(const unsigned char *bytes, size_t n, mg_pickle *ret, size_t *ret_n_used, mg_error *err)
{
    mg_pickle out = {0};
    machine m = {.bytes = bytes, .n = n, .out = &out};
    mg_status status = MG_OK;
    if (ret_n_used != NULL && n > MAX_BYTES) m.n = MAX_BYTES; /* what follows may be long */
    if (m.n > MAX_BYTES) return mg_fail(err, MG_EINPUT, "its pickle has %zu bytes; at most %d are read", n, MAX_BYTES);
    while (status == MG_OK && !m.stopped)
        status = step(&m, err);
    free(m.stack);
    free(m.mark);
    free(m.memo);
    if (ret_n_used != NULL) *ret_n_used = m.at;
    if (status == MG_OK) {
        *ret = out;
    } else {
        mg_pickle_destroy(&out);
    }
    return status;
}

void mg_pickle_destroy(mg_pickle *pickle)
{
    if (pickle == NULL) return;
    for (size_t i = 0; i < pickle->n; i++)
        free(pickle->value[i].item);
    free(pickle->value);
    *pickle = (mg_pickle){0};
}

const mg_pickle_value *mg_pickle_item(const mg_pickle *pickle, const mg_pickle_value *value, size_t i)
{
    if (value->kind == MG_PICKLE_TEXT || i >= value->n) return NULL;
    return &pickle->value[value->item[i]];
}

bool mg_pickle_is_text(const mg_pickle_value *value, const char *text)
{
    return value->kind == MG_PICKLE_TEXT && value->n == strlen(text) && memcmp(value->text, text, value->n) == 0;
}
