/* own_npz.c  own attributions in numpy's .npz: two .npy files in a zip
 *
 * Numbers are read a block at a time, so beside the table there is little in memory. What the archive claims is believed
 * only as far as it can be: a member's size has to be that of its header and shape, and no more than deflate can make of
 * the bytes that are there.
 * Source: numpy, NEP 1 (versions 1.0 to 3.0 of the format npy).
 */
#include "io/given/own_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "src/core/memory.h"

enum { MAGIC = 8, MAX_HEADER = 65536, MAX_DIMS = 8, BLOCK = 1 << 16, DEFLATE_MOST = 1032 };
static const int64_t most_items = (int64_t)1 << 40;

/* One member, open, behind its header. */
typedef struct {
    const char *path, *name;
    zip_file_t *file;
    char type;    /* 'f', 'S', 'U' */
    int64_t size; /* 4, 8; of texts the number of letters */
    int n_dims;
    int64_t dim[MAX_DIMS], n; /* items */
} member;

static mg_status refuse(const member *m, mg_error *err, const char *why)
{
    return mg_fail(err, MG_EINPUT, "%s: %s %s", m->path, m->name, why);
}

static mg_status read_bytes(const member *m, void *to, size_t n, mg_error *err)
{
    char *at = to;
    while (n > 0) {
        zip_int64_t done = zip_fread(m->file, at, n);
        if (done <= 0) return refuse(m, err, "is cut short or damaged");
        at += done;
        n -= (size_t)done;
    }
    return MG_OK;
}

/* --- header --- */

/* What stands behind 'key': in the description, blanks passed over; NULL: not there. */
static const char *value_of(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    if (at == NULL) return NULL;
    at += strlen(key);
    at += strspn(at, " ");
    if (*at != ':') return NULL;
    at++;
    return at + strspn(at, " ");
}

static bool parse_number(const char **at, int64_t *ret)
{
    char *end = NULL;
    errno = 0;
    if (**at < '0' || **at > '9') return false;
    *ret = strtoll(*at, &end, 10);
    *at = end;
    return errno == 0;
}

/* '<f4', '|S203', '<U203'; S has no byte order, of the others the little-endian one. */
static mg_status parse_type(member *m, const char *text, mg_error *err)
{
    const char *at = value_of(text, "'descr'");
    if (at == NULL || *at != '\'') return refuse(m, err, "is no plain array (a structured type, or none)");
    at++;
    char order = '|';
    if (strchr("<>|=", *at) != NULL && *at != '\0') order = *at++;
    m->type = *at;
    at += *at != '\0';
    if (!parse_number(&at, &m->size) || *at != '\'') m->type = '?';
    bool is_real = m->type == 'f' && (m->size == 4 || m->size == 8) && order == '<';
    bool is_text = (m->type == 'S' || (m->type == 'U' && order == '<')) && m->size > 0 && m->size <= INT32_MAX;
    if (is_real || is_text) return MG_OK;
    return refuse(m, err,
                  "is of another type than little-endian float32 or float64 (numbers), S or U (windows); give "
                  "attribution.astype('<f4'), windows.astype('S')");
}

static mg_status parse_shape(member *m, const char *text, mg_error *err)
{
    const char *at = value_of(text, "'shape'"), *order = value_of(text, "'fortran_order'");
    if (order == NULL || strncmp(order, "False", 5) != 0)
        return refuse(m, err, "is not in C order; give numpy.ascontiguousarray() of it");
    if (at == NULL || *at != '(') return refuse(m, err, "has no shape");
    m->n = 1;
    at++;
    for (m->n_dims = 0; *at != ')'; m->n_dims++) {
        int64_t n = 0;
        if (m->n_dims == MAX_DIMS || !parse_number(&at, &n) || (n > 0 && m->n > most_items / n))
            return refuse(m, err, "has a shape that cannot be read");
        m->dim[m->n_dims] = n;
        m->n *= n;
        at += strspn(at, ", ");
    }
    return MG_OK;
}

static mg_status read_header(member *m, size_t *ret_bytes, mg_error *err)
{
    unsigned char begin[MAGIC], size[4] = {0};
    char *text = NULL;
    mg_status status = read_bytes(m, begin, MAGIC, err);
    if (status == MG_OK && (memcmp(begin, "\x93NUMPY", 6) != 0 || begin[6] < 1 || begin[6] > 3))
        status = refuse(m, err, "is no array of numpy");
    size_t n_size = begin[6] == 1 ? 2 : 4;
    if (status == MG_OK) status = read_bytes(m, size, n_size, err);
    size_t n = (size_t)size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    if (status == MG_OK && n > MAX_HEADER) status = refuse(m, err, "has a header that is too long");
    if (status == MG_OK) status = mg_alloc(&text, n + 1, 1, err);
    if (status == MG_OK) status = read_bytes(m, text, n, err);
    if (status == MG_OK) status = parse_type(m, text, err);
    if (status == MG_OK) status = parse_shape(m, text, err);
    *ret_bytes = MAGIC + n_size + n;
    free(text);
    return status;
}

static size_t item_bytes(const member *m)
{
    return (size_t)m->size * (m->type == 'U' ? 4 : 1);
}

