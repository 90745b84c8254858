// tflite_names.h: the numbers of the public TFLite schema, in words.
//
//     builtin_name(40)        // "MEAN"
//     nearest_thing(109)      // "SELECT_V2 by a mask, or MUL by one, keeps the size fixed"
//     type_name(Type::Int8)   // "int8"
//
// Source: tensorflow/lite/schema/schema.fbs, BuiltinOperator and TensorType.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "device/op.h"

namespace jatai {

constexpr std::int32_t kBuiltinCallOnce = 129;
constexpr std::int32_t kBuiltinVarHandle = 142;

// "MEAN"; "operator 4711" for a number the schema did not have when this table was written.
std::string builtin_name(std::int32_t builtin_code);

// What to write instead of an operator Jataí does not run, in the user's language.
std::string nearest_thing(std::int32_t builtin_code);
std::string nearest_to_custom(std::string_view name);  // "FlexStridedSlice"

// TensorType of the schema to ours; none for a type Jataí does not hold (float16, string, ...).
std::optional<Type> type_of(int tensor_type);
int tensor_type_of(Type type);
std::string tensor_type_name(int tensor_type);  // "FLOAT16"

// As the text form writes it: "int8". type_named gives Type::None for an unknown word.
const char* type_name(Type type);
Type type_named(std::string_view name);

}  // namespace jatai
