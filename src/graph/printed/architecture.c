/* architecture.c  the header lines of an architecture text, and the texts that are built in */
#include "src/graph/printed/architecture.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/sequence/alphabet.h"

enum { MAX_WINDOW = 1 << 20, MAX_CLASSES = 1024 };

/* TISRover (Zuallaert et al. 2018) as widened by Ozbulak et al. 2023 (btad338): 203 bases, channels A, G, C, T. */
static const char tisrover_plus[] = "window  203\n"
                                    "anchor  60\n"
                                    "bases   AGCT\n"
                                    "head    softmax\n"
                                    "classes no_TIS TIS\n"
                                    "target  TIS\n"
                                    "layers\n"
                                    "TISRover(\n"
                                    "  (features): Sequential(\n"
                                    "    (0): Conv2d(1, 32, kernel_size=(7, 4), stride=(1, 1))\n"
                                    "    (1): ReLU()\n"
                                    "    (2): MaxPool2d(kernel_size=(3, 1), stride=(3, 1))\n"
                                    "    (3): Conv2d(32, 64, kernel_size=(3, 1), stride=(1, 1))\n"
                                    "    (4): ReLU()\n"
                                    "    (5): MaxPool2d(kernel_size=(3, 1), stride=(3, 1))\n"
                                    "    (6): Conv2d(64, 128, kernel_size=(3, 1), stride=(1, 1))\n"
                                    "    (7): ReLU()\n"
                                    "    (8): MaxPool2d(kernel_size=(3, 1), stride=(3, 1))\n"
                                    "  )\n"
                                    "  (classifier): Sequential(\n"
                                    "    (0): Linear(in_features=768, out_features=128)\n"
                                    "    (1): ReLU()\n"
                                    "    (2): Dropout(p=0.5)\n"
                                    "    (3): Linear(in_features=128, out_features=2)\n"
                                    "  )\n"
                                    ")\n";

/* TISRover (Zuallaert et al. 2018), wider at each layer; over the same window. */
static const char tisrover[] = "window  203\n"
                               "anchor  60\n"
                               "head    softmax\n"
                               "classes no_TIS TIS\n"
                               "target  TIS\n"
                               "layers\n"
                               "TISRover(\n"
                               "  (features): Sequential(\n"
                               "    (0): Conv1d(4, 70, kernel_size=(7,), stride=(1,))\n"
                               "    (1): ReLU()\n"
                               "    (2): MaxPool1d(kernel_size=3, stride=3)\n"
                               "    (3): Dropout(p=0.2)\n"
                               "    (4): Conv1d(70, 100, kernel_size=(3,), stride=(1,))\n"
                               "    (5): ReLU()\n"
                               "    (6): MaxPool1d(kernel_size=3, stride=3)\n"
                               "    (7): Dropout(p=0.2)\n"
                               "    (8): Conv1d(100, 150, kernel_size=(3,), stride=(1,))\n"
                               "    (9): ReLU()\n"
                               "    (10): MaxPool1d(kernel_size=3, stride=3)\n"
                               "    (11): Dropout(p=0.2)\n"
                               "  )\n"
                               "  (classifier): Sequential(\n"
                               "    (0): Linear(in_features=900, out_features=512)\n"
                               "    (1): ReLU()\n"
                               "    (2): Dropout(p=0.2)\n"
                               "    (3): Linear(in_features=512, out_features=2)\n"
                               "  )\n"
                               ")\n";

const char *mg_architecture_builtin(const char *name)
{
    if (strcmp(name, "tisrover") == 0) return tisrover;
    return strcmp(name, "tisrover+") == 0 ? tisrover_plus : NULL;
}

const char *mg_architecture_names(void)
{
    return "tisrover+ or tisrover";
}

/* One header line at work: its value, without spaces at either end, and where it stands. */
typedef struct {
    const char *origin;
    int line;
    const char *key;
    char *value;
} header_line;

