#include "src/graph/ops/sigmoid_table.h"

#include <cmath>

#include "device/kernels/sigmoid_table.h"

namespace jatai {

const std::vector<std::uint16_t>& logistic_table() {
    static const std::vector<std::uint16_t> table = [] {
        const auto at = [](double entry) { return 65536.0 / (1.0 + std::exp(-entry / 24)); };
        std::vector<std::uint16_t> made;
        for (std::uint32_t i = 0; i + 1 < kSigmoidTableEntries; ++i) {
            const double miss = at(i + 0.5) - (at(i) + at(i + 1)) / 2;
            made.push_back(static_cast<std::uint16_t>(std::floor(at(i) + miss / 2 + 0.5)));
        }
        made.push_back(65535);
        return made;
    }();
    return table;
}

}  // namespace jatai
