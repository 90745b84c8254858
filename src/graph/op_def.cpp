#include "src/graph/op_def.h"

#include "src/base/error.h"
#include "src/graph/ops/ops.h"

namespace jatai {

const std::vector<const OpDef*>& all_ops() {
#define JATAI_OP_DEF(name, number, file) &file##_def(),
    static const std::vector<const OpDef*> ops{JATAI_OPS(JATAI_OP_DEF)};
#undef JATAI_OP_DEF
    return ops;
}

std::int64_t no_macs(const Graph&, const Node&) { return 0; }

Value default_of(const OptionField& field) {
    switch (field.type) {
        case FieldType::Int8:
        case FieldType::Int32:
            return static_cast<std::int64_t>(field.fallback);
        case FieldType::Float32:
            return field.fallback;
        case FieldType::Bool:
            return field.fallback != 0;
        case FieldType::Int32List:
            return std::vector<std::int64_t>{};
    }
    CHECK(false);
}

const OpDef& op_def(Op op) {
    const OpDef* found = nullptr;
    for (const OpDef* def : all_ops()) {
        if (def->op == op) found = def;
    }
    CHECK(found != nullptr);
    return *found;
}

const OpDef* find_op(std::int32_t builtin_code) {
    for (const OpDef* def : all_ops()) {
        if (def->builtin_code == builtin_code && builtin_code != kCustomOp) return def;
    }
    return nullptr;
}

const OpDef* find_custom_op(const std::string& custom_code) {
    const OpDef* def = find_op(custom_code);
    return def != nullptr && def->builtin_code == kCustomOp ? def : nullptr;
}

const OpDef* find_op(const std::string& name) {
    for (const OpDef* def : all_ops()) {
        if (name == def->name) return def;
    }
    return nullptr;
}

}  // namespace jatai
