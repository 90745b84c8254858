// The rows of an emulated Cortex-M4 must be the rows of the host, byte for byte.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "src/base/rng.h"
#include "src/features/feature_pipeline.h"

namespace jatai {
namespace {

Bytes make_input(const FeaturePipeline& pipeline, const Samples& samples) {
    const auto blob_bytes = static_cast<std::uint32_t>(pipeline.blob().size());
    Bytes input(4);
    std::memcpy(input.data(), &blob_bytes, 4);
    input.insert(input.end(), pipeline.blob().begin(), pipeline.blob().end());
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(samples.data());
    input.insert(input.end(), bytes, bytes + samples.size() * 2);
    return input;
}

// A loud swept tone in noise, then a quiet one, then silence: every path of the scaling.
Samples make_samples() {
    Samples samples;
    Rng rng(1);
    double phase = 0;
    for (int n = 0; n < 16000; ++n) {
        phase += 0.05 + n * 0.0001;
        const double gain = n < 8000 ? 20000 : n < 14000 ? 30 : 0;
        samples.push_back(static_cast<std::int16_t>(gain * (std::sin(phase) + 0.2 * double(rng.normal()))));
    }
    return samples;
}

class OnTheChip : public testing::TestWithParam<FeatureKind> {};

TEST_P(OnTheChip, RowsAreThoseOfTheHost) {
    if (std::system("qemu-system-arm --version > /dev/null 2>&1") != 0)
        GTEST_SKIP() << "needs qemu-system-arm";
    FeatureSettings settings;
    settings.kind = GetParam();
    const FeaturePipeline pipeline{settings};
    const Samples samples = make_samples();
    const fs::path folder = fs::path(JATAI_BUILD_DIR) / ("feature_cycles_" + std::to_string(int(GetParam())));
    fs::create_directories(folder);
    fs::remove(folder / "out.bin");
    write_file(folder / "in.bin", make_input(pipeline, samples));
    const std::string command =
        "cd '" + folder.string() +
        "' && timeout 60 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial null "
        "-semihosting-config enable=on,target=native -kernel '" JATAI_FEATURE_CYCLES_ELF
        "' < /dev/null > console.txt 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0);
    const Bytes out = read_file(folder / "out.bin");
    const std::vector<std::int8_t> rows = pipeline.extract(samples);
    ASSERT_EQ(out.size(), rows.size());
    EXPECT_EQ(std::memcmp(out.data(), rows.data(), rows.size()), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, OnTheChip, testing::Values(FeatureKind::LogMel, FeatureKind::Mfcc));

}  // namespace
}  // namespace jatai
