// sigmoid_table.h: the 256 numbers that the logistic function and tanh on 16 bits are interpolated from.
//
//     operands.push_back(Operand::of(table_bytes(logistic_table())));
//
// Entry i is 65536 / (1 + exp(-i / 24)), raised by half of what the straight line to the next misses at its
// middle; the last is 65535. The same numbers as TFLite's 16-bit table.
#pragma once

#include <cstdint>
#include <vector>

namespace jatai {

const std::vector<std::uint16_t>& logistic_table();

}  // namespace jatai
