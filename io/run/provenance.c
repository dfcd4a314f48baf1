/* provenance.c  the table of what is recorded, and how it is found out */
#include "io/run/provenance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GLIBC__)
#    include <gnu/libc-version.h>
#endif
#include <gsl/gsl_version.h>
#include <htslib/hts.h>
#include <jansson.h>
#include <zip.h>

#include "io/base/h5.h"
#include "io/run/machine.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/version.h"

#define TEXT(name, description)                                                                                        \
    {                                                                                                                  \
#        name, MG_PROVENANCE_TEXT, offsetof(mg_provenance, name), description                                          \
    }
#define INTEGER(name, description)                                                                                     \
    {                                                                                                                  \
#        name, MG_PROVENANCE_INTEGER, offsetof(mg_provenance, name), description                                       \
    }
#define REAL(name, description)                                                                                        \
    {                                                                                                                  \
#        name, MG_PROVENANCE_REAL, offsetof(mg_provenance, name), description                                          \
    }

const mg_provenance_item mg_provenance_items[] = {
    TEXT(program, "name of the program"),
    TEXT(version, "its version"),
    TEXT(revision, "git revision it was built from; -dirty: with changes"),
    TEXT(compiler, "compiler it was built with"),
    TEXT(flags, "options of the compiler"),
    TEXT(libraries, "libraries in use, a line each"),
    TEXT(command_line, "the command, quoted so that a shell takes it"),
    TEXT(options, "every option with its value, a line each, given or not"),
    TEXT(model, "file of the network"),
    TEXT(model_sha256, "SHA-256 of that file"),
    TEXT(network, "the network in numbers"),
    TEXT(bases,
         "order of the bases among the network's input channels; assumed: neither its file nor the user said it"),
    TEXT(architecture, "the layers of the network"),
    TEXT(inputs, "input files: role, path and SHA-256, a line each"),
    TEXT(counts, "what was found in the input and what was left out, a line each"),
    INTEGER(seed, "seed of all random numbers"),
    INTEGER(ranks, "MPI processes"),
    INTEGER(threads, "threads of all processes"),
    TEXT(instruction_set, "vector instructions in use on the first process"),
    TEXT(hosts, "where the processes ran, a line a node"),
    TEXT(machine, "kind of machine; this and all up to the job: of the first process"),
    TEXT(processor, "its model, and its cores"),
    TEXT(system, "operating system and kernel"),
    TEXT(limits, "memory, cores and processor time that the process may use, a line each"),
    TEXT(environment, "environment variables that were set, of a list of known ones, a line each"),
    TEXT(job, "scheduler and number of the job; not there: no scheduler"),
    TEXT(costs, "time that each method took, ms a window and thread, a line each; of the windows of the last session"),
    TEXT(started, "time of the start, UTC"),
    TEXT(finished, "time when all was computed and this file was begun, UTC"),
    REAL(seconds, "between the two"),
    REAL(measured_share, "share of the windows, chosen by their bases, in which metrics that run passes were measured"),
    {0}};

/* --- texts --- */

static mg_status no_room(mg_error *err)
{
    return mg_fail(err, MG_EMEM, "out of memory while writing down where the run comes from");
}

mg_status mg_provenance_set(char **field, mg_error *err, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) return no_room(err);
    free(*field);
    *field = text;
    return MG_OK;
}

mg_status mg_provenance_add_line(char **field, mg_error *err, const char *format, ...)
{
    char *line = NULL, *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&line, format, args);
    va_end(args);
    if (n < 0) return no_room(err);
    n = *field == NULL ? asprintf(&text, "%s", line) : asprintf(&text, "%s\n%s", *field, line);
    free(line);
    if (n < 0) return no_room(err);
    free(*field);
    *field = text;
    return MG_OK;
}

static const char *without_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

mg_status mg_provenance_add_file(char **field, char **brief, const char *role, const mg_held_file *file, mg_error *err)
{
    char sum[MG_SHA256_TEXT] = "";
    mg_status status = mg_held_file_sum(file, sum, err);
    if (status == MG_OK) status = mg_provenance_add_line(field, err, "%s %s %s", role, file->path, sum);
    return status == MG_OK ? mg_provenance_add_line(brief, err, "%s %s %s", role, without_folder(file->path), sum)
                           : status;
}

/* --- what the program knows about itself --- */

static mg_status set_time(char **field, mg_error *err)
{
    time_t now = time(NULL);
    struct tm utc;
    char text[32] = "";
    if (gmtime_r(&now, &utc) != NULL) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return mg_provenance_set(field, err, "%s", text);
}

/* The C library is among them because its exp() and log() decide last bits. */
static mg_status set_libraries(char **field, mg_error *err)
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    mg_status status = mg_provenance_set(
        field, err, "HDF5 %u.%u.%u\nGSL %s\nhtslib %s\njansson %s\nlibzip %s\nOpenMP %d", major, minor, release,
        gsl_version, hts_version(), jansson_version_str(), zip_libzip_version(), _OPENMP);
