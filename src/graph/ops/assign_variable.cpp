#include "src/graph/ops/common.h"
#include "src/graph/ops/copy.h"
#include "src/graph/ops/ops.h"

namespace jatai {

const OpDef& assign_variable_def() {
    static const OpDef def{.op = Op::AssignVariable,
                           .name = "ASSIGN_VARIABLE",
                           .builtin_code = 144,
                           .options_type = 0,
                           .max_version = 1,
                           .options = {},
                           .kernels = copy_kernels(),
                           .verify = need_copy,
                           .macs = no_macs,
                           .lower = lower_copy};
    return def;
}

}  // namespace jatai
