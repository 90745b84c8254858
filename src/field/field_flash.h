// field_flash.h: the flash of one simulated device, and the moment when its battery gives out.
//
//     FieldFlash flash(pages);
//     flash.cut_after(17);                 // the 17th write from now is left half done: throws PowerGone
//     flash.port();
#pragma once

#include "device/update/flash_port.h"
#include "src/base/bytes.h"
#include "src/base/rng.h"

namespace jatai {

struct PowerGone {};

class FieldFlash {
  public:
    static constexpr std::uint32_t kPageBytes = 4096;
    FieldFlash(std::uint32_t pages, std::uint64_t seed);
    FieldFlash(const FieldFlash&) = delete;
    FieldFlash& operator=(const FieldFlash&) = delete;

    const FlashPort& port() const { return port_; }
    std::uint8_t* data() { return bytes_.data(); }
    void cut_after(std::uint32_t writes) { left_ = writes; }
    void hold() { left_ = 0; }  // no cut

  private:
    bool is_cut() { return left_ > 0 && --left_ == 0; }
    static bool erase(void* self, std::uint32_t page);
    static bool program(void* self, std::uint32_t offset, const std::uint8_t* bytes, std::uint32_t count);
    static void read(void* self, std::uint32_t offset, std::uint8_t* bytes, std::uint32_t count);

    Bytes bytes_;
    Rng rng_;
    std::uint32_t left_ = 0;
    FlashPort port_{};
};

}  // namespace jatai
