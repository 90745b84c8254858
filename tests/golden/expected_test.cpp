// Accuracies that TFLM's reference kernels reach on real inputs: ours must be the same to the sample. A model
// that is still refused is skipped, with the reason; a wrong count fails.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

#include "src/base/error.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/plan/plan.h"
#include "tests/golden/golden_models.h"

namespace jatai {
namespace {

fs::path data(const std::string& path) { return GoldenModel::data() / path; }

Bytes packed(const std::string& model) {
    Graph graph = read_tflite(read_file(data(model)), model);
    run_passes(graph);
    return pack(graph, make_plan(graph, Board{}, Family::Reference));
}

// One input: bytes as the model stores them, or real values that its scale turns into bytes.
struct Sample {
    Bytes stored;
    std::vector<float> real;
    int label = 0;
};

std::int64_t stored_value(float real, const TensorView& view) {
    return std::lround(real / view.scale) + view.zero_point;
}

Bytes store(const Sample& sample, const TensorView& view) {
    if (sample.real.empty()) return sample.stored;
    Bytes bytes(view.bytes);
    for (std::size_t i = 0; i < sample.real.size(); ++i) {
        if (view.type == Type::Float32) {
            std::memcpy(bytes.data() + 4 * i, &sample.real[i], 4);
        } else {
            const std::int64_t value =
                std::clamp<std::int64_t>(stored_value(sample.real[i], view), -128, 127);
            bytes[i] = static_cast<std::uint8_t>(value);
        }
    }
    return bytes;
}

template <typename T>
int largest(const Bytes& bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

int top_class(const Bytes& bytes, Type type) {
    return type == Type::Float32 ? largest<float>(bytes) : largest<std::int8_t>(bytes);
}

// What a program of this computer writes about a file.
Bytes output_of(const std::string& command) {
    Bytes bytes;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return bytes;
    std::uint8_t block[1 << 16];
    for (std::size_t n; (n = fread(block, 1, sizeof block, pipe)) > 0;)
        bytes.insert(bytes.end(), block, block + n);
    pclose(pipe);
    return bytes;
}

std::vector<std::vector<std::string>> table(const fs::path& path, char comma) {
    std::vector<std::vector<std::string>> rows;
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::vector<std::string> row;
        for (std::string word; std::getline(words, word, comma);) row.push_back(word);
        if (!row.empty()) rows.push_back(row);
    }
    return rows;
}

using Samples = std::vector<Sample>;

Samples keyword_samples() {
    const Bytes all = read_file(data("mlperf_tiny/kws01/features.i8.bin"));
    Samples samples;
    for (const auto& row : table(data("mlperf_tiny/kws01/labels.csv"), ',')) {
        const auto begin = all.begin() + static_cast<long>(490 * samples.size());
        samples.push_back({Bytes(begin, begin + 490), {}, std::stoi(row.at(2))});
    }
    return samples;
}

enum class As { Byte, Real };

// Pixels 0..255 as int8, byte - 128, or as real numbers 0..1.
Sample picture(const std::uint8_t* pixels, std::size_t count, int label, As as) {
    Sample sample;
    sample.label = label;
    for (std::size_t i = 0; i < count; ++i) {
        if (as == As::Byte) sample.stored.push_back(static_cast<std::uint8_t>(pixels[i] - 128));
        if (as == As::Real) sample.real.push_back(static_cast<float>(pixels[i]) / 255.0f);
    }
    return sample;
}

Samples person_samples(As as, std::size_t most) {
    const Bytes all = output_of("xz -dc '" + data("mlperf_tiny/vww01/images.rgb96.bin.xz").string() + "'");
    Samples samples;
    for (const auto& row : table(data("mlperf_tiny/vww01/labels.csv"), ',')) {
        const std::size_t begin = samples.size() * 27648;
        if (samples.size() == most || begin + 27648 > all.size()) break;
        samples.push_back(picture(all.data() + begin, 27648, std::stoi(row.at(2)), as));
    }
    return samples;
}

Samples cifar_samples() {
    const Bytes all = read_file(data("images/cifar10/cifar10_subset.bin"));
    Samples samples;
    for (std::size_t at = 0; at + 3073 <= all.size(); at += 3073)
        samples.push_back(picture(all.data() + at + 1, 3072, all[at], As::Byte));
    return samples;
}

Samples digit_samples() {
    const Bytes images = output_of("gzip -dc '" + data("images/mnist/images-idx3-ubyte.gz").string() + "'");
    const Bytes labels = output_of("gzip -dc '" + data("images/mnist/labels-idx1-ubyte.gz").string() + "'");
    Samples samples;
    for (std::size_t i = 0; i < 500 && 16 + 784 * (i + 1) <= images.size(); ++i)
        samples.push_back(picture(images.data() + 16 + 784 * i, 784, labels.at(8 + i), As::Real));
    return samples;
}

Samples spell_samples() {
    constexpr std::size_t kRows = 119;
    const char* spells[] = {"AlohomoraCharm", "ArrestoMomentumCharm", "AvadaKedavra", "LocomotorCharm",
                            "Revelio"};
    Samples samples;
    for (int label = 0; label < 5; ++label) {
        const auto rows =
            table(data(std::string("imu/magic_wand_spells/test/") + spells[label] + ".csv"), ',');
        for (std::size_t take = 0; (take + 1) * kRows <= rows.size(); ++take) {
            Sample sample;
            sample.label = label;
            for (std::size_t r = take * kRows; r < (take + 1) * kRows; ++r) {
                for (std::size_t c = 0; c < 6; ++c) {
                    const double x = std::stod(rows[r].at(c));
                    sample.real.push_back(static_cast<float>(c < 3 ? (x + 4) / 8 : (x + 2000) / 4000));
                }
            }
            samples.push_back(std::move(sample));
        }
    }
    return samples;
}

struct Row {
    const char* name;
    const char* model;
    int right;
    std::size_t of;
    std::function<Samples()> samples;
};

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {"Keywords", "models/tiny/kws_ref_model.tflite", 363, 401, keyword_samples},
        {"Persons", "models/tiny/vww_96_int8.tflite", 346, 400, [] { return person_samples(As::Byte, 400); }},
        {"PersonsInFloat", "models/tiny/vww_96_float.tflite", 74, 100,
         [] { return person_samples(As::Real, 100); }},
        {"Cifar", "models/tiny/pretrainedResnet_quant.tflite", 749, 1000, cifar_samples},
        {"CifarOfTinyMaix", "models/TinyMaix/cifar10_q.tflite", 753, 1000, cifar_samples},
        {"Spells", "imu/magic_wand_spells/model/quantized_model.tflite", 22, 25, spell_samples},
        {"SpellsInFloat", "imu/magic_wand_spells/model/model.tflite", 22, 25, spell_samples},
        {"Digits", "models/TinyMaix/mnist_valid_q.tflite", 476, 500, digit_samples},
        {"DigitsByLstm", "models/tflite-micro/trained_lstm_int8.tflite", 488, 500, digit_samples},
    };
    return all;
}