static mg_status bad_line(const header_line *in, const char *wanted, mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "%s line %d: %s is '%.60s', expected %s", in->origin, in->line, in->key, in->value,
                   wanted);
}

static mg_status read_length(const header_line *in, int64_t low, int64_t *value, const char *wanted, mg_error *err)
{
    char *end = NULL;
    errno = 0;
    long long v = strtoll(in->value, &end, 10);
    if (end == in->value || *end != '\0' || errno != 0 || v < low || v > MAX_WINDOW) return bad_line(in, wanted, err);
    *value = v;
    return MG_OK;
}

static mg_status read_window(const header_line *in, mg_architecture *out, mg_error *err)
{
    return read_length(in, 3, &out->length, "a number of bases from 3 to 1048576", err);
}

static mg_status read_anchor(const header_line *in, mg_architecture *out, mg_error *err)
{
    return read_length(in, 0, &out->anchor, "the 0-based offset of the codon in the window", err);
}

static mg_status read_bases(const header_line *in, mg_architecture *out, mg_error *err)
{
    static const char letters[] = "ACGT";
    const char *wanted = "the four letters A, C, G, T in the order of the network's input channels";
    int64_t channel[4] = {-1, -1, -1, -1};
    if (strlen(in->value) != 4) return bad_line(in, wanted, err);
    for (int i = 0; i < 4; i++) {
        const char *letter = strchr(letters, toupper((unsigned char)in->value[i]));
        if (letter == NULL || channel[letter - letters] >= 0) return bad_line(in, wanted, err);
        channel[letter - letters] = i;
    }
    memcpy(out->base_channel, channel, sizeof channel);
    return MG_OK;
}

static mg_status read_head(const header_line *in, mg_architecture *out, mg_error *err)
{
    out->head_given = true;
    if (strcmp(in->value, "softmax") == 0) {
        out->head = MG_HEAD_SOFTMAX;
    } else if (strcmp(in->value, "sigmoid") == 0) {
        out->head = MG_HEAD_SIGMOID;
    } else if (strcmp(in->value, "none") == 0) {
        out->head = MG_HEAD_NONE;
    } else {
        return bad_line(in, "softmax, sigmoid or none", err);
    }
    return MG_OK;
}

static mg_status read_classes(const header_line *in, mg_architecture *out, mg_error *err)
{
    size_t n_room = 0;
    char *rest = NULL;
    for (char *word = strtok_r(in->value, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest)) {
        if (strlen(word) >= MG_CLASS_NAME || out->n_classes >= MAX_CLASSES)
            return mg_fail(err, MG_EINPUT, "%s line %d: at most %d class names of at most %d bytes are expected",
                           in->origin, in->line, MAX_CLASSES, MG_CLASS_NAME - 1);
        mg_status status = mg_grow(&out->class_name, &n_room, out->n_classes + 1, sizeof *out->class_name, err);
        if (status != MG_OK) return status;
        memcpy(out->class_name[out->n_classes++], word, strlen(word) + 1);
    }
    return MG_OK;
}

static mg_status read_target(const header_line *in, mg_architecture *out, mg_error *err)
{
    if (strlen(in->value) >= sizeof out->target) return bad_line(in, "the name of a class", err);
    memcpy(out->target, in->value, strlen(in->value) + 1);
    return MG_OK;
}

static mg_status read_flatten(const header_line *in, mg_architecture *out, mg_error *err)
{
    out->positions_first = strcmp(in->value, "positions-first") == 0;
    if (out->positions_first || strcmp(in->value, "channels-first") == 0) return MG_OK;
    return bad_line(in, "channels-first or positions-first", err);
}

static mg_status read_rows(const header_line *in, mg_architecture *out, mg_error *err)
{
    out->along = strcmp(in->value, "positions") == 0 ? 0 : 1;
    if (out->along == 0 || strcmp(in->value, "bases") == 0) return MG_OK;
    return bad_line(in, "positions or bases", err);
}

