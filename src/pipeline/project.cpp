#include "src/pipeline/project.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <fmt/ranges.h>

#include <functional>
#include <map>
#include <sstream>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/train/networks.h"

namespace jatai {
namespace {

// What is wrong with a value; nothing expected: all is well.
struct Complaint {
    std::string expected;
    std::string hint = {};
};

// One key of jatai.toml: how its value reaches the settings.
using Reader = std::function<Complaint(const toml::node&)>;
using Table = std::map<std::string, Reader>;

template <typename Unsigned>
Reader whole(Unsigned& into, std::int64_t low, std::int64_t high) {
    return [&into, low, high](const toml::node& node) -> Complaint {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < low || *value > high) return {text("a whole number from {} to {}", low, high)};
        into = static_cast<Unsigned>(*value);
        return {};
    };
}

Reader real(double& into, double low, double high) {
    return [&into, low, high](const toml::node& node) -> Complaint {
        const auto value = node.value<double>();
        if (!value || !(*value >= low && *value <= high)) return {text("a number from {} to {}", low, high)};
        into = *value;
        return {};
    };
}

Reader word(std::string& into) {
    return [&into](const toml::node& node) -> Complaint {
        const auto value = node.value_exact<std::string>();
        if (!value || value->empty()) return {text("a text in quotes")};
        into = *value;
        return {};
    };
}

Complaint complain_of_choice(const std::string& word, const std::vector<std::string>& choices) {
    return {text("one of {}", fmt::join(choices, ", ")), did_you_mean(word, choices)};
}

Reader one_of(std::string& into, std::vector<std::string> choices) {
    return [&into, choices](const toml::node& node) -> Complaint {
        const auto value = node.value_exact<std::string>();
        if (!value || std::find(choices.begin(), choices.end(), *value) == choices.end()) {
            return complain_of_choice(value.value_or(""), choices);
        }
        into = *value;
        return {};
    };
}

Reader words_list(std::vector<std::string>& into) {
    return [&into](const toml::node& node) -> Complaint {
        const toml::array* list = node.as_array();
        if (list == nullptr || list->size() < 2)
            return {text("a list of at least two words, such as [\"yes\", \"no\"]")};
        into.clear();
        for (const auto& item : *list) {
            const auto value = item.value_exact<std::string>();
            if (!value || value->empty()) return {text("words in quotes")};
            if (std::find(into.begin(), into.end(), *value) != into.end()) return {text("each word once")};
            into.push_back(*value);
        }
        return {};
    };
}

Reader milliseconds(int& samples, std::int64_t low, std::int64_t high) {
    return [&samples, low, high](const toml::node& node) -> Complaint {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < low || *value > high) return {text("milliseconds from {} to {}", low, high)};
        samples = static_cast<int>(*value) * kSampleRateHz / 1000;
        return {};
    };
}

Reader feature_kind(FeatureKind& into) {
    return [&into](const toml::node& node) -> Complaint {
        const auto value = node.value_exact<std::string>();
        if (value != "mfcc" && value != "log_mel")
            return complain_of_choice(value.value_or(""), {"mfcc", "log_mel"});
        into = value == "mfcc" ? FeatureKind::Mfcc : FeatureKind::LogMel;
        return {};
    };
}

