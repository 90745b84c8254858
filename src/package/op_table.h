// op_table.h: what each op of a model costs, as the "ops" section of a package.
//
//     std::string table = write_op_table(plan.costs);
//     std::vector<StepCost> costs = read_op_table(table);
//
// One op on a line, in the order they run: number in the op table of device/op.h, multiply-accumulates, bytes
// of weights, bytes of scratch, bytes alive, output shape, name; tabs between. A name is cut at 40 bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/plan/plan.h"

namespace jatai {

std::string write_op_table(const std::vector<StepCost>& costs);

// Lines that make no sense are left out: the table only serves reports.
std::vector<StepCost> read_op_table(std::string_view table);

}  // namespace jatai
