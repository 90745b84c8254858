// ops.h: the operators, one line each; src/graph/ops/<op>.cpp holds what the line names.
//
//     const OpDef& def = conv2d_def();      // others reach it by op_def(Op::Conv2d)
//
// A new operator is a line here and a line in op_def.cpp.
#pragma once

#include "src/graph/op_def.h"

namespace jatai {

const OpDef& conv2d_def();
const OpDef& depthwise_conv2d_def();
const OpDef& fully_connected_def();
const OpDef& average_pool2d_def();
const OpDef& max_pool2d_def();
const OpDef& add_def();
const OpDef& softmax_def();
const OpDef& reshape_def();
const OpDef& quantize_def();
const OpDef& dequantize_def();

}  // namespace jatai
