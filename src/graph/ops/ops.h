// ops.h: the definition of every operator of device/op.h; src/graph/ops/<op>.cpp holds it.
//
//     const OpDef& def = conv2d_def();      // others reach it by op_def(Op::Conv2d)
#pragma once

#include "src/graph/op_def.h"

namespace jatai {

#define JATAI_OP_DEF(name, number, file) const OpDef& file##_def();
JATAI_OPS(JATAI_OP_DEF)
#undef JATAI_OP_DEF

}  // namespace jatai
