#include "src/field/field_flash.h"

#include <cstring>

namespace jatai {

FieldFlash::FieldFlash(std::uint32_t pages, std::uint64_t seed)
    : bytes_(std::size_t{pages} * kPageBytes, 0xFF), rng_(seed) {
    port_ = {this, bytes_.data(), kPageBytes, pages, erase, program, read};
}

bool FieldFlash::erase(void* self, std::uint32_t page) {
    auto& flash = *static_cast<FieldFlash*>(self);
    std::uint8_t* at = flash.bytes_.data() + std::size_t{page} * kPageBytes;
    const bool cut = flash.is_cut();
    for (std::uint32_t i = 0; i < kPageBytes; ++i)
        at[i] |= cut ? static_cast<std::uint8_t>(flash.rng_.next()) : 0xFF;
    if (cut) throw PowerGone{};
    return true;
}

bool FieldFlash::program(void* self, std::uint32_t offset, const std::uint8_t* bytes, std::uint32_t count) {
    auto& flash = *static_cast<FieldFlash*>(self);
    for (std::uint32_t unit = 0; unit < count; unit += kProgramUnit) {
        const bool cut = flash.is_cut();
        for (std::uint32_t i = unit; i < unit + kProgramUnit; ++i) {
            flash.bytes_[offset + i] &= bytes[i] | (cut ? static_cast<std::uint8_t>(flash.rng_.next()) : 0);
        }
        if (cut) throw PowerGone{};
    }
    return true;
}

void FieldFlash::read(void* self, std::uint32_t offset, std::uint8_t* bytes, std::uint32_t count) {
    std::memcpy(bytes, static_cast<FieldFlash*>(self)->bytes_.data() + offset, count);
}

}  // namespace jatai
