#include "src/simulate/devices/nrf52840/nvmc.h"

#include <cstring>

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kWriteEnabled = 1, kEraseEnabled = 2;
constexpr double kWriteUs = 41, kEraseUs = 85000, kFlickerUs = 300;

}  // namespace

Nvmc::Nvmc(BoardRecord& record, MemoryRange ram, PowerCut cut)
    : Peripheral("nvmc", 0x4001e000, record), ram_(ram), cut_(cut) {
    know(kReady, 1);
    know(kReadyNext, 1);
    know(kConfig);
    know(kErasePage);
    know(kIcacheCnf);
}

void Nvmc::changed(std::uint32_t offset) {
    if (offset == kErasePage && value(kConfig) == kEraseEnabled) erase(value(kErasePage));
    if (offset != kIcacheCnf) return;
    host().enable_flash_cache((value(kIcacheCnf) & 1) != 0);
    host().trace(name(), "cache", value(kIcacheCnf) & 1);
}

Bytes Nvmc::flash_bytes(std::uint32_t address, std::uint32_t bytes) const {
    Bytes content(bytes);
    return host().read_memory(address, content) ? content : Bytes{};
}

void Nvmc::stall_us(double microseconds) {
    host().stall(static_cast<Cycle>(microseconds * 1e-6 * host().clock_hz()));
}

// Writing turns ones into zeros only (PS 4.3.1).
bool Nvmc::write_flash(std::uint32_t address, unsigned bytes, std::uint32_t word) {
    if (value(kConfig) != kWriteEnabled || bytes != 4) return false;
    const Bytes before = flash_bytes(address, 4);
    if (before.empty()) return false;
    Bytes after = before, asked(4);
    std::memcpy(asked.data(), &word, 4);
    for (unsigned i = 0; i < 4; ++i) after[i] &= asked[i];
    ++record().flash.writes;
    if (++writes_since_erase_[address] > kMostWrites) ++record().flash.overwritten_words;
    host().trace(name(), "write", address);
    if (loses_power(address, before, after)) return true;
    settle(address, asked);
    host().program_flash(address, after);
    stall_us(kWriteUs);
    return true;
}

void Nvmc::erase(std::uint32_t page) {
    page -= page % kPageBytes;
    const Bytes before = flash_bytes(page, kPageBytes);
    if (before.empty()) return;
    const Bytes after(kPageBytes, 0xFF);
    ++record().flash.erases;
    host().trace(name(), "erase", page);
    if (loses_power(page, before, after)) return;
    writes_since_erase_.erase(writes_since_erase_.lower_bound(page),
                              writes_since_erase_.lower_bound(page + kPageBytes));
    settle(page, Bytes(kPageBytes, 0));
    host().program_flash(page, after);
    stall_us(kEraseUs);
}

// Bits asked to be 0 are stable again; an erase asks for nothing and settles all.
void Nvmc::settle(std::uint32_t address, const Bytes& bits) {
    const auto end = unstable_.lower_bound(address + static_cast<std::uint32_t>(bits.size()));
    for (auto at = unstable_.lower_bound(address); at != end;) {
        at->second &= bits[at->first - address];
        at = at->second == 0 ? unstable_.erase(at) : std::next(at);
    }
    if (unstable_.empty()) flicker_at_ = kNever;
}

bool Nvmc::loses_power(std::uint32_t address, const Bytes& before, const Bytes& after) {
    if (operations_++ != cut_.operation) return false;
    cut(address, before, after);
    return true;
}

// The chip goes dark: RAM forgets, flash keeps what the operation left, and the supply comes back.
void Nvmc::cut(std::uint32_t address, const Bytes& before, const Bytes& after) {
    Bytes left = before;
    for (std::size_t i = 0; i < before.size() && cut_.way != PowerCut::Way::Before; ++i) {
        const auto moving = static_cast<std::uint8_t>(before[i] ^ after[i]);
        left[i] ^= static_cast<std::uint8_t>(moving & rng_.next());
        if (cut_.way == PowerCut::Way::Unstable && moving != 0)
            unstable_[address + static_cast<std::uint32_t>(i)] |= moving;
    }
    host().program_flash(address, left);
    if (!unstable_.empty()) advance();
    Bytes noise(ram_.bytes);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(rng_.next());
    host().write_memory(ram_.base, noise);
    ++record().flash.power_cuts;
    host().trace(name(), "power_cut", address);
    host().reset_board();
}

void Nvmc::advance() {
    for (const auto& [at, mask] : unstable_) {
        Bytes byte = flash_bytes(at, 1);
        byte[0] = static_cast<std::uint8_t>((byte[0] & ~mask) | (rng_.next() & mask));
        host().program_flash(at, byte);
    }
    flicker_at_ =
        unstable_.empty() ? kNever : host().now() + static_cast<Cycle>(kFlickerUs * 1e-6 * host().clock_hz());
}

}  // namespace jatai::simulate
