#include "src/package/export/device_files.h"

#include <algorithm>

namespace jatai {

namespace {

constexpr const char* kInclude = "#include \"device/";
constexpr std::size_t kBeforePath = 10;  // #include and the quote

std::string read_source(const fs::path& file) {
    const Bytes bytes = read_file(file);
    return {bytes.begin(), bytes.end()};
}

// Calls `seen(begin, length)` with the place of every path in #include "device/...".
template <typename Seen>
void for_each_include(const std::string& source, Seen seen) {
    for (std::size_t at = source.find(kInclude); at != std::string::npos;
         at = source.find(kInclude, at + 1)) {
        if (at != 0 && source[at - 1] != '\n') continue;
        const std::size_t begin = at + kBeforePath, end = source.find('"', begin);
        if (end != std::string::npos) seen(begin, end - begin);
    }
}

std::string with_relative_includes(const std::string& source, const fs::path& folder) {
    std::string out;
    std::size_t copied = 0;
    for_each_include(source, [&](std::size_t begin, std::size_t length) {
        const fs::path target = source.substr(begin, length);
        out += source.substr(copied, begin - copied) + target.lexically_relative(folder).generic_string();
        copied = begin + length;
    });
    return out + source.substr(copied);
}

}  // namespace

std::vector<std::string> device_includes(const std::string& source) {
    std::vector<std::string> paths;
    for_each_include(source, [&](std::size_t begin, std::size_t length) {
        paths.push_back(source.substr(begin, length));
    });
    return paths;
}

std::map<std::string, std::string> device_files(const fs::path& sources,
                                                const std::vector<std::string>& wanted) {
    std::map<std::string, std::string> files;
    std::vector<std::string> open = wanted;
    while (!open.empty()) {
        const fs::path path = open.back();
        open.pop_back();
        if (files.contains(path.generic_string())) continue;
        const std::string source = read_source(sources / path);
        files[path.generic_string()] = with_relative_includes(source, path.parent_path());
        for (const std::string& next : device_includes(source)) open.push_back(next);
        fs::path body = path;
        body.replace_extension(".cpp");
        if (body != path && fs::exists(sources / body)) open.push_back(body.generic_string());
    }
    return files;
}

}  // namespace jatai
