#include "src/graph/case_file.h"

#include <sstream>

#include "src/base/error.h"

namespace jatai {
namespace {

// What follows `key` at the start of `line`, without the spaces; false when the line starts otherwise.
bool take(const std::string& line, const std::string& key, std::string& rest) {
    if (line.rfind(key, 0) != 0) return false;
    const std::size_t start = line.find_first_not_of(' ', key.size());
    rest = start == std::string::npos ? std::string() : line.substr(start);
    return true;
}

}  // namespace

std::vector<Case> read_cases(const fs::path& path) {
    std::istringstream lines(read_text(path));
    std::vector<Case> cases;
    std::string* section = nullptr;
    std::string line;
    std::string rest;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (take(line, "case:", rest)) {
            cases.push_back({rest, number, {}, {}, {}});
            section = nullptr;
        } else if (cases.empty()) {
            continue;
        } else if (take(line, "in:", rest)) {
            section = &cases.back().in;
        } else if (take(line, "out:", rest)) {
            section = &cases.back().out;
        } else if (take(line, "error:", rest)) {
            cases.back().error = rest;
            section = nullptr;
        } else if (section) {
            *section += line + "\n";
        }
    }
    for (const Case& each : cases) {
        if (each.out.empty() == each.error.empty()) {
            throw Error{text("{}:{}: found a case with both or none of out: and error:, expected one",
                             path.string(), each.line)};
        }
    }
    return cases;
}

}  // namespace jatai