#if defined(__GLIBC__)
    if (status == MG_OK) status = mg_provenance_add_line(field, err, "glibc %s", gnu_get_libc_version());
#endif
    return status;
}

static int is_plain(const char *word)
{
    return word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                                "%+,-./:=@^_")] == '\0';
}

/* Quote a word for the shell: in single quotes, each single quote in it as '\''. */
static mg_status quote(const char *word, char **ret, mg_error *err)
{
    if (is_plain(word)) return mg_copy_text(ret, word, err);
    char *text = NULL;
    mg_status status = mg_alloc(&text, 4 * strlen(word) + 3, 1, err);
    if (status != MG_OK) return status;
    char *to = text;
    *to++ = '\'';
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            to = stpcpy(to, "'\\''");
        else
            *to++ = *word;
    }
    *to++ = '\'';
    *ret = text;
    return MG_OK;
}

static mg_status set_command_line(int argc, char **argv, char **field, mg_error *err)
{
    mg_status status = mg_provenance_set(field, err, "mutagree");
    for (int i = 0; i < argc && status == MG_OK; i++) {
        char *word = NULL, *before = *field;
        status = quote(argv[i], &word, err);
        if (status != MG_OK) break;
        *field = NULL;
        status = mg_provenance_set(field, err, "%s %s", before, word);
        free(before);
        free(word);
    }
    return status;
}

mg_status mg_provenance_begin(int argc, char **argv, mg_provenance *ret, mg_error *err)
{
    *ret = (mg_provenance){0};
    mg_status status = mg_provenance_set(&ret->program, err, "mutagree");
    if (status == MG_OK) status = mg_provenance_set(&ret->version, err, "%s", mg_version());
    if (status == MG_OK) status = mg_provenance_set(&ret->revision, err, "%s", mg_revision());
    if (status == MG_OK) status = mg_provenance_set(&ret->compiler, err, "%s", mg_compiler());
    if (status == MG_OK) status = mg_provenance_set(&ret->flags, err, "%s", mg_build_flags());
    if (status == MG_OK) status = set_libraries(&ret->libraries, err);
    if (status == MG_OK) status = set_command_line(argc, argv, &ret->command_line, err);
    if (status == MG_OK) status = mg_machine_record(ret, err);
    return status == MG_OK ? set_time(&ret->started, err) : status;
}

mg_status mg_provenance_end(mg_provenance *provenance, double clock_at_start, mg_error *err)
{
    provenance->seconds = mg_clock() - clock_at_start;
    return set_time(&provenance->finished, err);
}

/* --- as attributes --- */

static mg_status write_item(const mg_provenance_item *item, const void *value, hid_t group, mg_error *err)
{
    switch (item->type) {
    case MG_PROVENANCE_TEXT: {
        const char *text = *(char *const *)value;
        return text == NULL ? MG_OK : mg_h5_write_text(group, item->name, text, err);
    }
    case MG_PROVENANCE_INTEGER:
        return mg_h5_write_integer(group, item->name, *(const int64_t *)value, err);
    case MG_PROVENANCE_REAL:
        return mg_h5_write_real(group, item->name, *(const double *)value, err);
    }
    return mg_fail(err, MG_EBUG, "provenance item %s is of no known type", item->name);
}

mg_status mg_provenance_write(const mg_provenance *provenance, hid_t group, mg_error *err)
{
    mg_status status = MG_OK;
    for (const mg_provenance_item *item = mg_provenance_items; item->name != NULL && status == MG_OK; item++)
        status = write_item(item, (const char *)provenance + item->offset, group, err);
    return status;
}

static mg_status read_item(const mg_provenance_item *item, hid_t group, void *value, mg_error *err)
{
    if (H5Aexists(group, item->name) <= 0) return MG_OK;
    switch (item->type) {
    case MG_PROVENANCE_TEXT:
        return mg_h5_read_text(group, item->name, value, err);
    case MG_PROVENANCE_INTEGER:
        return mg_h5_read_integer(group, item->name, value, err);
    case MG_PROVENANCE_REAL:
        return mg_h5_read_real(group, item->name, value, err);
    }
    return mg_fail(err, MG_EBUG, "provenance item %s is of no known type", item->name);
}

mg_status mg_provenance_read(hid_t group, mg_provenance *ret, mg_error *err)
{
    mg_status status = MG_OK;
    *ret = (mg_provenance){0};
    for (const mg_provenance_item *item = mg_provenance_items; item->name != NULL && status == MG_OK; item++)
        status = read_item(item, group, (char *)ret + item->offset, err);
    return status;
}

void mg_provenance_destroy(mg_provenance *provenance)
{
    if (provenance == NULL) return;
    for (const mg_provenance_item *item = mg_provenance_items; item->name != NULL; item++)
        if (item->type == MG_PROVENANCE_TEXT) free(*(char **)((char *)provenance + item->offset));
    *provenance = (mg_provenance){0};
}
