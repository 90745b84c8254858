// The loop. Every operation of op_list.h has a label; the dispatch jumps from label to label through a table,
// so that the host's branch predictor sees one jump per operation. `slot` is where the program counter is,
// `op` the operation to run: the same, or what stands behind a guard.
#include "src/simulate/core/interpreter.h"

#include "src/simulate/core/decode.h"
#include "src/simulate/core/execute_dsp.h"
#include "src/simulate/core/execute_float.h"
#include "src/simulate/core/execute_memory.h"
#include "src/simulate/time/cycle_table.h"

namespace jatai::simulate {
namespace {

template <unsigned condition>
JATAI_INLINE bool holds(const Cpu& c) {
    const bool negative = c.n >> 31, zero = c.z == 0;
    if constexpr (condition == 0) return zero;
    if constexpr (condition == 1) return !zero;
    if constexpr (condition == 2) return c.c;
    if constexpr (condition == 3) return !c.c;
    if constexpr (condition == 4) return negative;
    if constexpr (condition == 5) return !negative;
    if constexpr (condition == 6) return c.v;
    if constexpr (condition == 7) return !c.v;
    if constexpr (condition == 8) return c.c && !zero;
    if constexpr (condition == 9) return !c.c || zero;
    if constexpr (condition == 10) return negative == (c.v != 0);
    if constexpr (condition == 11) return negative != (c.v != 0);
    if constexpr (condition == 12) return !zero && negative == (c.v != 0);
    if constexpr (condition == 13) return zero || negative != (c.v != 0);
    return true;
}

bool holds_any(const Cpu& c, unsigned condition) {
    switch (condition) {
        case 0:
            return holds<0>(c);
        case 1:
            return holds<1>(c);
        case 2:
            return holds<2>(c);
        case 3:
            return holds<3>(c);
        case 4:
            return holds<4>(c);
        case 5:
            return holds<5>(c);
        case 6:
            return holds<6>(c);
        case 7:
            return holds<7>(c);
        case 8:
            return holds<8>(c);
        case 9:
            return holds<9>(c);
        case 10:
            return holds<10>(c);
        case 11:
            return holds<11>(c);
        case 12:
            return holds<12>(c);
        case 13:
            return holds<13>(c);
        default:
            return true;
    }
}

// LDR PC: `a` is the address mode, `extra` the shift of a register offset.
Outcome load_target(Cpu& c, const Op& op, Counters& k, std::uint32_t& target) {
    const auto mode = static_cast<AddressMode>(op.a);
    std::uint32_t address = c.r[op.n] + op.imm;
    if (mode == AddressMode::Literal) address = op.imm;
    if (mode == AddressMode::Register) address = c.r[op.n] + (c.r[op.m] << op.extra);
    if (mode == AddressMode::Post) address = c.r[op.n];
    if (require_aligned(c, address) == Outcome::Fault) return Outcome::Fault;
    const Outcome outcome = load<std::uint32_t>(c, k, address, target);
    if (outcome != Outcome::Fault && (mode == AddressMode::Pre || mode == AddressMode::Post))
        c.r[op.n] += op.imm;
    return outcome;
}

Outcome load_list_target(Cpu& c, const Op& op, Counters& k, std::uint32_t& target) {
    std::uint32_t values[16];
    const Outcome outcome = load_list(c, op, k, values);
    if (outcome == Outcome::Fault) return outcome;
    finish_list(c, op, values);
    target = values[15];
    return outcome;
}

// TBB, TBH: how many halfwords beyond the instruction's end.
template <typename T>
Outcome table_offset(Cpu& c, const Op& op, Counters& k, std::uint32_t pc, std::uint32_t& offset) {
    const std::uint32_t base = op.n == 15 ? pc + 4 : c.r[op.n];
    return load<T>(c, k, base + c.r[op.m] * static_cast<std::uint32_t>(sizeof(T)), offset);
}

FaultKind undefined_kind(const Op& op) {
    return static_cast<UndefinedReason>(op.a) == UndefinedReason::NoCoprocessor
               ? FaultKind::NoCoprocessor
               : FaultKind::UndefinedInstruction;
}

template <bool by_lines>
Exit interpret_as(Cpu& c, const Running& running) {
    static const void* const kLabels[] = {
#define JATAI_LABEL(name) &&at_##name,
        JATAI_JUMP_OPS(JATAI_LABEL) JATAI_ALU_OPS(JATAI_LABEL) JATAI_DSP_OPS(JATAI_LABEL)
            JATAI_MEMORY_OPS(JATAI_LABEL) JATAI_FLOAT_OPS(JATAI_LABEL) JATAI_FLOATMEM_OPS(JATAI_LABEL)
#undef JATAI_LABEL
    };
    CodeRegion& region = running.region;
    Profile& profile = running.profile;
    const Op* const slots = region.slots();
    const std::uint32_t region_base = region.base(), region_bytes = region.bytes();
    const std::uint16_t* const function_of = region.function_of();
    const Op* slot = slots + (c.r[15] - region_base) / 2;
    const Op* op = slot;
    Counters k = c.now;
    std::uint32_t target = 0;
    Exit exit = Exit::Deadline;
    profile.resume(function_of[slot - slots], k);
    if constexpr (by_lines) k.cycles += running.fetch->access(c.r[15]);

#define ADDRESS(at) (region_base + static_cast<std::uint32_t>((at)-slots) * 2)
#define DISPATCH()                                         \
    do {                                                   \
        OpCode code;                                       \
        __atomic_load(&op->code, &code, __ATOMIC_ACQUIRE); \
        goto* kLabels[static_cast<std::size_t>(code)];     \
    } while (0)
#define COUNT()                 \
    do {                        \
        k.cycles += op->cycles; \
        ++k.instructions;       \
    } while (0)
#define NEXT()                 \
    do {                       \
        COUNT();               \
        slot += op->halfwords; \
        op = slot;             \
        DISPATCH();            \
    } while (0)
#define FINISH(outcome)                                 \
    do {                                                \
        const Outcome result = (outcome);               \
        if (result != Outcome::Next) [[unlikely]] {     \
            if (result == Outcome::Fault) goto faulted; \
            goto left;                                  \
        }                                               \
        NEXT();                                         \
    } while (0)
// The flow is at `slot` now.
#define ARRIVE()                                                                  \
    do {                                                                          \
        if constexpr (by_lines) k.cycles += running.fetch->access(ADDRESS(slot)); \
        if (k.cycles >= k.deadline) [[unlikely]]                                  \
            goto stopped;                                                         \
        op = slot;                                                                \
        DISPATCH();                                                               \
    } while (0)
#define TAKE_DIRECT()                               \
    do {                                            \
        COUNT();                                    \
        k.cycles += op->extra;                      \
        slot += static_cast<std::int32_t>(op->imm); \
        ARRIVE();                                   \
    } while (0)
#define TAKE_INDIRECT(refill) \
    do {                      \
        COUNT();              \
        k.cycles += (refill); \
        goto jump_to_target;  \
    } while (0)

    DISPATCH();

#define JATAI_PLAIN(name)               \
    at_##name : execute_##name(c, *op); \
    NEXT();
    JATAI_ALU_OPS(JATAI_PLAIN)
    JATAI_DSP_OPS(JATAI_PLAIN)
#undef JATAI_PLAIN
#define JATAI_MEMORY(name) at_##name : FINISH(execute_##name(c, *op, k));
    JATAI_MEMORY_OPS(JATAI_MEMORY)
#undef JATAI_MEMORY
#define PREPARE_FLOAT()                             \
    if (!c.float_ready) [[unlikely]] {              \
        c.now = k;                                  \
        const bool ready = c.slow->prepare_float(); \
        k = c.now;                                  \
        if (!ready) goto faulted;                   \
    }
#define JATAI_FLOAT(name)        \
    at_##name : PREPARE_FLOAT(); \
    execute_##name(c, *op);      \
    NEXT();
    JATAI_FLOAT_OPS(JATAI_FLOAT)
#undef JATAI_FLOAT
#define JATAI_FLOATMEM(name)     \
    at_##name : PREPARE_FLOAT(); \
    FINISH(execute_##name(c, *op, k));
    JATAI_FLOATMEM_OPS(JATAI_FLOATMEM)
#undef JATAI_FLOATMEM

at_Undecoded:
    region.decode(slot);
    DISPATCH();
at_OutOfRegion:
    c.fault = {FaultKind::FetchBus, ADDRESS(slot), false};
    goto faulted;
at_Undefined:
    c.fault = {undefined_kind(*op), 0, false};
    goto faulted;

at_LineGuard:
    if constexpr (by_lines) k.cycles += running.fetch->access(ADDRESS(slot) + op->halfwords * 2u - 1);
    op = op->real;
    DISPATCH();
at_MarkGuard:
    profile.mark(static_cast<Mark>(op->a), k);
    op = op->real;
    DISPATCH();
at_ItGuard:
    if (!holds_any(c, op->a)) NEXT();
    op = op->real;
    DISPATCH();
at_Nop:
at_It:
    NEXT();

at_Branch:
    TAKE_DIRECT();
#define JATAI_CONDITIONAL(name, number)                        \
    at_Branch##name : if (holds<number>(c)) { TAKE_DIRECT(); } \
    NEXT();
    JATAI_CONDITIONAL(Eq, 0)
    JATAI_CONDITIONAL(Ne, 1)
    JATAI_CONDITIONAL(Cs, 2)
    JATAI_CONDITIONAL(Cc, 3)
    JATAI_CONDITIONAL(Mi, 4)
    JATAI_CONDITIONAL(Pl, 5)
    JATAI_CONDITIONAL(Vs, 6)
    JATAI_CONDITIONAL(Vc, 7)
    JATAI_CONDITIONAL(Hi, 8)
    JATAI_CONDITIONAL(Ls, 9)
    JATAI_CONDITIONAL(Ge, 10)
    JATAI_CONDITIONAL(Lt, 11)
    JATAI_CONDITIONAL(Gt, 12)
    JATAI_CONDITIONAL(Le, 13)
#undef JATAI_CONDITIONAL
at_Cbz:
    if (c.r[op->n] == 0) TAKE_DIRECT();
    NEXT();
at_Cbnz:
    if (c.r[op->n] != 0) TAKE_DIRECT();
    NEXT();
at_BranchTail:
    COUNT();
    k.cycles += op->extra;
    slot += static_cast<std::int32_t>(op->imm);
    profile.enter(function_of[slot - slots], k);
    ARRIVE();
at_BranchLink:
    COUNT();
    c.r[14] = (ADDRESS(slot) + 4) | 1;
    k.cycles += op->extra;
    slot += static_cast<std::int32_t>(op->imm);
    profile.enter(function_of[slot - slots], k);
    profile.count_call(function_of[slot - slots]);
    ARRIVE();
at_BranchFarCond:
    if (!holds_any(c, op->a)) NEXT();
at_BranchFar:
    target = op->imm;
    TAKE_INDIRECT(op->extra);
at_BranchLinkFar:
    c.r[14] = (ADDRESS(slot) + 4) | 1;
    target = op->imm;
    TAKE_INDIRECT(op->extra);
at_Bx:
    target = c.r[op->m];
    TAKE_INDIRECT(kRefillIndirect);
at_Blx:
    target = c.r[op->m];
    c.r[14] = (ADDRESS(slot) + 2) | 1;
    if (target - region_base < region_bytes) profile.count_call(function_of[(target - region_base) / 2]);
    TAKE_INDIRECT(kRefillIndirect);
at_MovPc:
    target = c.r[op->m] | 1;
    TAKE_INDIRECT(kRefillIndirect);
at_AddPc:
    target = (ADDRESS(slot) + 4 + c.r[op->m]) | 1;
    TAKE_INDIRECT(kRefillIndirect);
at_LoadPc : {
    Counters copy = k;
    std::uint32_t loaded = 0;
    const Outcome outcome = load_target(c, *op, copy, loaded);
    k = copy;
    target = loaded;
    if (outcome == Outcome::Fault) goto faulted;
    TAKE_INDIRECT(kRefillLoaded);
}
at_LoadMultiplePc : {
    Counters copy = k;
    std::uint32_t loaded = 0;
    const Outcome outcome = load_list_target(c, *op, copy, loaded);
    k = copy;
    target = loaded;
    if (outcome == Outcome::Fault) goto faulted;
    TAKE_INDIRECT(kRefillLoaded);
}
at_Tbb : {
    Counters copy = k;
    std::uint32_t offset = 0;
    const Outcome outcome = table_offset<std::uint8_t>(c, *op, copy, ADDRESS(slot), offset);
    k = copy;
    if (outcome == Outcome::Fault) goto faulted;
    target = (ADDRESS(slot) + 4 + 2 * offset) | 1;
    TAKE_INDIRECT(kRefillIndirect);
}
at_Tbh : {
    Counters copy = k;
    std::uint32_t offset = 0;
    const Outcome outcome = table_offset<std::uint16_t>(c, *op, copy, ADDRESS(slot), offset);
    k = copy;
    if (outcome == Outcome::Fault) goto faulted;
    target = (ADDRESS(slot) + 4 + 2 * offset) | 1;
    TAKE_INDIRECT(kRefillIndirect);
}

jump_to_target : {
    // An even target, or one outside, becomes a number larger than the region once the thumb bit is rotated
    // out.
    const std::uint32_t half = std::rotr(target - region_base - 1, 1);
    if (half >= region_bytes / 2) [[unlikely]] {
        c.r[15] = target;
        exit = Exit::Jump;
        goto done;
    }
    slot = slots + half;
    if (slot->code == OpCode::Undecoded) [[unlikely]]
        region.decode(slot);
    k.cycles += slot->halfwords == 2 && (ADDRESS(slot) & 2) ? kMisalignedTarget : 0;
    profile.enter(function_of[half], k);
    ARRIVE();
}

at_Wfi:
    exit = Exit::Sleep;
    goto done_after;
at_Wfe:
    exit = Exit::SleepEvent;
    goto done_after;
at_Sev:
    exit = Exit::Event;
    goto done_after;
at_Svc:
    exit = Exit::Supervisor;
    goto done_after;
at_Bkpt:
    exit = Exit::Breakpoint;
    goto done_here;
at_BranchSelf:
    exit = Exit::Spin;
    goto done_here;

faulted:
    exit = Exit::Fault;
    goto done_here;
left:
    exit = Exit::Leave;
done_after:
    COUNT();
    slot += op->halfwords;
    goto done_here;
stopped:
    exit = Exit::Deadline;
done_here:
    c.r[15] = ADDRESS(slot);
done:
    profile.flush(k);
    c.now = k;
    return exit;
#undef ADDRESS
#undef DISPATCH
#undef COUNT
#undef NEXT
#undef FINISH
#undef ARRIVE
#undef TAKE_DIRECT
#undef TAKE_INDIRECT
#undef PREPARE_FLOAT
}

}  // namespace

Exit interpret(Cpu& cpu, const Running& running) {
    return running.fetch != nullptr ? interpret_as<true>(cpu, running) : interpret_as<false>(cpu, running);
}

}  // namespace jatai::simulate
