/* draw.c  random numbers of a window */
#include "src/attribution/draw.h"

#include <math.h>
#include <string.h>

#include "src/core/random.h"

/* What a number is for, so that no two purposes share one. Shuffles count from 0 (reference.c). */
typedef enum { FOR_NOISE = 1, FOR_ALPHA, FOR_ORDER } purpose;

static mg_stream stream_for(const mg_view *view, purpose what, int64_t k)
{
    return (mg_stream){.seed = mg_mix(mg_mix(view->seed ^ 0x6d75746167726565u, (uint64_t)what), (uint64_t)k)};
}

int64_t mg_stream_below(mg_stream *stream, int64_t n)
{
    uint64_t bound = (uint64_t)n, limit = UINT64_MAX - UINT64_MAX % bound, number;
    do
        number = mg_mix(stream->seed, stream->count++);
    while (number >= limit);
    return (int64_t)(number % bound);
}

double mg_stream_unit(mg_stream *stream)
{
    return (double)(mg_mix(stream->seed, stream->count++) >> 11) * 0x1p-53;
}

/* Two normal numbers from two even ones; 1 - u lies in (0, 1], so its logarithm is finite. */
static void normal_pair(mg_stream *stream, double sigma, double *pair)
{
    double radius = sigma * sqrt(-2.0 * log(1.0 - mg_stream_unit(stream)));
    double angle = 2.0 * acos(-1.0) * mg_stream_unit(stream);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

void mg_draw_noise(const mg_view *view, int64_t length, int64_t k, double sigma, double *noise)
{
    size_t n = (size_t)length * 4;
    if (view->given != NULL && view->given->noise != NULL) {
        memcpy(noise, view->given->noise + (size_t)k * n, n * sizeof *noise);
        return;
    }
    mg_stream stream = stream_for(view, FOR_NOISE, k);
    memset(noise, 0, n * sizeof *noise);
    for (int64_t i = 0; i < length; i++)
        for (int pair = 0; pair < 2 && view->base[i] < MG_N_BASES; pair++)
            normal_pair(&stream, sigma, noise + i * 4 + 2 * pair);
}

double mg_draw_alpha(const mg_view *view, int64_t k)
{
    if (view->given != NULL && view->given->alpha != NULL) return view->given->alpha[k];
    mg_stream stream = stream_for(view, FOR_ALPHA, k);
    return mg_stream_unit(&stream);
}

void mg_draw_order(const mg_view *view, int64_t length, int64_t k, int32_t *order)
{
    if (view->given != NULL && view->given->order != NULL) {
        memcpy(order, view->given->order + k * length, (size_t)length * sizeof *order);
        return;
    }
    mg_stream stream = stream_for(view, FOR_ORDER, k);
    for (int64_t i = 0; i < length; i++) {
        int64_t j = mg_stream_below(&stream, i + 1);
        order[i] = order[j];
        order[j] = (int32_t)i;
    }
}

bool mg_always_drawn(const mg_method *method)
{
    (void)method;
    return true;
}
