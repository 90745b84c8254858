#include "src/simulate/core/code_region.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "src/simulate/core/decode.h"
#include "src/simulate/time/cycle_table.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kGuardSlots = 72;    // CBZ reaches 65 halfwords past the end
constexpr std::uint32_t kItReachBytes = 20;  // IT and the four 32-bit instructions it governs
constexpr std::size_t kMostKept = 1u << 20;

std::uint8_t advance_it(std::uint8_t state) {
    return (state & 7) == 0 ? 0 : static_cast<std::uint8_t>((state & 0xE0) | (state << 1 & 0x1F));
}

Op guard(OpCode code, const Op& inner, const Op* real) {
    Op op;
    op.code = code;
    op.halfwords = inner.halfwords;
    op.cycles = 1;
    op.real = real;
    return op;
}

bool is_guard(OpCode code) {
    return code == OpCode::ItGuard || code == OpCode::LineGuard || code == OpCode::MarkGuard;
}

bool is_conditional(OpCode code) { return code >= OpCode::BranchEq && code <= OpCode::BranchLe; }

}  // namespace

CodeRegion::CodeRegion(CodeLayout layout) : layout_(std::move(layout)) {
    const std::uint32_t halfwords = layout_.bytes / 2;
    auto* raw = static_cast<Op*>(std::calloc(halfwords + kGuardSlots, sizeof(Op)));
    if (raw == nullptr) throw std::bad_alloc();
    slots_.reset(raw);
    for (std::uint32_t i = 0; i < kGuardSlots; ++i) {
        raw[halfwords + i].code = OpCode::OutOfRegion;
        raw[halfwords + i].halfwords = 1;
    }
    code_pages_.resize((layout_.bytes >> kPageShift) + 1);
    index_functions();
}

void CodeRegion::index_functions() {
    functions_.push_back({layout_.base, layout_.bytes, "(no symbol)", true});
    function_of_.assign(layout_.bytes / 2 + kGuardSlots, 0);
    if (layout_.symbols == nullptr) return;
    for (const Symbol& symbol : *layout_.symbols) {
        if (!symbol.is_function || !holds(symbol.address) || functions_.size() >= 0xFFFF) continue;
        if (functions_.back().address == symbol.address && functions_.size() > 1) continue;  // an alias
        functions_.push_back(symbol);
    }
    for (std::size_t i = 1; i < functions_.size(); ++i) {
        const std::uint32_t start = (functions_[i].address - layout_.base) / 2;
        const std::uint32_t next =
            i + 1 < functions_.size() ? (functions_[i + 1].address - layout_.base) / 2 : layout_.bytes / 2;
        const std::uint32_t size = functions_[i].bytes / 2;
        const std::uint32_t end = size == 0 ? next : std::min(layout_.bytes / 2, start + size);
        std::fill(function_of_.begin() + start, function_of_.begin() + std::max(start, end),
                  static_cast<std::uint16_t>(i));
    }
}

std::uint32_t CodeRegion::half(std::uint32_t index) const {
    if (index >= layout_.bytes / 2) return 0;
    std::uint16_t value;
    std::memcpy(&value, layout_.memory + std::size_t{index} * 2, sizeof value);
    return value;
}

Op CodeRegion::decode_alone(std::uint32_t index, bool in_it) const {
    const std::uint32_t h1 = half(index);
    if (index >= layout_.bytes / 2 || (is_wide(h1) && index + 1 >= layout_.bytes / 2)) {
        Op op;
        op.code = OpCode::OutOfRegion;
        op.halfwords = 1;
        return op;
    }
    return simulate::decode({h1, half(index + 1), layout_.base + index * 2, in_it});
}

// Direct branches learn what taking them costs; those that leave the region or the function change their
// kind.
void CodeRegion::fit_branch(std::uint32_t index, Op& op) const {
    const bool direct = op.code == OpCode::Branch || op.code == OpCode::BranchLink ||
                        is_conditional(op.code) || op.code == OpCode::Cbz || op.code == OpCode::Cbnz;
    if (!direct) return;
    const std::uint32_t target = index + op.imm;
    const bool misaligned = (layout_.base + target * 2) & 2 && is_wide(half(target));
    op.extra = kRefillDirect + (misaligned ? kMisalignedTarget : 0);
    if (op.code == OpCode::Cbz || op.code == OpCode::Cbnz) return;
    if (target >= layout_.bytes / 2) {
        op.imm = (layout_.base + target * 2) | 1;
        op.code = op.code == OpCode::Branch       ? OpCode::BranchFar
                  : op.code == OpCode::BranchLink ? OpCode::BranchLinkFar
                                                  : OpCode::BranchFarCond;
    } else if (op.code == OpCode::Branch) {
        if (op.imm == 0) op.code = OpCode::BranchSelf;
        if (function_of_[index] != function_of_[target]) op.code = OpCode::BranchTail;
    }
}

