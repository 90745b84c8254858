#include "apps/jatai/verbs/verb.h"

#include <cstdlib>

namespace jatai {

CLI::App* add_verb(CLI::App& parent, const char* name, const std::string& what, const std::string& example) {
    CLI::App* verb = parent.add_subcommand(name, what);
    verb->group(text("Commands"));
    verb->footer(text("Example:") + "\n  " + example);
    return verb;
}

std::function<std::string(const std::string&)> seconds_within(double low, double high) {
    return [low, high](const std::string& word) -> std::string {
        char* end = nullptr;
        const double value = std::strtod(word.c_str(), &end);
        if (end != word.c_str() && *end == '\0' && value >= low && value <= high) return {};
        return text("{}: expected seconds from {} to {}", word, low, high);
    };
}

}  // namespace jatai
