/* parts.c  a run that is not there because it is not finished */
#include "io/report/report.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/run/parts.h"
#include "src/core/log.h"

/* Finished shards in the folder; -1 when it cannot be read. */
static int64_t count_shards(const char *folder)
{
    DIR *list = opendir(folder);
    if (list == NULL) return -1;
    int64_t n = 0;
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        n += strncmp(entry->d_name, "shard-", 6) == 0 && end != NULL && strcmp(end, ".h5") == 0;
    }
    closedir(list);
    return n;
}

/* A positive number of the folder's plan; 0 when it is not told. */
static int64_t plan_number(const json_t *plan, const char *key)
{
    int64_t n = json_integer_value(json_object_get(plan, key));
    return n > 0 ? n : 0;
}

static mg_status tell_parts(const char *path, const char *folder, int64_t n_done, mg_error *err)
{
    char *file = NULL, done[MG_COUNT_TEXT], all[MG_COUNT_TEXT], windows[MG_COUNT_TEXT];
    if (asprintf(&file, "%s/plan.json", folder) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    json_t *plan = json_load_file(file, 0, NULL);
    int64_t n = plan_number(plan, "number of windows"), size = plan_number(plan, "shard size");
    json_decref(plan);
    free(file);
    mg_format_count(done, n_done);
    if (n == 0 || size == 0)
        return mg_fail(err, MG_EINPUT,
                       "%s is not finished: %s holds %s finished shards; run the same scan again to go on", path,
                       folder, done);
    return mg_fail(
        err, MG_EINPUT,
        "%s is not finished: %s holds %s of %s shards of a run of %s windows; run the same scan again to go on", path,
        folder, done, mg_format_count(all, n / size + (n % size != 0)), mg_format_count(windows, n));
}

mg_status mg_report_check_finished(const char *path, mg_error *err)
{
    if (access(path, F_OK) == 0) return MG_OK;
    char *folder = NULL;
    mg_status status = mg_parts_folder(path, &folder, err);
    if (status != MG_OK) return status;
    int64_t n_done = count_shards(folder);
    if (n_done >= 0) status = tell_parts(path, folder, n_done, err);
    free(folder);
    return status;
}
