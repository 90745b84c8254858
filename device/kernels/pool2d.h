// pool2d.h: the parameters of AVERAGE_POOL_2D and MAX_POOL_2D, and the part of a window that lies in the
// image.
//
//     const Span rows = inside(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.in_h);
//     for (uint32_t iy = rows.begin; iy < rows.end; ++iy) ...
#pragma once

#include "device/kernels/window.h"

namespace jatai {

struct Pool2dParams {
    Window window;  // dilation, groups: not used
    int8_t low;
    int8_t high;
    uint8_t reserved[2];
};
static_assert(sizeof(Pool2dParams) == 36, "the layout in flash");

inline bool fits_pool2d(const Claim& claim) {
    const Pool2dParams* p = claim.parameters<Pool2dParams>();
    return p != nullptr && window_fits(p->window) && p->window.in_c == p->window.out_c &&
           holds(claim, 0, input_bytes(p->window)) && fills(claim, 1, output_bytes(p->window));
}

}  // namespace jatai
