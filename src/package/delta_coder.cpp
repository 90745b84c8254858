#include "src/package/delta_coder.h"

#include <algorithm>
#include <bit>

#include "src/base/error.h"

namespace jatai {
namespace {

// The range coder that Unpacker reads: carries run back through bytes that are still held.
class RangeEncoder {
  public:
    void decide(Probability& p, unsigned bit) {
        const std::uint32_t bound = (range_ >> 15) * (p >> 1);
        if (bit == 0) {
            range_ = bound;
            p = static_cast<Probability>(p + ((0x10000u - p) >> 5));
        } else {
            low_ += bound;
            range_ -= bound;
            p = static_cast<Probability>(p - (p >> 5));
        }
        normalise();
    }

    void raw_bits(std::uint32_t value, unsigned count) {
        while (count-- > 0) {
            range_ >>= 1;
            if ((value >> count & 1) != 0) low_ += range_;
            normalise();
        }
    }

    // The decoder takes zeros past the end, so trailing ones need not be sent. Of all numbers inside the
    // range, the one with most zeros at its end is taken.
    Bytes finish() {
        const std::uint64_t end = low_ + range_ - 1;
        for (unsigned zeros = 32; zeros > 0; zeros -= 8) {
            const std::uint64_t rounded = (end >> zeros) << zeros;
            if (rounded >= low_) {
                low_ = rounded;
                break;
            }
        }
        for (int i = 0; i < 5; ++i) shift();
        bytes_.erase(bytes_.begin());  // the byte before the first is always 0
        while (!bytes_.empty() && bytes_.back() == 0) bytes_.pop_back();
        return std::move(bytes_);
    }

  private:
    void normalise() {
        while (range_ < (1u << 24)) {
            range_ <<= 8;
            shift();
        }
    }

    void shift() {
        if (low_ < 0xFF000000u || low_ > 0xFFFFFFFFu) {
            const auto carry = static_cast<std::uint8_t>(low_ >> 32);
            for (; held_ > 0; --held_) {
                bytes_.push_back(static_cast<std::uint8_t>(held_byte_ + carry));
                held_byte_ = 0xFF;
            }
            held_byte_ = static_cast<std::uint8_t>(low_ >> 24);
        }
        ++held_;
        low_ = (low_ & 0x00FFFFFFu) << 8;
    }

    std::uint64_t low_ = 0;
    std::uint32_t range_ = 0xFFFFFFFFu;
    std::uint8_t held_byte_ = 0;
    std::size_t held_ = 1;
    Bytes bytes_;
};

// One block: what Unpacker does, the other way round.
class BlockEncoder {
  public:
    BlockEncoder(ByteView target, ByteView source, std::uint32_t at)
        : target_(target), source_(source), at_(at), cursor_(at) {
        reset(models_);
    }

    void add(const DeltaStep& step) {
        if (step.command == Command::Literal) {
            for (std::uint32_t i = 0; i < step.length; ++i) literal();
        } else if (step.command == Command::Match) {
            command(Command::Match);
            number(models_.match_length, step.length);
            number(models_.distance, step.from);
            pass(step.length);
        } else {
            from_source(step);
        }
    }

    Bytes finish() { return coder_.finish(); }

  private:
    void command(Command command) {
        const auto last = static_cast<unsigned>(last_command_);
        last_command_ = command;
        coder_.decide(models_.is_command[last], command != Command::Literal);
        if (command == Command::Literal) return;
        coder_.decide(models_.is_source[last], command != Command::Match);
        if (command == Command::Match) return;
        coder_.decide(models_.is_residual[last], command == Command::Residual);
    }

    void tree(Probability* p, std::uint32_t value, unsigned bits) {
        std::uint32_t node = 1;
        for (unsigned i = bits; i-- > 0;) {
            const std::uint32_t bit = value >> i & 1;
            coder_.decide(p[node], bit);
            node = node << 1 | bit;
        }
    }

