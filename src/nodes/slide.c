/* slide.c  windows that slide (slide.h) */
#include "src/nodes/slide.h"

#define LARGEST ((int64_t)1 << 31)

static bool between(int64_t value, int64_t low)
{
    return value >= low && value < LARGEST;
}

mg_status mg_slide_check(const mg_slide *slide, mg_error *err)
{
    if (!between(slide->kernel, 1) || !between(slide->stride, 1) || !between(slide->dilation, 1) ||
        !between(slide->pad, -LARGEST) || !between(slide->pad_end, -LARGEST) ||
        (slide->kernel - 1) * slide->dilation >= LARGEST)
        return mg_fail(err, MG_EINPUT,
                       "a window of kernel %lld, stride %lld, dilation %lld and padding %lld and %lld makes no sense",
                       (long long)slide->kernel, (long long)slide->stride, (long long)slide->dilation,
                       (long long)slide->pad, (long long)slide->pad_end);
    return MG_OK;
}

void mg_slide_touch(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *changed,
                    bool *touched)
{
    const mg_slide *slide = &node->slide;
    for (int64_t j = 0; slide->stride == 1 && j < slide->kernel; j++) { /* whole stretches, many positions at a time */
        int64_t ahead = j * slide->dilation - slide->pad, begin = ahead < 0 ? -ahead : 0;
        int64_t end = out.length < in[k].length - ahead ? out.length : in[k].length - ahead;
        for (int64_t t = begin; t < end; t++)
            touched[t] |= changed[t + ahead];
    }
    for (int64_t t = 0; slide->stride != 1 && t < out.length; t++) {
        int64_t n, first = mg_slide_first(slide, in[k].length, t, &n);
        for (int64_t j = 0; j < n; j++)
            touched[t] |= changed[first + j * slide->dilation];
    }
}

void mg_slide_need(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *wanted, bool *needed)
{
    for (int64_t t = 0; t < out.length; t++) {
        int64_t n, first = mg_slide_first(&node->slide, in[k].length, t, &n);
        for (int64_t j = 0; wanted[t] && j < n; j++)
            needed[first + j * node->slide.dilation] = true;
    }
}