static mg_status read_note(const header_line *in, mg_architecture *out, mg_error *err)
{
    size_t n_old = strlen(out->notes), n_new = strlen(in->value);
    char *notes = NULL;
    mg_status status = mg_alloc(&notes, n_old + n_new + 2, 1, err);
    if (status != MG_OK) return status;
    memcpy(notes, out->notes, n_old);
    memcpy(notes + n_old, in->value, n_new);
    notes[n_old + n_new] = '\n';
    free(out->notes);
    out->notes = notes;
    return MG_OK;
}

typedef struct {
    const char *key;
    bool again, required; /* may stand more than once; must stand there */
    mg_status (*read)(const header_line *in, mg_architecture *out, mg_error *err);
} header_key;

static const header_key keys[] = {
    {"window", false, true, read_window},    {"anchor", false, true, read_anchor},
    {"bases", false, false, read_bases},     {"head", false, false, read_head},
    {"classes", false, false, read_classes}, {"target", false, false, read_target},
    {"flatten", false, false, read_flatten}, {"rows", false, false, read_rows},
    {"note", true, false, read_note},
};
enum { N_KEYS = sizeof keys / sizeof *keys };

/* Cut spaces off both ends; returns where the rest begins. */
static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = '\0';
    return text;
}

/* One line "key value" (already trimmed) into out; seen[k] tells which keys stood before. */
static mg_status read_header_line(char *text, const char *origin, int line, bool seen[N_KEYS], mg_architecture *out,
                                  mg_error *err)
{
    size_t n = strcspn(text, " \t");
    header_line in = {.origin = origin, .line = line, .key = text, .value = text + n};
    if (*in.value != '\0') *in.value++ = '\0';
    in.value = trim(in.value);
    for (size_t k = 0; k < N_KEYS; k++) {
        if (strcmp(keys[k].key, in.key) != 0) continue;
        if (seen[k] && !keys[k].again)
            return mg_fail(err, MG_EINPUT, "%s line %d: a second line '%s'", origin, line, in.key);
        if (*in.value == '\0') return mg_fail(err, MG_EINPUT, "%s line %d: '%s' has no value", origin, line, in.key);
        seen[k] = true;
        return keys[k].read(&in, out, err);
    }
    return mg_fail(err, MG_EINPUT,
                   "%s line %d: '%.40s' is no header line; expected window, anchor, bases, head, classes, target, "
                   "flatten, rows or note with its value, then 'layers' and the output of print(model)",
                   origin, line, in.key);
}

/* The header lines up to 'layers'; *ret_layers and *ret_line tell where the text of the layers begins. */
static mg_status read_header(char *copy, const char *origin, mg_architecture *out, char **ret_layers, int *ret_line,
                             mg_error *err)
{
    bool seen[N_KEYS] = {false};
    int line = 0;
    for (char *at = copy; at != NULL;) {
        char *next = strchr(at, '\n');
        if (next != NULL) *next++ = '\0';
        line++;
        char *text = trim(at);
        at = next;
        if (*text == '\0' || *text == '#') continue;
        if (strcmp(text, "layers") == 0) {
            for (size_t k = 0; k < N_KEYS; k++) {
                if (keys[k].required && !seen[k])
                    return mg_fail(err, MG_EINPUT, "%s: the line '%s' is missing before 'layers' (line %d)", origin,
                                   keys[k].key, line);
            }
            *ret_layers = next != NULL ? next : copy + strlen(copy);
            *ret_line = line + 1;
            return MG_OK;
        }
        mg_status status = read_header_line(text, origin, line, seen, out, err);
        if (status != MG_OK) return status;
    }
    return mg_fail(err, MG_EINPUT, "%s: no line 'layers' with the output of print(model) behind it", origin);
}

/* A comment line among the layers becomes spaces, so that line numbers stay. */
static void blank_comments(char *text)
{
    for (char *at = text; at != NULL; at = strchr(at, '\n')) {
        at += strspn(at, " \t\r\n");
        if (*at == '#') memset(at, ' ', strcspn(at, "\n"));
        if (*at == '\0') return;
    }
}

