#include "device/features/fixed_log2.h"

namespace jatai {
namespace {

// log2(1 + i/32) - i/32 in Q19.
const uint16_t kBend[33] = {0,     6891,  13088, 18630, 23554, 27894, 31681, 34945, 37711, 40004, 41847,
                            43261, 44266, 44881, 45121, 45004, 44545, 43757, 42654, 41249, 39552, 37576,
                            35330, 32826, 30070, 27074, 23845, 20391, 16720, 12838, 8754,  4472,  0};

}  // namespace

int32_t log2_q16(uint64_t value) {
    const uint32_t high = uint32_t(value >> 32);
    const int zeros = high != 0 ? __builtin_clz(high) : 32 + __builtin_clz(uint32_t(value) | 1u);
    const uint32_t mantissa = uint32_t((value << zeros) >> 32) << 1;  // Q32, the leading one shifted out
    const uint32_t i = mantissa >> 27;
    const uint32_t between_q16 = (mantissa >> 11) & 0xFFFFu;
    const uint32_t bend_q19 =
        kBend[i] + uint32_t((int32_t(kBend[i + 1]) - int32_t(kBend[i])) * int32_t(between_q16 >> 2) >> 14);
    return ((63 - zeros) << 16) + int32_t(mantissa >> 16) + int32_t((bend_q19 + 4) >> 3);
}

}  // namespace jatai