    void number(NumberModel& model, std::uint32_t value) {
        CHECK(value > 0);
        const auto bits = static_cast<unsigned>(std::bit_width(value)) - 1;
        tree(model.length, bits, 5);
        if (bits > 3) return coder_.raw_bits(value, bits);
        std::uint32_t prefix = 1;
        for (unsigned i = bits; i-- > 0;) {
            const std::uint32_t bit = value >> i & 1;
            coder_.decide(model.bits[(1u << bits) + prefix - 1], bit);
            prefix = prefix << 1 | bit;
        }
    }

    void literal() {
        command(Command::Literal);
        tree(models_.literal[last_byte_ >> 7], target_[at_], 8);
        pass(1);
    }

    void from_source(const DeltaStep& step) {
        command(step.command);
        number(step.command == Command::Copy ? models_.copy_length : models_.residual_length, step.length);
        const std::int64_t offset = std::int64_t{step.from} - cursor_;
        const auto folded = static_cast<std::uint32_t>(offset < 0 ? -2 * offset : 2 * offset + 1);
        number(models_.place, folded);
        cursor_ = step.from + step.length;
        if (step.command == Command::Residual) {
            for (std::uint32_t i = 0; i < step.length; ++i)
                difference(static_cast<std::uint8_t>(target_[at_ + i] - source_[step.from + i]));
        }
        pass(step.length);
    }

    // Modulo 256, as -128 to 127. -128 has the bit length of 128.
    void difference(std::uint8_t byte) {
        const bool nonzero = byte != 0;
        coder_.decide(models_.nonzero[history_], nonzero);
        history_ = static_cast<std::uint8_t>(history_ << 1 | (nonzero ? 1 : 0));
        if (!nonzero) return;
        const bool negative = byte >= 128;
        const unsigned value = negative ? 256u - byte : byte;
        coder_.decide(models_.negative[sign_], negative);
        sign_ = negative ? 2 : 1;
        const auto bits = static_cast<unsigned>(std::bit_width(value)) - 1;
        for (unsigned i = 0; i < 7 && i <= bits; ++i) coder_.decide(models_.magnitude[size_][i], i < bits);
        size_ = static_cast<std::uint8_t>(std::min(bits, 2u));
        std::uint32_t prefix = 1;
        for (unsigned i = bits; i-- > 0;) {
            const std::uint32_t bit = value >> i & 1;
            coder_.decide(models_.mantissa[(1u << bits) + prefix - 1], bit);
            prefix = prefix << 1 | bit;
        }
    }

    void pass(std::uint32_t bytes) {
        at_ += bytes;
        last_byte_ = target_[at_ - 1];
    }

    ByteView target_, source_;
    std::uint32_t at_, cursor_;
    Command last_command_ = Command::Literal;
    std::uint8_t last_byte_ = 0, history_ = 0, sign_ = 0, size_ = 0;
    PayloadModels models_;
    RangeEncoder coder_;
};

void append_block(Bytes& out, const Bytes& block) {
    const auto bytes = static_cast<std::uint32_t>(block.size());
    for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(bytes >> (8 * i)));
    out.insert(out.end(), block.begin(), block.end());
}

// The part of a step that ends at the block's end, and what is left of it.
DeltaStep cut(DeltaStep& step, std::uint32_t room) {
    DeltaStep part = step;
    part.length = std::min(step.length, room);
    step.length -= part.length;
    if (step.command == Command::Copy || step.command == Command::Residual) step.from += part.length;
    return part;
}

}  // namespace

Bytes encode_commands(const std::vector<DeltaStep>& steps, ByteView target, ByteView source,
                      unsigned block_log2) {
    const auto block_bytes = block_log2 == 0 ? static_cast<std::uint32_t>(target.size()) : 1u << block_log2;
    Bytes out;
    std::uint32_t at = 0;
    BlockEncoder block(target, source, 0);
    std::uint32_t room = block_bytes;
    for (DeltaStep step : steps) {
        while (step.length > 0) {
            const DeltaStep part = cut(step, room);
            block.add(part);
            at += part.length;
            room -= part.length;
            if (room > 0 && at < target.size()) continue;
            append_block(out, block.finish());
            block = BlockEncoder(target, source, at);
            room = block_bytes;
        }
    }
    CHECK(at == target.size());
    return out;
}

}  // namespace jatai