class Expected : public ::testing::TestWithParam<Row> {
  protected:
    void SetUp() override {
        if (!fs::exists(data(GetParam().model))) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    }
};

// Rows that are one picture, one answer, have no memory; the LSTM of `trained_lstm_int8` has none either:
// each picture starts from its zero state.
TEST_P(Expected, AsManyAreRightAsWithTflm) {
    const Row& row = GetParam();
    Bytes package;
    try {
        package = packed(row.model);
    } catch (const Error& error) {
        GTEST_SKIP() << "refused: " << error.what();
    }
    const Samples samples = row.samples();
    ASSERT_EQ(samples.size(), row.of);
    int right = 0;
    for (const Sample& sample : samples) {
        HostRunner runner(package, row.model);
        const Bytes answer = runner.run(store(sample, runner.engine().input()));
        right += top_class(answer, runner.engine().output().type) == sample.label;
    }
    std::printf("%s: %d of %zu\n", row.name, right, row.of);
    EXPECT_EQ(right, row.right);
}

INSTANTIATE_TEST_SUITE_P(Rows, Expected, ::testing::ValuesIn(rows()),
                         [](const auto& info) { return std::string(info.param.name); });

// The pixels of an 8-bit BMP, as they stand in the model's input: top row first.
Bytes pixels_of(const fs::path& path) {
    const Bytes file = read_file(path);
    std::uint32_t begin = 0;
    std::memcpy(&begin, file.data() + 10, 4);
    Bytes pixels;
    for (std::size_t y = 96; y-- > 0;)
        pixels.insert(pixels.end(), file.begin() + long(begin + 96 * y),
                      file.begin() + long(begin + 96 * y + 96));
    return pixels;
}

