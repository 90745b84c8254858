#include "device/kernels/add.h"

#include "device/kernels/plain_pair.h"
#include "device/kernels/rescaled_pair.h"
#include "src/graph/ops/arithmetic.h"
#include "src/graph/ops/broadcast.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

bool is_int8(const Graph& graph, const Node& node) { return graph.tensor(node.inputs[0]).type == Type::Int8; }

Lowered lower(const Graph& graph, const Node& node, Family family) {
    if (!is_int8(graph, node)) return lower_arithmetic(graph, node);
    const Factors f = factors_of(graph, node);
    const Multiplier a = quantize_multiplier(f.a);
    const Multiplier b = quantize_multiplier(f.b);
    const Multiplier out = quantize_multiplier(f.out);
    AddParams params{};
    params.walk = make_walk<2>(graph, node, {0, 1});
    params.a_multiplier = a.multiplier, params.a_shift = a.shift;
    params.b_multiplier = b.multiplier, params.b_shift = b.shift;
    params.multiplier = out.multiplier, params.shift = out.shift;
    params.a_zero_point = static_cast<std::int8_t>(graph.tensor(node.inputs[0]).quantisation.zero_point());
    params.b_zero_point = static_cast<std::int8_t>(graph.tensor(node.inputs[1]).quantisation.zero_point());
    params.range = output_range(graph, node);
    const auto within = [](const Multiplier& m, int most) { return m.shift <= most && m.shift >= -22; };
    // Stored differences span 8 bits and a sign, so every number on the way stays below 2^29.
    params.facts = within(a, 0) && within(b, 0) && within(out, -1) ? kShortRequantise : 0;
    const bool held = family == Family::CortexM && is_held_rows(params.walk);
    return {held ? kAddHeldInt8.key : kAddInt8.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& add_def() {
    static const OpDef def{
        Op::Add,
        "ADD",
        0,
        11,
        5,
        {{"fused_activation_function", 0, FieldType::Int8, 0}, {"pot_scale_int16", 1, FieldType::Bool, 1}},
        {{&kAddInt8, "kAddInt8", "device/kernels/add.h", true},
         {&kAddHeldInt8, "kAddHeldInt8", "device/kernels/add.h", true},
         {&kAddUInt8, "kAddUInt8", "device/kernels/rescaled_pair.h"},
         {&kAddInt16, "kAddInt16", "device/kernels/rescaled_pair.h"},
         {&kAddFloat, "kAddFloat", "device/kernels/plain_pair.h"},
         {&kAddInt32, "kAddInt32", "device/kernels/plain_pair.h"},
         {&kAddInt64, "kAddInt64", "device/kernels/plain_pair.h"}},
        need_arithmetic,
        no_macs,
        lower,
        /*in_place=*/true};
    return def;
}

}  // namespace jatai
