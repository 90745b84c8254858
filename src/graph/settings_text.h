// settings_text.h: the settings of an operator as words; shared by the two halves of the text form.
//
//     setting_text(field, node.attributes)      // "same", "2", "[1,64]"; empty when it is the schema's
//     default parse_setting(field, "same")              // Value{0}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/graph/op_def.h"

namespace jatai {

constexpr bool is_label_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '/' || c == ':' || c == '-';
}

// The settings an op has: those of the schema, "pad_top" and "pad_left" where it has a padding, and what
// passes mark it with.
std::vector<OptionField> settings_of(const OpDef& def);

std::string setting_text(const OptionField& field, const Attributes& attributes);
std::optional<Value> parse_setting(const OptionField& field, const std::string& word);

}  // namespace jatai
