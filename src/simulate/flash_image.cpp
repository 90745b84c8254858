#include "src/simulate/flash_image.h"

#include <algorithm>
#include <map>

#include "src/base/error.h"

namespace jatai::simulate {
namespace {

bool fits(const MemoryRange& memory, const Segment& segment) {
    const std::uint32_t offset = segment.load_address - memory.base;
    return offset < memory.bytes && segment.bytes.size() <= memory.bytes - offset;
}

void check_segments(const Board& board, const Firmware& firmware) {
    for (const Segment& segment : firmware.segments) {
        if (fits(board.flash, segment) || fits(board.ram, segment)) continue;
        throw Error{text("{}: {} bytes at {:#010x}, but {} has flash {:#010x} to {:#010x} and RAM {:#010x} "
                         "to {:#010x}",
                         firmware.name, segment.bytes.size(), segment.load_address, board.id,
                         board.flash.base, std::uint64_t{board.flash.base} + board.flash.bytes,
                         board.ram.base, std::uint64_t{board.ram.base} + board.ram.bytes),
                    text("build the firmware for this board (--board {})", board.id)};
    }
}

bool covers(const Firmware& firmware, std::uint32_t address) {
    return std::any_of(firmware.segments.begin(), firmware.segments.end(), [&](const Segment& segment) {
        return address - segment.load_address < segment.bytes.size();
    });
}

std::uint32_t find_vector_table(const Board& board, const Firmware& firmware) {
    for (std::uint32_t start : {board.application_base, board.flash.base})
        if (covers(firmware, start) && covers(firmware, start + 7)) return start;
    throw Error{text("{}: no vector table at {:#010x}, where {} starts its application", firmware.name,
                     board.application_base, board.id),
                text("link the vectors to the application's base address")};
}

std::map<std::uint32_t, Mark> find_marks(const Firmware& firmware) {
    std::map<std::uint32_t, Mark> marks;
    const auto put = [&](const char* name, Mark mark) {
        if (const auto address = firmware.find(name)) marks.emplace(*address & ~1u, mark);
    };
    put("bench_begin", Mark::BenchBegin);
    put("bench_end", Mark::BenchEnd);
    put("bench_op_begin", Mark::OpBegin);
    put("bench_op_end", Mark::OpEnd);
    return marks;
}

void predecode(const Board& board, FlashImage& image) {
    const FlashSide& side = board.flash_timing.instruction;
    CodeLayout layout{.base = board.flash.base, .memory = image.bytes.data(), .bytes = board.flash.bytes};
    layout.line_bytes = side.has_wait() ? std::max(4u, static_cast<std::uint32_t>(side.line_bytes.value)) : 0;
    layout.marks = find_marks(image.firmware);
    layout.symbols = &image.firmware.symbols;
    image.code = std::make_unique<CodeRegion>(std::move(layout));
}

}  // namespace

std::shared_ptr<FlashImage> make_flash_image(const Board& board, Firmware firmware) {
    check_segments(board, firmware);
    auto image = std::make_shared<FlashImage>();
    image->vector_table = find_vector_table(board, firmware);
    image->bytes.assign(board.flash.bytes, 0xFF);
    for (const Segment& segment : firmware.segments)
        if (fits(board.flash, segment))
            std::copy(segment.bytes.begin(), segment.bytes.end(),
                      image->bytes.begin() + (segment.load_address - board.flash.base));
    image->firmware = std::move(firmware);
    predecode(board, *image);
    return image;
}

std::shared_ptr<FlashImage> copy_flash_image(const Board& board, const FlashImage& image) {
    auto copy = std::make_shared<FlashImage>();
    copy->firmware = image.firmware;
    copy->bytes = image.bytes;
    copy->vector_table = image.vector_table;
    predecode(board, *copy);
    return copy;
}

}  // namespace jatai::simulate
