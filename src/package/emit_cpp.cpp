#include "src/package/emit_cpp.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "device/package.h"
#include "src/graph/ops/kernels.h"
#include "src/package/inspect.h"

namespace jatai {

namespace {

std::string c_type(Type type) {
    switch (type) {
        case Type::Float32:
            return "float";
        case Type::Bool:
            return "bool";
        default:
            return type_text(type) + "_t";
    }
}

// "Input" and "input" for the first, "Input1" and "input1" for the second.
std::string door_name(const char* word, std::size_t i) {
    return i == 0 ? word : fmt::format("{}{}", word, i);
}

// A float that reads back as the same bits.
std::string float_text(float x) {
    std::string s = fmt::format("{:.9g}", x);
    if (s.find_first_of(".en") == std::string::npos) s += ".0";
    return s + "f";
}

// A comment may hold any name, but not the end of its line.
std::string one_line(std::string s) {
    for (char& c : s) c = static_cast<unsigned char>(c) < 0x20 || c == '\\' ? ' ' : c;
    return s;
}

class Emitter {
  public:
    Emitter(const Plan& plan, const std::string& name, ArenaOwner owner, const std::string& file)
        : plan_(plan), owner_(owner), file_(file), space_(cpp_identifier(name)) {}

    CppSource emit() const { return {header(), body(), space_}; }

  private:
    bool caller() const { return owner_ == ArenaOwner::Caller; }
    std::string arena_parameter() const { return caller() ? "uint8_t* arena" : ""; }

    std::string constants_of_door(const char* word, std::size_t i, const PlannedTensor& t) const {
        const std::string door = door_name(word, i);
        std::vector<std::int32_t> shape = t.shape;
        if (shape.empty()) shape = {1};
        return fmt::format(
            "constexpr uint32_t k{0}Bytes = {1};  // {2} {3}[{4}]\nconstexpr int32_t k{0}Shape[] = {{{5}}};\n"
            "constexpr float k{0}Scale = {6};\nconstexpr int32_t k{0}ZeroPoint = {7};\n",
            door, t.place.bytes, one_line(t.name), type_text(t.type), fmt::join(t.shape, ","),
            fmt::join(shape, ", "), float_text(t.scale), t.zero_point);
    }

    std::string accessor(const char* word, std::size_t i, const PlannedTensor& t) const {
        const bool constant = t.place.kind == Place::Kind::Constant;
        const bool input = word[0] == 'i';
        return fmt::format("{}{}* {}({})", input ? "" : "const ", c_type(t.type), door_name(word, i),
                           constant ? "" : arena_parameter());
    }

    template <typename Write>
    std::string all_doors(Write write) const {
        std::string all;
        for (std::size_t i = 0; i < plan_.inputs.size(); ++i) all += write(true, i, plan_.inputs[i]);
        for (std::size_t i = 0; i < plan_.outputs.size(); ++i) all += write(false, i, plan_.outputs[i]);
        return all;
    }

    std::string header() const {
        const std::string use = caller() ? "arena" : "";
        const std::string doors = all_doors([&](bool input, std::size_t i, const PlannedTensor& t) {
            return constants_of_door(input ? "Input" : "Output", i, t);
        });
        const std::string accessors = all_doors([&](bool input, std::size_t i, const PlannedTensor& t) {
            return accessor(input ? "input" : "output", i, t) + ";\n";
        });
        return fmt::format(
            R"(// Written by jatai: {title}, as C++.
//
//     fill({space}::input({use}));
//     {space}::run({use});
//     act_on({space}::output({use}));
//
// Inputs share the arena with what comes later: fill them before every run. {owner}{state_words}
#pragma once

#include <stdint.h>

namespace {space} {{

constexpr uint32_t kArenaBytes = {arena};
constexpr uint32_t kConstantBytes = {constants};
constexpr uint64_t kMacs = {macs};
{doors}
{accessors}{reset}void run({parameter});

}}  // namespace {space}
)",
            fmt::arg("title", one_line(plan_.name.empty() ? space_ : plan_.name)), fmt::arg("space", space_),
            fmt::arg("use", use), fmt::arg("arena", plan_.arena_bytes),
            fmt::arg("constants", plan_.constants.size()), fmt::arg("macs", plan_.macs),
            fmt::arg("doors", doors), fmt::arg("accessors", accessors),
            fmt::arg("parameter", arena_parameter()),
            fmt::arg("reset", has_state() ? fmt::format("void reset({});\n", arena_parameter()) : ""),
            fmt::arg("state_words", has_state() ? "\n// It keeps a state between runs: call reset() "
                                                  "before the first, and to begin anew."
                                                : ""),
            fmt::arg("owner", caller() ? "The arena starts at a multiple of 16."
                                       : "The arena is in the source file."));
    }

    std::string constant(std::uint32_t offset) const {
        return fmt::format("const_cast<uint8_t*>(kConstants + {})", offset);
    }

    std::string operand(const Place& place) const {
        if (place.kind == Place::Kind::Absent) return "nullptr";
        return place.kind == Place::Kind::Arena ? fmt::format("arena + {}", place.offset)
                                                : constant(place.offset);
    }

    std::string operand_table(std::size_t i) const {
        std::vector<std::string> operands;
        for (const Place& place : plan_.steps[i].operands) operands.push_back(operand(place));
        return fmt::format("void* const {}[] = {{{}}};",
                           caller() ? "operands" : fmt::format("kOperands{}", i), fmt::join(operands, ", "));
    }