std::map<std::string, Table> schema(Settings& s) {
    return {
        {"project", {{"name", word(s.name)}, {"template", one_of(s.keyword_template, template_names())}}},
        {"data",
         {{"words", words_list(s.data.words)},
          {"voice_language", one_of(s.data.voice_language, {"en", "pt"})},
          {"clips", whole(s.data.clips, 100, 1'000'000)},
          {"seed", whole(s.data.seed, 0, INT64_MAX)}}},
        {"features",
         {{"kind", feature_kind(s.features.kind)},
          {"window_ms", milliseconds(s.features.window_samples, 16, 64)},
          {"hop_ms", milliseconds(s.features.hop_samples, 8, 64)},
          {"mels", whole(s.features.mel_bands, 8, 64)},
          {"coefficients", whole(s.features.coefficients, 4, 64)},
          {"clip_ms", milliseconds(s.features.clip_samples, 250, 4000)}}},
        {"train",
         {{"network", one_of(s.train.network, train::network_names())},
          {"epochs", whole(s.train.epochs, 1, 10'000)},
          {"quantised_epochs", whole(s.train.quantised_epochs, 0, 10'000)},
          {"batch", whole(s.train.batch, 4, 4096)},
          {"learning_rate", real(s.train.learning_rate, 1e-6, 1.0)},
          {"seed", whole(s.train.seed, 0, INT64_MAX)},
          {"threads", whole(s.train.threads, 0, 256)}}},
        {"device",
         {{"board", word(s.device.board)},
          {"inferences_per_second", whole(s.device.inferences_per_second, 1, 50)},
          {"threshold", real(s.device.threshold, 0.0, 1.0)},
          {"smoothing_ms", whole(s.device.smoothing_ms, 0, 5000)},
          {"quiet_ms", whole(s.device.quiet_ms, 0, 10'000)}}},
    };
}

template <typename Map>
std::vector<std::string> keys_of(const Map& map) {
    std::vector<std::string> keys;
    for (const auto& [key, ignored] : map) keys.push_back(key);
    return keys;
}

std::string line_of(const std::string& place, const toml::node& node) {
    return place + ":" + std::to_string(node.source().begin.line);
}

// A value as it stands in the file.
std::string value_of(const toml::node& node) {
    std::ostringstream out;
    node.visit([&out](const auto& value) { out << value; });
    return out.str();
}

void read_table(const toml::table& table, const std::string& name, const Table& readers,
                const std::string& place) {
    for (const auto& [key_text, node] : table) {
        const std::string key(key_text.str());
        const auto reader = readers.find(key);
        if (reader == readers.end()) {
            throw Error{text("{}: [{}] has no setting {}", line_of(place, node), name, key),
                        did_you_mean(key, keys_of(readers))};
        }
        const Complaint complaint = reader->second(node);
        if (!complaint.expected.empty()) {
            throw Error{text("{}: {} = {}, expected {}", line_of(place, node), key, value_of(node),
                             complaint.expected),
                        complaint.hint.empty() ? text("mend this line of {} and run the command again", place)
                                               : complaint.hint};
        }
    }
}

std::string template_text(const std::string& name, const std::string& words_language) {
    const bool portuguese = words_language == "pt";
    std::string toml;
    toml += "# " + text("A keyword project: a microphone listens for a few words and an LED answers.") + "\n";
    toml +=
        "# " +
        text("Each part is one step: jatai data, jatai train, jatai compile, jatai simulate, jatai report.") +
        "\n\n";
    toml += fmt::format("[project]\nname = \"{}\"\ntemplate = \"keyword\"\n\n", name);
    toml += "[data]\n# " + text("The words to recognise. Their LEDs, in order: red, green, blue, built-in.") +
            "\n";
    toml += portuguese ? "words = [\"sim\", \"não\", \"liga\", \"desliga\"]\nvoice_language = \"pt\"\n"
                       : "words = [\"yes\", \"no\", \"left\", \"right\"]\nvoice_language = \"en\"\n";
    toml += "clips = 12000\nseed = 1\n\n";
    toml += "[features]\n# " +
            text("How sound becomes numbers; the same arithmetic on the computer and on the chip.") + "\n";
    toml += "kind = \"mfcc\"\nwindow_ms = 32\nhop_ms = 20\nmels = 40\ncoefficients = 10\nclip_ms = 1000\n\n";
    const TrainSettings train;
    toml += "[train]\n# " +
            text("The network: {}. A larger one hears better and costs the chip more.",
                 fmt::join(train::network_names(), ", ")) +
            "\n";
    toml += fmt::format("network = \"{}\"\nepochs = {}\nquantised_epochs = {}\nbatch = {}\n", train.network,
                        train.epochs, train.quantised_epochs, train.batch);
    toml += fmt::format("learning_rate = {}\nseed = {}\n\n", train.learning_rate, train.seed);
    toml += "[device]\n# " +
            text("The board, how often it decides, and how sure it must be to light the LED.") + "\n";
    toml +=
        "board = \"nano33ble\"\ninferences_per_second = 5\nthreshold = 0.7\nsmoothing_ms = 600\nquiet_ms = "
        "900\n";
    return toml;
}

}  // namespace

std::vector<std::string> template_names() { return {"keyword"}; }

Settings parse_settings(const std::string& toml, const std::string& place) {
    const toml::parse_result parsed = toml::parse(toml, place);
    if (!parsed) {
        const auto& error = parsed.error();
        throw Error{
            text("{}:{}: not TOML: {}", place, error.source().begin.line, std::string(error.description())),
            text("a setting looks like: name = value")};
    }
    Settings settings;
    const auto tables = schema(settings);
    for (const auto& [key_text, node] : parsed.table()) {
        const std::string key(key_text.str());
        const auto readers = tables.find(key);
        if (readers == tables.end() || node.as_table() == nullptr) {
            throw Error{text("{}: no part [{}] is known", line_of(place, node), key),
                        did_you_mean(key, keys_of(tables))};
        }
        read_table(*node.as_table(), key, readers->second, place);
    }
    // The transform is the shortest power of two that holds the window.
    settings.features.fft_size = 256;
    while (settings.features.fft_size < settings.features.window_samples) settings.features.fft_size *= 2;
    return settings;
}

KeywordRecipe recipe_of(const DataSettings& settings) {
    KeywordRecipe recipe;
    const int clips = static_cast<int>(settings.clips);
    recipe.keywords = settings.words;
    recipe.language = settings.voice_language;
    recipe.seed = settings.seed;
    // A quarter unknown words and an eighth silence: what a microphone hears most is neither word.
    recipe.unknown_clips = clips / 4;
    recipe.silence_clips = clips / 8;
    recipe.clips_per_keyword =
        (clips - recipe.unknown_clips - recipe.silence_clips) / static_cast<int>(settings.words.size());
    return recipe;
}

Project new_project(const std::string& template_name, const fs::path& dir,
                    const std::string& words_language) {
    const auto templates = template_names();
    if (std::find(templates.begin(), templates.end(), template_name) == templates.end()) {
        throw Error{text("{}: no such template", template_name), did_you_mean(template_name, templates)};
    }
    const fs::path file = dir / "jatai.toml";
    if (fs::exists(file)) {
        throw Error{text("{}: there is a project already", file.string()),
                    text("choose another folder, or edit that jatai.toml")};
    }
    const fs::path name = fs::absolute(dir).lexically_normal();
    write_text(file, template_text((name.has_filename() ? name : name.parent_path()).filename().string(),
                                   words_language));
    for (const char* folder : {"data", "features", "model", "build", "run", "report"}) {
        std::error_code ignored;
        fs::create_directories(dir / folder, ignored);
    }
    return open_project(dir);
}

Project open_project(const fs::path& dir) {
    const fs::path file = dir / "jatai.toml";
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        throw Error{text("{}: no jatai.toml here", dir.string()),
                    text("start a project with: jatai new keyword {}", dir.string())};
    }
    return {dir, parse_settings(read_text(file, 1 << 20), file.string())};
}

}  // namespace jatai
