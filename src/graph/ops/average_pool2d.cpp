#include "device/kernels/average_pool2d.h"
#include "device/kernels/pool2d_types.h"

#include "src/graph/ops/ops.h"
#include "src/graph/ops/pool2d.h"

namespace jatai {
namespace {

Lowered lower(const Graph& graph, const Node& node, Family) {
    return lower_pool(graph, node, kAveragePool2dInt8.key);
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

}  // namespace jatai
