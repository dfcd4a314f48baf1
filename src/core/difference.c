/* difference.c  count what differs, and remember the first */
#include "src/core/difference.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Numbers that are not the same. Infinities of one sign are the same; of others they are infinitely far apart. */
static void note(mg_difference *d, double one, double other, double allowed, int64_t place, int64_t item)
{
    bool undefined = isnan(one) || isnan(other);
    double distance = fabs(one - other);
    d->n_different++;
    d->n_undefined += undefined;
    if (!undefined) {
        d->sum += distance;
        if (distance > d->largest) d->largest = distance;
        if (allowed > 0 && distance <= allowed) return;
    }
    if (d->n_far++ > 0) return;
    d->place = place;
    d->item = item;
    d->one = one;
    d->other = other;
}

/* The same loop for both widths. */
#define ADD(type)                                                                                                      \
    double scale = 1;                                                                                                  \
    for (size_t i = 0; i < n && tolerance > 0; i++)                                                                    \
        if (fabs((double)one[i]) > scale && isfinite(one[i])) scale = fabs((double)one[i]);                            \
    for (size_t i = 0; i < n; i++)                                                                                     \
        if (memcmp(&one[i], &other[i], sizeof(type)) != 0 && !(isnan(one[i]) && isnan(other[i])))                      \
            note(d, (double)one[i], (double)other[i], tolerance *scale, place, (int64_t)i);                            \
    d->n += (int64_t)n

void mg_difference_add(mg_difference *d, const float *one, const float *other, size_t n, double tolerance,
                       int64_t place)
{
    ADD(float);
}

void mg_difference_add_double(mg_difference *d, const double *one, const double *other, size_t n, double tolerance,
                              int64_t place)
{
    ADD(double);
}
#undef ADD

void mg_difference_join(mg_difference *d, const mg_difference *more)
{
    if (d->n_far == 0) {
        d->place = more->place;
        d->item = more->item;
        d->one = more->one;
        d->other = more->other;
    }
    d->n += more->n;
    d->n_different += more->n_different;
    d->n_undefined += more->n_undefined;
    d->n_far += more->n_far;
    d->sum += more->sum;
    if (more->largest > d->largest) d->largest = more->largest;
}

double mg_difference_mean(const mg_difference *d)
{
    int64_t n = d->n - d->n_undefined;
    return n > 0 ? d->sum / (double)n : 0;
}
