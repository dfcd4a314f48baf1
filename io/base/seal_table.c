/* seal_table.c  words of eight bytes: id, rest, counts; holes; parts with their names; sums */
#include "io/base/seal_table.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/checksum.h"
#include "src/core/memory.h"

enum {
    WORD = 8,
    ID_WORDS = 8,
    HEAD_WORDS = ID_WORDS + 4,
    NAME_WORDS = MG_SEAL_NAME / WORD,
    PART_WORDS = NAME_WORDS + 4
};

static const char magic[WORD + 1] = "MGSEAL01";

/* --- words --- */

static unsigned char *put(unsigned char *to, uint64_t word)
{
    word = htole64(word);
    memcpy(to, &word, WORD);
    return to + WORD;
}

static uint64_t get(const unsigned char **from)
{
    uint64_t word;
    memcpy(&word, *from, WORD);
    *from += WORD;
    return le64toh(word);
}

static unsigned char *put_text(unsigned char *to, const char *text, size_t n_words)
{
    memset(to, 0, n_words * WORD);
    memcpy(to, text, strnlen(text, n_words * WORD));
    return to + n_words * WORD;
}

static void get_text(const unsigned char **from, char *text, size_t n_words, size_t room)
{
    size_t n = strnlen((const char *)*from, n_words * WORD);
    if (n >= room) n = room - 1;
    memcpy(text, *from, n);
    text[n] = '\0';
    *from += n_words * WORD;
}

/* --- pack --- */

mg_status mg_seal_pack(const mg_seal *seal, unsigned char **ret, size_t *ret_n, mg_error *err)
{
    size_t n_table = (HEAD_WORDS + 2 * seal->n_holes + PART_WORDS * seal->n_parts + seal->n_sums) * WORD;
    unsigned char *all = NULL, *to;
    mg_status status = mg_alloc(&all, n_table + MG_SEAL_END, 1, err);
    if (status != MG_OK) return status;
    to = put_text(all, seal->id, ID_WORDS);
    to = put(to, seal->rest);
    to = put(to, seal->n_holes);
    to = put(to, seal->n_parts);
    to = put(to, seal->n_sums);
    for (size_t i = 0; i < seal->n_holes; i++)
        to = put(put(to, (uint64_t)seal->hole[i].offset), (uint64_t)seal->hole[i].n);
    for (size_t i = 0; i < seal->n_parts; i++) {
        const mg_seal_part *part = &seal->part[i];
        to = put(put_text(to, part->name, NAME_WORDS), (uint64_t)part->offset);
        to = put(put(put(to, (uint64_t)part->n_bytes), (uint64_t)part->piece), part->at_once);
    }
    for (size_t i = 0; i < seal->n_sums; i++)
        to = put(to, seal->sum[i]);
    memcpy(to, magic, WORD);
    to = put(put(to + WORD, n_table), mg_checksum(0, all, n_table));
    put(to, (uint64_t)seal->n_file);
    *ret = all;
    *ret_n = n_table + MG_SEAL_END;
    return MG_OK;
}

/* --- unpack --- */

static mg_status is_damaged(mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "it is damaged: the checksums at its end are not what was written");
}

bool mg_seal_is_end(const unsigned char *end)
{
    return memcmp(end, magic, WORD) == 0;
}

mg_status mg_seal_table_bytes(const unsigned char *end, int64_t n_all, size_t *ret, mg_error *err)
{
    end += WORD;
    uint64_t n = get(&end);
    get(&end);
    uint64_t n_file = get(&end), most = (uint64_t)n_all - MG_SEAL_END;
    if (n < HEAD_WORDS * WORD || n > most || n_file != most - n) return is_damaged(err);
    *ret = n;
    return MG_OK;
}

/* Are a range's bytes in the file? */
static bool lies_within(int64_t offset, int64_t n, int64_t n_file)
{
    return offset >= 0 && n >= 0 && offset <= n_file && n <= n_file - offset;
}

static bool get_holes(const unsigned char **at, mg_seal *seal)
{
    bool good = true;
    for (size_t i = 0; i < seal->n_holes; i++) {
        seal->hole[i].offset = (int64_t)get(at);
        seal->hole[i].n = (int64_t)get(at);
        good = good && lies_within(seal->hole[i].offset, seal->hole[i].n, seal->n_file);
    }
    return good;
}

static bool get_parts(const unsigned char **at, mg_seal *seal)
{
    int64_t n_sums = 0;
    for (size_t i = 0; i < seal->n_parts; i++) {
        mg_seal_part *part = &seal->part[i];
        get_text(at, part->name, NAME_WORDS, sizeof part->name);
        part->offset = (int64_t)get(at);
        part->n_bytes = (int64_t)get(at);
        part->piece = (int64_t)get(at);
        part->at_once = get(at) != 0;
        part->first_sum = n_sums;
        if (part->piece < 1 || part->n_bytes < 0) return false;
        if (part->offset != -1 && !lies_within(part->offset, part->n_bytes, seal->n_file)) return false;
        if (mg_seal_n_pieces(part) > (int64_t)seal->n_sums - n_sums) return false;
        n_sums += mg_seal_n_pieces(part);
    }
    return n_sums == (int64_t)seal->n_sums;
}

static mg_status make_room(mg_seal *seal, mg_error *err)
{
    mg_status status = mg_alloc(&seal->hole, seal->n_holes, sizeof *seal->hole, err);
    if (status == MG_OK) status = mg_alloc(&seal->part, seal->n_parts, sizeof *seal->part, err);
    return status == MG_OK ? mg_alloc(&seal->sum, seal->n_sums, sizeof *seal->sum, err) : status;
}

mg_status mg_seal_unpack(const unsigned char *table, size_t n, const unsigned char *end, mg_seal *ret, mg_error *err)
{
    const unsigned char *at = table, *in_end = end + 2 * WORD;
    uint64_t n_words = n / WORD;
    if (mg_checksum(0, table, n) != get(&in_end) || n % WORD != 0) return is_damaged(err);
    ret->n_file = (int64_t)get(&in_end);
    get_text(&at, ret->id, ID_WORDS, sizeof ret->id);
    ret->rest = get(&at);
    ret->n_holes = get(&at);
    ret->n_parts = get(&at);
    ret->n_sums = get(&at);
    if (ret->n_holes > n_words || ret->n_parts > n_words || ret->n_sums > n_words ||
        HEAD_WORDS + 2 * ret->n_holes + PART_WORDS * ret->n_parts + ret->n_sums != n_words) {
        ret->n_holes = ret->n_parts = ret->n_sums = 0;
        return is_damaged(err);
    }
    mg_status status = make_room(ret, err);
    if (status != MG_OK) return status;
    bool good = get_holes(&at, ret) && get_parts(&at, ret);
    for (size_t i = 0; good && i < ret->n_sums; i++)
        ret->sum[i] = get(&at);
    return good ? MG_OK : is_damaged(err);
}
