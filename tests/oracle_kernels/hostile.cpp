// hostile.cpp: parameters that no compiler writes, given to the fast kernels.
#include "device/cortex_m/average_pool2d.h"
#include "device/cortex_m/conv2d.h"
#include "device/cortex_m/conv2d_blocks.h"
#include "device/cortex_m/conv2d_pairs.h"
#include "device/cortex_m/depthwise_conv2d.h"
#include "device/cortex_m/depthwise_strips.h"
#include "device/cortex_m/max_pool2d.h"
#include "device/cortex_m0/conv2d_bytes.h"
#include "device/cortex_m0/depthwise_strips.h"
#include "tests/oracle_kernels/layer.h"

namespace jatai {
namespace {

// Parameters nobody's compiler would write: most are refused; what is accepted has to stay inside its
// operands.
template <typename Params>
const char* check_hostile(const Kernel& fast, uint32_t constants, uint32_t scratch, uint32_t* accepted) {
    const uint16_t extents[] = {0, 1, 1, 1, 1, 2, 2, 3, 3, 5, 8, 255, 65535};
    Params p;
    fill(reinterpret_cast<uint8_t*>(&p), sizeof p);
    for (uint32_t at = 0; at + 2 <= sizeof p && at < 32; at += 2) {
        const uint16_t extent = extents[random.next() % 13];
        memcpy(reinterpret_cast<uint8_t*>(&p) + at, &extent, 2);
    }
    Layer layer(&p, sizeof p);
    layer.add(400, true);
    const uint32_t sizes[] = {300, 120};
    for (uint32_t i = 0; i < constants; ++i) layer.add(sizes[i], false);
    layer.add(200, true);
    if (scratch != 0) layer.add(scratch, true);
    paint_guards(layer, 0x5A);
    if (!fast.fits(layer.claim())) return nullptr;
    ++*accepted;
    run(fast, layer);
    return guards_hold(layer, 0x5A) ? nullptr : "hostile parameters make it write outside";
}

const char* check_hostile_layers() {
    uint32_t accepted = 0;
    for (uint32_t i = 0; i < 8000; ++i) {
        const char* wrong = check_hostile<Conv2dParams>(kConv2dInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr) wrong = check_hostile<Conv2dParams>(kConv2dPairsInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseConv2dInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr) wrong = check_hostile<Conv2dParams>(kConv2dLinesInt8CortexM, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<Conv2dParams>(kConv2dRoundedInt8CortexM, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseLinesInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseRoundedInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<Conv2dParams>(kConv2dByteLinesInt8CortexM0, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<Conv2dParams>(kConv2dByteRoundedInt8CortexM0, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseLinesInt8CortexM0, 2, 600, &accepted);
        if (wrong == nullptr) wrong = check_hostile<Pool2dParams>(kAveragePool2dInt8CortexM, 0, 0, &accepted);
        if (wrong == nullptr) wrong = check_hostile<Pool2dParams>(kMaxPool2dInt8CortexM, 0, 0, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<Conv2dParams>(kConv2dZeroedLinesInt8CortexM, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong =
                check_hostile<DepthwiseConv2dParams>(kDepthwiseConv2dZeroedInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseZeroedLinesInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong =
                check_hostile<DepthwiseConv2dParams>(kDepthwiseZeroedRoundedInt8CortexM, 2, 600, &accepted);
        if (wrong != nullptr) return wrong;
    }
    return accepted > 100 ? nullptr : "too few hostile layers were accepted to prove anything";
}

}  // namespace

uint32_t check_hostile_parameters() { return repeat("hostile parameters", check_hostile_layers, 1); }

}  // namespace jatai
