/* change_bit.c FILE SEED [DATASET]  turn one bit of a file, drawn by SEED, and print which: "byte 1234 bit 5"; with DATASET
 * one of its numbers, in a file that has checksums */
#include <stdio.h>
#include <stdlib.h>

#include "io/base/seal.h"
#include "src/core/random.h"

/* Where the bytes of a dataset lie. */
static int find(const char *path, const char *dataset, uint64_t *first, uint64_t *n)
{
    mg_seal seal = {0};
    mg_error err = {0};
    bool there = false;
    const mg_seal_part *part = mg_seal_read(path, &seal, &there, &err) == MG_OK ? mg_seal_find(&seal, dataset) : NULL;
    int found = part != NULL && part->offset >= 0 && part->n_bytes > 0;
    if (found) *first = (uint64_t)part->offset;
    if (found) *n = (uint64_t)part->n_bytes;
    mg_seal_destroy(&seal);
    return found;
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4) return 2;
    FILE *file = fopen(argv[1], "r+b");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) return 1;
    uint64_t first = 0, n = (uint64_t)ftell(file), seed = strtoull(argv[2], NULL, 10);
    if (argc == 4 && !find(argv[1], argv[3], &first, &n)) return 1;
    uint64_t where = first + (n > 0 ? mg_mix(seed, 1) % n : 0);
    unsigned bit = (unsigned)(mg_mix(seed, 2) % 8);
    int byte = fseek(file, (long)where, SEEK_SET) == 0 ? fgetc(file) : EOF;
    if (byte == EOF || fseek(file, (long)where, SEEK_SET) != 0 || fputc(byte ^ 1 << bit, file) == EOF) return 1;
    printf("byte %llu bit %u\n", (unsigned long long)where, bit);
    return fclose(file) != 0;
}
