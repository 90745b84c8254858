// 32-bit loads and stores (ARMv7-M ARM A5.3.5-10).
#include "src/simulate/core/decode_help.h"

namespace jatai::simulate {
namespace {

constexpr unsigned kLoadModes = 6, kStoreModes = 5;

OpCode load_code(unsigned size, bool is_signed, AddressMode mode) {
    static constexpr OpCode kPlain[3] = {OpCode::LoadByteOffset, OpCode::LoadHalfOffset,
                                         OpCode::LoadWordOffset};
    static constexpr OpCode kSigned[2] = {OpCode::LoadSignedByteOffset, OpCode::LoadSignedHalfOffset};
    return shifted(is_signed ? kSigned[size] : kPlain[size], static_cast<unsigned>(mode));
}

OpCode store_code(unsigned size, AddressMode mode) {
    static constexpr OpCode kCodes[3] = {OpCode::StoreByteOffset, OpCode::StoreHalfOffset,
                                         OpCode::StoreWordOffset};
    return shifted(kCodes[size], static_cast<unsigned>(mode));
}
static_assert(static_cast<int>(OpCode::LoadByteOffset) - static_cast<int>(OpCode::LoadWordOffset) ==
              kLoadModes);
static_assert(static_cast<int>(OpCode::StoreByteOffset) - static_cast<int>(OpCode::StoreWordOffset) ==
              kStoreModes);

struct Address {
    bool known = true;
    AddressMode mode = AddressMode::Offset;
    std::uint32_t offset = 0;
    unsigned m = 0, shift = 0;
};

Address address_of(const Encoding& e) {
    Address address;
    if (bit(e.h1, 7)) {
        address.offset = bits(e.h2, 11, 0);
    } else if (bit(e.h2, 11)) {
        const bool pre = bit(e.h2, 10), up = bit(e.h2, 9), back = bit(e.h2, 8);
        address.offset = up ? bits(e.h2, 7, 0) : 0u - bits(e.h2, 7, 0);
        address.known = pre || back;
        address.mode = !pre   ? AddressMode::Post
                       : back ? AddressMode::Pre
                       : up   ? AddressMode::Unprivileged
                              : AddressMode::Offset;
    } else {
        address.known = bits(e.h2, 11, 6) == 0;
        address.mode = AddressMode::Register;
        address.m = bits(e.h2, 3, 0);
        address.shift = bits(e.h2, 5, 4);
    }
    return address;
}

Address literal_address(const Encoding& e) {
    Address address;
    const std::uint32_t base = (e.address + 4) & ~3u, offset = bits(e.h2, 11, 0);
    address.mode = AddressMode::Literal;
    address.offset = bit(e.h1, 7) ? base + offset : base - offset;
    return address;
}

Op with_address(OpCode code, const Encoding& e, const Address& address) {
    Op op = registers(code, e, bits(e.h2, 15, 12), bits(e.h1, 3, 0), address.m, address.shift);
    op.imm = address.offset;
    return op;
}

// LDR PC: `a` holds the address mode, `extra` the shift of a register offset.
Op load_pc(const Encoding& e, const Address& address) {
    Op op = with_address(OpCode::LoadPc, e, address);
    op.a = static_cast<std::uint8_t>(address.mode);
    op.extra = address.shift;
    return address.mode == AddressMode::Unprivileged ? unpredictable(e) : op;
}

bool writes_base(AddressMode mode) { return mode == AddressMode::Pre || mode == AddressMode::Post; }

Op store_single(const Encoding& e) {
    const unsigned size = bits(e.h1, 6, 5), n = bits(e.h1, 3, 0), t = bits(e.h2, 15, 12);
    const Address address = address_of(e);
    if (size == 3 || bit(e.h1, 8) || n == 15 || !address.known) return undefined(e);
    if (t == 15 || (writes_base(address.mode) && n == t)) return unpredictable(e);
    return with_address(store_code(size, address.mode), e, address);
}

Op load_single(const Encoding& e) {
    const unsigned size = bits(e.h1, 6, 5), n = bits(e.h1, 3, 0), t = bits(e.h2, 15, 12);
    const bool is_signed = bit(e.h1, 8);
    if (size == 3 || (size == 2 && is_signed)) return undefined(e);
    const Address address = n == 15 ? literal_address(e) : address_of(e);
    if (!address.known) return undefined(e);
    if (t == 15 && size == 2) return load_pc(e, address);
    if (t == 15) return writes_base(address.mode) ? unpredictable(e) : make_op(OpCode::Nop, e);  // PLD, PLI
    if (writes_base(address.mode) && n == t) return unpredictable(e);
    return with_address(load_code(size, is_signed, address.mode), e, address);
}

Op dual(const Encoding& e) {
    const bool pre = bit(e.h1, 8), up = bit(e.h1, 7), back = bit(e.h1, 5), load = bit(e.h1, 4);
    const unsigned n = bits(e.h1, 3, 0), t = bits(e.h2, 15, 12), t2 = bits(e.h2, 11, 8);
    const std::uint32_t offset = bits(e.h2, 7, 0) * 4;
    const bool plain = pre && !back && n != 15;
    const OpCode code = load ? (plain ? OpCode::LoadDualOffset : OpCode::LoadDualIndexed)
                             : (plain ? OpCode::StoreDualOffset : OpCode::StoreDualIndexed);
    Op op = registers(code, e, t, n, t2, pre ? 1 : 2);
    op.imm = up ? offset : 0u - offset;
    if (n == 15) {
        if (!load || back) return unpredictable(e);
        op.a = 3;
        op.imm += (e.address + 4) & ~3u;
    }
    const bool clash = (load && t == t2) || (back && (n == t || n == t2));
    return t == 13 || t == 15 || t2 == 13 || t2 == 15 || clash ? unpredictable(e) : op;
}

// STREX: `m` = status register. Word forms have an offset.
Op exclusive_word(const Encoding& e) {
    const bool load = bit(e.h1, 4);
    Op op = registers(load ? OpCode::Ldrex : OpCode::Strex, e, bits(e.h2, 15, 12), bits(e.h1, 3, 0),
                      bits(e.h2, 11, 8));
    op.imm = bits(e.h2, 7, 0) * 4;
    return op.n == 15 ? unpredictable(e) : op;
}

Op exclusive_or_table(const Encoding& e) {
    const bool load = bit(e.h1, 4);
    const unsigned n = bits(e.h1, 3, 0);
    switch (bits(e.h2, 7, 4)) {
        case 0:
        case 1: {
            if (!load) return undefined(e);
            const unsigned m = bits(e.h2, 3, 0);
            return m == 13 || m == 15 || n == 13
                       ? unpredictable(e)
                       : registers(bit(e.h2, 4) ? OpCode::Tbh : OpCode::Tbb, e, 0, n, m);
        }
        case 4:
            return registers(load ? OpCode::Ldrexb : OpCode::Strexb, e, bits(e.h2, 15, 12), n,
                             bits(e.h2, 3, 0));
        case 5:
            return registers(load ? OpCode::Ldrexh : OpCode::Strexh, e, bits(e.h2, 15, 12), n,
                             bits(e.h2, 3, 0));
        default:
            return undefined(e);
    }
}

}  // namespace

Op decode_load_store_single(const Encoding& e) { return bit(e.h1, 4) ? load_single(e) : store_single(e); }

// `imm` = registers, `a` = 1 writes the base back, 2 goes down.
Op decode_load_store_multiple(const Encoding& e) {
    const unsigned order = bits(e.h1, 8, 7), n = bits(e.h1, 3, 0);
    const bool back = bit(e.h1, 5), load = bit(e.h1, 4);
    const std::uint32_t list = e.h2;
    if (order == 0 || order == 3) return undefined(e);
    if (n == 15 || std::popcount(list) < 2 || bit(list, 13) || (back && bit(list, n)))
        return unpredictable(e);
    if (!load && bit(list, 15)) return unpredictable(e);
    if (load && bit(list, 15) && bit(list, 14)) return unpredictable(e);
    const bool down = order == 2;
    const OpCode code = !load && n == 13 && back && down ? OpCode::Push
                        : !load                          ? OpCode::StoreMultiple
                        : bit(list, 15)                  ? OpCode::LoadMultiplePc
                                                         : OpCode::LoadMultiple;
    Op op = registers(code, e, 0, n, 0, (back ? 1 : 0) | (down ? 2 : 0));
    op.imm = list;
    return op;
}

Op decode_dual_exclusive_table(const Encoding& e) {
    const bool pre = bit(e.h1, 8), up = bit(e.h1, 7), back = bit(e.h1, 5);
    if (pre || back) return dual(e);
    return up ? exclusive_or_table(e) : exclusive_word(e);
}

}  // namespace jatai::simulate
