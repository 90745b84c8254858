#include "src/pipeline/quantize_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/data/npy.h"
#include "src/graph/onnx/test_model.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "src/pipeline/samples.h"

namespace jatai {
namespace {

using testing::HasSubstr;

constexpr const char* kNet = R"(
%x float32[1,8] = input
%w float32[4,8] = random 1
%b float32[4] = random 2
%y float32[1,4] = FULLY_CONNECTED(%x, %w, %b)
output %y
)";

class QuantizeModel : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) /
                  (std::string("quantize_") + testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    // `count` samples of 8 numbers in one .npy file.
    void save(const std::string& name, std::size_t count, std::size_t each = 8) {
        NpyArray array;
        array.type = Type::Float32;
        array.shape = {count, each};
        for (std::size_t i = 0; i < count * each; ++i) {
            const float value = std::sin(static_cast<float>(i) * 0.37f);
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
            array.data.insert(array.data.end(), bytes, bytes + sizeof value);
        }
        write_file(folder_ / name, make_npy(array));
    }

    fs::path folder_;
};

TEST_F(QuantizeModel, AFloatFileAndAnArrayGiveAnInt8ModelAndAReport) {
    save("samples.npy", 12);
    write_file(folder_ / "net.tflite", write_tflite(parse_text(kNet, "net")));
    const Graph model = open_float_model(folder_ / "net.tflite");
    const auto samples = read_samples(folder_, model, 100);
    ASSERT_EQ(samples.size(), 12u);
    const Quantized q = quantize_model(model, samples, {});
    ASSERT_EQ(q.layers.size(), 1u);
    EXPECT_TRUE(q.layers[0].int8);
    EXPECT_GT(q.layers[0].snr_db, 30);
    EXPECT_LT(q.layers[0].low, 0);
    EXPECT_GT(q.layers[0].worst_error, 0);
    EXPECT_GT(q.top1_agreement, 0.9);
    EXPECT_EQ(q.float_weight_bytes, 144);
    EXPECT_EQ(q.int8_weight_bytes, 32 + 16);
    EXPECT_EQ(to_json(q)["layers"].size(), 1u);
    EXPECT_NO_THROW(read_tflite(write_tflite(q.graph), "again"));
}

TEST_F(QuantizeModel, SamplesAreSpreadOverAllThereAre) {
    save("a.npy", 10);
    const Graph model = parse_text(kNet, "net");
    const auto all = read_samples(folder_, model, 0), some = read_samples(folder_, model, 5);
    ASSERT_EQ(all.size(), 10u);
    ASSERT_EQ(some.size(), 5u);
    EXPECT_EQ(some[1], all[2]);
}

TEST_F(QuantizeModel, SamplesOfAnotherSizeAreRefused) {
    save("a.npy", 1, 7);
    try {
        read_samples(folder_, parse_text(kNet, "net"), 0);
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("found 7 numbers, expected 8"));
    }
}

TEST_F(QuantizeModel, AQuantisedModelIsRefused) {
    write_file(folder_ / "q.onnx", onnx::qdq_cnn());
    try {
        open_float_model(folder_ / "q.onnx");
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("quantised already"));
    }
}

}  // namespace
}  // namespace jatai
