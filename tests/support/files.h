/* files.h  small files for the tests of readers: made in a folder that goes when the test ends */
#ifndef MG_TESTS_SUPPORT_FILES_H
#define MG_TESTS_SUPPORT_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <htslib/bgzf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/core/random.h"
#include "src/core/status.h"

#define UNUSED __attribute__((unused))

typedef struct {
    char *byte; /* owned by whom it was made for: free() */
    size_t n;
} content;

static char folder[512];

static UNUSED int make_folder(void **state)
{
    (void)state;
    const char *place = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/mutagree-XXXXXX", place != NULL ? place : "/tmp");
    return mkdtemp(folder) == NULL;
}

static UNUSED int remove_folder(void **state)
{
    (void)state;
    DIR *open_folder = opendir(folder);
    for (struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;)
        unlinkat(dirfd(open_folder), entry->d_name, 0);
    if (open_folder != NULL) closedir(open_folder);
    return rmdir(folder);
}

/* The path of a file in the folder; good for the next seven calls. */
static UNUSED const char *path_of(const char *name)
{
    static char path[8][600];
    static int next = 0;
    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

/* Write a file; how: "wu" plain, "wg" gzip, "w" bgzip. */
static UNUSED const char *write_file(const char *name, const char *how, const void *byte, size_t n)
{
    const char *path = path_of(name);
    BGZF *out = bgzf_open(path, how);
    assert_non_null(out);
    assert_int_equal(bgzf_write(out, byte, n), n);
    assert_int_equal(bgzf_close(out), 0);
    return path;
}

static UNUSED const char *write_text(const char *name, const char *text)
{
    return write_file(name, "wu", text, strlen(text));
}

static UNUSED content read_content(const char *path)
{
    content found = {NULL, 0};
    FILE *in = fopen(path, "rb");
    if (in == NULL) fail_msg("cannot open %s", path);
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    found.n = (size_t)ftell(in);
    rewind(in);
    found.byte = calloc(found.n + 1, 1);
    assert_non_null(found.byte);
    assert_int_equal(fread(found.byte, 1, found.n, in), found.n);
    fclose(in);
    return found;
}

/* Numbers that repeat: the k-th of a series. */
static UNUSED uint64_t number(uint64_t *k)
{
    return mg_mix(20, (*k)++);
}

/* Damage a copy: some bytes changed, the end cut off in one of four. Returns its length. */
static UNUSED size_t damage(content from, char *to, uint64_t *k)
{
    static const char likely[] = "\n\t\"';,=.>#-+0123456789 ACGT|:%";
    memcpy(to, from.byte, from.n);
    for (uint64_t changes = 1 + number(k) % 6; changes > 0; changes--) {
        uint64_t r = number(k);
        to[number(k) % from.n] = r % 2 == 0 ? likely[(r >> 8) % (sizeof likely - 1)] : (char)(r >> 16);
    }
    return number(k) % 4 == 0 ? number(k) % from.n : from.n;
}

/* The status must be `status`, and the sentence hold all of the words, which end with NULL. */
static UNUSED void expect_words(mg_status found, mg_status status, const mg_error *err, ...)
{
    va_list words;
    va_start(words, err);
    if (found != status) fail_msg("status %d, not %d: %s", (int)found, (int)status, err->text);
    for (const char *word; (word = va_arg(words, const char *)) != NULL;)
        if (strstr(err->text, word) == NULL) fail_msg("'%s' is not in: %s", word, err->text);
    va_end(words);
}

#endif
