// The audio operators against the vectors that TFLM tests them with.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <sstream>

#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using Numbers = std::vector<std::int64_t>;

// One file: a first line of settings, where it has one, then lines of numbers.
class Vectors : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        folder_ = fs::path(::testing::TempDir()) / "tflm_signal";
        const fs::path archive =
            fs::path(JATAI_SHARED_DIR) / "data" / "op_vectors" / "tflm_signal" / "cases.tar.xz";
        if (!fs::exists(archive)) return;
        fs::create_directories(folder_);
        const std::string command = "tar -C '" + folder_.string() + "' -xf '" + archive.string() + "'";
        unpacked_ = std::system(command.c_str()) == 0;
    }
    static void TearDownTestSuite() { fs::remove_all(folder_); }
    void SetUp() override {
        if (!unpacked_) GTEST_SKIP() << "no vectors at " << JATAI_SHARED_DIR;
    }

    static std::vector<Numbers> lines(const char* name, std::string* settings = nullptr) {
        std::vector<Numbers> all;
        for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
            if (entry.path().filename() != name) continue;
            std::ifstream file(entry.path());
            std::string line;
            if (settings) std::getline(file, *settings);
            while (std::getline(file, line)) {
                std::istringstream words(line);
                Numbers numbers;
                for (std::int64_t n; words >> n;) numbers.push_back(n);
                if (!numbers.empty()) all.push_back(std::move(numbers));
            }
        }
        return all;
    }

    static inline fs::path folder_;
    static inline bool unpacked_ = false;
};

template <typename T>
Bytes stored(const Numbers& numbers) {
    Bytes bytes(numbers.size() * sizeof(T));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const T value = static_cast<T>(numbers[i]);
        std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
    }
    return bytes;
}

Graph made(const std::string& words) {
    Graph graph = parse_text(words, "vectors");
    verify(graph);
    return graph;
}

// Lines stand in groups: one input, then every output. Gives the number of groups.
template <typename In, typename... Out>
std::size_t expect_answers(const Graph& graph, const std::vector<Numbers>& all) {
    constexpr std::size_t kGroup = 1 + sizeof...(Out);
    Interpreter interpreter(graph);
    for (std::size_t i = 0; i + kGroup <= all.size(); i += kGroup) {
        const std::vector<Bytes> answers = interpreter.run({stored<In>(all[i])});
        std::size_t next = i + 1;
        const std::vector<Bytes> expected{stored<Out>(all[next++])...};
        const bool same = answers == expected;
        EXPECT_TRUE(same) << "case " << i / kGroup;
        if (!same) break;
    }
    return all.size() / kGroup;
}

TEST_F(Vectors, Window) {
    std::string settings;
    const auto all = lines("window_test1.txt", &settings);
    ASSERT_EQ(settings.substr(0, 13), "hann int16 12");
    Numbers weights;
    for (int i = 0; i < 400; ++i)
        weights.push_back(std::lround(4096 * (0.5 - 0.5 * std::cos(2 * std::numbers::pi / 400 * (i + 0.5)))));
    const Graph graph =
        made(fmt::format("%x int16[400] = input\n%w int16[400] = {{{}}}\n%y int16[400] = SignalWindow(%x, "
                         "%w) shift=12\noutput %y",
                         fmt::join(weights, ",")));
    EXPECT_EQ((expect_answers<std::int16_t, std::int16_t>(graph, all)), 183u);
}

TEST_F(Vectors, FftAutoScale) {
    const Graph graph =
        made("%x int16[400] = input\n%y int16[400], %b int32[1] = SignalFftAutoScale(%x)\noutput %y, %b");
    const auto all = lines("fft_auto_scale_test1.txt");
    EXPECT_EQ((expect_answers<std::int16_t, std::int16_t, std::int32_t>(graph, all)), 182u);
}

TEST_F(Vectors, Rfft) {
    std::string settings;
    const auto all = lines("rfft_test1.txt", &settings);
    ASSERT_EQ(std::stoi(settings), 512);
    const Graph graph =
        made("%x int16[400] = input\n%y int16[514] = SignalRfft(%x) fft_length=512\noutput %y");
    EXPECT_EQ((expect_answers<std::int16_t, std::int16_t>(graph, all)), 183u);
}

TEST_F(Vectors, Energy) {
    std::string settings;
    std::vector<Numbers> all = lines("energy_test1.txt", &settings);
    ASSERT_EQ(settings.substr(0, 5), "5 122");
    // The vectors hold all bins; TFLM computes, and its own test compares, those asked for. Ours are 0
    // outside.
    for (std::size_t i = 1; i < all.size(); i += 2) {
        for (std::size_t bin = 0; bin < all[i].size(); ++bin) {
            if (bin < 5 || bin >= 122) all[i][bin] = 0;
        }
    }
    const Graph graph = made(
        "%x int16[514] = input\n%y uint32[257] = SignalEnergy(%x) start_index=5 end_index=122\noutput %y");
    EXPECT_EQ((expect_answers<std::int16_t, std::uint32_t>(graph, all)), 183u);
}

// The triangles on the mel scale, in 12 bits, as TFLM lays them out: in 32-bit floating point throughout.
struct Slopes {
    Numbers weights, complements, bins, starts, widths;
};
Slopes make_slopes(int channels, float low, float high, float bin_hz) {
    const auto mel = [](float hz) { return 1127.0f * std::log1p(hz / 700.0f); };
    const float spacing = (mel(high) - mel(low)) / static_cast<float>(channels + 1);
    Slopes s;
    int bin = static_cast<int>(std::lround(1 + low / bin_hz));
    for (int c = 0; c <= channels; ++c) {
        const float from = c == 0 ? mel(low) : mel(low) + spacing * static_cast<float>(c);
        const float to = mel(low) + spacing * static_cast<float>(c + 1);
        s.bins.push_back(bin);
        s.starts.push_back(static_cast<std::int64_t>(s.weights.size()));
        for (; mel(static_cast<float>(bin) * bin_hz) <= to; ++bin) {
            const float weight = (to - mel(static_cast<float>(bin) * bin_hz)) / (to - from);
            s.weights.push_back(static_cast<std::int64_t>(weight * 4096));
            s.complements.push_back(static_cast<std::int64_t>((1 - weight) * 4096));
        }
        s.widths.push_back(static_cast<std::int64_t>(s.weights.size()) - s.starts.back());
    }
    return s;
}

TEST_F(Vectors, FilterBank) {
    std::string settings;
    const auto all = lines("filter_bank_test1.txt", &settings);
    ASSERT_EQ(settings.substr(0, 17), "16000 32 125 3800");
    const Slopes s = make_slopes(32, 125, 3800, 31.25f);
    ASSERT_EQ(s.weights.size(), 117u);
    const Graph graph = made(fmt::format(
        "%x uint32[257] = input\n%w int16[117] = {{{}}}\n%u int16[117] = {{{}}}\n%f int16[33] = {{{}}}\n"
        "%s int16[33] = {{{}}}\n%n int16[33] = {{{}}}\n"
        "%y uint64[32] = SignalFilterBank(%x, %w, %u, %f, %s, %n) num_channels=32\noutput %y",
        fmt::join(s.weights, ","), fmt::join(s.complements, ","), fmt::join(s.bins, ","),
        fmt::join(s.starts, ","), fmt::join(s.widths, ",")));
    EXPECT_EQ((expect_answers<std::uint32_t, std::uint64_t>(graph, all)), 183u);
}

}  // namespace
}  // namespace jatai