// Adds what the neighbours decide: cycles, branch costs.
Op CodeRegion::finish(std::uint32_t index, Op op, std::uint8_t it) const {
    const std::uint8_t next_it = advance_it(it);
    const bool same_condition = it == 0 ? true : next_it != 0 && (next_it >> 4) == (it >> 4);
    const Op next = decode_alone(index + op.halfwords, next_it != 0);
    const bool follows = same_condition && next.code != OpCode::OutOfRegion;
    op.cycles = base_cycles(op, next, follows ? Joined::Yes : Joined::No);
    fit_branch(index, op);
    return op;
}

const Op* CodeRegion::keep(const Op& op) { return &kept_.emplace_back(op); }

bool CodeRegion::starts_line(std::uint32_t index, unsigned halfwords) const {
    if (layout_.line_bytes == 0) return false;
    const std::uint32_t first = layout_.base + index * 2, last = first + halfwords * 2 - 1;
    return first % layout_.line_bytes == 0 || first / layout_.line_bytes != last / layout_.line_bytes;
}

void CodeRegion::publish(std::uint32_t index, const Op& operation, std::uint8_t it) {
    Op op = operation;
    if (is_conditional(op.code) && op.imm == 0) {  // a loop onto itself: nothing inside can end it
        const std::uint8_t condition = op.a;
        op.code = OpCode::BranchSelf;
        op = guard(OpCode::ItGuard, op, keep(op));
        op.a = condition;
    }
    if (it != 0 && op.code != OpCode::Bkpt) {
        op = guard(OpCode::ItGuard, op, keep(op));
        op.a = it >> 4;
        op.d = it;
    }
    if (starts_line(index, op.halfwords)) op = guard(OpCode::LineGuard, op, keep(op));
    const auto mark = layout_.marks.find(layout_.base + index * 2);
    if (mark != layout_.marks.end()) {
        op = guard(OpCode::MarkGuard, op, keep(op));
        op.a = static_cast<std::uint8_t>(mark->second);
    }
    Op& slot = slots_.get()[index];
    OpCode code = op.code;
    op.code = OpCode::Undecoded;
    slot = op;
    __atomic_store(&slot.code, &code, __ATOMIC_RELEASE);
    code_pages_[index * 2 >> kPageShift] = true;
    code_pages_[(index * 2 + op.halfwords * 2u - 1) >> kPageShift] = true;
}

void CodeRegion::decode_it_block(std::uint32_t index, std::uint8_t state) {
    while (state != 0 && index < layout_.bytes / 2) {
        const Op op = decode_alone(index, true);
        publish(index, finish(index, op, state), state);
        index += op.halfwords;
        state = advance_it(state);
    }
}

void CodeRegion::decode(const Op* slot) {
    const std::lock_guard lock(mutex_);
    if (slot->code != OpCode::Undecoded) return;
    if (kept_.size() > kMostKept && rewritten_) {  // nothing runs behind a guard right now
        for (std::uint32_t i = 0; i < layout_.bytes / 2; ++i) slots_.get()[i].code = OpCode::Undecoded;
        kept_.clear();
    }
    const auto index = static_cast<std::uint32_t>(slot - slots_.get());
    const Op op = decode_alone(index, false);
    if (op.code == OpCode::It) decode_it_block(index + 1, static_cast<std::uint8_t>(op.imm));
    publish(index, finish(index, op, 0), 0);
}

std::uint8_t CodeRegion::it_state(std::uint32_t address) const {
    if (!holds(address)) return 0;
    const Op* op = slots_.get() + (address - layout_.base) / 2;
    while (is_guard(op->code)) {
        if (op->code == OpCode::ItGuard && op->d != 0) return op->d;
        op = op->real;
    }
    return 0;
}

void CodeRegion::set_it_state(std::uint32_t address, std::uint8_t state) {
    if (!holds(address) || state == 0 || it_state(address) == state) return;
    const std::lock_guard lock(mutex_);
    decode_it_block((address - layout_.base) / 2, state);
}

void CodeRegion::forget(std::uint32_t offset, std::uint32_t bytes) {
    const std::lock_guard lock(mutex_);
    rewritten_ = true;
    const std::uint32_t first = offset < kItReachBytes ? 0 : offset - kItReachBytes;
    const std::uint32_t last = std::min(layout_.bytes, offset + bytes);
    for (std::uint32_t i = first / 2; i < (last + 1) / 2; ++i) slots_.get()[i].code = OpCode::Undecoded;
}

}  // namespace jatai::simulate