/* Words of the text reach messages and files, so control bytes other than tabs and line ends are refused. */
static mg_status check_text(const char *text, const char *origin, mg_error *err)
{
    size_t n = strlen(text);
    if (n > MG_MAX_ARCHITECTURE)
        return mg_fail(err, MG_EINPUT, "%s: an architecture text has at most %d bytes, this one has %zu", origin,
                       MG_MAX_ARCHITECTURE, n);
    int line = 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
            return mg_fail(err, MG_EINPUT, "%s line %d: byte 0x%02x; an architecture is plain text", origin, line, c);
        if (c == '\n') line++;
    }
    return MG_OK;
}

static mg_status check_header(const mg_architecture *architecture, const char *origin, mg_error *err)
{
    if (architecture->anchor + 3 > architecture->length)
        return mg_fail(err, MG_EINPUT, "%s: the codon at anchor %lld does not fit into a window of %lld bases", origin,
                       (long long)architecture->anchor, (long long)architecture->length);
    return MG_OK;
}

mg_status mg_architecture_parse(const char *text, const char *origin, mg_architecture *ret, mg_error *err)
{
    mg_architecture out = {.base_channel = {0, 1, 2, 3}, .along = -1};
    char *copy = NULL, *layers = NULL;
    int line = 0;
    mg_status status = check_text(text, origin, err);
    if (status != MG_OK) goto cleanup;
    status = mg_copy_text(&copy, text, err);
    if (status != MG_OK) goto cleanup;
    status = mg_copy_text(&out.notes, "", err);
    if (status != MG_OK) goto cleanup;
    status = read_header(copy, origin, &out, &layers, &line, err);
    if (status != MG_OK) goto cleanup;
    status = check_header(&out, origin, err);
    if (status != MG_OK) goto cleanup;
    blank_comments(layers);
    status = mg_modules_parse(layers, origin, line, &out.modules, err);
cleanup:
    free(copy);
    if (status == MG_OK) {
        *ret = out;
    } else {
        mg_architecture_destroy(&out);
    }
    return status;
}

void mg_architecture_destroy(mg_architecture *architecture)
{
    if (architecture == NULL) return;
    free(architecture->class_name);
    free(architecture->notes);
    mg_modules_destroy(&architecture->modules);
    *architecture = (mg_architecture){0};
}

/* Where the line 'layers' begins, or NULL. */
static const char *find_layers_line(const char *text)
{
    for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
        if (*at == '\n') at++;
        const char *word = at + strspn(at, " \t");
        if (strncmp(word, "layers", 6) == 0 && strspn(word + 6, " \t\r") == strcspn(word + 6, "\n")) return at;
    }
    return NULL;
}

mg_status mg_architecture_add_note(const char *text, const char *note, char **ret, mg_error *err)
{
    const char *layers = find_layers_line(text);
    if (layers == NULL) return mg_fail(err, MG_EINPUT, "the architecture text has no line 'layers'");
    size_t n_lines = 1;
    for (const char *at = note; *at != '\0'; at++)
        n_lines += *at == '\n' ? 1 : 0;
    size_t n = strlen(text) + strlen(note) + n_lines * strlen("note    \n") + 1;
    if (n > MG_MAX_ARCHITECTURE)
        return mg_fail(err, MG_EINPUT, "with this note the architecture text has more than %d bytes",
                       MG_MAX_ARCHITECTURE);
    char *out = NULL;
    mg_status status = mg_alloc(&out, n, 1, err);
    if (status != MG_OK) return status;
    char *at = out + snprintf(out, n, "%.*s", (int)(layers - text), text);
    while (*note != '\0') {
        size_t n_line = strcspn(note, "\n");
        if (strspn(note, " \t\r\n") < n_line) at += sprintf(at, "note    %.*s\n", (int)n_line, note);
        note += n_line + (note[n_line] == '\n' ? 1 : 0);
    }
    memcpy(at, layers, strlen(layers) + 1);
    *ret = out;
    return MG_OK;
}
