#include "src/simulate/core/nvic.h"

#include <algorithm>

namespace jatai::simulate {

void Nvic::reset() {
    pending_.reset();
    enabled_.reset();
    active_.reset();
    priority_.fill(0);
    for (unsigned fixed : {kNmi, kHardFault, kSvCall, kDebugMonitor, kPendSv, kSysTick}) enabled_.set(fixed);
    group_ = 0;
    primask_ = faultmask_ = basepri_ = 0;
    pending_ = lines_;
}

void Nvic::clear_pending(unsigned exception) {
    pending_.reset(exception);
    if (lines_[exception] && !active_[exception]) pending_.set(exception);
}

void Nvic::set_line(unsigned exception, bool raised) {
    if (raised && !lines_[exception]) pending_.set(exception);
    lines_.set(exception, raised);
}

bool Nvic::any_interrupt_pending() const { return (pending_ >> kFirstInterrupt).any(); }

void Nvic::activate(unsigned exception) {
    pending_.reset(exception);
    active_.set(exception);
}

void Nvic::deactivate(unsigned exception) {
    active_.reset(exception);
    if (lines_[exception]) pending_.set(exception);
}

void Nvic::set_masks(std::uint32_t primask, std::uint32_t faultmask, std::uint32_t basepri) {
    primask_ = primask;
    faultmask_ = faultmask;
    basepri_ = basepri;
}

int Nvic::full_priority(unsigned exception) const {
    if (exception == kNmi) return -2;
    if (exception == kHardFault) return -1;
    return priority_[exception];
}

// The part of a priority that decides preemption: the bits above the point PRIGROUP sets.
int Nvic::group_priority(unsigned exception) const {
    const int full = full_priority(exception);
    return full < 0 ? full : full & ~((2 << group_) - 1);
}

int Nvic::active_priority() const {
    int strongest = kThreadPriority;
    if (active_.none()) return strongest;
    for (unsigned i = 1; i < kExceptions; ++i)
        if (active_[i]) strongest = std::min(strongest, group_priority(i));
    return strongest;
}

int Nvic::waking_priority() const {
    int strongest = active_priority();
    if (basepri_ != 0) strongest = std::min(strongest, static_cast<int>(basepri_) & ~((2 << group_) - 1));
    if (faultmask_) strongest = std::min(strongest, -1);
    return strongest;
}

int Nvic::execution_priority() const {
    const int strongest = waking_priority();
    return primask_ ? std::min(strongest, 0) : strongest;
}

unsigned Nvic::best_pending() const {
    const std::bitset<kExceptions> candidates = pending_ & enabled_;
    if (candidates.none()) return 0;
    unsigned best = 0;
    for (unsigned i = 1; i < kExceptions; ++i)
        if (candidates[i] && (best == 0 || full_priority(i) < full_priority(best))) best = i;
    return best;
}

bool Nvic::can_be_interrupted() const {
    const int running = execution_priority();
    for (unsigned i = kPendSv; i < kExceptions; ++i)
        if (enabled_[i] && group_priority(i) < running) return true;
    return false;
}

}  // namespace jatai::simulate
