/* change_number.c FILE DATASET INDEX [NUMBER]  print number INDEX of a dataset, counted over all its dimensions; or put
 * another in its place. Of a text, INDEX counts the letters, and a letter is its code. "GROUP@NAME" is an attribute, which
 * is one number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

static int change(hid_t set, hid_t type, size_t n, size_t index, const char *number)
{
    int is_text = H5Tget_class(type) == H5T_STRING;
    size_t n_letters = is_text ? n * H5Tget_size(type) : 0, n_all = is_text ? n_letters : n;
    hid_t memory = is_text ? type : H5T_NATIVE_DOUBLE;
    double *value = calloc(n_all + 1, sizeof *value);
    char *letter = (char *)value;
    if (value == NULL || index >= n_all || H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0) return 1;
    if (number == NULL)
        printf("%.9g\n", is_text ? letter[index] : value[index]);
    else if (is_text)
        letter[index] = (char)strtol(number, NULL, 10);
    else
        value[index] = strtod(number, NULL);
    int failed = number != NULL && H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0;
    free(value);
    return failed;
}

static int change_attribute(hid_t file, const char *path, const char *number)
{
    char group[256] = "";
    double value = 0;
    strncpy(group, path, strcspn(path, "@") < sizeof group ? strcspn(path, "@") : 0);
    hid_t attribute = H5Aopen_by_name(file, group, strchr(path, '@') + 1, H5P_DEFAULT, H5P_DEFAULT);
    int failed = attribute < 0 || H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) < 0;
    if (number == NULL) printf("%.9g\n", value);
    if (number != NULL) value = strtod(number, NULL);
    failed = failed || (number != NULL && H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) < 0);
    H5Aclose(attribute);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) return 2;
    hid_t file = H5Fopen(argv[1], argc == 5 ? H5F_ACC_RDWR : H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file >= 0 && strchr(argv[2], '@') != NULL) {
        int failed = change_attribute(file, argv[2], argc == 5 ? argv[4] : NULL);
        return H5Fclose(file) < 0 || failed;
    }
    hid_t set = file < 0 ? -1 : H5Dopen2(file, argv[2], H5P_DEFAULT);
    if (set < 0) return 2;
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    int failed = change(set, type, (size_t)H5Sget_simple_extent_npoints(space), strtoul(argv[3], NULL, 10),
                        argc == 5 ? argv[4] : NULL);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
    return H5Fclose(file) < 0 || failed;
}
