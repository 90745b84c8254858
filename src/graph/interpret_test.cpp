#include "src/graph/interpret.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <sstream>

#include "src/base/error.h"
#include "src/graph/tflite.h"

namespace jatai {
namespace {

const fs::path kData = fs::path(JATAI_SHARED_DIR) / "data";

// One line of golden/INDEX.tsv that TFLM answered.
struct Golden {
    std::string model;  // "models/tiny/kws_ref_model.tflite"
    fs::path path(const char* end) const { return (kData / "golden" / model).replace_extension(end); }
};

std::vector<Golden> golden_models() {
    std::vector<Golden> models;
    std::istringstream index(read_text(kData / "golden" / "INDEX.tsv"));
    for (std::string line; std::getline(index, line);) {
        const std::size_t tab = line.find('\t');
        if (line.find("\tok ") != std::string::npos) models.push_back({line.substr(0, tab)});
    }
    return models;
}

enum class Answer { Same, Different, Unsupported };

// Integers byte for byte; floats to a hundred-thousandth of the largest of the output.
bool agree(Type type, ByteView ours, ByteView expected) {
    if (type != Type::Float32) return std::equal(ours.begin(), ours.end(), expected.begin());
    std::vector<float> a(ours.size() / sizeof(float)), b(a.size());
    std::memcpy(a.data(), ours.data(), ours.size());
    std::memcpy(b.data(), expected.data(), ours.size());
    float largest = 0;
    for (const float value : b) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
        if (!same && !(std::abs(a[i] - b[i]) <= 1e-5f * largest)) return false;
    }
    return true;
}

// The samples of X.in.bin, back to back, against X.out.bin.
Answer check(const Golden& golden, Family family) {
    Graph graph;
    try {
        graph = read_tflite(read_file(kData / golden.model), golden.model);
    } catch (const Error&) {
        return Answer::Unsupported;
    }
    const Bytes in = read_file(golden.path(".in.bin"));
    const Bytes expected = read_file(golden.path(".out.bin"));
    Interpreter interpreter(graph, family);
    std::size_t told = 0;
    for (auto at = in.begin(); at != in.end();) {
        std::vector<Bytes> inputs;
        for (const TensorId id : graph.inputs) {
            const auto end = at + graph.tensor(id).bytes();
            inputs.emplace_back(at, end);
            at = end;
        }
        const std::vector<Bytes> answers = interpreter.run(inputs);
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (told + answers[i].size() > expected.size()) return Answer::Different;
            const ByteView part = ByteView(expected).subspan(told, answers[i].size());
            if (!agree(graph.tensor(graph.outputs[i]).type, answers[i], part)) return Answer::Different;
            told += answers[i].size();
        }
    }
    return !in.empty() && told == expected.size() ? Answer::Same : Answer::Different;
}

class EveryGoldenModel : public testing::TestWithParam<Family> {};

TEST_P(EveryGoldenModel, AnswersAsTfliteMicro) {
    if (!fs::exists(kData / "golden")) GTEST_SKIP() << "no golden vectors at " << kData;
    std::vector<std::string> same;
    for (const Golden& golden : golden_models()) {
        const Answer answer = check(golden, GetParam());
        EXPECT_NE(answer, Answer::Different) << golden.model;
        if (answer == Answer::Same) same.push_back(golden.model);
    }
    for (const char* needed :
         {"kws_ref_model", "vww_96_int8", "pretrainedResnet_quant", "str_ww_ref_model",
          "model_ToyCar_quant_fullint_micro_intio", "person_detect", "micro_speech_quantized"}) {
        EXPECT_TRUE(std::any_of(same.begin(), same.end(), [&](const std::string& m) {
            return m.find(needed) != m.npos;
        })) << needed;
    }
    RecordProperty("models", static_cast<int>(same.size()));
    std::printf("%zu models answer as TensorFlow Lite Micro does\n", same.size());
}

INSTANTIATE_TEST_SUITE_P(Families, EveryGoldenModel, testing::Values(Family::Reference, Family::CortexM),
                         [](const auto& info) {
                             return info.param == Family::CortexM ? "CortexM" : "Reference";
                         });

}  // namespace
}  // namespace jatai
