#include "device/kernels/average_pool2d.h"
#include "device/kernels/pool2d_types.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/pool2d.h"

namespace jatai {
namespace {

Lowered lower(const Graph& graph, const Node& node, Family) {
    return lower_pool(graph, node, kAveragePool2dInt8.key);
}

void need_float_pool(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_value(graph, node, node.inputs[0], Type::Float32);
    need_pool(graph, node);
}

}  // namespace

const OpDef& average_pool2d_def() {
    static const OpDef def{
        Op::AveragePool2d,
        "AVERAGE_POOL_2D",
        1,
        5,
        3,
        pool_options(),
        {{&kAveragePool2dInt8, "kAveragePool2dInt8", "device/kernels/average_pool2d.h", true},
         {&kAveragePool2dFloat, "kAveragePool2dFloat", "device/kernels/pool2d_types.h"},
         {&kAveragePool2dInt16, "kAveragePool2dInt16", "device/kernels/pool2d_types.h"},
         {&kAveragePool2dUInt8, "kAveragePool2dUInt8", "device/kernels/pool2d_types.h"}},
        need_pool,
        no_macs,
        lower};
    return def;
}

const OpDef& l2_pool_2d_def() {
    static const OpDef def{.op = Op::L2Pool2d,
                           .name = "L2_POOL_2D",
                           .builtin_code = 12,
                           .options_type = 5,
                           .max_version = 1,
                           .options = pool_options(),
                           .kernels = {{&kL2Pool2dFloat, "kL2Pool2dFloat", "device/kernels/pool2d_types.h"}},
                           .verify = need_float_pool,
                           .macs = no_macs,
                           .lower = lower};
    return def;
}

}  // namespace jatai