TEST(ExpectedOutputs, APersonAndNoPerson) {
    const std::string model = "models/tflite-micro/person_detect.tflite";
    if (!fs::exists(data(model))) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    HostRunner runner(packed(model), model);
    const auto answer = [&](const char* name) {
        const Bytes out = runner.run(pixels_of(data(std::string("images/samples/") + name)));
        return std::pair<int, int>(static_cast<std::int8_t>(out.at(0)), static_cast<std::int8_t>(out.at(1)));
    };
    EXPECT_EQ(answer("person_96x96_gray.bmp"), std::pair(-113, 113));
    EXPECT_EQ(answer("no_person_96x96_gray.bmp"), std::pair(57, -57));
}

// 16-bit samples behind the mark "data".
std::vector<std::int16_t> sound_of(const fs::path& path) {
    const Bytes file = read_file(path);
    const std::string_view mark = "data";
    const auto at = std::search(file.begin(), file.end(), mark.begin(), mark.end());
    std::vector<std::int16_t> sound(16000);
    const auto bytes = std::min<std::size_t>(2 * sound.size(), std::size_t(file.end() - at) - 8);
    std::memcpy(sound.data(), &*at + 8, bytes);
    return sound;
}

// Sound to 49 rows of 40 features, 30 ms every 20 ms, the noise estimate kept; then the words.
TEST(ExpectedOutputs, TheAudioFrontEndAndTheWordsBehindIt) {
    const fs::path folder = data("audio/speech_commands_clips");
    if (!fs::exists(folder)) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    Bytes front_end, words;
    try {
        front_end = packed("models/tflite-micro/audio_preprocessor_int8.tflite");
        words = packed("models/tflite-micro/micro_speech_quantized.tflite");
    } catch (const Error& error) {
        GTEST_SKIP() << "refused: " << error.what();
    }
    const Bytes expected = read_file(folder / "expected_features.i8.bin");
    const auto scores = table(folder / "expected_micro_speech.tsv", '\t');
    ASSERT_EQ(scores.size(), 7u);
    for (std::size_t f = 0; f < scores.size(); ++f) {
        const std::vector<std::int16_t> sound = sound_of(folder / scores[f].at(0));
        HostRunner ear(front_end, "front end");
        Bytes features;
        for (std::size_t window = 0; window < 49; ++window) {
            Bytes samples(960);
            std::memcpy(samples.data(), sound.data() + 320 * window, samples.size());
            const Bytes row = ear.run(samples);
            features.insert(features.end(), row.begin(), row.end());
        }
        const auto begin = expected.begin() + long(1960 * f);
        EXPECT_TRUE(std::equal(features.begin(), features.end(), begin, begin + 1960)) << scores[f][0];
        const Bytes answer = HostRunner(words, "words").run(features);
        for (std::size_t i = 0; i < 4; ++i)
            EXPECT_EQ(static_cast<std::int8_t>(answer.at(i)), std::stoi(scores[f].at(i + 1))) << scores[f][0];
    }
}

}  // namespace
}  // namespace jatai
