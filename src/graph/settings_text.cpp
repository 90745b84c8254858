#include "src/graph/settings_text.h"

#include <fmt/ranges.h>

#include <charconv>
#include <string_view>

namespace jatai {
namespace {

// Numbers of the schema that have names, by the setting that holds them.
struct NamedValue {
    std::string_view field;
    std::string_view word;
    std::int64_t value;
};
constexpr NamedValue kNamed[] = {
    {"padding", "same", 0},
    {"padding", "valid", 1},
    {"padding", "explicit", 2},
    {"fused_activation_function", "none", 0},
    {"fused_activation_function", "relu", 1},
    {"fused_activation_function", "relu_n1_to_1", 2},
    {"fused_activation_function", "relu6", 3},
};

std::string number_text(const OptionField& field, std::int64_t value) {
    for (const NamedValue& named : kNamed) {
        if (named.field == field.name && named.value == value) return std::string(named.word);
    }
    return std::to_string(value);
}

template <typename T>
std::optional<T> number(std::string_view word) {
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
}

std::optional<Value> parse_list(std::string_view word) {
    if (word.size() < 2 || word.front() != '[' || word.back() != ']') return std::nullopt;
    word = word.substr(1, word.size() - 2);
    std::vector<std::int64_t> items;
    while (!word.empty()) {
        const std::size_t comma = word.find(',');
        const auto item = number<std::int64_t>(word.substr(0, comma));
        if (!item) return std::nullopt;
        items.push_back(*item);
        word = comma == std::string_view::npos ? std::string_view{} : word.substr(comma + 1);
    }
    return Value{items};
}

}  // namespace

std::vector<OptionField> settings_of(const OpDef& def) {
    std::vector<OptionField> fields = def.options;
    for (const OptionField& field : def.options) {
        if (std::string_view(field.name) != "padding") continue;
        fields.push_back({"pad_top", 0, FieldType::Int32, -1});
        fields.push_back({"pad_left", 0, FieldType::Int32, -1});
        fields.push_back({"lies_down", 0, FieldType::Int32, 0});
    }
    // Marks of passes (src/graph/passes/): no .tflite file can say them.
    if (def.in_place || def.op == Op::Concatenation || def.op == Op::Pack)
        fields.push_back({kInPlace, 0, FieldType::Bool, 0});
    if (def.op == Op::Conv2d || def.op == Op::DepthwiseConv2d || def.op == Op::FullyConnected)
        fields.push_back({kZeroPointFolded, 0, FieldType::Bool, 0});
    if (def.op == Op::DepthwiseConv2d) fields.push_back({"in_place_rows", 0, FieldType::Int32, 0});
    return fields;
}

std::string setting_text(const OptionField& field, const Attributes& attributes) {
    switch (field.type) {
        case FieldType::Int8:
        case FieldType::Int32: {
            const auto fallback = static_cast<std::int64_t>(field.fallback);
            const std::int64_t value = attributes.integer(field.name, fallback);
            return value == fallback ? std::string() : number_text(field, value);
        }
        case FieldType::Float32: {
            const auto value = static_cast<float>(attributes.real(field.name, field.fallback));
            return value == static_cast<float>(field.fallback) ? std::string() : fmt::format("{}", value);
        }
        case FieldType::Bool: {
            const bool value = attributes.flag(field.name, field.fallback != 0);
            return value == (field.fallback != 0) ? "" : value ? "yes" : "no";
        }
        case FieldType::Int32List: {
            const auto items = attributes.list(field.name);
            return items.empty() ? std::string() : fmt::format("[{}]", fmt::join(items, ","));
        }
    }
    return {};
}

std::optional<Value> parse_setting(const OptionField& field, const std::string& word) {
    switch (field.type) {
        case FieldType::Int8:
        case FieldType::Int32: {
            for (const NamedValue& named : kNamed) {
                if (named.field == field.name && named.word == word) return Value{named.value};
            }
            const auto value = number<std::int64_t>(word);
            return value ? std::optional<Value>(*value) : std::nullopt;
        }
        case FieldType::Float32: {
            const auto value = number<float>(word);
            return value ? std::optional<Value>(double{*value}) : std::nullopt;
        }
        case FieldType::Bool:
            if (word == "yes" || word == "no") return Value{word == "yes"};
            return std::nullopt;
        case FieldType::Int32List:
            return parse_list(word);
    }
    return std::nullopt;
}

}  // namespace jatai
