#include "src/simulate/stop_words.h"

#include "src/base/error.h"

namespace jatai::simulate {
namespace {

std::string undefined_words(const Core& core, std::uint32_t pc) {
    std::uint16_t halves[2] = {};
    if (!core.read_memory(pc, reinterpret_cast<std::uint8_t*>(halves), 2))
        return text("undefined instruction");
    if (halves[0] < 0xE800) return text("undefined instruction {:04x}", halves[0]);
    core.read_memory(pc + 2, reinterpret_cast<std::uint8_t*>(halves + 1), 2);
    return text("undefined instruction {:04x} {:04x}", halves[0], halves[1]);
}

std::string access_words(const Fault& fault, const Board& board) {
    const std::uint32_t address = fault.address;
    if (fault.is_write && board.flash.holds(address))
        return text("store to {:#010x}, which is flash and not open for writing", address);
    if (fault.is_write) return text("store to {:#010x}, where {} has nothing", address, board.id);
    return text("load from {:#010x}, where {} has nothing", address, board.id);
}

std::string kind_words(const Core& core, const FaultRecord& record, const Board& board) {
    const Fault& fault = record.fault;
    switch (fault.kind) {
        case FaultKind::DataBus:
            return access_words(fault, board);
        case FaultKind::StackingBus:
            return text("the stack pointer led to {:#010x}, outside RAM", fault.address);
        case FaultKind::UnstackingBus:
            return text("return from an exception with the stack pointer outside memory");
        case FaultKind::FetchBus:
            return text("jump to {:#010x}, where {} has no code", fault.address, board.id);
        case FaultKind::FetchMemory:
            return text("jump to {:#010x}, which may not be executed", fault.address);
        case FaultKind::InvalidState:
            return text("jump to {:#010x} with its lowest bit clear: not Thumb code", fault.address);
        case FaultKind::InvalidExceptionReturn:
            return text("return from an exception with {:#010x}", fault.address);
        case FaultKind::NoCoprocessor:
            return text("a float instruction while the float unit is off (CPACR)");
        case FaultKind::Unaligned:
            return text("misaligned access to {:#010x}", fault.address);
        case FaultKind::DivideByZero:
            return text("division by zero");
        case FaultKind::UndefinedInstruction:
            return undefined_words(core, record.pc);
        default:
            return text("SVC where it cannot be taken");
    }
}

}  // namespace

std::string describe_fault(const Core& core, const Board& board, const Firmware& firmware) {
    const FaultRecord& record = *core.fault_record();
    std::string words = text("{} at {}", kind_words(core, record, board), firmware.nearest(record.pc));
    const std::uint32_t caller = record.lr & ~1u;
    if (record.lr < 0xF0000000u && caller != 0) words += text(" (called from {})", firmware.nearest(caller));
    if (record.stacking_failed)
        words += text("; the stack pointer {:#010x} is outside RAM, so no handler could run", core.cpu.r[13]);
    return words;
}

std::string describe_stop(const RunResult& result) {
    if (result.reason.empty()) return {};
    const Registers& r = result.registers;
    std::string words = text("stopped at {}: {}", result.where, result.reason) + "\n";
    for (int row = 0; row < 4; ++row) {
        for (int i = row * 4; i < row * 4 + 4; ++i) {
            static constexpr const char* kNames[3] = {"sp", "lr", "pc"};
            const std::string name = i < 13 ? fmt::format("r{}", i) : kNames[i - 13];
            words += fmt::format("  {:<4}{:08x}", name, r.r[i]);
        }
        words += "\n";
    }
    words +=
        fmt::format("  xpsr{:08x}  msp {:08x}  psp {:08x}  ctrl{:08x}\n", r.xpsr, r.msp, r.psp, r.control);
    words +=
        fmt::format("  cfsr{:08x}  hfsr{:08x}  bfar{:08x}  prim{:08x}\n", r.cfsr, r.hfsr, r.bfar, r.primask);
    return words;
}

}  // namespace jatai::simulate
