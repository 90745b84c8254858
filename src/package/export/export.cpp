#include "src/package/export/export.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "src/base/error.h"
#include "src/package/emit_cpp.h"
#include "src/package/export/device_files.h"
#include "src/package/export/parts.h"

namespace jatai {

namespace {

// Arduino and IDF registries, and CMake, want three numbers.
void need_version(const std::string& version) {
    std::size_t digits = 0, dots = 0;
    for (const char c : version) {
        const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
        if ((!digit && c != '.') || (c == '.' && digits == 0)) digits = dots = 99;
        digits = digit ? digits + 1 : 0;
        dots += c == '.' ? 1 : 0;
    }
    if (dots == 2 && digits > 0 && digits < 10) return;
    throw Error{text("version {}: expected three numbers with dots between", version), text("such as 1.0.0")};
}

std::string upper(std::string s) {
    for (char& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return s;
}

// One line that a properties file, YAML and JSON can hold between quotes.
std::string plain(std::string s) {
    for (char& c : s) {
        if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return s;
}

std::vector<ExportFile> code_of(const Library& library, const fs::path& sources) {
    const CppSource source = emit_cpp(library.plan, library.name, ArenaOwner::Static, library.name);
    std::vector<ExportFile> files{{"src/" + library.name + ".h", source.header},
                                  {"src/" + library.name + ".cpp", source.body}};
    for (const auto& [path, content] : device_files(sources, device_includes(source.body)))
        files.push_back({"src/" + path, content});
    return files;
}

}  // namespace

std::string fill(std::string form, const std::vector<std::pair<std::string, std::string>>& values) {
    for (const auto& [key, value] : values) {
        const std::string mark = "@" + key + "@";
        for (std::size_t at = form.find(mark); at != std::string::npos;
             at = form.find(mark, at + value.size())) {
            form.replace(at, mark.size(), value);
        }
    }
    return form;
}

std::string fill(const Library& library, std::string form) {
    const std::string model = library.plan.name.empty() ? library.name : library.plan.name;
    return fill(
        std::move(form),
        {{"NAME", library.name},
         {"UPPER", upper(library.name)},
         {"VERSION", library.request.version},
         {"MADE_BY", plain(library.request.made_by)},
         {"SENTENCE",
          plain(text("The neural network {} for microcontrollers: no heap, no interpreter", model))}});
}

std::string library_name(const Plan& plan, const ExportRequest& request) {
    // Names that a build system keeps for itself.
    static const std::set<std::string> taken{"test",       "all", "help", "clean", "install", "package",
                                             "edit_cache", "src", "app",  "main",  "device"};
    const std::string name = cpp_identifier(request.name.empty() ? plan.name : request.name);
    return taken.contains(name) ? "model_" + name : name;
}

std::vector<ExportFile> export_library(const Plan& plan, const ExportRequest& request,
                                       const fs::path& sources) {
    need_version(request.version);
    const Library library{plan, request, library_name(plan, request)};
    std::vector<ExportFile> files = code_of(library, sources);
    std::vector<std::string> bodies;
    for (const ExportFile& file : files) {
        if (file.path.extension() == ".cpp") bodies.push_back(file.path.generic_string());
    }
    for (ExportFile& file : layout_of(library, bodies)) files.push_back(std::move(file));
    const Bytes licence = read_file(sources / "LICENSE");
    files.push_back({"LICENSE", {licence.begin(), licence.end()}});
    files.push_back({"README.md", readme_of(library)});
    return files;
}

}  // namespace jatai
