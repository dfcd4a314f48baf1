/* damage_h5.c  damaged HDF5 containers through the child that reads them: an answer or a sentence, never a crash or a hang
 *
 *     damage_h5 TURNS FIRST FILE...
 *
 * Turn k of FIRST .. FIRST + TURNS - 1 takes the files in turn, changes bits, bytes and lengths of a copy by the number k alone
 * (any turn can be repeated), and has the child read it, within half a minute and half a GiB. Which sentences came, how often, is
 * told at the end. Ends with 1 when a reading failed without a sentence, or took longer. Needs no libFuzzer: the child is a
 * process, and the crash of a child is one of the answers. `make damage TURNS=20000` runs it on files of Keras, models of ours,
 * a run and its shards.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/h5_child.h"
#include "io/base/whole_file.h"
#include "src/core/log.h"
#include "src/core/random.h"

enum { MAX_FILE = 1 << 26, N_ANSWERS = 4 };
static const double patience = 30; /* seconds */

typedef struct {
    unsigned char *bytes;
    size_t n;
} image;

static uint64_t draw(uint64_t turn, uint64_t *k, uint64_t n)
{
    return mg_mix(turn, (*k)++) % n;
}

/* One change: a bit, a byte, eight bytes as a length may have them, a stretch of zeros, a stretch from elsewhere. HDF5 keeps its
 * structures near the beginning and near each object, so half of the changes are within the first 4 KiB. */
static void change(uint64_t turn, uint64_t *k, image *copy)
{
    static const uint64_t lengths[] = {0, 1, 255, 65535, 0x7fffffff, 0xffffffff, UINT64_MAX, UINT64_MAX / 2};
    size_t near_head = copy->n < 4096 ? copy->n : 4096, n = 1 + (size_t)draw(turn, k, 32);
    size_t at = (size_t)draw(turn, k, draw(turn, k, 2) == 0 ? near_head : copy->n);
    size_t left = copy->n - at, from = (size_t)draw(turn, k, copy->n);
    switch (draw(turn, k, 5)) {
    case 0:
        copy->bytes[at] ^= (unsigned char)(1 << draw(turn, k, 8));
        return;
    case 1:
        copy->bytes[at] = (unsigned char)draw(turn, k, 256);
        return;
    case 2: {
        uint64_t length = lengths[draw(turn, k, sizeof lengths / sizeof lengths[0])];
        memcpy(copy->bytes + at, &length, left < sizeof length ? left : sizeof length);
        return;
    }
    case 3:
        memset(copy->bytes + at, 0, left < n ? left : n);
        return;
    default:
        if (n > left) n = left;
        if (n > copy->n - from) n = copy->n - from;
        memmove(copy->bytes + at, copy->bytes + from, n);
    }
}

static void damage(uint64_t turn, const image *whole, image *copy)
{
    uint64_t k = 0, n_changes = 1 + draw(turn, &k, 6);
    memcpy(copy->bytes, whole->bytes, whole->n);
    copy->n = whole->n;
    for (uint64_t i = 0; i < n_changes; i++)
        change(turn, &k, copy);
    if (draw(turn, &k, 8) == 0) copy->n = 1 + (size_t)draw(turn, &k, whole->n); /* cut short */
}

/* What came of it: 0 a tree, 1 refused as damaged, 2 beyond a limit or ended by a signal, 3 a fault. */
static int read_one(const image *copy, uint64_t turn)
{
    const mg_h5_limits limits = {.seconds = patience / 3, .memory_bytes = (size_t)1 << 29};
    mg_h5_tree *tree = NULL;
    mg_error err = {0};
    double begun = mg_clock();
    mg_status status = mg_h5_child_read_bytes(copy->bytes, copy->n, &limits, &tree, &err);
    mg_h5_tree_destroy(tree);
    if (mg_clock() - begun > patience || (status != MG_OK && (status != MG_EINPUT || err.text[0] == '\0'))) {
        printf("turn %" PRIu64 ": status %d, %.0f s, '%s'\n", turn, (int)status, mg_clock() - begun, err.text);
        return 3;
    }
    if (status == MG_OK) return 0;
    return strstr(err.text, "takes more than") != NULL || strstr(err.text, "memory") != NULL ||
                   strstr(err.text, "signal") != NULL
               ? 2
               : 1;
}

int main(int argc, char **argv)
{
    int served = mg_h5_child_serve(argc, argv);
    if (served >= 0) return served;
    if (argc < 4) return fprintf(stderr, "damage_h5 TURNS FIRST FILE...\n") < 0 ? 1 : 2;
    uint64_t turns = strtoull(argv[1], NULL, 10), first = strtoull(argv[2], NULL, 10), n_files = (uint64_t)argc - 3;
    uint64_t answers[N_ANSWERS] = {0};
    image *file = calloc((size_t)n_files, sizeof *file), copy = {0};
    mg_error err = {0};
    size_t room = 1;
    for (uint64_t i = 0; file != NULL && i < n_files; i++) {
        if (mg_whole_file_read(argv[3 + i], MAX_FILE, &file[i].bytes, &file[i].n, &err) != MG_OK)
            return fprintf(stderr, "%s\n", err.text) < 0 ? 1 : 2;
        if (file[i].n > room) room = file[i].n;
    }
    copy.bytes = malloc(room);
    if (file == NULL || copy.bytes == NULL) return 2;
    for (uint64_t turn = first; turn < first + turns; turn++) {
        damage(turn, &file[turn % n_files], &copy);
        answers[read_one(&copy, turn)]++;
    }
    printf("%" PRIu64 " damaged containers of %" PRIu64 " files: %" PRIu64 " read, %" PRIu64
           " refused as damaged, %" PRIu64 " ended by a limit or a signal, %" PRIu64 " faults\n",
           turns, n_files, answers[0], answers[1], answers[2], answers[3]);
    for (uint64_t i = 0; i < n_files; i++)
        free(file[i].bytes);
    free(file);
    free(copy.bytes);
    return answers[3] > 0;
}
