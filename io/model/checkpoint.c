/* checkpoint.c  plan, training and checksum in one file; and the history beside it */
#include "io/model/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/whole_file.h"
#include "src/core/memory.h"

static const char magic[] = "mutagree-checkpoint 1\n";
enum { N_MAGIC = sizeof magic - 1, DIGITS = 9 };
#define MAX_FILE ((size_t)1 << 38)

/* magic, length of the plan, plan, training, checksum */
static mg_status compose(const char *plan, const mg_training *training, unsigned char **ret, size_t *n_ret,
                         mg_error *err)
{
    unsigned char *packed = NULL, *bytes = NULL;
    size_t n_packed = 0, n_plan = strlen(plan);
    uint64_t length = n_plan;
    mg_status status = mg_training_pack(training, &packed, &n_packed, err);
    size_t n = N_MAGIC + sizeof length + n_plan + n_packed;
    if (status == MG_OK) status = mg_alloc(&bytes, n + MG_SHA256_TEXT, 1, err);
    if (status == MG_OK) {
        memcpy(bytes, magic, N_MAGIC);
        memcpy(bytes + N_MAGIC, &length, sizeof length);
        memcpy(bytes + N_MAGIC + sizeof length, plan, n_plan);
        memcpy(bytes + N_MAGIC + sizeof length + n_plan, packed, n_packed);
        mg_sha256(bytes, n, (char *)bytes + n);
        *ret = bytes;
        *n_ret = n + MG_SHA256_TEXT;
    }
    free(packed);
    return status;
}

mg_status mg_checkpoint_write(const char *path, const char *plan, const mg_training *training, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = compose(plan, training, &bytes, &n, err);
    if (status == MG_OK) status = mg_whole_file_write(path, bytes, n, true, err);
    free(bytes);
    return status;
}

/* Two texts of lines that are not the same: the first lines that differ. */
static mg_status tell_difference(const char *path, const char *then, size_t n_then, const char *now, mg_error *err)
{
    const char *end = then + n_then;
    for (;;) {
        size_t n_now = strcspn(now, "\n"), n_line = 0;
        while (then + n_line < end && then[n_line] != '\n')
            n_line++;
        if (n_now != n_line || memcmp(now, then, n_line) != 0)
            return mg_fail(err, MG_EINPUT,
                           "%s is of another training: '%.*s' then, '%.*s' now; go on with the same command, or give "
                           "--force to start anew",
                           path, (int)n_line, then, (int)n_now, now);
        if (then + n_line == end || now[n_now] == '\0') break;
        then += n_line + 1;
        now += n_now + 1;
    }
    return mg_fail(err, MG_EINPUT, "%s is of another training; give --force to start anew", path);
}

static mg_status take_apart(const char *path, const unsigned char *bytes, size_t n, const char *plan,
                            mg_training *training, mg_error *err)
{
    uint64_t length = 0;
    char sum[MG_SHA256_TEXT];
    size_t n_head = N_MAGIC + sizeof length, n_sum = n - MG_SHA256_TEXT;
    bool fine = n >= n_head + MG_SHA256_TEXT && memcmp(bytes, magic, N_MAGIC) == 0;
    if (fine) {
        memcpy(&length, bytes + N_MAGIC, sizeof length);
        mg_sha256(bytes, n_sum, sum);
        fine = memcmp(bytes + n_sum, sum, sizeof sum) == 0 && length <= n_sum - n_head;
    }
    if (!fine)
        return mg_fail(err, MG_EINPUT, "%s is no checkpoint of a training, or damaged; give --force to start anew",
                       path);
    const char *then = (const char *)bytes + n_head;
    if (strlen(plan) != length || memcmp(plan, then, (size_t)length) != 0)
        return tell_difference(path, then, (size_t)length, plan, err);
    mg_status status = mg_training_unpack(bytes + n_head + length, n_sum - n_head - (size_t)length, training, err);
    return status == MG_OK ? MG_OK : mg_fail_prefix(err, "%s: ", path);
}

mg_status mg_checkpoint_read(const char *path, const char *plan, mg_training *training, bool *ret_found, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    *ret_found = access(path, F_OK) == 0;
    if (!*ret_found) return MG_OK;
    mg_status status = mg_whole_file_read(path, MAX_FILE, &bytes, &n, err);
    if (status == MG_OK) status = take_apart(path, bytes, n, plan, training, err);
    free(bytes);
    return status;
}

/* --- history --- */

static void put_number(FILE *out, double x)
{
    if (isnan(x))
        fputs("\tnan", out);
    else
        fprintf(out, "\t%.*g", DIGITS, x);
}

static void put_history(FILE *out, const mg_training *training)
{
    fputs("# loss: of the windows trained on, with dropout and augmentation; the other columns: of those held out\n",
          out);
    fputs("epoch\twindows\trate\tloss", out);
    for (int q = 0; q < MG_N_QUALITIES; q++)
        fprintf(out, "\theld_out_%s", mg_qualities[q].name);
    fputs("\tbest\n", out);
    for (size_t e = 0; e < training->n_epochs; e++) {
        const mg_epoch_record *record = &training->record[e];
        fprintf(out, "%zu\t%" PRId64, e + 1, record->n_windows);
        put_number(out, record->rate);
        put_number(out, record->loss);
        for (int q = 0; q < MG_N_QUALITIES; q++)
            put_number(out, record->quality[q]);
        fprintf(out, "\t%d\n", training->best_epoch == (int64_t)e + 1);
    }
}

mg_status mg_history_write(const char *path, const mg_training *training, bool force, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out != NULL) put_history(out, training);
    mg_status status = out == NULL || fclose(out) != 0 ? mg_fail(err, MG_EMEM, "out of memory while writing %s", path)
                                                       : mg_whole_file_write(path, text, n, force, err);
    free(text);
    return status;
}
