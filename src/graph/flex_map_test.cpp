#include "src/graph/flex_map.h"

#include <flatbuffers/flexbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::HasSubstr;

FlexMap sample() {
    return {{"big", std::int64_t{1} << 40}, {"clamping", true}, {"low", std::int64_t{-3}}, {"scale", 0.25}};
}

std::string failure(ByteView bytes) {
    try {
        read_flex_map(bytes, "here");
    } catch (const Error& error) {
        return error.what();
    }
    return "no failure";
}

template <typename Fill>
Bytes built(Fill fill) {
    flexbuffers::Builder out;
    fill(out);
    out.Finish();
    return out.GetBuffer();
}

TEST(FlexMap, AMapWrittenAndReadAgainIsTheSame) {
    EXPECT_EQ(read_flex_map(write_flex_map(sample()), "here"), sample());
    EXPECT_TRUE(read_flex_map(write_flex_map({}), "here").empty());
    EXPECT_TRUE(read_flex_map({}, "here").empty());
}

TEST(FlexMap, NumbersOfEveryWidthAndKindAreRead) {
    const Bytes bytes = built([](flexbuffers::Builder& out) {
        out.Map([&] {
            out.IndirectInt("a", -70000);
            out.IndirectFloat("b", 0.5f);
            out.UInt("c", 200);
            out.Float("d", -2.5f);
        });
    });
    const FlexMap expected{{"a", std::int64_t{-70000}}, {"b", 0.5}, {"c", std::int64_t{200}}, {"d", -2.5}};
    EXPECT_EQ(read_flex_map(bytes, "here"), expected);
}

TEST(FlexMap, WhatSettingsNeverHoldIsRefusedByName) {
    EXPECT_THAT(failure(built([](flexbuffers::Builder& out) { out.Map([&] { out.String("name", "x"); }); })),
                HasSubstr("here: found name of a kind 5, expected a number"));
    EXPECT_THAT(failure(built([](flexbuffers::Builder& out) { out.Int(3); })), HasSubstr("no map"));
    EXPECT_THAT(failure(built([](flexbuffers::Builder& out) {
                    out.Map([&] {
                        for (int i = 0; i < 65; ++i) out.Int(("k" + std::to_string(i)).c_str(), i);
                    });
                })),
                HasSubstr("found 65 settings, expected at most 64"));
    EXPECT_THAT(failure(built([](flexbuffers::Builder& out) { out.Map([&] { out.Int("a b", 1); }); })),
                HasSubstr("outside"));
}

TEST(FlexMap, DamagedBytesAreAMapOrAnError) {
    const Bytes good = write_flex_map(sample());
    Rng rng(4);
    int refused = 0;
    for (int i = 0; i < 20000; ++i) {
        Bytes bytes(
            good.begin(),
            good.begin() + (i % 2 ? static_cast<long>(rng.below(static_cast<std::uint32_t>(good.size() + 1)))
                                  : static_cast<long>(good.size())));
        for (std::uint32_t edits = rng.below(4); edits > 0 && !bytes.empty(); --edits)
            bytes[rng.below(static_cast<std::uint32_t>(bytes.size()))] =
                static_cast<std::uint8_t>(rng.next());
        const Bytes exact(bytes.begin(), bytes.end());
        refused += failure(exact) != "no failure";
    }
    EXPECT_GT(refused, 5000);
}

constexpr const char* kAudio = R"(
    %x int16[1,8] = input
    %w int16[8] = random 1
    %v int16[1,8] = SignalWindow(%x, %w) shift=12
    %f int16[1,10] = SignalRfft(%v) fft_length=8
    %e uint32[5] = SignalEnergy(%f) end_index=5
    %n uint32[5] = state
    %y uint32[5], %z uint32[5] = SignalFilterBankSpectralSubtraction(%e, %n) num_channels=5 clamping=yes smoothing=-1
    output %y, %z)";

TEST(CustomOperators, AGraphWrittenAndReadAgainIsTheSame) {
    const Graph graph = parse_text(kAudio, "audio");
    verify(graph);
    EXPECT_EQ(to_text(read_tflite(write_tflite(graph), "again")), to_text(graph));
}

TEST(CustomOperators, AStateThatTheFileLeavesOutIsAdded) {
    Graph graph = parse_text(kAudio, "audio");
    graph.nodes.back().inputs.resize(1);
    const Graph read = read_tflite(write_tflite(graph), "read");
    ASSERT_EQ(read.nodes.back().inputs.size(), 2u);
    EXPECT_TRUE(read.tensor(read.nodes.back().inputs[1]).state);
    EXPECT_EQ(read.tensors.size(), graph.tensors.size() + 1);
}

TEST(CustomOperators, ASettingThatIsNotKnownIsRefusedByName) {
    Bytes bytes = write_tflite(parse_text(kAudio, "audio"));
    const std::string_view known = "fft_length";
    const auto at = std::search(bytes.begin(), bytes.end(), known.begin(), known.end());
    ASSERT_NE(at, bytes.end());
    *at = 'g';
    try {
        read_tflite(bytes, "m.tflite");
        FAIL() << "read";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("m.tflite: "));
        EXPECT_THAT(error.what(), HasSubstr("found the setting gft_length, which is not known"));
    }
}

}  // namespace
}  // namespace jatai
