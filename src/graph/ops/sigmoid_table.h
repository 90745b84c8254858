// sigmoid_table.h: the 256 numbers that the logistic function and tanh on 16 bits are interpolated from.
//
//     operands.push_back(Operand::of(table_bytes(logistic_table())));
//
// Source: TFLite's 16-bit table, which is 65536 / (1 + exp(-i / 24)) rounded, and one more in 44 places.
#pragma once

#include <cstdint>
#include <vector>

namespace jatai {

const std::vector<std::uint16_t>& logistic_table();

}  // namespace jatai
