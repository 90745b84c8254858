// The example of a library: the same for every environment, but for how it prints and tells the time.
#include <fmt/format.h>

#include "src/base/error.h"
#include "src/package/export/parts.h"
#include "src/package/inspect.h"

namespace jatai {

namespace {

std::string c_type(Type type) {
    if (type == Type::Float32) return "float";
    return type == Type::Bool ? "bool" : type_text(type) + "_t";
}

std::string comment(const std::string& words) { return "// " + words + "\n"; }

std::string number(std::size_t i) { return i == 0 ? "" : std::to_string(i); }

std::string fill_input(const Library& library, std::size_t i) {
    const PlannedTensor& t = library.plan.inputs[i];
    return fill(R"(    for (uint32_t i = 0; i < @NAME@::kInput@I@Bytes / sizeof(@TYPE@); ++i)
        @NAME@::input@I@()[i] = static_cast<@TYPE@>(@NAME@::kInput@I@ZeroPoint);
)",
                {{"NAME", library.name}, {"I", number(i)}, {"TYPE", c_type(t.type)}});
}

bool has_labels(const Library& library) {
    const std::vector<std::string>& labels = library.request.labels;
    return !labels.empty() &&
           labels.size() * size_of(library.plan.outputs[0].type) == library.plan.outputs[0].place.bytes;
}

std::string label_table(const Library& library) {
    if (!has_labels(library)) return {};
    std::string rows;
    for (const std::string& label : library.request.labels) {
        std::string escaped;
        for (const char c : label) {
            if (c == '"' || c == '\\') escaped += '\\';
            escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
        rows += fmt::format("    \"{}\",\n", escaped);
    }
    return "static const char* const kLabels[] = {\n" + rows + "};\n\n";
}

std::string answer_function(const Library& library) {
    return fill(comment(text("The number of the largest output.")) +
                    R"(static uint32_t best() {
    const @TYPE@* output = @NAME@::output();
    uint32_t best = 0;
    for (uint32_t i = 1; i < @NAME@::kOutputBytes / sizeof(@TYPE@); ++i) {
        if (output[i] > output[best]) best = i;
    }
    return best;
}
)" +
                    std::string(has_labels(library)
                                    ? "\nstatic const char* name_of(uint32_t i) { return kLabels[i]; }\n"
                                    : ""),
                {{"NAME", library.name}, {"TYPE", c_type(library.plan.outputs[0].type)}});
}

}  // namespace

std::string example_functions(const Library& library) {
    std::string inputs;
    for (std::size_t i = 0; i < library.plan.inputs.size(); ++i) inputs += fill_input(library, i);
    return label_table(library) +
           comment(text("Every number stands at its zero point: put your own sample here.")) +
           "static void fill_inputs() {\n" + inputs + "}\n\n" + answer_function(library);
}

}  // namespace jatai
