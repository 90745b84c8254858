#include "src/pipeline/keyword_pace.h"

#include <algorithm>

#include "device/apps/keyword_settings.h"
#include "src/package/pack.h"

namespace jatai {
namespace {

const std::string* metadata(const Graph& graph, const char* name) {
    for (const auto& [key, value] : graph.metadata) {
        if (key == name) return &value;
    }
    return nullptr;
}

// One label on a line, as the labels section of a package has them.
std::vector<std::string> lines_of(const std::string& content) {
    std::vector<std::string> lines;
    std::string line;
    for (const char c : content) {
        if (c != '\n') {
            line += c;
        } else if (!line.empty()) {
            lines.push_back(std::move(line));
            line.clear();
        }
    }
    if (!line.empty()) lines.push_back(line);
    return lines;
}

}  // namespace

KeywordPace pace_of(const Settings& settings, const std::vector<std::string>& labels) {
    KeywordPace pace;
    std::size_t command = 0;
    for (const std::string& label : labels) {
        const bool announced = label != kUnknownLabel && label != kSilenceLabel;
        pace.labels.push_back(
            {label, settings.device.threshold, announced ? light_bits(command) : std::uint8_t{0}, announced});
        if (announced) ++command;
    }
    const int hop_ms = settings.features.hop_samples * 1000 / kSampleRateHz;
    const int answer_ms = 1000 / static_cast<int>(settings.device.inferences_per_second);
    pace.hops_per_answer = std::max(1, answer_ms / hop_ms);
    pace.smoothing =
        std::max(1, static_cast<int>(settings.device.smoothing_ms) / (pace.hops_per_answer * hop_ms));
    pace.quiet_ms = static_cast<int>(settings.device.quiet_ms);
    return pace;
}

std::optional<KeywordPace> pace_beside(const fs::path& model_file, const Model& model) {
    if (!model.graph || metadata(*model.graph, sections::kFeatures) == nullptr) return {};
    const std::string* labels = metadata(*model.graph, sections::kLabels);
    if (labels == nullptr) return {};
    const fs::path project = fs::absolute(model_file).lexically_normal().parent_path().parent_path();
    std::error_code ignored;
    if (fs::exists(project / "jatai.toml", ignored)) {
        return pace_of(open_project(project).settings, lines_of(*labels));
    }
    if (metadata(*model.graph, kKeywordSection) != nullptr) return {};
    return pace_of(Settings{}, lines_of(*labels));
}

}  // namespace jatai
