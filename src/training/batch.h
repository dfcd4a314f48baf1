/* batch.h  linear layers as the kernels of training take them: MG_BATCH windows at once
 *
 * Value (t, c) of window w stands at [(t * stride + c) * MG_BATCH + w].
 */
#ifndef MG_TRAINING_BATCH_H
#define MG_TRAINING_BATCH_H

#include <stdint.h>

enum {
    MG_BATCH = 32,        /* windows worked on together, a bit each of 32 */
    MG_BATCH_OUTPUTS = 8, /* outputs whose weights lie together */
    MG_BATCH_CHANNELS = 4 /* channels of activations are padded to a multiple of this many, with zeros */
};

typedef struct {
    int64_t tap; /* of the weights */
    int64_t at;  /* position of the input */
} mg_batch_term;

/* A linear map, forward or from the outputs' gradient to the inputs': output t takes its terms begin[t] .. begin[t + 1]
 * - 1, each a tap of the weights at a position of the input. */
typedef struct {
    int64_t taps;
    int64_t in_channels, in_stride;
    int64_t out_length, out_channels, out_stride;
    int64_t *begin;      /* owned: (out_length + 1) */
    mg_batch_term *term; /* owned */
    float *weight;       /* owned: block after block of MG_BATCH_OUTPUTS outputs, each (taps, in_channels, outputs) */
    float *bias;         /* owned: whole blocks; NULL: zeros */
} mg_batch_map;

/* Where the gradient of a layer's weights comes from: tap k joins output t with input position t * step + k * dilation -
 * pad. */
typedef struct {
    int64_t taps, step, dilation, pad;
    int64_t in_length, in_channels, in_stride;
    int64_t out_length, out_channels, out_stride;
} mg_batch_shape;

/* mg_batch_first()  the first output position that tap k joins with an input position, and behind the last one */
static inline int64_t mg_batch_first(const mg_batch_shape *shape, int64_t k, int64_t *end)
{
    int64_t offset = k * shape->dilation - shape->pad;
    int64_t first = offset < 0 ? (-offset + shape->step - 1) / shape->step : 0;
    int64_t room = shape->in_length - offset; /* t * step < room */
    *end = room <= 0 ? 0 : (room + shape->step - 1) / shape->step;
    if (*end > shape->out_length) *end = shape->out_length;
    return first;
}

#endif
