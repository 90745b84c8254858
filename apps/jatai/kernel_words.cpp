#include "apps/jatai/kernel_words.h"

#include <fmt/format.h>

namespace jatai {

std::vector<std::string> kernel_words(const PackageInfo& info) {
    std::vector<std::string> words;
    for (const KernelKey& key : info.kernels) {
        const auto op = static_cast<std::uint16_t>(key.op);
        words.push_back(fmt::format("{:02x}{:02x}{:02x}{:02x} {}", op & 255, op >> 8,
                                    static_cast<unsigned>(key.type), key.version, op_text(key.op)));
    }
    return words;
}

}  // namespace jatai
