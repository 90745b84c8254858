#include "src/graph/ops/sigmoid_table.h"

#include <cmath>

#include "device/kernels/sigmoid_table.h"

namespace jatai {
namespace {

// Where TFLite's table is one more than the rounded curve.
constexpr std::uint8_t kOneMore[] = {4,  8,  12, 14, 15, 16, 17, 19, 20,  21,  22,  25,  27,  28, 29,
                                     30, 31, 33, 34, 35, 37, 39, 40, 41,  43,  44,  45,  46,  49, 50,
                                     54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255};

}  // namespace

const std::vector<std::uint16_t>& logistic_table() {
    static const std::vector<std::uint16_t> table = [] {
        std::vector<std::uint16_t> made;
        for (std::uint32_t i = 0; i < kSigmoidTableEntries; ++i)
            made.push_back(static_cast<std::uint16_t>(std::lround(65536 / (1 + std::exp(-(i / 24.0))))));
        for (const std::uint8_t i : kOneMore) ++made[i];
        return made;
    }();
    return table;
}

}  // namespace jatai