static mg_status open_member(zip_t *zip, member *m, mg_error *err)
{
    zip_stat_t info;
    size_t header = 0;
    zip_stat_init(&info);
    if (zip_stat(zip, m->name, 0, &info) != 0 || (info.valid & ZIP_STAT_SIZE) == 0 ||
        (info.valid & ZIP_STAT_COMP_SIZE) == 0)
        return refuse(m, err, "is not in it");
    m->file = zip_fopen(zip, m->name, 0);
    if (m->file == NULL) return refuse(m, err, "cannot be opened; it may be encrypted or damaged");
    mg_status status = read_header(m, &header, err);
    if (status != MG_OK) return status;
    if (info.size / DEFLATE_MOST > info.comp_size + 1) return refuse(m, err, "claims more bytes than can be in it");
    if (m->n > most_items / (int64_t)item_bytes(m) || info.size != header + (zip_uint64_t)m->n * item_bytes(m))
        return refuse(m, err, "has another size than its shape says");
    return MG_OK;
}

/* --- values --- */

static float number_at(const unsigned char *at, int64_t size)
{
    uint64_t bits = 0;
    for (int64_t k = 0; k < size; k++)
        bits |= (uint64_t)at[k] << (8 * k);
    if (size == 8) {
        double x;
        memcpy(&x, &bits, sizeof x);
        return (float)x;
    }
    uint32_t half = (uint32_t)bits;
    float x;
    memcpy(&x, &half, sizeof x);
    return x;
}

static mg_status read_numbers(const member *m, float *to, mg_error *err)
{
    unsigned char block[BLOCK];
    mg_status status = MG_OK;
    for (int64_t done = 0; done < m->n && status == MG_OK;) {
        int64_t n = m->n - done < BLOCK / m->size ? m->n - done : BLOCK / m->size;
        status = read_bytes(m, block, (size_t)(n * m->size), err);
        for (int64_t i = 0; i < n && status == MG_OK; i++)
            to[done + i] = number_at(block + i * m->size, m->size);
        done += n;
    }
    return status;
}

/* A letter beyond ASCII is none that a sequence has; so is '\1', which stands for it. */
static void letters_of(const unsigned char *text, const member *m, int64_t n, char *to)
{
    int64_t step = m->type == 'U' ? 4 : 1;
    for (int64_t k = 0; k < n; k++) {
        const unsigned char *at = text + k * step;
        bool beyond = step == 4 && (at[1] | at[2] | at[3]) != 0;
        to[k] = beyond || at[0] >= 0x80 ? '\1' : (char)at[0];
    }
}

/* Texts are as long as the longest of them, with zeros behind the shorter ones. */
static mg_status read_texts(const member *m, mg_own_table *ret, mg_error *err)
{
    unsigned char *text = NULL;
    if (m->n_dims != 1 || m->n != ret->n)
        return mg_fail(err, MG_EINPUT, "%s: windows has %lld texts for the %lld rows of attribution", m->path,
                       (long long)m->n, (long long)ret->n);
    if (m->size < ret->length)
        return mg_fail(err, MG_EINPUT, "%s: windows has texts of %lld letters, but the network's windows have %lld",
                       m->path, (long long)m->size, (long long)ret->length);
    mg_status status = mg_alloc(&text, item_bytes(m), 1, err);
    if (status == MG_OK) status = mg_alloc(&ret->letter, (size_t)ret->n, (size_t)ret->length, err);
    for (int64_t i = 0; i < ret->n && status == MG_OK; i++) {
        size_t used = (size_t)ret->length * (m->type == 'U' ? 4 : 1);
        status = read_bytes(m, text, item_bytes(m), err);
        letters_of(text, m, ret->length, ret->letter + i * ret->length);
        for (size_t k = used; k < item_bytes(m) && status == MG_OK; k++)
            if (text[k] != 0)
                status = mg_fail(err, MG_EINPUT,
                                 "%s: windows, row %lld: more letters than the network's windows have (%lld)", m->path,
                                 (long long)i, (long long)ret->length);
    }
    free(text);
    return status;
}

/* --- the archive --- */

static mg_status read_attribution(zip_t *zip, const char *path, mg_own_table *ret, mg_error *err)
{
    member m = {.path = path, .name = "attribution.npy"};
    mg_status status = open_member(zip, &m, err);
    if (status == MG_OK && m.type != 'f') status = refuse(&m, err, "holds texts; numbers are wanted");
    if (status == MG_OK) status = mg_own_shape(path, m.n_dims, m.dim, ret->length, ret, err);
    if (status == MG_OK) status = mg_alloc(&ret->value, (size_t)m.n, sizeof *ret->value, err);
    if (status == MG_OK) status = read_numbers(&m, ret->value, err);
    if (m.file != NULL && zip_fclose(m.file) != 0 && status == MG_OK) status = refuse(&m, err, "is damaged");
    return status;
}

static mg_status read_windows(zip_t *zip, const char *path, mg_own_table *ret, mg_error *err)
{
    member m = {.path = path, .name = "windows.npy"};
    mg_status status = open_member(zip, &m, err);
    if (status == MG_OK && m.type == 'f') status = refuse(&m, err, "holds numbers; texts are wanted");
    if (status == MG_OK) status = read_texts(&m, ret, err);
    if (m.file != NULL && zip_fclose(m.file) != 0 && status == MG_OK) status = refuse(&m, err, "is damaged");
    return status;
}

mg_status mg_own_read_npz(const char *path, mg_own_table *ret, mg_error *err)
{
    int why = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, &why);
    if (zip == NULL) {
        zip_error_t error;
        zip_error_init_with_code(&error, why);
        mg_fail(err, MG_EINPUT, "%s: no .npz that can be read: %s", path, zip_error_strerror(&error));
        zip_error_fini(&error);
        return MG_EINPUT;
    }
    mg_status status = read_attribution(zip, path, ret, err);
    if (status == MG_OK) status = read_windows(zip, path, ret, err);
    zip_discard(zip);
    return status;
}
