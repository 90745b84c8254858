#include "src/package/golden.h"

#include <cstring>

#include "device/package.h"
#include "device/sha256.h"
#include "device/update/model_trial.h"
#include "src/base/error.h"
#include "src/package/inspect.h"
#include "src/package/runner.h"

namespace jatai {
namespace {

constexpr std::size_t kMostSamples = 64;

void pad(Bytes& bytes) { bytes.resize((bytes.size() + 15) / 16 * 16); }

void append(Bytes& bytes, const void* data, std::size_t count) {
    const auto* from = static_cast<const std::uint8_t*>(data);
    bytes.insert(bytes.end(), from, from + count);
}

}  // namespace

// The table of sections is written anew behind everything else; the old one stays where it was.
Bytes with_section(ByteView package, const std::string& name, ByteView content) {
    PackageHeader header;
    CHECK(package.size() >= sizeof header);
    std::memcpy(&header, package.data(), sizeof header);
    Bytes result(package.begin(), package.begin() + header.total_bytes);
    std::vector<BlobRecord> records(header.blobs.count);
    if (!records.empty())
        std::memcpy(records.data(), package.data() + header.blobs.offset,
                    records.size() * sizeof(BlobRecord));
    BlobRecord record{static_cast<std::uint32_t>(result.size()), static_cast<std::uint32_t>(name.size()), 0,
                      static_cast<std::uint32_t>(content.size())};
    append(result, name.c_str(), name.size() + 1);
    pad(result);
    record.offset = static_cast<std::uint32_t>(result.size());
    append(result, content.data(), content.size());
    pad(result);
    records.push_back(record);
    header.blobs = {static_cast<std::uint32_t>(result.size()), static_cast<std::uint32_t>(records.size())};
    append(result, records.data(), records.size() * sizeof(BlobRecord));
    pad(result);
    header.total_bytes = static_cast<std::uint32_t>(result.size());
    std::memcpy(result.data(), &header, sizeof header);
    sha256(result.data() + kHashedFrom, result.size() - kHashedFrom, header.sha256);
    std::memcpy(result.data(), &header, sizeof header);
    return result;
}

Bytes with_golden(ByteView package, const std::vector<Bytes>& samples, std::uint32_t tolerance,
                  const std::string& place) {
    inspect(package, place);
    HostRunner runner(package, place);
    GoldenHeader header{1, static_cast<std::uint16_t>(samples.size()), tolerance};
    if (samples.empty() || samples.size() > kMostSamples)
        throw Error{text("{} samples, expected 1 to {}", samples.size(), kMostSamples),
                    text("a few samples that the model should know are enough")};
    Bytes content;
    append(content, &header, sizeof header);
    for (const Bytes& sample : samples) {
        if (sample.size() != runner.input_bytes())
            throw Error{
                text("{}: a sample of {} bytes, expected {}", place, sample.size(), runner.input_bytes()),
                text("samples are raw inputs, as jatai run takes them")};
        append(content, sample.data(), sample.size());
        const Bytes answer = runner.run(sample);
        append(content, answer.data(), answer.size());
    }
    return with_section(package, "golden", content);
}

}  // namespace jatai
