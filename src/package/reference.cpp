#include "src/package/reference.h"

#include <cstring>

#include "device/observe/observer.h"
#include "src/base/error.h"
#include "src/package/golden.h"
#include "src/package/runner.h"

namespace jatai {
namespace {

Observer observe(HostRunner& runner, const std::vector<Bytes>& samples) {
    Observer observer;
    observer.consent(kStatistics);
    const TensorView input = runner.engine().input(0);
    for (const Bytes& sample : samples) {
        runner.run(sample);  // proves its size
        if (input.type == Type::Int8) observer.input(sample.data(), input.bytes);
        observer.see_output(runner.engine());
    }
    return observer;
}

}  // namespace

Bytes with_reference(ByteView package, const std::vector<Bytes>& samples, const std::string& place) {
    if (samples.size() < kFewestReferenceSamples)
        throw Error{
            text("{}: {} samples, expected at least {}", place, samples.size(), kFewestReferenceSamples),
            text("what the model was trained or tested on, as it comes in the field")};
    HostRunner runner(package, place);
    const Observer observer = observe(runner, samples);
    std::vector<ReferenceRecord> records;
    for (std::uint32_t what = 0; what < Observer::kWhats; ++what) {
        if (observer.seen(what).total == 0) continue;  // not int8
        records.push_back({static_cast<std::uint16_t>(what), 0, {}});
        std::memcpy(records.back().bins, observer.seen(what).bins, sizeof records.back().bins);
    }
    if (records.empty())
        throw Error{text("{}: neither input nor output is int8, expected one of them", place),
                    text("quantise the model: jatai quantize")};
    const ReferenceHeader header{1, static_cast<std::uint16_t>(records.size())};
    Bytes content(sizeof header + records.size() * sizeof(ReferenceRecord));
    std::memcpy(content.data(), &header, sizeof header);
    std::memcpy(content.data() + sizeof header, records.data(), records.size() * sizeof(ReferenceRecord));
    return with_section(package, "reference", content);
}

}  // namespace jatai
