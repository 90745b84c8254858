// split_taps.h: which taps of a window lie before, within and behind the image, along one axis.
//
//     const Split columns = split_taps(left, w.kernel_w, w.dilation_w, w.in_w);
//
// Any dilation: without one, all taps lie where the first does.
#pragma once

#include <stdint.h>

#include "device/hot.h"

namespace jatai {

JATAI_HOT_BEGIN

// The taps of one axis before, within and behind the image.
struct Split {
    uint32_t before, within, behind;
    int32_t first;  // position of the first one within
};

// How many steps from `from` it takes to reach `to`; 0 when it is there already.
inline uint32_t steps_to(int32_t from, int32_t to, uint32_t step, uint32_t most) {
    if (from >= to) return 0;
    if (step == 0) return most;
    const uint32_t steps = (static_cast<uint32_t>(to - from) + step - 1) / step;
    return steps < most ? steps : most;
}

JATAI_NOINLINE Split split_taps(int32_t first, uint32_t kernel, uint32_t dilation, int32_t size) {
    const uint32_t before = steps_to(first, 0, dilation, kernel);
    const int32_t inside = first + static_cast<int32_t>(before * dilation);
    const uint32_t within = steps_to(inside, size, dilation, kernel - before);
    return {before, within, kernel - before - within, inside};
}

JATAI_HOT_END

}  // namespace jatai
