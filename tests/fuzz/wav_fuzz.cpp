// links: jatai_data
// Any bytes as a WAV file: sound or an Error, never a crash.
#include "src/base/error.h"
#include "src/data/wav.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

void add_seeds(std::vector<Bytes>& seeds) {
    const Samples samples(400, 1234);
    seeds.push_back(make_wav(samples));
    seeds.push_back(make_wav(samples, 44100));
    for (const auto& [encoding, bits] : {std::pair{1, 8}, {1, 24}, {1, 32}, {3, 32}, {3, 64}, {0xFFFE, 16}}) {
        Bytes wav = make_wav(samples);
        wav[20] = static_cast<std::uint8_t>(encoding);
        wav[21] = static_cast<std::uint8_t>(encoding >> 8);
        wav[22] = 2;
        wav[34] = static_cast<std::uint8_t>(bits);
        seeds.push_back(wav);
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const jatai::Recording recording = jatai::parse_wav({data, size}, "fuzz.wav");
        CHECK(!recording.samples.empty());
    } catch (const jatai::Error&) {
        // refused in words, as it should be
    }
    return 0;
}
