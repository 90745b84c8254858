// nvic.h: which exceptions are pending, enabled and active, and which one comes first (ARMv7-M ARM B1.5,
// B3.4).
//
//     nvic.set_line(kFirstInterrupt + 29, true);
//     if (nvic.preempts()) take(nvic.best_pending());
//
// Exceptions are numbered as in the vector table: 3 HardFault, 15 SysTick, 16 the first external interrupt.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

namespace jatai::simulate {

constexpr unsigned kExceptions = 256;
constexpr unsigned kNmi = 2, kHardFault = 3, kMemManage = 4, kBusFault = 5, kUsageFault = 6, kSvCall = 11,
                   kDebugMonitor = 12, kPendSv = 14, kSysTick = 15, kFirstInterrupt = 16;
constexpr unsigned kPriorityBits = 3;  // as the nRF52840 implements; vendors choose 3 to 8
constexpr std::uint8_t kPriorityMask = static_cast<std::uint8_t>(0xFF << (8 - kPriorityBits));
constexpr int kThreadPriority = 256;

class Nvic {
  public:
    Nvic() { reset(); }
    void reset();

    void set_pending(unsigned exception) { pending_.set(exception); }
    void clear_pending(unsigned exception);
    // A device's level: raising makes pending, and so does the handler's end while it is still raised.
    void set_line(unsigned exception, bool raised);
    void set_enabled(unsigned exception, bool enabled) { enabled_.set(exception, enabled); }
    void set_priority(unsigned exception, std::uint8_t priority) {
        priority_[exception] = priority & kPriorityMask;
    }
    void set_priority_group(unsigned group) { group_ = group; }

    bool is_pending(unsigned exception) const { return pending_[exception]; }
    bool is_enabled(unsigned exception) const { return enabled_[exception]; }
    bool is_active(unsigned exception) const { return active_[exception]; }
    std::uint8_t priority(unsigned exception) const { return priority_[exception]; }
    unsigned priority_group() const { return group_; }
    std::size_t active_count() const { return active_.count(); }
    bool any_interrupt_pending() const;

    void activate(unsigned exception);
    void deactivate(unsigned exception);

    void set_masks(std::uint32_t primask, std::uint32_t faultmask, std::uint32_t basepri);

    // The priority the core runs at: lower is stronger; kThreadPriority when nothing holds it back.
    int execution_priority() const;
    // The same without PRIMASK: what decides whether WFI wakes.
    int waking_priority() const;
    // 0 when none is pending and enabled.
    unsigned best_pending() const;
    bool preempts() const {
        const unsigned best = best_pending();
        return best != 0 && group_priority(best) < execution_priority();
    }
    bool wakes() const {
        const unsigned best = best_pending();
        return best != 0 && group_priority(best) < waking_priority();
    }
    // Whether `exception` would be taken now if it were pending.
    bool could_take(unsigned exception) const { return group_priority(exception) < execution_priority(); }
    // Whether any enabled interrupt could ever interrupt what runs now.
    bool can_be_interrupted() const;

  private:
    int full_priority(unsigned exception) const;
    int group_priority(unsigned exception) const;
    int active_priority() const;

    std::bitset<kExceptions> pending_, enabled_, active_, lines_;
    std::array<std::uint8_t, kExceptions> priority_{};
    unsigned group_ = 0;
    std::uint32_t primask_ = 0, faultmask_ = 0, basepri_ = 0;
};

}  // namespace jatai::simulate
