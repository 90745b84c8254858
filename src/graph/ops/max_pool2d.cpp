#include "device/kernels/max_pool2d.h"
#include "device/kernels/pool2d_types.h"

#include "src/graph/ops/ops.h"
#include "src/graph/ops/pool2d.h"

namespace jatai {
namespace {

Lowered lower(const Graph& graph, const Node& node, Family) {
    return lower_pool(graph, node, kMaxPool2dInt8.key);
}

}  // namespace

const OpDef& max_pool2d_def() {
    static const OpDef def{Op::MaxPool2d,
                           "MAX_POOL_2D",
                           17,
                           5,
                           3,
                           pool_options(),
                           {{&kMaxPool2dInt8, "kMaxPool2dInt8", "device/kernels/max_pool2d.h", true},
                            {&kMaxPool2dFloat, "kMaxPool2dFloat", "device/kernels/pool2d_types.h"},
                            {&kMaxPool2dInt16, "kMaxPool2dInt16", "device/kernels/pool2d_types.h"},
                            {&kMaxPool2dUInt8, "kMaxPool2dUInt8", "device/kernels/pool2d_types.h"}},
                           need_pool,
                           no_macs,
                           lower};
    return def;
}

}  // namespace jatai
