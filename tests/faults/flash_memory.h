// flash_memory.h: a flash in memory that loses power where a test says so.
//
//     FlashMemory flash(4096, 10);
//     flash.cut_at(17, Cut::HalfDone);
//     try { agent.open(config_of(flash)); … } catch (const PowerCut&) {}
//     flash.power_up();                                            // as long as no cut is set, nothing is
//     lost
//
// Every erase and every unit of 16 bytes programmed counts as one operation. At a cut the operation has not
// begun, is half done (some of its bits have changed), or is done to the point that its bits are unstable:
// they read differently each time until they are erased or programmed to zero.
#pragma once

#include <cstring>
#include <map>
#include <vector>

#include "device/update/flash_port.h"
#include "src/base/bytes.h"
#include "src/base/rng.h"

namespace jatai {

struct PowerCut {};

enum class Cut { Before, HalfDone, Unstable };

class FlashMemory {
  public:
    FlashMemory(std::uint32_t page_bytes, std::uint32_t pages)
        : bytes_(std::size_t{page_bytes} * pages, 0xFF), page_bytes_(page_bytes), pages_(pages) {
        refresh();
    }
    FlashMemory(const FlashMemory& other)
        : bytes_(other.bytes_),
          unstable_(other.unstable_),
          page_bytes_(other.page_bytes_),
          pages_(other.pages_) {
        refresh();
    }

    const FlashPort& port() const { return port_; }
    std::uint8_t* data() { return bytes_.data(); }
    std::uint64_t operations() const { return operations_; }
    std::uint64_t erases() const { return erases_; }
    std::uint64_t rewrites() const { return rewrites_; }  // units programmed twice, other than to zeros

    void cut_at(std::uint64_t operation, Cut cut) { cut_operation_ = operation, cut_ = cut; }
    void never_cut() { cut_operation_ = ~std::uint64_t{0}; }
    // What a chip sees when it starts: unstable bits as they happen to fall.
    void power_up(std::uint64_t seed) {
        rng_ = Rng(seed);
        for (const auto& [at, mask] : unstable_) flicker(at, mask);
    }
    bool is_unstable(std::uint32_t from, std::uint32_t count) const {
        const auto found = unstable_.lower_bound(from);
        return found != unstable_.end() && found->first < from + count;
    }

  private:
    void refresh() { port_ = {this, bytes_.data(), page_bytes_, pages_, erase, program, read}; }

    void flicker(std::uint32_t at, std::uint8_t mask) {
        const auto random = static_cast<std::uint8_t>(rng_.next());
        bytes_[at] = static_cast<std::uint8_t>((bytes_[at] & ~mask) | (random & mask));
    }

    // Each byte on its way from `bytes_` to `wanted`.
    void interrupt(std::uint32_t at, const std::uint8_t* wanted, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto moving = static_cast<std::uint8_t>(bytes_[at + i] ^ wanted[i]);
            if (cut_ == Cut::HalfDone) {
                bytes_[at + i] ^= static_cast<std::uint8_t>(moving & rng_.next());
            } else if (moving != 0) {
                unstable_[at + i] |= moving;
                flicker(at + i, moving);
            }
        }
    }

    // `asked`: null for an erase. Erasing settles a bit, and so does programming it to 0; one asked to stay 1
    // is left as it is.
    void change(std::uint32_t at, const std::uint8_t* wanted, std::uint32_t count,
                const std::uint8_t* asked) {
        if (operations_++ == cut_operation_) {
            if (cut_ != Cut::Before) interrupt(at, wanted, count);
            throw PowerCut{};
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            bytes_[at + i] = wanted[i];
            const auto found = unstable_.find(at + i);
            if (found == unstable_.end()) continue;
            found->second &= asked == nullptr ? 0 : asked[i];
            if (found->second == 0) unstable_.erase(found);
        }
    }

    static bool erase(void* self, std::uint32_t page) {
        auto& flash = *static_cast<FlashMemory*>(self);
        const Bytes blank(flash.page_bytes_, 0xFF);
        ++flash.erases_;
        flash.change(page * flash.page_bytes_, blank.data(), flash.page_bytes_, nullptr);
        return true;
    }

    static bool program(void* self, std::uint32_t offset, const std::uint8_t* bytes, std::uint32_t count) {
        auto& flash = *static_cast<FlashMemory*>(self);
        if (offset % kProgramUnit != 0 || count % kProgramUnit != 0) return false;
        for (std::uint32_t unit = 0; unit < count; unit += kProgramUnit) {
            std::uint8_t wanted[kProgramUnit];
            bool blank = true, zeros = true;
            for (std::uint32_t i = 0; i < kProgramUnit; ++i) {
                blank = blank && flash.bytes_[offset + unit + i] == 0xFF;
                zeros = zeros && bytes[unit + i] == 0;
                wanted[i] = flash.bytes_[offset + unit + i] & bytes[unit + i];
            }
            if (!blank && !zeros) ++flash.rewrites_;
            flash.change(offset + unit, wanted, kProgramUnit, bytes + unit);
        }
        return true;
    }

    static void read(void* self, std::uint32_t offset, std::uint8_t* bytes, std::uint32_t count) {
        auto& flash = *static_cast<FlashMemory*>(self);
        for (auto at = flash.unstable_.lower_bound(offset);
             at != flash.unstable_.end() && at->first < offset + count; ++at)
            flash.flicker(at->first, at->second);
        std::memcpy(bytes, flash.bytes_.data() + offset, count);
    }

    Bytes bytes_;
    std::map<std::uint32_t, std::uint8_t> unstable_;  // bits that read differently each time
    std::uint32_t page_bytes_, pages_;
    std::uint64_t operations_ = 0, erases_ = 0, rewrites_ = 0;
    std::uint64_t cut_operation_ = ~std::uint64_t{0};
    Cut cut_ = Cut::Before;
    Rng rng_{1};
    FlashPort port_{};
};

}  // namespace jatai