    std::string call(std::size_t i) const {
        const PlannedStep& step = plan_.steps[i];
        const std::string table = caller() ? "operands" : fmt::format("kOperands{}", i);
        return fmt::format(
            "    JATAI_MODEL_STEP_BEGIN({0});\n    {{  // {1}\n{2}        const jatai::Call call{{kConstants "
            "+ "
            "{3}, {4}}};\n"
            "        jatai::{5}.run(call);\n    }}\n    JATAI_MODEL_STEP_END({0});\n",
            i, one_line(plan_.costs[step.cost].name), caller() ? "        " + operand_table(i) + "\n" : "",
            step.params, table, kernel_source(step.kernel, plan_.family).symbol);
    }

    bool has_state() const { return plan_.state_bytes > 0; }

    std::string initial_state() const {
        if (plan_.initial_state.empty()) return {};
        return fmt::format("alignas(16) JATAI_MODEL_WEIGHTS const uint8_t kInitialState[] = {{\n{}}};\n\n",
                           rows_of_bytes(plan_.initial_state));
    }

    std::string reset() const {
        if (!has_state()) return {};
        const std::string value = plan_.initial_state.empty() ? "0" : "kInitialState[i]";
        return fmt::format("\nvoid reset({}) {{\n    for (uint32_t i = 0; i < {}; ++i) arena[i] = {};\n}}\n",
                           arena_parameter(), plan_.state_bytes, value);
    }

    static std::string rows_of_bytes(const Bytes& bytes) {
        std::string rows;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            rows += fmt::format_int(bytes[i]).c_str();
            rows += i % 32 == 31 ? ",\n" : ",";
        }
        return rows.empty() ? "0" : rows;
    }

    std::string body() const {
        std::set<std::string> headers{"device/kernel.h"};
        std::string tables, calls;
        for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
            headers.insert(kernel_source(plan_.steps[i].kernel, plan_.family).header);
            if (!caller()) tables += operand_table(i) + "\n";
            calls += call(i);
        }
        std::string includes;
        for (const std::string& name : headers) includes += fmt::format("#include \"{}\"\n", name);
        const std::string accessors = all_doors([&](bool input, std::size_t i, const PlannedTensor& t) {
            return fmt::format("{} {{ return reinterpret_cast<{}{}*>({}); }}\n",
                               accessor(input ? "input" : "output", i, t), input ? "" : "const ",
                               c_type(t.type), operand(t.place));
        });
        return fmt::format(
            R"(// Written by jatai: {title}, as C++.
#include "{file}.h"

{includes}
// Where the weights go, where the arena goes, and what is called round every step, for those who measure.
#ifndef JATAI_MODEL_WEIGHTS
#define JATAI_MODEL_WEIGHTS
#endif
#ifndef JATAI_MODEL_ARENA
#define JATAI_MODEL_ARENA
#endif
#ifndef JATAI_MODEL_STEP_BEGIN
#define JATAI_MODEL_STEP_BEGIN(step) static_cast<void>(0)
#define JATAI_MODEL_STEP_END(step) static_cast<void>(0)
#endif

namespace {space} {{

namespace {{

{arena}alignas(16) JATAI_MODEL_WEIGHTS const uint8_t kConstants[] = {{
{constants}}};

{tables}}}  // namespace

{accessors}{reset}
void run({parameter}) {{
{unused}{calls}}}

}}  // namespace {space}
)",
            fmt::arg("title", one_line(plan_.name.empty() ? space_ : plan_.name)), fmt::arg("file", file_),
            fmt::arg("includes", includes), fmt::arg("space", space_),
            fmt::arg("arena", caller() ? ""
                                       : "alignas(16) JATAI_MODEL_ARENA uint8_t arena[kArenaBytes > 0 ? "
                                         "kArenaBytes : 1];\n"),
            fmt::arg("constants", rows_of_bytes(plan_.constants)),
            fmt::arg("tables", initial_state() + tables), fmt::arg("reset", reset()),
            fmt::arg("accessors", accessors), fmt::arg("parameter", arena_parameter()),
            fmt::arg("unused", caller() && calls.empty() ? "    static_cast<void>(arena);\n" : ""),
            fmt::arg("calls", calls));
    }

    const Plan& plan_;
    const ArenaOwner owner_;
    const std::string file_;
    const std::string space_;
};

}  // namespace

std::string cpp_identifier(const std::string& name) {
    static const std::set<std::string> taken{
        "and",    "asm",      "auto",    "bool",   "break",    "case",     "catch",    "char",    "class",
        "const",  "default",  "delete",  "do",     "double",   "else",     "enum",     "export",  "extern",
        "false",  "float",    "for",     "friend", "goto",     "if",       "inline",   "int",     "jatai",
        "long",   "main",     "mutable", "new",    "not",      "operator", "or",       "private", "public",
        "return", "short",    "signed",  "sizeof", "static",   "std",      "struct",   "switch",  "template",
        "this",   "throw",    "true",    "try",    "typedef",  "union",    "unsigned", "using",   "virtual",
        "void",   "volatile", "while",   "xor",    "namespace"};
    std::string s;
    for (const char c : name) {
        const auto u = static_cast<unsigned char>(c);
        const bool good = u < 0x80 && (std::isalnum(u) || c == '_');
        if (good || (!s.empty() && s.back() != '_')) s += good ? static_cast<char>(std::tolower(u)) : '_';
    }
    while (!s.empty() && s.back() == '_') s.pop_back();
    while (!s.empty() && s.front() == '_') s.erase(0, 1);
    if (s.empty()) return "model";
    if (std::isdigit(static_cast<unsigned char>(s[0])) || taken.contains(s)) s = "model_" + s;
    return s;
}

CppSource emit_cpp(const Plan& plan, const std::string& name, ArenaOwner owner, const std::string& file) {
    return Emitter(plan, name, owner, file).emit();
}

}  // namespace jatai
