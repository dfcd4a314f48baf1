/* change_to_truth.c RUN OUT [N]  the effects of a run as a table for --truth
 *
 * Of all windows, or of every N-th, with the reference base and a standard error of a tenth of a unit. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float *read_effects(hid_t file, hsize_t dim[3])
{
    hid_t set = H5Dopen2(file, "/mutation/effect", H5P_DEFAULT), space = H5Dget_space(set);
    if (set < 0 || H5Sget_simple_extent_dims(space, dim, NULL) != 3) return NULL;
    float *value = calloc(dim[0] * dim[1] * dim[2] + 1, sizeof *value);
    return value != NULL && H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0 ? value : NULL;
}

static char *read_letters(hid_t file, const hsize_t dim[3])
{
    hid_t set = H5Dopen2(file, "/windows/sequence", H5P_DEFAULT), type = H5Dget_type(set);
    char *letter = calloc(dim[0] + 1, dim[1]);
    if (set < 0 || H5Tget_size(type) != dim[1] || letter == NULL) return NULL;
    return H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, letter) >= 0 ? letter : NULL;
}

int main(int argc, char **argv)
{
    hsize_t dim[3] = {0}, every = argc > 3 ? (hsize_t)atoi(argv[3]) : 1;
    if (argc < 3 || every < 1) return 2;
    hid_t file = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT);
    float *effect = read_effects(file, dim);
    char *letter = effect != NULL ? read_letters(file, dim) : NULL;
    FILE *out = letter != NULL ? fopen(argv[2], "w") : NULL;
    if (out == NULL) return 1;
    fputs("window\tposition\tref\talt\tvalue\tse\n", out);
    for (hsize_t i = 0; i < dim[0]; i += every)
        for (hsize_t p = 0; p < dim[1]; p++)
            for (hsize_t b = 0; b < 4; b++) {
                char ref = letter[i * dim[1] + p];
                if (ref == "ACGT"[b] || strchr("ACGT", ref) == NULL) continue;
                fprintf(out, "%.*s\t%d\t%c\t%c\t%.9g\t0.1\n", (int)dim[1], letter + i * dim[1], (int)p, ref, "ACGT"[b],
                        (double)effect[(i * dim[1] + p) * 4 + b]);
            }
    free(effect);
    free(letter);
    H5Fclose(file);
    return fclose(out) != 0;
}
