// One-operator int16 models of SEANet against the answers TFLM tests them with.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/tflite.h"

namespace jatai {
namespace {

// "1,2,-3" as the type a tensor stores.
Bytes numbers_of(const fs::path& file, Type type) {
    std::istringstream text(read_text(file));
    Bytes bytes;
    for (std::string word; std::getline(text, word, ',');) {
        if (word.find_first_of("0123456789") == word.npos) continue;
        const std::int64_t value = std::stoll(word);
        const auto* from = reinterpret_cast<const std::uint8_t*>(&value);  // little-endian
        bytes.insert(bytes.end(), from, from + size_of(type));
    }
    return bytes;
}

// The file "<stem><middle><type>.csv" beside a model, whatever the type.
fs::path beside(const fs::path& model, const std::string& middle) {
    const std::string start = model.stem().string() + middle;
    for (const auto& entry : fs::directory_iterator(model.parent_path())) {
        if (entry.path().filename().string().starts_with(start)) return entry.path();
    }
    return {};
}

enum class Outcome { Right, Wrong, Refused };

Outcome outcome_of(const fs::path& model) {
    Graph graph;
    try {
        graph = read_tflite(read_file(model), model.filename().string());
    } catch (const Error& error) {
        std::printf("refused: %s\n", error.what());
        return Outcome::Refused;
    }
    std::vector<Bytes> inputs;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
        const fs::path file = beside(model, "_input" + std::to_string(i) + "_");
        inputs.push_back(numbers_of(file, graph.tensor(graph.inputs[i]).type));
    }
    const Bytes expected = numbers_of(beside(model, "_golden_"), graph.tensor(graph.outputs[0]).type);
    return run_graph(graph, inputs).at(0) == expected ? Outcome::Right : Outcome::Wrong;
}

TEST(Seanet, EveryModelAnswersAsTfliteMicroOrIsRefusedInWords) {
    const fs::path archive =
        fs::path(JATAI_SHARED_DIR) / "data" / "op_vectors" / "seanet_int16" / "cases.tar.xz";
    if (!fs::exists(archive)) GTEST_SKIP() << "no vectors at " << JATAI_SHARED_DIR;
    const fs::path folder = fs::path(::testing::TempDir()) / "seanet_int16";
    fs::create_directories(folder);
    const std::string command = "tar -C '" + folder.string() + "' -xf '" + archive.string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
    std::map<Outcome, int> count;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".tflite") continue;
        const Outcome outcome = outcome_of(entry.path());
        ++count[outcome];
        EXPECT_NE(outcome, Outcome::Wrong) << entry.path().filename();
    }
    fs::remove_all(folder);
    std::printf("seanet: %d right, %d refused, %d wrong\n", count[Outcome::Right], count[Outcome::Refused],
                count[Outcome::Wrong]);
    EXPECT_GE(count[Outcome::Right], 19) << "ADD, SUB, LEAKY_RELU and QUANTIZE at least";
}

}  // namespace
}  // namespace jatai
