// links: jatai_device
// Any bytes from a pipe: frames read or dropped, and what is read is written back as the same frame.
#include "device/update/frame.h"

#include <cstring>

#include "src/base/error.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

void add_seeds(std::vector<Bytes>& seeds) {
    for (const std::uint32_t size : {0u, 15u, 255u, kMaxBodyBytes}) {
        Bytes line(kFrameRoom), body(size, 0x11);
        if (size > 3) body[3] = 0;
        line.resize(write_frame(line.data(), FrameType::Data, body.data(), size));
        seeds.push_back(line);
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    FrameReader reader;
    for (std::size_t i = 0; i < size; ++i) {
        if (!reader.push(data[i])) continue;
        std::uint8_t line[kFrameRoom];
        FrameReader own;
        const std::uint32_t bytes = write_frame(line, reader.type(), reader.body(), reader.body_bytes());
        CHECK(bytes > 0);
        bool whole = false;
        for (std::uint32_t k = 0; k < bytes; ++k) whole = own.push(line[k]);
        CHECK(whole && own.body_bytes() == reader.body_bytes() &&
              std::memcmp(own.body(), reader.body(), own.body_bytes()) == 0);
    }
    return 0;
}
